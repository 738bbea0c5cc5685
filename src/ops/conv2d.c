// conv2d: y[b, k, h, w] = act(sum over c, i, j of w[k, c, i, j] x[b, c, h s - p + i d, w s - p + j d] + bias[k])
//         dx, dw: the same sum taken over the other two; dbias = sum of dz over b, h, w; dz = dy act'(y)
#include "ops/conv2d_pass.h"
#include "ops/gemm.h"
#include "venn/ops.h"

static const venn_conv2d_params *params_of(const venn_node *n)
{
    return n->params;
}

static int64_t or_one(int32_t v)
{
    return v ? v : 1;
}

static venn_conv geometry_of(const venn_node *n)
{
    const venn_conv2d_params *p = params_of(n);
    const int64_t *x = n->in[0]->shape.dim, *w = n->in[1]->shape.dim;
    venn_conv o = {.batch = x[0], .groups = or_one(p->groups), .c = w[1]};
    o.k = w[0] / o.groups;
    for (int i = 0; i < 2; i++) {
        o.in[i] = x[2 + i];
        o.kernel[i] = w[2 + i];
        o.stride[i] = or_one(p->stride[i]);
        o.pad[i] = p->pad[i];
        o.dilation[i] = or_one(p->dilation[i]);
        const int64_t reach = o.in[i] + 2 * o.pad[i] - o.dilation[i] * (o.kernel[i] - 1) - 1;
        o.out[i] = reach < 0 ? 0 : reach / o.stride[i] + 1;
    }
    return o;
}

static bool shape(venn_node *n)
{
    enum { MAX_PAIR = 65535 }; // halves of a word in the push block
    const venn_conv2d_params *p = params_of(n);
    const venn_shape *x = &n->in[0]->shape, *w = &n->in[1]->shape;
    if (x->rank != 4 || w->rank != 4)
        return venn_node_error(n, "x must be [B, C, H, W] and w [K, C / groups, kh, kw]");
    if (p->groups < 0 || x->dim[1] % or_one(p->groups) || w->dim[0] % or_one(p->groups))
        return venn_node_error(n, "groups=%d must divide the channels of x and w", p->groups);
    if (w->dim[1] * or_one(p->groups) != x->dim[1])
        return venn_node_error(n, "w must have %lld channels",
                               (long long)(x->dim[1] / or_one(p->groups)));
    if (w->dim[2] < 1 || w->dim[3] < 1)
        return venn_node_error(n, "the kernel is empty");
    for (int i = 0; i < 2; i++)
        if (p->stride[i] < 0 || p->pad[i] < 0 || p->dilation[i] < 0 || p->stride[i] > MAX_PAIR ||
            p->pad[i] > MAX_PAIR || p->dilation[i] * w->dim[2 + i] > MAX_PAIR)
            return venn_node_error(n, "stride, pad or dilation out of range");
    if (n->in[2] && (n->in[2]->shape.rank != 1 || n->in[2]->shape.dim[0] != w->dim[0]))
        return venn_node_error(n, "bias must be [K]");
    const venn_conv o = geometry_of(n);
    if (o.out[0] < 1 || o.out[1] < 1)
        return venn_node_error(n, "the kernel is larger than the padded image");
    const int64_t y[] = {o.batch, o.groups * o.k, o.out[0], o.out[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(y, 4));
    return true;
}

// ---- Recording -------------------------------------------------------------------------------

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_conv o = geometry_of(n);
    return venn_conv_workspace(profile, &o, VENN_CONV_FORWARD);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_conv o = geometry_of(n);
    const venn_value *const in[] = {n->in[1], n->in[0]};
    venn_conv_record(r, n, &o, VENN_CONV_FORWARD, in, n->in[2], (int)params_of(n)->act);
}

static void pass_cost(const venn_conv *o, venn_cost *cost)
{
    const double weights = (double)(o->groups * o->k * o->c * venn_conv_plane(o->kernel));
    cost->flops = 2.0 * (double)o->batch * (double)venn_conv_plane(o->out) * weights;
    cost->bytes =
        4.0 * (weights + (double)(o->batch * o->groups) * (double)(o->c * venn_conv_plane(o->in) +
                                                                   o->k * venn_conv_plane(o->out)));
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const venn_conv o = geometry_of(n);
    pass_cost(&o, cost);
}

// ---- Gradient nodes: params are the venn_conv ---------------------------------------------------

static void gradient_cost(const venn_node *n, venn_cost *cost)
{
    pass_cost(n->params, cost);
}

static bool data_shape(venn_node *n)
{
    const venn_conv *o = n->params;
    const int64_t x[] = {o->batch, o->groups * o->c, o->in[0], o->in[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(x, 4));
    return true;
}

static uint64_t data_workspace(const venn_profile *profile, const venn_node *n)
{
    return venn_conv_workspace(profile, n->params, VENN_CONV_DATA);
}

static void data_record(venn_recorder *r, const venn_node *n)
{
    const venn_value *const in[] = {n->in[0], n->in[1]};
    venn_conv_record(r, n, n->params, VENN_CONV_DATA, in, NULL, VENN_ACT_NONE);
}

static const venn_op_desc data_gradient = {.name = "conv2d.data",
                                           .summary = "dx of conv2d",
                                           .inputs = {{"w"}, {"dy"}},
                                           .n_inputs = 2,
                                           .n_outputs = 1,
                                           .params_size = sizeof(venn_conv),
                                           .shape = data_shape,
                                           .workspace = data_workspace,
                                           .record = data_record,
                                           .cost = gradient_cost};

static bool weight_shape(venn_node *n)
{
    const venn_conv *o = n->params;
    const int64_t w[] = {o->groups * o->k, o->c, o->kernel[0], o->kernel[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(w, 4));
    return true;
}

static uint64_t weight_workspace(const venn_profile *profile, const venn_node *n)
{
    return venn_conv_workspace(profile, n->params, VENN_CONV_WEIGHT);
}

static void weight_record(venn_recorder *r, const venn_node *n)
{
    const venn_value *const in[] = {n->in[0], n->in[1]};
    venn_conv_record(r, n, n->params, VENN_CONV_WEIGHT, in, NULL, VENN_ACT_NONE);
}

static const venn_op_desc weight_gradient = {.name = "conv2d.weight",
                                             .summary = "dw of conv2d",
                                             .inputs = {{"dy"}, {"x"}},
                                             .n_inputs = 2,
                                             .n_outputs = 1,
                                             .params_size = sizeof(venn_conv),
                                             .shape = weight_shape,
                                             .workspace = weight_workspace,
                                             .record = weight_record,
                                             .cost = gradient_cost};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const venn_conv o = geometry_of(n);
    const venn_tensor dz = venn_gemm_mask(g, venn_out(n, 0), dy[0], (int)params_of(n)->act);
    const venn_tensor data[] = {venn_in(n, 1), dz}, weight[] = {dz, venn_in(n, 0)};
    if (need & 1)
        dx[0] = venn_op_apply(g, &data_gradient, data, 2, &o, NULL);
    if (need & 2)
        dx[1] = venn_op_apply(g, &weight_gradient, weight, 2, &o, NULL);
    if (need & 4)
        dx[2] = venn_gemm_bias_gradient(g, dz, 1);
}

// ---- Reference -------------------------------------------------------------------------------

// Calls fn for every product: w[iw] x[ix] adds to y[iy].
typedef void (*product_fn)(const venn_ref *r, double dz, double *y, int64_t ix, int64_t iw);

static void each_tap(const venn_ref *r, const venn_conv *o, const int64_t at[4], product_fn fn,
                     double dz, double *y)
{
    const int64_t group = at[1] / o->k;
    for (int64_t c = 0; c < o->c; c++)
        for (int64_t i = 0; i < o->kernel[0]; i++)
            for (int64_t j = 0; j < o->kernel[1]; j++) {
                const int64_t h = at[2] * o->stride[0] - o->pad[0] + i * o->dilation[0];
                const int64_t w = at[3] * o->stride[1] - o->pad[1] + j * o->dilation[1];
                const int64_t channel = at[0] * o->groups * o->c + group * o->c + c;
                if (h >= 0 && h < o->in[0] && w >= 0 && w < o->in[1])
                    fn(r, dz, y, (channel * o->in[0] + h) * o->in[1] + w,
                       ((at[1] * o->c + c) * o->kernel[0] + i) * o->kernel[1] + j);
            }
}

static void add_forward(const venn_ref *r, double dz, double *y, int64_t ix, int64_t iw)
{
    (void)dz;
    *y += r->x[0][ix] * r->x[1][iw];
}

static void add_gradient(const venn_ref *r, double dz, double *y, int64_t ix, int64_t iw)
{
    (void)y;
    if (r->dx[0])
        r->dx[0][ix] += dz * r->x[1][iw];
    if (r->dx[1])
        r->dx[1][iw] += dz * r->x[0][ix];
}

// Index i of y as [b, k, h, w].
static void place_of(const venn_conv *o, int64_t i, int64_t at[4])
{
    at[3] = i % o->out[1];
    at[2] = i / o->out[1] % o->out[0];
    at[1] = i / venn_conv_plane(o->out) % (o->groups * o->k);
    at[0] = i / venn_conv_plane(o->out) / (o->groups * o->k);
}

static void ref(const venn_ref *r)
{
    const venn_conv o = geometry_of(r->node);
    int64_t at[4];
    for (int64_t i = 0; i < r->node->out[0]->count; i++) {
        place_of(&o, i, at);
        double sum = r->x[2] ? r->x[2][at[1]] : 0;
        each_tap(r, &o, at, add_forward, 0, &sum);
        r->y[0][i] = venn_gemm_act(sum, (int)params_of(r->node)->act);
    }
}

static void ref_grad(const venn_ref *r)
{
    const venn_conv o = geometry_of(r->node);
    int64_t at[4];
    for (int64_t i = 0; i < r->node->out[0]->count; i++) {
        place_of(&o, i, at);
        const double dz =
            r->dy[0][i] * venn_gemm_act_slope(r->y[0][i], (int)params_of(r->node)->act);
        each_tap(r, &o, at, add_gradient, dz, NULL);
        if (r->dx[2])
            r->dx[2][at[1]] += dz;
    }
}

static const venn_param_def params[] = {
    {"stride", VENN_PARAM_INTS, offsetof(venn_conv2d_params, stride), 2,
     .doc = "pixels from one output to the next, height and width (default 1)"},
    {"pad", VENN_PARAM_INTS, offsetof(venn_conv2d_params, pad), 2,
     .doc = "zeros around x on each side (default 0)"},
    {"dilation", VENN_PARAM_INTS, offsetof(venn_conv2d_params, dilation), 2,
     .doc = "pixels from one tap to the next (default 1)"},
    {"groups", VENN_PARAM_INT, offsetof(venn_conv2d_params, groups),
     .doc = "channels are cut in so many independent groups (default 1)"},
    {"act", VENN_PARAM_ENUM, offsetof(venn_conv2d_params, act), .names = venn_activation_names,
     .doc = "activation of the result (default none)"},
    {NULL}};

const venn_op_desc venn_op_conv2d = {
    .name = "conv2d",
    .summary = "y = act(cross-correlation of x [B, C, H, W] with w [K, C / groups, kh, kw] + bias)",
    .inputs = {{"x"}, {"w"}, {"bias", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_conv2d_params),
    .params = params,
    .shape = shape,
    .workspace = workspace,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
};

venn_tensor venn_conv2d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                        const venn_conv2d_params *p)
{
    venn_tensor in[] = {x, w, bias};
    return venn_op_apply(g, &venn_op_conv2d, in, 3, p, NULL);
}
