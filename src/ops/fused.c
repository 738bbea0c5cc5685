// The op that stands in for several (graph/fuse.h): its recipe, its kernel and its launch.
#include <stdlib.h>
#include <string.h>

#include "graph/fuse.h"
#include "ops/fused_text.h"
#include "ops/view.h"

enum { GROUPS_PER_INVOCATION = 4, PUSH_WORDS = 32, VIEW_KINDS = 1 };

static const struct {
    const char *name, *recipe;
} built_in[] = {
#define FUSED(name, recipe) {"fused." #name, recipe},
#include "ops/fused.def"
#undef FUSED
};

static const char *built_in_name(const char *recipe)
{
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (strcmp(built_in[i].recipe, recipe) == 0)
            return built_in[i].name;
    return NULL;
}

// ---- Recipe ----------------------------------------------------------------------------------

static char kind_of_input(const venn_node *n, const venn_fused *fused, int i)
{
    return !fused->reader[i] ? 'f' : n->in[i]->count == 1 ? 's' : 'v';
}

static void write_part(FILE *out, const venn_fused_part *p)
{
    fprintf(out, ";%s.%s", p->element.shader, p->element.function);
    if (p->element.define)
        fprintf(out, ":%s", p->element.define);
    if (p->element.n_constants)
        fprintf(out, "*%d", p->element.n_constants);
    for (int i = 0; i < p->node->n_in; i++)
        if (p->operand[i] < VENN_MAX_INPUTS)
            fprintf(out, " x%d", p->operand[i]);
        else
            fprintf(out, " t%d", p->operand[i] - VENN_MAX_INPUTS);
    if (p->node->out[0]->dtype != VENN_F32)
        fprintf(out, " %s", venn_dtype_name(p->node->out[0]->dtype));
    if (p->stored)
        fprintf(out, " >");
}

static bool write_recipe(const venn_node *n, venn_fused *fused)
{
    FILE *out = fmemopen(fused->recipe, sizeof fused->recipe, "w");
    if (!out)
        return false;
    for (int i = 0; i < n->n_in; i++)
        fputc(kind_of_input(n, fused, i), out);
    for (int k = 0; k < fused->n; k++)
        write_part(out, &fused->part[k]);
    const bool fits = ftell(out) < (long)sizeof fused->recipe - 1;
    return fclose(out) == 0 && fits;
}

static const venn_shape *seen_as(const venn_fused *fused, int i)
{
    return &fused->reader[i]->out[0]->shape;
}

// Whether a launch can bind, push and be specialized to all that the node has.
static bool fits_launch(const venn_node *n, const venn_fused *fused)
{
    int words = 1, views = 0;
    uint32_t kind, divisor[6];
    for (int i = 0; i < n->n_in; i++) {
        if (kind_of_input(n, fused, i) != 'v')
            continue;
        views++;
        if (!venn_view_pattern(&n->in[i]->shape, seen_as(fused, i), &kind, divisor))
            return false;
    }
    for (int k = 0; k < fused->n; k++)
        words += fused->part[k].element.n_constants;
    words += views ? 6 * views : 1;
    return n->n_in + n->n_out <= VENN_MAX_BINDS && words <= PUSH_WORDS &&
           VIEW_KINDS + views <= VENN_MAX_SPEC;
}

bool venn_fused_describe(venn_node *n, venn_fused *fused)
{
    return fits_launch(n, fused) && write_recipe(n, fused) &&
           (venn_kernels_can_make() || built_in_name(fused->recipe));
}

// ---- Kernel ----------------------------------------------------------------------------------

// malloc'd.
static char *text_of(const venn_fused *fused, bool texel)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    const bool ok = venn_fused_text(out, fused->recipe, texel);
    if (fclose(out) == 0 && ok)
        return text;
    free(text);
    return NULL;
}

bool venn_fused_is_new(venn_kernels *kernels, const venn_fused *fused)
{
    char *text = built_in_name(fused->recipe)
                     ? NULL
                     : text_of(fused, venn_kernels_profile(kernels)->texel_loads);
    const bool new = text && !venn_kernels_made(kernels, "fused", text);
    free(text);
    return new;
}

venn_status venn_fused_make(venn_kernels *kernels, venn_fused *fused)
{
    const bool texel = venn_kernels_profile(kernels)->texel_loads;
    const char *built = built_in_name(fused->recipe);
    if (built) {
        snprintf(fused->kernel, sizeof fused->kernel, "%s%s", built, texel ? ".texel" : "");
        return VENN_OK;
    }
    char *text = text_of(fused, texel);
    if (!text)
        return venn_fail(VENN_NO_MEMORY, "out of host memory");
    venn_status status = venn_kernels_make(kernels, "fused", text, fused->kernel);
    free(text);
    return status;
}

// ---- Launch ----------------------------------------------------------------------------------

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const venn_fused *fused = n->params;
    uint32_t push[PUSH_WORDS] = {(uint32_t)n->out[0]->count}, at = 1;
    venn_dispatch d = {.kernel = fused->kernel,
                       .spec = {profile->elementwise_group},
                       .n_spec = VIEW_KINDS,
                       .push = push,
                       .n_bind = n->n_in + n->n_out};
    for (int k = 0; k < fused->n; k++) {
        const venn_element *e = &fused->part[k].element;
        memcpy(&push[at], e->constant, (size_t)e->n_constants * sizeof *push);
        at += (uint32_t)e->n_constants;
    }
    for (int i = 0; i < n->n_in; i++) {
        d.bind[i] = (venn_bind){n->in[i], VENN_READ};
        if (kind_of_input(n, fused, i) != 'v')
            continue;
        venn_view_pattern(&n->in[i]->shape, seen_as(fused, i), &d.spec[d.n_spec], &push[at]);
        d.n_spec++;
        at += 6;
    }
    if (d.n_spec == VIEW_KINDS)
        at++; // no divisors are declared as one
    for (int o = 0; o < n->n_out; o++)
        d.bind[n->n_in + o] = (venn_bind){n->out[o], VENN_WRITE};
    d.push_size = at * (uint32_t)sizeof *push;
    venn_groups_linear(r, n->out[0]->count,
                       (int64_t)profile->elementwise_group * 4 * GROUPS_PER_INVOCATION, d.groups);
    venn_record_dispatch(r, &d);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const venn_fused *fused = n->params;
    for (int k = 0; k < fused->n; k++) {
        venn_cost part = {0};
        fused->part[k].node->op->cost(fused->part[k].node, &part);
        cost->flops += part.flops;
    }
    for (int i = 0; i < n->n_in; i++)
        cost->bytes += (double)n->in[i]->count * (double)venn_dtype_size(n->in[i]->dtype);
    for (int o = 0; o < n->n_out; o++)
        cost->bytes += (double)n->out[o]->count * (double)venn_dtype_size(n->out[o]->dtype);
}

const venn_op_desc venn_fused_op = {
    .name = "fused",
    .summary = "several elementwise ops",
    .inputs = {{"x", VENN_F32, VENN_ANY, VENN_IN_VARIADIC}},
    .n_inputs = 1,
    .record = record,
    .cost = cost,
};
