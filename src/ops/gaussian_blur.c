// gaussian_blur: y[b, c, h, w] = sum over |i|, |j| <= radius of g(i) g(j) x[b, c, h + i, w + j], with a border
//                dx: the same sum, turned round; gradients: of the parts
#include <math.h>

#include "ops/border.h"

#define VENN_HOST
#include "gaussian_blur.comp"
#undef VENN_HOST

static int64_t radius_of(const venn_node *n)
{
    const venn_gaussian_blur_params *p = n->params;
    return p->radius ? p->radius : (int64_t)(4 * (double)p->sigma + 0.5);
}

static bool check_border(venn_node *n, int64_t radius)
{
    const venn_gaussian_blur_params *p = n->params;
    for (int i = 2; i < 4; i++)
        if (radius > venn_border_widest(p->mode, n->in[0]->shape.dim[i]))
            return venn_node_error(n,
                                   "%s cannot fill a border of %lld pixels; give a smaller radius "
                                   "or another mode",
                                   venn_pad_mode_names[p->mode], (long long)radius);
    return true;
}

static bool shape(venn_node *n)
{
    enum { MOST = 16383 };
    const venn_gaussian_blur_params *p = n->params;
    const venn_shape *x = &n->in[0]->shape;
    if (x->rank != 4 || x->dim[2] < 1 || x->dim[3] < 1)
        return venn_node_error(n, "x must be [B, C, H, W] with H, W of at least 1");
    if (!(p->sigma >= 0 && p->sigma <= MOST / 4) || p->radius < 0 || p->radius > MOST)
        return venn_node_error(
            n, "sigma=%g and radius=%d must not be negative, nor make a radius over %d",
            (double)p->sigma, (int)p->radius, MOST);
    if (!check_border(n, radius_of(n)))
        return false;
    venn_node_output(n, 0, VENN_F32, *x);
    return true;
}

// ---- Window: a node without operands ------------------------------------------------------------

typedef struct window {
    float sigma;
    int64_t radius;
} window;

static double tap(double sigma, int64_t i)
{
    return i == 0 ? 1 : exp(-0.5 * (double)(i * i) / (sigma * sigma));
}

static double sum_of_taps(double sigma, int64_t radius)
{
    double sum = 0;
    for (int64_t i = -radius; i <= radius; i++)
        sum += tap(sigma, i);
    return sum;
}

static bool window_shape(venn_node *n)
{
    const window *p = n->params;
    venn_node_output(n, 0, VENN_F32, VENN_SHAPE(2 * p->radius + 1));
    return true;
}

static void window_record(venn_recorder *r, const venn_node *n)
{
    enum { GROUP = 64 };
    const window *p = n->params;
    const double sigma = (double)p->sigma;
    const venn_push_gaussian_blur push = {
        .count = (uint32_t)n->out[0]->count,
        .radius = (uint32_t)p->radius,
        .slope = sigma > 0 ? (float)(-0.5 / (sigma * sigma)) : 0,
        .factor = (float)(1 / sum_of_taps(sigma, p->radius)),
    };
    venn_dispatch d = {.kernel = "gaussian_blur",
                       .spec = {GROUP},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->out[0], VENN_WRITE}},
                       .n_bind = 1};
    venn_groups_linear(r, n->out[0]->count, 4 * GROUP, d.groups);
    venn_record_dispatch(r, &d);
}

static void window_cost(const venn_node *n, venn_cost *cost)
{
    cost->bytes = 4.0 * (double)n->out[0]->count;
}

static venn_tensor window_of(venn_graph *g, float sigma, int64_t radius)
{
    static const venn_op_desc desc = {.name = "gaussian_blur.window",
                                      .summary = "taps of a Gaussian, whose sum is 1",
                                      .n_outputs = 1,
                                      .params_size = sizeof(window),
                                      .shape = window_shape,
                                      .record = window_record,
                                      .cost = window_cost};
    const window params = {sigma, radius};
    return venn_op_apply(g, &desc, NULL, 0, &params, NULL);
}

// ----------------------------------------------------------------------------------------------

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_gaussian_blur_params *p = n->params;
    const venn_shape x = n->in[0]->shape;
    const int32_t radius = (int32_t)radius_of(n), taps = 2 * radius + 1;
    const int32_t zeros = p->mode == VENN_PAD_ZERO ? radius : 0;
    const venn_pad2d_params border = {.pad = {radius, radius, radius, radius}, .mode = p->mode};
    const venn_conv2d_params down = {.pad = {zeros, 0}}, across = {.pad = {0, zeros}};
    const venn_tensor w = window_of(g, p->sigma, radius);
    venn_tensor y = venn_reshape(g, in[0], VENN_SHAPE(x.dim[0] * x.dim[1], 1, x.dim[2], x.dim[3]));
    if (zeros < radius)
        y = venn_pad2d(g, y, &border);
    y = venn_conv2d(g, y, venn_reshape(g, w, VENN_SHAPE(1, 1, taps, 1)), VENN_NONE, &down);
    y = venn_conv2d(g, y, venn_reshape(g, w, VENN_SHAPE(1, 1, 1, taps)), VENN_NONE, &across);
    out[0] = venn_reshape(g, y, x);
    return true;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const double count = (double)n->out[0]->count;
    cost->flops = 4 * count * (double)(2 * radius_of(n) + 1);
    cost->bytes = 8 * count;
}

// ---- Reference -------------------------------------------------------------------------------

typedef void (*tap_fn)(const venn_ref *r, int64_t ix, int64_t iy, double weight);

static void each_tap(const venn_ref *r, int64_t iy, double factor, tap_fn fn)
{
    const venn_gaussian_blur_params *p = r->node->params;
    const venn_resample_kind kind = venn_border_kind(p->mode);
    const int64_t *x = r->node->in[0]->shape.dim, radius = radius_of(r->node);
    const int64_t h = iy / x[3] % x[2], w = iy % x[3], plane = iy - (h * x[3] + w);
    for (int64_t i = -radius; i <= radius; i++)
        for (int64_t j = -radius; j <= radius; j++) {
            const int64_t row = venn_resample_border(kind, h + i, x[2]);
            const int64_t column = venn_resample_border(kind, w + j, x[3]);
            if (row >= 0 && row < x[2] && column >= 0 && column < x[3])
                fn(r, plane + row * x[3] + column, iy,
                   factor * tap((double)p->sigma, i) * tap((double)p->sigma, j));
        }
}

static void each_pair(const venn_ref *r, tap_fn fn)
{
    const venn_gaussian_blur_params *p = r->node->params;
    const double sum = sum_of_taps((double)p->sigma, radius_of(r->node));
    for (int64_t iy = 0; iy < r->node->out[0]->count; iy++)
        each_tap(r, iy, 1 / (sum * sum), fn);
}

static void add_forward(const venn_ref *r, int64_t ix, int64_t iy, double weight)
{
    r->y[0][iy] += weight * r->x[0][ix];
}

static void add_gradient(const venn_ref *r, int64_t ix, int64_t iy, double weight)
{
    r->dx[0][ix] += weight * r->dy[0][iy];
}

static void ref(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = 0;
    each_pair(r, add_forward);
}

static void ref_grad(const venn_ref *r)
{
    each_pair(r, add_gradient);
}

static const venn_param_def params[] = {
    {"sigma", VENN_PARAM_FLOAT, offsetof(venn_gaussian_blur_params, sigma),
     .doc = "standard deviation in pixels; 0: no blur"},
    {"radius", VENN_PARAM_INT, offsetof(venn_gaussian_blur_params, radius),
     .doc = "pixels that count on each side (default 4 sigma, rounded)"},
    {"mode", VENN_PARAM_ENUM, offsetof(venn_gaussian_blur_params, mode),
     .names = venn_pad_mode_names, .doc = "what lies outside of x (default zero)"},
    {NULL}};

const venn_op_desc venn_op_gaussian_blur = {
    .name = "gaussian_blur",
    .summary = "y = mean of x [B, C, H, W] around each pixel, weighed by a Gaussian",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_gaussian_blur_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_gaussian_blur(venn_graph *g, venn_tensor x, const venn_gaussian_blur_params *p)
{
    return venn_op_apply(g, &venn_op_gaussian_blur, &x, 1, p, NULL);
}
