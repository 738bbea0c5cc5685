// From a recipe to GLSL (see fused_text.h). Nothing of the library is used here: the build runs this as well.
#include <stdlib.h>
#include <string.h>

#include "ops/fused_text.h"

typedef struct part {
    char shader[32], function[32], define[32];
    int constants;
    char operand[VENN_FUSED_ARITY][8];
    int n_operands;
    const char *type;
    bool stored;
} part;

typedef struct recipe {
    char inputs[16];
    part part[VENN_FUSED_PARTS];
    int n;
} recipe;

static bool read_word(part *p, const char *word)
{
    if (strcmp(word, ">") == 0)
        p->stored = true;
    else if (strcmp(word, "f16") == 0)
        p->type = "f16";
    else if (strcmp(word, "bf16") == 0)
        p->type = "bf16";
    else if (p->n_operands < VENN_FUSED_ARITY && (*word == 'x' || *word == 't'))
        snprintf(p->operand[p->n_operands++], sizeof *p->operand, "%.7s", word);
    else
        return false;
    return true;
}

// "shader.function:DEFINE*2" and what follows it.
static bool read_part(part *p, char *text)
{
    char *rest = NULL, *head = strtok_r(text, " ", &rest);
    *p = (part){.type = "f32"};
    if (!head)
        return false;
    char *star = strchr(head, '*'), *colon = strchr(head, ':'), *dot = strchr(head, '.');
    if (!dot)
        return false;
    if (star) {
        *star = 0;
        p->constants = atoi(star + 1);
    }
    if (colon) {
        *colon = 0;
        snprintf(p->define, sizeof p->define, "%.31s", colon + 1);
    }
    *dot = 0;
    snprintf(p->shader, sizeof p->shader, "%.31s", head);
    snprintf(p->function, sizeof p->function, "%.31s", dot + 1);
    bool ok = p->constants >= 0 && p->constants <= 2;
    for (char *word; ok && (word = strtok_r(NULL, " ", &rest));)
        ok = read_word(p, word);
    return ok;
}

static bool read_recipe(recipe *r, const char *text)
{
    char copy[VENN_FUSED_RECIPE], *rest = NULL;
    *r = (recipe){.n = 0};
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
        return false;
    char *inputs = strtok_r(copy, ";", &rest);
    if (!inputs || strlen(inputs) >= sizeof r->inputs || strspn(inputs, "fsv") != strlen(inputs))
        return false;
    strcpy(r->inputs, inputs);
    for (char *text_of; (text_of = strtok_r(NULL, ";", &rest)); r->n++)
        if (r->n == VENN_FUSED_PARTS || !read_part(&r->part[r->n], text_of))
            return false;
    return r->n > 0;
}

static int count_views(const recipe *r)
{
    int n = 0;
    for (const char *c = r->inputs; *c; c++)
        n += *c == 'v';
    return n;
}

static void write_arrays(FILE *out, const recipe *r)
{
    int constants = 0, views = count_views(r), binding = 0, view = 0;
    for (int k = 0; k < r->n; k++)
        constants += r->part[k].constants;
    fprintf(out, "layout(push_constant) uniform Push\n{\n    uint count;\n");
    if (constants)
        fprintf(out, "    float c[%d];\n", constants);
    fprintf(out, "    uint divisor[%d];\n};\n#include \"fused.glsl\"\n\n", views ? 6 * views : 1);
    for (; r->inputs[binding]; binding++) {
        fprintf(out, "INPUT(%d, x%d)\n", binding, binding);
        if (r->inputs[binding] == 'v') {
            fprintf(out, "layout(constant_id = %d) const uint KIND_%d = 0;\n", 1 + view, view);
            fprintf(out, "VIEW_OF_PATTERN(x%d, KIND_%d, %d)\n", binding, view, view);
            view++;
        }
    }
    for (int k = 0, y = 0; k < r->n; k++)
        if (r->part[k].stored)
            fprintf(out, "OUTPUT(%d, y%d)\n", binding++, y++);
}

static bool same_function(const part *a, const part *b)
{
    return strcmp(a->shader, b->shader) == 0 && strcmp(a->function, b->function) == 0 &&
           strcmp(a->define, b->define) == 0;
}

// The first part with the same function: it is included once, under a name with this number.
static int function_of(const recipe *r, int k)
{
    int first = 0;
    while (!same_function(&r->part[first], &r->part[k]))
        first++;
    return first;
}

static void write_functions(FILE *out, const recipe *r)
{
    static const char *const names[] = {"value",   "slope",    "slope_a", "slope_b",
                                        "forward", "backward", "combine", "pick"};
    enum { N_NAMES = sizeof names / sizeof *names };
    for (int k = 0; k < r->n; k++) {
        const part *p = &r->part[k];
        if (function_of(r, k) != k)
            continue;
        fputc('\n', out);
        if (*p->define)
            fprintf(out, "#define %s\n", p->define);
        for (int i = 0; i < N_NAMES; i++)
            fprintf(out, "#define %s f%d_%s\n", names[i], k, names[i]);
        fprintf(out, "#include \"%s.comp\"\n", p->shader);
        for (int i = 0; i < N_NAMES; i++)
            fprintf(out, "#undef %s\n", names[i]);
        if (*p->define)
            fprintf(out, "#undef %s\n", p->define);
    }
}

static void write_read(FILE *out, const recipe *r, int input)
{
    fprintf(out, "        const vec4 x%d_i = ", input);
    if (r->inputs[input] == 'v')
        fprintf(out, "read_x%d(i);\n", input);
    else if (r->inputs[input] == 's')
        fprintf(out, "vec4(LOAD1(x%d, 0));\n", input);
    else
        fprintf(out, "LOAD4(x%d, i);\n", input);
}

static void write_main(FILE *out, const recipe *r)
{
    int constant = 0;
    fprintf(out, "\nvoid main()\n{\n    FOR_EACH_FUSED_GROUP\n    {\n        FUSED_GROUP\n");
    for (int x = 0; r->inputs[x]; x++)
        write_read(out, r, x);
    for (int k = 0; k < r->n; k++) {
        const part *p = &r->part[k];
        if (p->constants > 0)
            fprintf(out, "        a = c[%d];\n", constant++);
        if (p->constants > 1)
            fprintf(out, "        b = c[%d];\n", constant++);
        fprintf(out, "        const vec4 t%d_i = kept_%s(f%d_%s(", k, p->type, function_of(r, k),
                p->function);
        for (int i = 0; i < p->n_operands; i++)
            fprintf(out, "%s%s_i", i ? ", " : "", p->operand[i]);
        fprintf(out, "));\n");
    }
    fprintf(out, "        if (at < groups) {\n");
    for (int k = 0, y = 0; k < r->n; k++)
        if (r->part[k].stored)
            fprintf(out, "            STORE4(y%d, at, t%d_i);\n", y++, k);
    fprintf(out, "        }\n    }\n}\n");
}

bool venn_fused_text(FILE *out, const char *text, bool texel)
{
    recipe r;
    if (!read_recipe(&r, text))
        return false;
    fprintf(out, "// %s\n#define VENN_FUSED\n%s#include \"push.glsl\"\n", text,
            texel ? "#define TEXEL\n" : "");
    write_arrays(out, &r);
    write_functions(out, &r);
    write_main(out, &r);
    return true;
}
