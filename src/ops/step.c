// Shared front end of the optimizer steps (see step.h).
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ops/step.h"

bool venn_step_shape(venn_node *n, int n_arrays)
{
    for (int i = 1; i < n->n_in; i++) {
        const venn_value *in = n->in[i];
        if (in && i < n_arrays && !venn_shape_equal(&in->shape, &n->in[0]->shape))
            return venn_node_error(n, "%s must have the shape of w", n->op->inputs[i].name);
        if (in && i >= n_arrays && in->count != 1)
            return venn_node_error(n, "%s must be a scalar", n->op->inputs[i].name);
    }
    return true;
}

void venn_step_record(venn_recorder *r, const venn_node *n, const char *stem, uint32_t updates,
                      uint32_t flags, const void *push, uint32_t push_size)
{
    const venn_profile *profile = venn_recorder_profile(r);
    char kernel[64];
    snprintf(kernel, sizeof kernel, "%s%s", stem, profile->texel_loads ? ".texel" : "");
    if (n->in[n->n_in - 2])
        flags |= VENN_STEP_HAS_GUARD;
    if (n->in[n->n_in - 1])
        flags |= VENN_STEP_HAS_SCALE;
    venn_dispatch d = {.kernel = kernel,
                       .spec = {profile->elementwise_group, flags},
                       .n_spec = 2,
                       .push = push,
                       .push_size = push_size,
                       .n_bind = n->n_in};
    for (int i = 0; i < n->n_in; i++)
        d.bind[i] = (venn_bind){n->in[i], updates >> i & 1 ? VENN_UPDATE : VENN_READ};
    venn_groups_linear(r, n->in[0]->count, (int64_t)profile->elementwise_group * 4 * VENN_STEP_VEC,
                       d.groups);
    venn_record_dispatch(r, &d);
}

void venn_step_cost(const venn_node *n, venn_cost *cost, int n_arrays, double flops_per_element)
{
    double count = (double)n->in[0]->count;
    cost->flops = flops_per_element * count;
    for (int i = 0; i < n_arrays; i++)
        if (n->in[i])
            cost->bytes += (i == 1 ? 4.0 : 8.0) * count;
}

bool venn_step_ref_scale(const venn_ref *r, double *scale)
{
    const double *guard = r->x[r->node->n_in - 2], *factor = r->x[r->node->n_in - 1];
    *scale = factor ? *factor : 1;
    return isfinite(*scale) && (!guard || isfinite(*guard));
}

double venn_step_ref_gradient(const venn_ref *r, int64_t i, double scale, double clip_value)
{
    double d = r->x[1][i] * scale;
    return clip_value > 0 ? fmin(fmax(d, -clip_value), clip_value) : d;
}

void venn_step_ref_keep(const venn_ref *r, uint32_t updates)
{
    for (int k = 0; k < r->node->n_in; k++)
        if ((updates >> k & 1) && r->x[k])
            memcpy(r->updated[k], r->x[k], (size_t)r->node->in[k]->count * sizeof(double));
}
