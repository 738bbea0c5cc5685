// class_activation_map: y[b, h, w] = max(sum over c of w[b, c] x[b, c, h, w], 0)
//                       with dz = dy where y > 0: dx = w dz; dw = sum of x dz over h, w
#include <math.h>

#include "venn/ops.h"
#include "graph/op.h"

static bool shape(venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape, *w = &n->in[1]->shape;
    if (x->rank != 4)
        return venn_node_error(n, "x must be [B, C, H, W]");
    if (w->rank != 2 || w->dim[0] != x->dim[0] || w->dim[1] != x->dim[1])
        return venn_node_error(n, "w must be [B, C]");
    venn_node_output(n, 0, VENN_F32, VENN_SHAPE(x->dim[0], x->dim[2], x->dim[3]));
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const int64_t *x = n->in[0]->shape.dim;
    const venn_matmul_params relu = {.act = VENN_ACT_RELU};
    const venn_tensor planes = venn_reshape(g, in[0], VENN_SHAPE(x[0], x[1], x[2] * x[3]));
    const venn_tensor weights = venn_reshape(g, in[1], VENN_SHAPE(x[0], 1, x[1]));
    const venn_tensor y = venn_matmul(g, weights, planes, VENN_NONE, &relu);
    out[0] = venn_reshape(g, y, VENN_SHAPE(x[0], x[2], x[3]));
    return true;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 2.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count + n->out[0]->count);
}

// The pixels of a plane; and the element of x that is pixel `at` of y in channel c.
static int64_t plane_of(const venn_ref *r)
{
    const int64_t *x = r->node->in[0]->shape.dim;
    return x[2] * x[3];
}

static int64_t element(const venn_ref *r, int64_t at, int64_t c)
{
    const int64_t plane = plane_of(r), channels = r->node->in[0]->shape.dim[1];
    return (at / plane * channels + c) * plane + at % plane;
}

static void ref(const venn_ref *r)
{
    const int64_t plane = plane_of(r), channels = r->node->in[0]->shape.dim[1];
    for (int64_t i = 0; i < r->node->out[0]->count; i++) {
        double sum = 0;
        for (int64_t c = 0; c < channels; c++)
            sum += r->x[1][i / plane * channels + c] * r->x[0][element(r, i, c)];
        r->y[0][i] = sum < 0 ? 0 : sum; // keeps a NaN
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t plane = plane_of(r), channels = r->node->in[0]->shape.dim[1];
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        for (int64_t c = 0; r->y[0][i] > 0 && c < channels; c++) {
            const int64_t ix = element(r, i, c), iw = i / plane * channels + c;
            if (r->dx[0])
                r->dx[0][ix] += r->x[1][iw] * r->dy[0][i];
            if (r->dx[1])
                r->dx[1][iw] += r->x[0][ix] * r->dy[0][i];
        }
}

const venn_op_desc venn_op_class_activation_map = {
    .name = "class_activation_map",
    .summary = "y = relu(sum over channels of x [B, C, H, W] weighed by w [B, C])",
    .inputs = {{"x"}, {"w"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_class_activation_map(venn_graph *g, venn_tensor x, venn_tensor w)
{
    const venn_tensor in[] = {x, w};
    return venn_op_apply(g, &venn_op_class_activation_map, in, 2, NULL, NULL);
}
