// adaptive_max_pool2d: y[b, c, i, j] = max of x[b, c, h, w] over the bin (i, j)
//                      dx = sum of dy over the bins that chose this element
#include <math.h>

#include "ops/resample.h"
#include "venn/ops.h"

static venn_resample map_of(const venn_node *n)
{
    const venn_adaptive_pool2d_params *p = n->params;
    return venn_resample_to(n, VENN_RESAMPLE_AREA, p->size);
}

static bool shape(venn_node *n)
{
    const venn_adaptive_pool2d_params *p = n->params;
    return venn_resample_check(n, p->size) && venn_resample_shape(n, map_of(n));
}

// ---- Nodes: params are the venn_resample --------------------------------------------------------

static bool forward_shape(venn_node *n)
{
    const venn_resample *p = n->params;
    if (!venn_resample_shape(n, *p))
        return false;
    venn_node_output(n, 1, VENN_I32, n->out[0]->shape);
    return true;
}

static void forward_record(venn_recorder *r, const venn_node *n)
{
    venn_resample_launch(r, n, "adaptive_max_pool2d", false);
}

static bool backward_shape(venn_node *n)
{
    const venn_resample *p = n->params;
    venn_node_output(n, 0, VENN_F32, VENN_SHAPE(p->outer[0], p->outer[1], p->x[0], p->x[1]));
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    venn_resample_launch(r, n, "adaptive_max_pool2d", true);
}

static void node_cost(const venn_node *n, venn_cost *cost)
{
    const venn_resample *p = n->params;
    venn_resample_cost(*p, cost);
}

static const venn_op_desc backward = {.name = "adaptive_max_pool2d.backward",
                                      .summary = "dx = sum of dy over the bins that chose x",
                                      .inputs = {{"dy"}, {"index", VENN_I32}},
                                      .n_inputs = 2,
                                      .n_outputs = 1,
                                      .params_size = sizeof(venn_resample),
                                      .shape = backward_shape,
                                      .record = backward_record,
                                      .cost = node_cost};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    const venn_tensor in[] = {dy[0], venn_out(n, 1)};
    dx[0] = venn_op_apply(g, &backward, in, 2, n->params, NULL);
}

static const venn_op_desc forward = {.name = "adaptive_max_pool2d.forward",
                                     .summary = "y = max of x over bins, and where it was",
                                     .inputs = {{"x"}},
                                     .n_inputs = 1,
                                     .n_outputs = 2,
                                     .params_size = sizeof(venn_resample),
                                     .shape = forward_shape,
                                     .record = forward_record,
                                     .gradient = gradient,
                                     .cost = node_cost};

// Where a bin is a whole long axis: the greatest of bins of its parts, whose overlap does no harm.
static venn_tensor shorten(venn_graph *g, venn_tensor x, venn_resample *p, int axis)
{
    enum { LONG = 1024 };
    if (p->y[axis] != 1 || p->x[axis] < LONG)
        return x;
    venn_resample part = *p;
    part.y[axis] = (int64_t)ceil(sqrt((double)p->x[axis]));
    part.y[!axis] = p->x[!axis];
    p->x[axis] = part.y[axis];
    return venn_op_apply(g, &forward, &x, 1, &part, NULL);
}

// Columns before rows, so that of equals the first in scan order is chosen.
static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    enum { ROWS, COLUMNS };
    venn_resample part[2];
    const int parts = venn_resample_split(map_of(n), COLUMNS, part);
    venn_tensor y = in[0];
    for (int i = 0; i < parts; i++) {
        y = shorten(g, y, &part[i], COLUMNS);
        y = shorten(g, y, &part[i], ROWS);
        y = venn_op_apply(g, &forward, &y, 1, &part[i], NULL);
    }
    out[0] = y;
    return true;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    venn_resample_cost(map_of(n), cost);
}

// ---- Reference -------------------------------------------------------------------------------

static int64_t bin_start(int64_t i, int64_t in, int64_t out)
{
    return i * in / out;
}

static int64_t bin_end(int64_t i, int64_t in, int64_t out)
{
    return ((i + 1) * in + out - 1) / out;
}

// The element of x that element `at` of y chooses.
static int64_t chosen(const venn_ref *r, const venn_resample *p, int64_t at)
{
    const int64_t plane = at / (p->y[0] * p->y[1]), i = at / p->y[1] % p->y[0], j = at % p->y[1];
    int64_t best = -1;
    for (int64_t h = bin_start(i, p->x[0], p->y[0]); h < bin_end(i, p->x[0], p->y[0]); h++)
        for (int64_t w = bin_start(j, p->x[1], p->y[1]); w < bin_end(j, p->x[1], p->y[1]); w++) {
            const int64_t e = (plane * p->x[0] + h) * p->x[1] + w;
            if (best < 0 || r->x[0][e] > r->x[0][best] || isnan(r->x[0][e]))
                best = e;
        }
    return best;
}

static void ref(const venn_ref *r)
{
    const venn_resample p = map_of(r->node);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = r->x[0][chosen(r, &p, i)];
}

static void ref_grad(const venn_ref *r)
{
    const venn_resample p = map_of(r->node);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->dx[0][chosen(r, &p, i)] += r->dy[0][i];
}

static const venn_param_def params[] = {
    {"size", VENN_PARAM_INTS, offsetof(venn_adaptive_pool2d_params, size), 2,
     .doc = "bins, down and across (default: as many as x has pixels)"},
    {NULL}};

const venn_op_desc venn_op_adaptive_max_pool2d = {
    .name = "adaptive_max_pool2d",
    .summary = "y = max of x [B, C, H, W] over each of so many bins",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_adaptive_pool2d_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_adaptive_max_pool2d(venn_graph *g, venn_tensor x,
                                     const venn_adaptive_pool2d_params *p)
{
    return venn_op_apply(g, &venn_op_adaptive_max_pool2d, &x, 1, p, NULL);
}
