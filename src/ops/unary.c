// Shared front end of the elementwise ops of one operand (see unary.h).
#define VENN_HOST
#include <stdio.h>

#include "ops/unary.h"
#include "relu.comp" // the push block of all

bool venn_unary_shape(venn_node *n)
{
    venn_node_output(n, 0, n->in[0]->dtype, n->in[0]->shape);
    return true;
}

bool venn_unary_backward_shape(venn_node *n)
{
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "x and dy must have one shape");
    return venn_unary_shape(n);
}

void venn_unary_record(venn_recorder *r, const venn_node *n, const char *stem)
{
    const venn_push_unary push = {(uint32_t)n->in[0]->count, 0, 0};
    venn_unary_record_push(r, n, stem, &push, sizeof push);
}

void venn_unary_record_push(venn_recorder *r, const venn_node *n, const char *stem,
                            const void *push, uint32_t push_size)
{
    const venn_profile *profile = venn_recorder_profile(r);
    char kernel[64];
    snprintf(kernel, sizeof kernel, "%s%s", stem, profile->texel_loads ? ".texel" : "");
    venn_dispatch d = {.kernel = kernel,
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = push,
                       .push_size = push_size,
                       .n_bind = n->n_in + 1};
    for (int i = 0; i < n->n_in; i++)
        d.bind[i] = (venn_bind){n->in[i], VENN_READ};
    d.bind[n->n_in] = (venn_bind){n->out[0], VENN_WRITE};
    venn_groups_linear(r, n->in[0]->count, (int64_t)profile->elementwise_group * 4 * VENN_UNARY_VEC,
                       d.groups);
    venn_record_dispatch(r, &d);
}

bool venn_unary_element(venn_element *e, const char *shader, const char *function,
                        const char *define)
{
    *e = (venn_element){.shader = shader, .function = function, .define = define};
    return true;
}

void venn_unary_cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = (double)n->out[0]->count;
    cost->bytes = 4.0 * (double)n->out[0]->count * (n->n_in + 1);
}
