// conv2d: y[b, k, h, w] = act(sum over c, i, j of w[k, c, i, j] x[b, c, h s - p + i d, w s - p + j d] + bias[k])
//         dx, dw: the same sum taken over the other two; dbias = sum of dz over b, h, w; dz = dy act'(y)
#include "ops/conv2d_pack.h"
#include "ops/gemm.h"
#include "venn/ops.h"

#define VENN_HOST
#include "conv2d.comp"
#undef VENN_HOST

typedef enum conv_pass { FORWARD, DATA, WEIGHT } conv_pass;

// Everything about a convolution's shapes; also the params of the gradient nodes. [0] height, [1] width.
typedef struct geometry {
    int64_t batch, groups, c, k; // channels of one group
    int64_t in[2], out[2], kernel[2], stride[2], pad[2], dilation[2];
} geometry;

static const venn_conv2d_params *params_of(const venn_node *n)
{
    return n->params;
}

static int64_t or_one(int32_t v)
{
    return v ? v : 1;
}

static geometry geometry_of(const venn_node *n)
{
    const venn_conv2d_params *p = params_of(n);
    const int64_t *x = n->in[0]->shape.dim, *w = n->in[1]->shape.dim;
    geometry o = {.batch = x[0], .groups = or_one(p->groups), .c = w[1]};
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
    const geometry o = geometry_of(n);
    if (o.out[0] < 1 || o.out[1] < 1)
        return venn_node_error(n, "the kernel is larger than the padded image");
    const int64_t y[] = {o.batch, o.groups * o.k, o.out[0], o.out[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(y, 4));
    return true;
}

// ---- Recording -------------------------------------------------------------------------------

static int64_t plane(const int64_t size[2])
{
    return size[0] * size[1];
}

// The grid of pixels: of dx for the data gradient, else of y.
static const int64_t *grid_of(const geometry *o, conv_pass pass)
{
    return pass == DATA ? o->in : o->out;
}

// Lanes own four pixels of one image, except in the weight gradient, where k runs over pixels.
static int64_t pixels_of(const geometry *o, conv_pass pass)
{
    const int64_t pixels = plane(grid_of(o, pass));
    return pass == WEIGHT ? pixels : (pixels + 3) / 4 * 4;
}

// How a pass is computed. Packed: from copies with the channels last (conv2d_pack.h), which are in the
// workspace: first the source, `start` floats from its beginning the weights or the weight gradient.
typedef struct pass_plan {
    conv_pass pass;
    venn_gemm gemm;
    venn_gemm_plan tiles;
    bool packed;
    venn_conv_image source;
    venn_conv_weights weights;
    int64_t start;
    uint64_t workspace; // bytes
} pass_plan;

static venn_gemm gemm_of(const geometry *o, conv_pass pass, int64_t channels)
{
    const int64_t taps = plane(o->kernel), pixels = o->batch * pixels_of(o, pass);
    switch (pass) {
    case FORWARD:
        return (venn_gemm){o->k, pixels, channels * taps, o->groups, .whole = true};
    case DATA:
        return (venn_gemm){o->c, pixels, channels * taps, o->groups, .whole = true};
    default:
        return (venn_gemm){o->k, channels * taps, pixels, o->groups, .whole = false};
    }
}

// Packing pays if every packed element is used often and few channels are made up.
static bool worth_packing(const geometry *o, const pass_plan *p)
{
    const int64_t channels = p->source.channels, padded = venn_conv_quads(channels) * 4;
    const int64_t uses = p->weights.taps * p->tiles.tiles_m / (o->stride[0] * o->stride[1]);
    return p->tiles.family == VENN_GEMM_SHUFFLE && padded * 4 <= channels * 5 && uses >= 4 &&
           p->source.images > 0 && channels > 0 && p->weights.rows > 0;
}

static pass_plan plan_pass(const venn_profile *profile, const geometry *o, conv_pass pass)
{
    const int64_t taps = plane(o->kernel);
    pass_plan p = {.pass = pass};
    if (pass == DATA) {
        p.source = (venn_conv_image){o->batch, o->groups, o->k, plane(o->out)};
        p.weights =
            (venn_conv_weights){o->groups, o->c, o->k, taps, o->k * o->c * taps, taps, o->c * taps};
    } else {
        p.source = (venn_conv_image){o->batch, o->groups, o->c, plane(o->in)};
        p.weights =
            (venn_conv_weights){o->groups, o->k, o->c, taps, o->k * o->c * taps, o->c * taps, taps};
    }
    p.gemm = gemm_of(o, pass, p.source.channels);
    p.tiles = venn_gemm_make_plan(profile, &p.gemm);
    p.packed = worth_packing(o, &p);
    if (p.packed) {
        p.gemm = gemm_of(o, pass, venn_conv_quads(p.source.channels) * 4);
        p.tiles = venn_gemm_make_plan(profile, &p.gemm);
        p.start = venn_conv_image_floats(&p.source);
        p.workspace = 4 * (uint64_t)(p.start + venn_conv_weight_floats(&p.weights));
    }
    if (pass == WEIGHT && (p.packed || p.tiles.parts > 1))
        p.workspace = 4 * ((uint64_t)p.start + p.tiles.parts * venn_gemm_part_stride(&p.gemm));
    return p;
}

static void fill_push(venn_push_conv2d *push, const geometry *o, const pass_plan *p)
{
    const int64_t *grid = grid_of(o, p->pass), *source = p->pass == DATA ? o->out : o->in;
    const int64_t pixels = pixels_of(o, p->pass), channels = p->source.channels;
    const int64_t padded = venn_conv_quads(channels) * 4;
    push->source_h = (uint32_t)source[0];
    push->source_w = (uint32_t)source[1];
    push->source_batch = (uint32_t)(o->groups * plane(source) * (p->packed ? padded : channels));
    push->source_group = (uint32_t)(p->packed ? padded : channels * plane(source));
    push->plane = (uint32_t)plane(grid);
    push->grid_batch = (uint32_t)(o->groups * (p->pass == DATA ? o->c : o->k) * plane(grid));
    VENN_SET_DIVISOR(push, grid_w, (uint32_t)(grid[1] ? grid[1] : 1));
    VENN_SET_DIVISOR(push, pixels, (uint32_t)(pixels ? pixels : 1));
    VENN_SET_DIVISOR(push, kernel_w, (uint32_t)o->kernel[1]);
    VENN_SET_DIVISOR(push, inner, (uint32_t)(p->packed ? padded : plane(o->kernel)));
    push->pad = (uint32_t)(o->pad[0] | o->pad[1] << 16);
    push->dilation = (uint32_t)(o->dilation[0] | o->dilation[1] << 16);
    push->pixel_step = (uint32_t)(p->packed ? o->groups * padded : 1);
    push->start = (uint32_t)p->start;
}

static void specialize(venn_dispatch *d, const geometry *o, const pass_plan *p, int act, bool bias)
{
    static const char *const kernels[][3] = {
        {"conv2d.forward.shuffle", "conv2d.forward.tile", "conv2d.forward.direct"},
        {"conv2d.data.shuffle", "conv2d.data.tile", "conv2d.data.direct"},
        {"conv2d.weight.shuffle", "conv2d.weight.tile", "conv2d.weight.direct"}};
    const bool weight = p->pass == WEIGHT, tail = p->gemm.k % p->tiles.k_step != 0;
    // Rows of the kernel's operand `a` and of y, in elements.
    const int64_t a_row = weight ? plane(o->out) : p->gemm.k;
    const int64_t y_row = weight ? p->gemm.n : plane(grid_of(o, p->pass));
    const bool shuffle = p->tiles.family == VENN_GEMM_SHUFFLE;
    const bool four_k = a_row % 4 == 0 && (p->pass != DATA || p->packed);
    const bool bounds = p->pass == DATA || o->pad[0] || o->pad[1] || tail;
    const uint32_t shuffle_spec[] = {p->tiles.tile_m, p->tiles.k_step, four_k, tail,
                                     (uint32_t)act,   y_row % 4 == 0};
    // a: neighbours along k; b: neighbours along k, or along columns.
    const uint32_t other_spec[] = {p->tiles.wide, true, weight, (uint32_t)act, 0, 0};
    const uint32_t conv_spec[] = {(uint32_t)o->stride[0], (uint32_t)o->stride[1], bounds, bias,
                                  p->packed};
    d->spec[d->n_spec++] = p->tiles.local_size;
    for (int i = 0; i < 6; i++)
        d->spec[d->n_spec++] = shuffle ? shuffle_spec[i] : other_spec[i];
    for (int i = 0; i < 5; i++)
        d->spec[d->n_spec++] = conv_spec[i];
    d->kernel = kernels[p->pass][p->tiles.family];
}

// in: weights (or dy, for the weight gradient) and source.
static void record_pass(venn_recorder *r, const venn_node *n, const geometry *o, conv_pass pass,
                        const venn_value *const in[2], const venn_value *bias, int act)
{
    const pass_plan p = plan_pass(venn_recorder_profile(r), o, pass);
    const bool weight = pass == WEIGHT;
    if (p.packed)
        venn_conv_pack_image(r, &p.source, in[1], n->workspace);
    if (p.packed && !weight)
        venn_conv_pack_weights(r, &p.weights, in[0], n->workspace, p.start);
    venn_push_conv2d push;
    fill_push(&push, o, &p);
    const venn_value *to = weight && p.workspace ? n->workspace : n->out[0];
    venn_dispatch d = {.push = &push,
                       .push_size = sizeof push,
                       .bind = {{p.packed && !weight ? n->workspace : in[0], VENN_READ},
                                {p.packed ? n->workspace : in[1], VENN_READ},
                                {bias, VENN_READ},
                                {to, VENN_WRITE}},
                       .n_bind = 4,
                       .trips = p.tiles.trips};
    venn_gemm_grid(r, &p.tiles, &p.gemm, &push.m, d.groups);
    specialize(&d, o, &p, act, bias != NULL);
    venn_record_dispatch(r, &d);
    const uint64_t stride = venn_gemm_part_stride(&p.gemm);
    if (weight && p.packed)
        venn_conv_unpack_gradient(r, &p.weights, n->workspace, p.start, (int64_t)stride,
                                  p.tiles.parts, n->out[0]);
    else if (weight && p.tiles.parts > 1)
        venn_gemm_reduce(r, n->workspace, NULL, n->out[0], 1, p.tiles.parts, stride, VENN_ACT_NONE);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const geometry o = geometry_of(n);
    return plan_pass(profile, &o, FORWARD).workspace;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const geometry o = geometry_of(n);
    const venn_value *const in[] = {n->in[1], n->in[0]};
    record_pass(r, n, &o, FORWARD, in, n->in[2], (int)params_of(n)->act);
}

static void pass_cost(const geometry *o, venn_cost *cost)
{
    const double weights = (double)(o->groups * o->k * o->c * plane(o->kernel));
    cost->flops = 2.0 * (double)o->batch * (double)plane(o->out) * weights;
    cost->bytes = 4.0 * (weights + (double)(o->batch * o->groups) *
                                       (double)(o->c * plane(o->in) + o->k * plane(o->out)));
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const geometry o = geometry_of(n);
    pass_cost(&o, cost);
}

// ---- Gradient nodes: params are the geometry ---------------------------------------------------

static void gradient_cost(const venn_node *n, venn_cost *cost)
{
    pass_cost(n->params, cost);
}

static bool data_shape(venn_node *n)
{
    const geometry *o = n->params;
    const int64_t x[] = {o->batch, o->groups * o->c, o->in[0], o->in[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(x, 4));
    return true;
}

static uint64_t data_workspace(const venn_profile *profile, const venn_node *n)
{
    return plan_pass(profile, n->params, DATA).workspace;
}

static void data_record(venn_recorder *r, const venn_node *n)
{
    const venn_value *const in[] = {n->in[0], n->in[1]};
    record_pass(r, n, n->params, DATA, in, NULL, VENN_ACT_NONE);
}

static const venn_op_desc data_gradient = {.name = "conv2d.data",
                                           .summary = "dx of conv2d",
                                           .inputs = {{"w"}, {"dy"}},
                                           .n_inputs = 2,
                                           .n_outputs = 1,
                                           .params_size = sizeof(geometry),
                                           .shape = data_shape,
                                           .workspace = data_workspace,
                                           .record = data_record,
                                           .cost = gradient_cost};

static bool weight_shape(venn_node *n)
{
    const geometry *o = n->params;
    const int64_t w[] = {o->groups * o->k, o->c, o->kernel[0], o->kernel[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(w, 4));
    return true;
}

static uint64_t weight_workspace(const venn_profile *profile, const venn_node *n)
{
    return plan_pass(profile, n->params, WEIGHT).workspace;
}

static void weight_record(venn_recorder *r, const venn_node *n)
{
    const venn_value *const in[] = {n->in[0], n->in[1]};
    record_pass(r, n, n->params, WEIGHT, in, NULL, VENN_ACT_NONE);
}

static const venn_op_desc weight_gradient = {.name = "conv2d.weight",
                                             .summary = "dw of conv2d",
                                             .inputs = {{"dy"}, {"x"}},
                                             .n_inputs = 2,
                                             .n_outputs = 1,
                                             .params_size = sizeof(geometry),
                                             .shape = weight_shape,
                                             .workspace = weight_workspace,
                                             .record = weight_record,
                                             .cost = gradient_cost};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const geometry o = geometry_of(n);
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

static void each_tap(const venn_ref *r, const geometry *o, const int64_t at[4], product_fn fn,
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
static void place_of(const geometry *o, int64_t i, int64_t at[4])
{
    at[3] = i % o->out[1];
    at[2] = i / o->out[1] % o->out[0];
    at[1] = i / plane(o->out) % (o->groups * o->k);
    at[0] = i / plane(o->out) / (o->groups * o->k);
}

static void ref(const venn_ref *r)
{
    const geometry o = geometry_of(r->node);
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
    const geometry o = geometry_of(r->node);
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
