// Nodes that do others' work on their way: products that mask what they store and sum what they read. The same
// gradients as of nodes apart, fewer launches; what others read as well, or what a kernel cannot do, stays apart.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "device_fixture.h"
#include "kernel/kernel.h"
#include "venn/ops.h"

enum { MOST = 6, LONGEST = 1 << 16 };

typedef struct net {
    int64_t batch, in, hidden, out;
    venn_dtype dtype;
    int act;
    bool trans_b; // weights are [out, in]
    bool seen;    // what the mask reads is an output
} net;

static venn_tensor weight(venn_graph *g, const char *name, const net *t, int64_t from, int64_t to)
{
    const int64_t shape[] = {t->trans_b ? to : from, t->trans_b ? from : to};
    return venn_graph_input(g, name, t->dtype, venn_shape_make(shape, 2));
}

static venn_tensor layer(venn_graph *g, const net *t, venn_tensor x, venn_tensor w, int64_t to,
                         const char *bias, venn_tensor *b, int act)
{
    const venn_matmul_params p = {.trans_b = t->trans_b, .act = (venn_activation)act};
    *b = venn_graph_input(g, bias, VENN_F32, venn_shape_make(&to, 1));
    return venn_matmul(g, x, w, *b, &p);
}

// Two layers, and the gradients of all that they have.
static venn_graph *build(const net *t)
{
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    const int64_t shape[] = {t->batch, t->in};
    venn_tensor x[MOST], dx[MOST];
    x[0] = venn_graph_input(g, "x", t->dtype, venn_shape_make(shape, 2));
    x[1] = weight(g, "w", t, t->in, t->hidden);
    x[5] = layer(g, t, x[0], x[1], t->hidden, "b", &x[2], t->act);
    x[3] = weight(g, "v", t, t->hidden, t->out);
    const venn_tensor y = layer(g, t, x[5], x[3], t->out, "c", &x[4], VENN_ACT_NONE);
    const venn_tensor loss = venn_mean(g, venn_square(g, y), NULL);
    venn_graph_gradients(g, loss, VENN_NONE, t->seen ? 6 : 5, x, dx);
    for (int i = 0; i < (t->seen ? 6 : 5); i++) {
        char name[8];
        snprintf(name, sizeof name, "d%d", i);
        venn_graph_output(g, name, dx[i]);
    }
    return g;
}

static void feed(venn_program *p, const char *name, venn_dtype dtype)
{
    size_t bytes;
    venn_rng rng = venn_rng_make(1, 0, (uint32_t)name[0]);
    char *data = venn_program_input(p, name, &bytes);
    for (size_t at = 0; at < bytes; at += venn_dtype_size(dtype)) {
        const float x = 0.25f * venn_rng_normal(&rng);
        venn_floats_convert(data + at, dtype, &x, VENN_F32, 1);
    }
}

typedef struct result {
    venn_program_info info;
    double d[MOST][LONGEST];
    size_t count[MOST];
} result;

// Runs the graph, which this destroys, on inputs of these names, and reads so many outputs; biases and their
// gradients are f32.
static void run_graph(venn_device *device, venn_graph *g, const char *inputs, venn_dtype dtype,
                      int outputs, venn_fuse_mode mode, bool guard, result *out)
{
    venn_program *p;
    uint64_t ticket;
    const venn_compile_params params = {.fuse = mode, .runs = 1, .poison = true, .guard = guard};
    cr_assert_eq(venn_graph_compile(&p, g, device, &params), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_program_begin(p), VENN_OK);
    for (const char *name = inputs; *name; name++)
        feed(p, (char[]){*name, 0}, *name == 'b' || *name == 'c' ? VENN_F32 : dtype);
    cr_assert_eq(venn_program_run(p, &ticket), VENN_OK, "%s", venn_error_message());
    *out = (result){0};
    for (int i = 0; i < outputs; i++) {
        size_t bytes;
        const char name[] = {'d', (char)('0' + i), 0};
        const venn_dtype type = i == 2 || i == 4 ? VENN_F32 : dtype;
        const void *data = venn_program_output(p, ticket, name, &bytes);
        out->count[i] = bytes / venn_dtype_size(type);
        cr_assert_leq(out->count[i], LONGEST);
        for (size_t e = 0; e < out->count[i]; e++)
            out->d[i][e] = venn_element_get(data, type, e);
    }
    if (guard)
        cr_expect_eq(venn_program_check_guards(p), VENN_OK, "%s", venn_error_message());
    venn_program_get_info(p, &out->info);
    venn_program_destroy(&p);
    venn_graph_destroy(&g);
}

static void run(venn_device *device, const net *t, venn_fuse_mode mode, bool guard, result *out)
{
    run_graph(device, build(t), "xwbvc", t->dtype, t->seen ? 6 : 5, mode, guard, out);
}

static void expect_close(const net *t, const result *a, const result *b)
{
    const double unit = t->dtype == VENN_F32 ? 1e-6 : t->dtype == VENN_F16 ? 1e-3 : 8e-3;
    for (int i = 0; i < (t->seen ? 6 : 5); i++) {
        double most = 0, wrong = 0;
        for (size_t e = 0; e < a->count[i]; e++) {
            most = fmax(most, fabs(b->d[i][e]));
            wrong = fmax(wrong, isnan(a->d[i][e]) ? INFINITY : fabs(a->d[i][e] - b->d[i][e]));
        }
        cr_expect_leq(wrong, 8 * unit * most, "gradient %d of %d x %d, %d, %d: off by %g of %g", i,
                      (int)t->batch, (int)t->in, (int)t->hidden, (int)t->out, wrong, most);
    }
}

// Returns how many nodes joined others.
static uint32_t check(venn_device *device, const net *t)
{
    static result joined, apart;
    run(device, t, VENN_FUSE_OFF, false, &apart);
    run(device, t, VENN_FUSE_AUTO, true, &joined);
    expect_close(t, &joined, &apart);
    run(device, t, VENN_FUSE_AUTO, false, &joined);
    expect_close(t, &joined, &apart);
    cr_expect_eq(apart.info.fused, 0);
    cr_expect_geq(apart.info.dispatches, joined.info.dispatches + joined.info.fused);
    return joined.info.fused;
}

static bool sums(venn_device *device, venn_dtype dtype)
{
    venn_kernels *kernels;
    cr_assert_eq(venn_kernels_of(device, &kernels), VENN_OK);
    const venn_profile *p = venn_kernels_profile(kernels);
    return p->family == VENN_FAMILY_SHUFFLE && (dtype == VENN_F32 || p->matrix.api == 0);
}

Test(join, products_mask_and_sum)
{
    venn_device *device = open_test_device();
    const net nets[] = {{64, 36, 40, 10, VENN_F32, VENN_ACT_RELU, true},
                        {64, 36, 40, 10, VENN_F32, VENN_ACT_RELU, false},
                        {7, 33, 65, 5, VENN_F32, VENN_ACT_TANH, false},
                        {7, 33, 65, 5, VENN_F32, VENN_ACT_TANH, true},
                        {130, 16, 128, 32, VENN_F32, VENN_ACT_SIGMOID, true},
                        {3, 1, 1, 1, VENN_F32, VENN_ACT_RELU, true},
                        {1, 5, 33, 2, VENN_F32, VENN_ACT_TANH, false},
                        {33, 36, 72, 12, VENN_F16, VENN_ACT_RELU, true},
                        {33, 37, 71, 9, VENN_BF16, VENN_ACT_SIGMOID, false}};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        cr_expect_eq(check(device, &nets[i]), sums(device, nets[i].dtype) ? 3 : 1, "net %zu", i);
    close_test_device(&device);
}

typedef struct conv_case {
    int64_t x[4], w[4];
    int32_t stride, pad, groups;
    bool sums; // where the shuffle family is
} conv_case;

static void run_conv(venn_device *device, const conv_case *c, venn_fuse_mode mode, result *out)
{
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    venn_tensor x[3], dx[3];
    x[0] = venn_graph_input(g, "x", VENN_F32, venn_shape_make(c->x, 4));
    x[1] = venn_graph_input(g, "w", VENN_F32, venn_shape_make(c->w, 4));
    x[2] = venn_graph_input(g, "b", VENN_F32, venn_shape_make(c->w, 1));
    const venn_conv2d_params params = {.stride = {c->stride, c->stride},
                                       .pad = {c->pad, c->pad},
                                       .groups = c->groups,
                                       .act = VENN_ACT_RELU};
    const venn_tensor y = venn_conv2d(g, x[0], x[1], x[2], &params);
    venn_graph_gradients(g, venn_mean(g, venn_square(g, y), NULL), VENN_NONE, 3, x, dx);
    for (int i = 0; i < 3; i++)
        venn_graph_output(g, (const char *[]){"d0", "d1", "d2"}[i], dx[i]);
    run_graph(device, g, "xwb", VENN_F32, 3, mode, mode == VENN_FUSE_AUTO, out);
}

Test(join, convolutions_sum)
{
    venn_device *device = open_test_device();
    const conv_case cases[] = {
        {{5, 1, 17, 17}, {6, 1, 5, 5}, 1, 2, 1, true},
        {{8, 3, 40, 40}, {33, 3, 3, 3}, 2, 1, 1, true},
        {{4, 4, 16, 17}, {6, 2, 3, 3}, 1, 1, 2, true},
        {{2, 1, 8, 8}, {3, 1, 3, 3}, 1, 1, 1, false},     // one part
        {{4, 8, 24, 24}, {8, 8, 3, 3}, 1, 1, 1, false},   // packed
        {{4, 5, 16, 16}, {5, 1, 3, 3}, 1, 1, 5, false},   // depthwise
        {{2, 32, 16, 16}, {32, 32, 3, 3}, 1, 1, 1, false} // at points
    };
    static result joined, apart;
    const net f32 = {.dtype = VENN_F32};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run_conv(device, &cases[i], VENN_FUSE_OFF, &apart);
        run_conv(device, &cases[i], VENN_FUSE_AUTO, &joined);
        expect_close(&f32, &joined, &apart);
        cr_expect_eq(joined.info.fused, cases[i].sums && sums(device, VENN_F32), "case %zu", i);
    }
    close_test_device(&device);
}

Test(join, what_stays_apart)
{
    venn_device *device = open_test_device();
    // Someone else reads what the mask reads.
    const net seen = {64, 36, 40, 10, VENN_F32, VENN_ACT_RELU, true, true};
    cr_expect_eq(check(device, &seen), sums(device, VENN_F32) ? 2 : 0);
    // Sums over k that are cut in parts, for which the gates of the data gradient do not matter.
    const net deep = {3000, 8, 8, 4, VENN_F32, VENN_ACT_RELU, true};
    cr_expect_eq(check(device, &deep), 1);
    const net wide = {16, 24, 8, 1024, VENN_F32, VENN_ACT_TANH, true};
    cr_expect_geq(check(device, &wide), 1);
    const net plain = {16, 24, 8, 4, VENN_F32, VENN_ACT_NONE, true};
    cr_expect_eq(check(device, &plain), sums(device, VENN_F32) ? 2 : 0);
    close_test_device(&device);
}
