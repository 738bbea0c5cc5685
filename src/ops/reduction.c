// Shape, kernels and gradients of reductions (see reduction.h).
#include <stdlib.h>

#include "ops/broadcast.h"
#include "ops/reduction.h"

static const venn_reduce_params *params_of(const venn_node *n)
{
    return n->params;
}

static const venn_reducing *reducing_of(const venn_node *n)
{
    return n->op->family;
}

const venn_param_def venn_reduction_params[] = {VENN_REDUCTION_PARAMS, {0}};

uint32_t venn_reduction_axes(const venn_node *n)
{
    const uint32_t all = (1u << n->in[0]->shape.rank) - 1;
    return params_of(n)->axes ? (uint32_t)params_of(n)->axes & all : all;
}

double venn_reduction_terms(const venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    double terms = 1;
    for (int axis = 0; axis < x->rank; axis++)
        terms *= venn_reduction_axes(n) >> axis & 1 ? (double)x->dim[axis] : 1;
    return terms;
}

venn_shape venn_reduction_kept(const venn_node *n)
{
    return venn_reduce_kept(&n->in[0]->shape, venn_reduction_axes(n));
}

static bool takes_nothing(const venn_reducing *reduction)
{
    return reduction && !reduction->mean && reduction->op != VENN_FOLD_MAX &&
           reduction->op != VENN_FOLD_MIN;
}

bool venn_reduction_axes_fit(venn_node *n)
{
    const uint32_t named = (uint32_t)params_of(n)->axes;
    return named >> n->in[0]->shape.rank == 0 ||
           venn_node_error(n, "axes 0x%x names an axis that %s has not", (unsigned)named,
                           n->op->inputs[0].name);
}

bool venn_reduction_shape(venn_node *n)
{
    const uint32_t axes = venn_reduction_axes(n);
    const venn_shape *x = &n->in[0]->shape;
    if (!venn_reduction_axes_fit(n))
        return false;
    venn_shape y = {0};
    for (int axis = 0; axis < x->rank; axis++) {
        const bool reduced = axes >> axis & 1;
        if (!reduced || params_of(n)->keepdims)
            y.dim[y.rank++] = reduced ? 1 : x->dim[axis];
    }
    if (venn_reduction_terms(n) == 0 && venn_shape_count(&y) > 0 && !takes_nothing(reducing_of(n)))
        return venn_node_error(n, "no elements along the axes");
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

venn_tensor venn_reduction_view(venn_graph *g, const venn_node *n, venn_tensor v)
{
    return venn_reshape(g, v, venn_reduction_kept(n));
}

int64_t venn_reduction_index(const venn_node *n, int64_t e)
{
    const venn_shape kept = venn_reduction_kept(n);
    return venn_broadcast_index(&kept, &n->in[0]->shape, e);
}

static double factor(const venn_node *n)
{
    return reducing_of(n)->mean ? 1.0 / venn_reduction_terms(n) : 1;
}

void venn_reduction_record(venn_recorder *r, const venn_node *n)
{
    venn_reduce_record(r, n, reducing_of(n)->op, venn_reduction_axes(n), (float)factor(n));
}

uint64_t venn_reduction_workspace(const venn_profile *profile, const venn_node *n)
{
    return venn_reduce_workspace(profile, n, venn_reduction_axes(n));
}

void venn_reduction_ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    const venn_shape kept = venn_reduction_kept(n);
    venn_reduce_ref(reducing_of(n)->op, &n->in[0]->shape, &kept, r->x[0], r->y[0]);
    for (int64_t i = 0; i < n->out[0]->count; i++)
        r->y[0][i] *= factor(n);
}

// ---- Gradients -------------------------------------------------------------------------------

void venn_reduction_sum_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                                 uint32_t need, venn_tensor *dx)
{
    (void)need;
    venn_tensor kept = venn_reduction_view(g, n, dy[0]);
    if (reducing_of(n)->mean)
        kept = venn_scale(g, kept, (float)factor(n), 0);
    dx[0] = venn_broadcast_to(g, kept, n->in[0]->shape);
}

void venn_reduction_sum_ref_grad(const venn_ref *r)
{
    const venn_shape kept = venn_reduction_kept(r->node);
    venn_reduce_ref_grad(&r->node->in[0]->shape, &kept, r->dy[0], factor(r->node), r->dx[0]);
}

void venn_reduction_extremum_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                                      uint32_t need, venn_tensor *dx)
{
    (void)need;
    const venn_reduce_params over = {(int32_t)venn_reduction_axes(n), true};
    const venn_tensor y = venn_reduction_view(g, n, venn_out(n, 0));
    const venn_tensor is_y = venn_equal(g, venn_in(n, 0), y);
    const venn_tensor share =
        venn_div(g, venn_reduction_view(g, n, dy[0]), venn_sum(g, is_y, &over));
    dx[0] = venn_mul(g, is_y, share);
}

void venn_reduction_extremum_ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    double *equals = calloc((size_t)n->out[0]->count + 1, sizeof *equals);
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(n, e);
        equals[i] += r->x[0][e] == r->y[0][i];
    }
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(n, e);
        r->dx[0][e] = r->x[0][e] == r->y[0][i] ? r->dy[0][i] / equals[i] : 0;
    }
    free(equals);
}
