// Geometry and references of convolutions (see conv_nd.h).
#include "ops/conv_nd.h"
#include "ops/gemm.h"

enum {
    DEPTH,
    HEIGHT,
    WIDTH,
    MAX_HALF = 65535
}; // strides and pads are halves of a word in push blocks

static int64_t or_one(int32_t v)
{
    return v ? v : 1;
}

static void set_axis(venn_conv_nd *o, venn_conv_fields f, int axis, int64_t x, int64_t kernel)
{
    const int i = axis - (VENN_CONV_AXES - f.rank);
    const int64_t stride = or_one(f.stride[i]), pad = f.pad[i];
    const int64_t reach = or_one(f.dilation[i]) * (kernel - 1) + 1;
    o->kernel[axis] = kernel;
    o->stride[axis] = stride;
    o->pad[axis] = pad;
    o->dilation[axis] = or_one(f.dilation[i]);
    if (f.output_pad) {
        o->out[axis] = x;
        o->in[axis] = (x - 1) * stride - 2 * pad + reach + f.output_pad[i];
    } else {
        o->in[axis] = x;
        o->out[axis] = x + 2 * pad < reach ? 0 : (x + 2 * pad - reach) / stride + 1;
    }
}

venn_conv_nd venn_conv_nd_of(const venn_node *n, venn_conv_fields f)
{
    const int64_t *x = n->in[0]->shape.dim, *w = n->in[1]->shape.dim;
    venn_conv_nd o = {.batch = x[0], .groups = or_one(f.groups), .c = w[1]};
    o.k = w[0] / o.groups;
    o.transposed = f.output_pad;
    for (int axis = 0; axis < VENN_CONV_AXES; axis++) {
        const int i = axis - (VENN_CONV_AXES - f.rank);
        o.in[axis] = o.out[axis] = o.kernel[axis] = o.stride[axis] = o.dilation[axis] = 1;
        if (i >= 0)
            set_axis(&o, f, axis, x[2 + i], w[2 + i]);
    }
    return o;
}

static const char *const x_form[] = {"x must be [B, C, L]", "x must be [B, C, H, W]",
                                     "x must be [B, C, D, H, W]"};
static const char *const w_form[][2] = {
    {"w [K, C / groups, k]", "w [C, K / groups, k]"},
    {"w [K, C / groups, kh, kw]", "w [C, K / groups, kh, kw]"},
    {"w [K, C / groups, kd, kh, kw]", "w [C, K / groups, kd, kh, kw]"}};

static bool check_channels(venn_node *n, venn_conv_fields f)
{
    const venn_shape *x = &n->in[0]->shape, *w = &n->in[1]->shape;
    const int64_t groups = or_one(f.groups);
    if (x->rank != 2 + f.rank || w->rank != 2 + f.rank)
        return venn_node_error(n, "%s and %s", x_form[f.rank - 1],
                               w_form[f.rank - 1][f.output_pad != NULL]);
    if (f.groups < 0 || x->dim[1] % groups || w->dim[0] % groups)
        return venn_node_error(n, "groups=%d must divide the channels of x and w", (int)f.groups);
    if (f.output_pad ? w->dim[0] != x->dim[1] : w->dim[1] * groups != x->dim[1])
        return venn_node_error(n, "w must have %lld channels",
                               (long long)(f.output_pad ? x->dim[1] : x->dim[1] / groups));
    return true;
}

static bool check_window(venn_node *n, venn_conv_fields f)
{
    const venn_shape *w = &n->in[1]->shape;
    for (int i = 0; i < f.rank; i++) {
        const int64_t kernel = w->dim[2 + i], most = or_one(f.stride[i]) > or_one(f.dilation[i])
                                                         ? or_one(f.stride[i])
                                                         : or_one(f.dilation[i]);
        if (kernel < 1)
            return venn_node_error(n, "the kernel is empty");
        if (f.stride[i] < 0 || f.pad[i] < 0 || f.dilation[i] < 0 || f.stride[i] > MAX_HALF ||
            f.pad[i] > MAX_HALF || or_one(f.dilation[i]) * kernel > MAX_HALF)
            return venn_node_error(n, "stride, pad or dilation out of range");
        if (f.output_pad && (f.output_pad[i] < 0 || f.output_pad[i] >= most))
            return venn_node_error(n, "output_pad=%d must be less than the stride or the dilation",
                                   (int)f.output_pad[i]);
    }
    return true;
}

bool venn_conv_nd_shape(venn_node *n, venn_conv_fields f)
{
    if (!check_channels(n, f) || !check_window(n, f))
        return false;
    const venn_conv_nd o = venn_conv_nd_of(n, f);
    const int64_t channels = o.groups * (o.transposed ? o.c : o.k);
    const int64_t *extent = (o.transposed ? o.in : o.out) + VENN_CONV_AXES - f.rank;
    if (n->in[2] && (n->in[2]->shape.rank != 1 || n->in[2]->shape.dim[0] != channels))
        return venn_node_error(n, "bias must be [K]");
    venn_shape y = {.rank = 2 + f.rank, .dim = {o.batch, channels}};
    for (int i = 0; i < f.rank; i++) {
        y.dim[2 + i] = extent[i];
        if (o.transposed ? extent[i] < 1 || o.out[VENN_CONV_AXES - f.rank + i] < 1 : extent[i] < 1)
            return venn_node_error(n, o.transposed ? "the padding leaves nothing"
                                                   : "the kernel is larger than the padded image");
    }
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

void venn_conv_nd_cost(const venn_node *n, venn_conv_fields f, venn_cost *cost)
{
    const venn_conv_nd o = venn_conv_nd_of(n, f);
    const double weights = (double)(o.groups * o.k * o.c * venn_conv_volume(o.kernel));
    const double points = (double)(o.c * venn_conv_volume(o.in) + o.k * venn_conv_volume(o.out));
    cost->flops = 2.0 * (double)o.batch * (double)venn_conv_volume(o.out) * weights;
    cost->bytes = 4.0 * (weights + (double)(o.batch * o.groups) * points);
}

// ---- Reference -------------------------------------------------------------------------------

// A product: element `in` of the larger side times w adds to element `out`, or the other way round.
typedef void (*product_fn)(const venn_ref *r, const venn_conv_nd *o, int act, int64_t in,
                           int64_t out, int64_t w);

// Element `at` of a volume as positions along the axes.
static void place_of(const int64_t extent[VENN_CONV_AXES], int64_t at,
                     int64_t place[VENN_CONV_AXES])
{
    for (int axis = WIDTH; axis >= DEPTH; axis--) {
        place[axis] = at % extent[axis];
        at /= extent[axis];
    }
}

// The element of a plane of `in` that tap `tap` of element `out` of a plane of `out` sees; -1 outside.
static int64_t seen(const venn_conv_nd *o, int64_t out, int64_t tap)
{
    int64_t to[VENN_CONV_AXES], at[VENN_CONV_AXES], in = 0;
    place_of(o->out, out, to);
    place_of(o->kernel, tap, at);
    for (int axis = DEPTH; axis <= WIDTH; axis++) {
        const int64_t p = to[axis] * o->stride[axis] - o->pad[axis] + at[axis] * o->dilation[axis];
        if (p < 0 || p >= o->in[axis])
            return -1;
        in = in * o->in[axis] + p;
    }
    return in;
}

// All products of channel k with the channels c of its group, of one image.
static void each_of_channel(const venn_ref *r, const venn_conv_nd *o, int act, int64_t image,
                            int64_t k, product_fn fn)
{
    const int64_t group = k / o->k, taps = venn_conv_volume(o->kernel);
    const int64_t inner = venn_conv_volume(o->in), outer = venn_conv_volume(o->out);
    for (int64_t out = 0; out < outer; out++)
        for (int64_t tap = 0; tap < taps; tap++) {
            const int64_t in = seen(o, out, tap);
            for (int64_t c = 0; in >= 0 && c < o->c; c++)
                fn(r, o, act, ((image * o->groups + group) * o->c + c) * inner + in,
                   (image * o->groups * o->k + k) * outer + out, (k * o->c + c) * taps + tap);
        }
}

static void each_product(const venn_ref *r, const venn_conv_nd *o, int act, product_fn fn)
{
    for (int64_t image = 0; image < o->batch; image++)
        for (int64_t k = 0; k < o->groups * o->k; k++)
            each_of_channel(r, o, act, image, k, fn);
}

static void add_forward(const venn_ref *r, const venn_conv_nd *o, int act, int64_t in, int64_t out,
                        int64_t w)
{
    (void)act;
    const int64_t ix = o->transposed ? out : in, iy = o->transposed ? in : out;
    r->y[0][iy] += r->x[0][ix] * r->x[1][w];
}

static double slope_at(const venn_ref *r, int act, int64_t iy)
{
    return r->dy[0][iy] * venn_gemm_act_slope(r->y[0][iy], act);
}

static void add_gradient(const venn_ref *r, const venn_conv_nd *o, int act, int64_t in, int64_t out,
                         int64_t w)
{
    const int64_t ix = o->transposed ? out : in, iy = o->transposed ? in : out;
    const double dz = slope_at(r, act, iy);
    if (r->dx[0])
        r->dx[0][ix] += dz * r->x[1][w];
    if (r->dx[1])
        r->dx[1][w] += dz * r->x[0][ix];
}

// The channel of element i of y.
static int64_t channel_of(const venn_ref *r, int64_t i)
{
    const venn_shape *y = &r->node->out[0]->shape;
    int64_t plane = 1;
    for (int axis = 2; axis < y->rank; axis++)
        plane *= y->dim[axis];
    return i / plane % y->dim[1];
}

void venn_conv_nd_ref(const venn_ref *r, venn_conv_fields f)
{
    const venn_conv_nd o = venn_conv_nd_of(r->node, f);
    const int64_t count = r->node->out[0]->count;
    for (int64_t i = 0; i < count; i++)
        r->y[0][i] = r->x[2] ? r->x[2][channel_of(r, i)] : 0;
    each_product(r, &o, (int)f.act, add_forward);
    for (int64_t i = 0; i < count; i++)
        r->y[0][i] = venn_gemm_act(r->y[0][i], (int)f.act);
}

void venn_conv_nd_ref_grad(const venn_ref *r, venn_conv_fields f)
{
    const venn_conv_nd o = venn_conv_nd_of(r->node, f);
    each_product(r, &o, (int)f.act, add_gradient);
    for (int64_t i = 0; r->dx[2] && i < r->node->out[0]->count; i++)
        r->dx[2][channel_of(r, i)] += slope_at(r, (int)f.act, i);
}
