// Reading "synthetic:NAME,key=value,..." by the generator's own table of parameters.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/synthetic.h"

#define GENERATOR(name) extern const venn_generator venn_generator_##name;
#include "data/generators.def"
#undef GENERATOR

static const venn_generator *const generators[] = {
#define GENERATOR(name) &venn_generator_##name,
#include "data/generators.def"
#undef GENERATOR
    NULL};

const venn_generator *venn_generator_at(size_t index)
{
    return index < sizeof generators / sizeof *generators ? generators[index] : NULL;
}

static const venn_generator *find(const char *name)
{
    for (size_t i = 0; generators[i]; i++)
        if (strcmp(generators[i]->name, name) == 0)
            return generators[i];
    char known[256] = "";
    for (size_t i = 0; generators[i]; i++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 generators[i]->name);
    venn_fail(VENN_BAD_ARG, "there is no synthetic data set \"%s\"; there is: %s", name, known);
    return NULL;
}

static venn_status unknown_key(const venn_generator *generator, const char *key)
{
    char known[512] = "";
    for (const venn_generator_param *p = generator->params; p->key; p++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
                 p == generator->params ? "" : ", ", p->key);
    return venn_fail(VENN_BAD_ARG, "synthetic:%s has no parameter \"%s\"; it has: %s",
                     generator->name, key, known);
}

static venn_status set(const venn_generator *generator, char *word, double *values)
{
    char *text = strchr(word, '='), *end;
    if (!text)
        return venn_fail(VENN_BAD_ARG, "synthetic:%s: write key=value instead of \"%s\"",
                         generator->name, word);
    *text++ = 0;
    for (const venn_generator_param *p = generator->params; p->key; p++) {
        if (strcmp(p->key, word) != 0)
            continue;
        const double value = strtod(text, &end);
        if (end == text || *end || !(value >= p->low && value <= p->high))
            return venn_fail(VENN_BAD_ARG, "synthetic:%s: %s must be from %g to %g, not \"%s\"",
                             generator->name, word, p->low, p->high, text);
        values[p - generator->params] = value;
        return VENN_OK;
    }
    return unknown_key(generator, word);
}

static venn_status make(venn_dataset **out, const char *source, char *words)
{
    double values[VENN_GENERATOR_MAX_PARAMS] = {0};
    const char *name = strsep(&words, ",");
    const venn_generator *generator = find(name);
    if (!generator)
        return VENN_BAD_ARG;
    for (const venn_generator_param *p = generator->params; p->key; p++)
        values[p - generator->params] = p->value;
    for (char *word; (word = strsep(&words, ","));)
        VENN_TRY(set(generator, word, values));
    return generator->make(out, source, values);
}

venn_status venn_synthetic_make(venn_dataset **out, const char *source)
{
    char *copy = venn_strdup(source);
    if (!copy)
        return VENN_NO_MEMORY;
    venn_status status = make(out, source, copy + strlen(VENN_SYNTHETIC_PREFIX));
    free(copy);
    return status;
}
