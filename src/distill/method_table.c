// The table of methods, made from methods.def.
#include <string.h>

#include "venn/distill_method.h"

#define METHOD(name) extern const venn_method venn_method_##name;
#include "distill/methods.def"
#undef METHOD

static const venn_method *const table[] = {
#define METHOD(name) &venn_method_##name,
#include "distill/methods.def"
#undef METHOD
    NULL};

const venn_method *venn_method_at(size_t index)
{
    return index < sizeof table / sizeof *table ? table[index] : NULL;
}

const venn_method *venn_method_find(const char *name)
{
    for (const venn_method *const *m = table; *m; m++)
        if (strcmp((*m)->name, name) == 0)
            return *m;
    return NULL;
}

const char *venn_method_need_text(unsigned i)
{
    static const char *const text[] = {
        "teacher",   "second model", "two inputs", "no pairs",
        "no labels", "memory",       "stages",     "features of the teacher"};
    return i < sizeof text / sizeof *text ? text[i] : NULL;
}
