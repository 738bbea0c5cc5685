// Chains of elementwise ops as one kernel: the very bits of the separate ones, for random graphs over all of
// these ops, their gradients included; what must stay apart; the kernels that are built in; and those kept in
// files.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "data_files.h"
#include "device_fixture.h"
#include "graph/graph_internal.h"
#include "kernel/kernel.h"
#include "program_run.h"
#include "venn/ops.h"

enum { ROWS = 7, COLS = 36, MOST = 40, LONGEST = 3 * ROWS * COLS };

// Kernels are made anew in each test, by the compiler that was built, if it was.
static void prepare(void)
{
    setenv("VENN_KERNEL_CACHE", "none", 1);
#ifdef VENN_TEST_SHADERC
    setenv("VENN_SHADERC", VENN_TEST_SHADERC, 1);
    cr_assert(venn_kernels_can_make(), "%s was built, but cannot be used", VENN_TEST_SHADERC);
#endif
}

TestSuite(fusion, .init = prepare);

static uint32_t below(venn_rng *rng, uint32_t n)
{
    return venn_rng_u32(rng) % n;
}

// ---- Running a graph both ways ---------------------------------------------------------------

static const char *name_of(char *text, const char *kind, uint32_t i)
{
    snprintf(text, 16, "%s%u", kind, i);
    return text;
}

// Fills every input with numbers between 0.5 and 2, the same each time.
static void feed(venn_program *p, const venn_graph *g)
{
    venn_rng rng = venn_rng_make(1, 2, 3);
    cr_assert_eq(venn_program_begin(p), VENN_OK);
    for (uint32_t i = 0; i < g->n_values; i++) {
        const venn_value *value = g->values[i];
        if (!value->is_input)
            continue;
        size_t bytes;
        void *data = venn_program_input(p, value->name, &bytes);
        for (int64_t e = 0; e < value->count; e++) {
            const float x = 0.5f + 1.5f * venn_rng_unit(venn_rng_u32(&rng));
            venn_floats_convert((char *)data + (size_t)e * venn_dtype_size(value->dtype),
                                value->dtype, &x, VENN_F32, 1);
        }
    }
}

static venn_program_info run(venn_graph *g, venn_device *device, venn_fuse_mode mode, uint32_t n,
                             double out[][LONGEST])
{
    venn_program *p;
    venn_program_info info;
    uint64_t ticket;
    char name[16];
    cr_assert_eq(
        venn_graph_compile(&p, g, device, &(venn_compile_params){.fuse = mode, .poison = true}),
        VENN_OK, "%s", venn_error_message());
    feed(p, g);
    cr_assert_eq(venn_program_run(p, &ticket), VENN_OK, "%s", venn_error_message());
    for (uint32_t i = 0; i < n; i++) {
        const venn_value *value = g->outputs[i].value;
        const void *data = venn_program_output(p, ticket, name_of(name, "y", i), NULL);
        for (int64_t e = 0; e < value->count; e++)
            out[i][e] = venn_element_get(data, value->dtype, (size_t)e);
    }
    venn_program_get_info(p, &info);
    venn_program_destroy(&p);
    return info;
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

// Fused and apart; returns how many nodes were fused.
static uint32_t check_same(venn_graph *g, venn_device *device, const char *what)
{
    static double fused[MOST][LONGEST], apart[MOST][LONGEST];
    const uint32_t n = g->n_outputs;
    const venn_program_info on = run(g, device, VENN_FUSE_ON, n, fused);
    const venn_program_info off = run(g, device, VENN_FUSE_OFF, n, apart);
    for (uint32_t i = 0; i < n; i++)
        for (int64_t e = 0; e < g->outputs[i].value->count; e++)
            cr_assert(same(fused[i][e], apart[i][e]), "%s: %s[%d] of %s: %a fused, %a apart", what,
                      g->outputs[i].name, (int)e, g->outputs[i].value->producer->op->name,
                      fused[i][e], apart[i][e]);
    cr_expect_eq(off.fused, 0);
    cr_expect_eq(on.dispatches + on.fused, off.dispatches, "%s: %u + %u, %u", what, on.dispatches,
                 on.fused, off.dispatches);
    return on.fused;
}

static void give(venn_graph *g, venn_tensor t)
{
    char name[16];
    venn_graph_output(g, name_of(name, "y", g->n_outputs), t);
}

// ---- Random graphs ---------------------------------------------------------------------------

typedef struct maker {
    venn_graph *g;
    venn_rng rng;
    venn_tensor made[MOST], inputs[MOST];
    uint32_t n, n_inputs;
    int64_t rows, cols;
} maker;

static venn_tensor new_input(maker *m)
{
    static const venn_dtype types[] = {VENN_F32, VENN_F32, VENN_F16, VENN_BF16};
    const int64_t dims[][2] = {
        {m->rows, m->cols}, {m->rows, m->cols}, {1, m->cols}, {m->rows, 1}, {1, 1}};
    char name[16];
    const venn_shape shape = venn_shape_make(dims[below(&m->rng, 5)], 2);
    const venn_tensor t =
        venn_graph_input(m->g, name_of(name, "x", m->n_inputs), types[below(&m->rng, 4)], shape);
    m->inputs[m->n_inputs++] = t;
    return t;
}

// Something made before, preferably lately, or a new input.
static venn_tensor operand(maker *m)
{
    if (m->n == 0 || (m->n_inputs < 6 && below(&m->rng, 4) == 0))
        return new_input(m);
    const uint32_t back = below(&m->rng, m->n < 3 ? m->n : 3);
    return m->made[m->n - 1 - back];
}

// Any numbers that make sense to the ops that take two; an enum's first three names.
static void draw_params(maker *m, const venn_op_desc *op, char *params)
{
    for (const venn_param_def *p = op->params; p && p->name; p++) {
        const float number = 0.25f * (float)(1 + below(&m->rng, 6)) + (p == op->params ? 0 : 1);
        const int32_t choice = (int32_t)below(&m->rng, p->names && p->names[2] ? 3 : 2);
        if (p->type == VENN_PARAM_FLOAT)
            memcpy(params + p->offset, &number, sizeof number);
        else if (p->type == VENN_PARAM_ENUM)
            memcpy(params + p->offset, &choice, sizeof choice);
    }
}

static venn_tensor random_op(maker *m)
{
    const venn_op_desc *op = NULL;
    uint32_t n_ops = 0;
    char params[256] = {0};
    venn_tensor in[3];
    while (venn_op_table[n_ops])
        n_ops++;
    while (!op || !(op->element || op == venn_op_find("where")) ||
           op == venn_op_find("broadcast_to"))
        op = venn_op_table[below(&m->rng, n_ops)];
    for (int i = 0; i < op->n_inputs; i++)
        in[i] = operand(m);
    cr_assert(op->params_size <= sizeof params);
    draw_params(m, op, params);
    const venn_tensor y = venn_op_apply(m->g, op, in, op->n_inputs, params, NULL);
    const venn_shape full = venn_shape_make((int64_t[]){m->rows, m->cols}, 2);
    return below(&m->rng, 3) == 0 ? venn_broadcast_to(m->g, y, full) : y;
}

// Eight ops, of which some results are wanted, and the gradient of the last by all inputs.
static uint32_t check_random(venn_device *device, uint32_t seed, bool gradients)
{
    maker m = {.rng = venn_rng_make(seed, 5, 7), .rows = 1 + seed % ROWS, .cols = COLS - seed % 5};
    char what[32];
    cr_assert_eq(venn_graph_create(&m.g), VENN_OK);
    while (m.n < 8) {
        m.made[m.n] = random_op(&m);
        if (below(&m.rng, 4) == 0)
            give(m.g, m.made[m.n]);
        m.n++;
    }
    give(m.g, m.made[m.n - 1]);
    if (gradients) {
        venn_tensor dx[MOST];
        const venn_tensor y = venn_cast(m.g, m.made[m.n - 1], VENN_F32);
        venn_graph_gradients(m.g, y, VENN_NONE, m.n_inputs, m.inputs, dx);
        for (uint32_t i = 0; i < m.n_inputs; i++)
            if (dx[i].id)
                give(m.g, dx[i]);
    }
    cr_assert_eq(venn_graph_status(m.g), VENN_OK, "%s", venn_graph_error(m.g));
    snprintf(what, sizeof what, "graph %u", seed);
    const uint32_t fused = check_same(m.g, device, what);
    venn_graph_destroy(&m.g);
    return fused;
}

// Random graphs from seed on, with gradients or not, of which at least so many nodes are fused.
static void check_several(uint32_t seed, uint32_t n, bool gradients, uint32_t least)
{
    venn_device *device = open_test_device();
    uint32_t fused = 0;
    for (uint32_t end = seed + n; seed < end; seed++)
        fused += check_random(device, seed, gradients);
    cr_expect_geq(fused, venn_kernels_can_make() ? least : 0);
    close_test_device(&device);
}

Test(fusion, random_graphs_keep_their_bits)
{
    check_several(0, 10, false, 25);
}

Test(fusion, gradients_keep_their_bits)
{
    check_several(100, 4, true, 15);
}

// ---- What becomes one, and what must not -----------------------------------------------------

static venn_graph *new_graph(void)
{
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    return g;
}

static venn_tensor input(venn_graph *g, const char *name, int64_t rows, int64_t cols)
{
    return venn_graph_input(g, name, VENN_F32, venn_shape_make((int64_t[]){rows, cols}, 2));
}

Test(fusion, several_results_of_one_kernel)
{
    venn_device *device = open_test_device();
    venn_graph *g = new_graph();
    const venn_tensor x = input(g, "x", 5, 13), row = input(g, "row", 1, 13);
    const venn_tensor y = venn_relu(g, venn_add(g, x, row));
    give(g, y);
    // A view of the same elements, then on.
    const venn_tensor flat = venn_reshape(g, y, venn_shape_make((int64_t[]){65}, 1));
    give(g, venn_exp(g, venn_scale(g, flat, 0.5f, -1)));
    cr_expect_eq(check_same(g, device, "two results"), venn_kernels_can_make() ? 3 : 0);
    venn_graph_destroy(&g);
    close_test_device(&device);
}

Test(fusion, what_others_need_before_stays)
{
    venn_device *device = open_test_device();
    venn_graph *g = new_graph();
    const venn_tensor x = input(g, "x", 8, 12);
    const venn_tensor y = venn_tanh(g, x);
    const venn_tensor sums = venn_sum(g, y, &(venn_reduce_params){.axes = 2, .keepdims = true});
    give(g, venn_mul(g, y, sums));
    cr_expect_eq(check_same(g, device, "a sum between"), 0);
    venn_graph_destroy(&g);
    // A result that another part of the same kernel would see repeated.
    g = new_graph();
    const venn_tensor row = venn_tanh(g, input(g, "row", 1, 12));
    give(g, venn_mul(g, input(g, "x", 8, 12), row));
    cr_expect_eq(check_same(g, device, "a row"), 0);
    venn_graph_destroy(&g);
    close_test_device(&device);
}

Test(fusion, what_changes_in_place_is_read_before)
{
    venn_device *device = open_test_device();
    venn_graph *g = new_graph();
    venn_var *var;
    const venn_shape shape = venn_shape_make((int64_t[]){64}, 1);
    const float start[64] = {1, 2, 3};
    cr_assert_eq(venn_var_create(&var, device, "v", VENN_F32, shape), VENN_OK);
    const venn_tensor v = venn_graph_var(g, var), x = venn_graph_input(g, "x", VENN_F32, shape);
    const venn_tensor before = venn_tanh(g, v);
    venn_ema(g, 1, &v, &x, VENN_NONE, VENN_NONE, &(venn_ema_params){.momentum = 0.5f});
    give(g, venn_exp(g, before));
    for (int mode = VENN_FUSE_ON; mode <= VENN_FUSE_OFF; mode++) {
        static double y[1][LONGEST];
        cr_assert_eq(venn_var_write(var, start, sizeof start), VENN_OK);
        cr_expect_eq(run(g, device, mode, 1, y).fused, 0);
        cr_expect_float_eq(y[0][1], exp(tanh(2)), 1e-5);
    }
    venn_graph_destroy(&g);
    venn_var_destroy(&var);
    close_test_device(&device);
}

// Unless told otherwise, no kernel is made that a run or two cannot pay for.
Test(fusion, pays_or_is_not_done)
{
    unsetenv("VENN_FUSE");
    venn_device *device = open_test_device();
    const uint64_t runs[] = {1, 1000000000};
    for (int i = 0; i < 2; i++) {
        venn_program *p;
        venn_program_info info;
        venn_graph *g = new_graph();
        give(g, venn_add(g, venn_add(g, input(g, "x", 3, 4), input(g, "u", 3, 4)),
                         input(g, "v", 3, 4)));
        cr_assert_eq(venn_graph_compile(&p, g, device, &(venn_compile_params){.runs = runs[i]}),
                     VENN_OK);
        venn_program_get_info(p, &info);
        cr_expect_eq(info.fused, (uint32_t)i);
        venn_program_destroy(&p);
        venn_graph_destroy(&g);
    }
    setenv("VENN_FUSE", "perhaps", 1);
    venn_program *p;
    venn_graph *g = new_graph();
    cr_expect_eq(venn_graph_compile(&p, g, device, NULL), VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "perhaps"));
    venn_graph_destroy(&g);
    close_test_device(&device);
}

// ---- Kernels ---------------------------------------------------------------------------------

// x + u + v, and where kernels can be made, its e^.
static uint32_t check_small(venn_device *device, bool more)
{
    venn_graph *g = new_graph();
    const venn_tensor x = input(g, "x", 3, 50);
    const venn_tensor y = venn_add(g, venn_add(g, x, input(g, "u", 3, 50)), input(g, "v", 3, 50));
    give(g, more ? venn_exp(g, y) : y);
    const uint32_t fused = check_same(g, device, "sum");
    venn_graph_destroy(&g);
    return fused;
}

// One graph for each of the pairs in fused.def but those with gradients. x, u, v: of one shape; row: repeated by the
// first op; one: a scalar.
static venn_tensor built_in_pair(venn_graph *g, int pair)
{
    const venn_tensor x = input(g, "x", 3, 50), u = input(g, "u", 3, 50), v = input(g, "v", 3, 50),
                      row = input(g, "row", 1, 50),
                      one = venn_graph_input(g, "one", VENN_F32, venn_shape_make(NULL, 0));
    switch (pair) {
    case 0:
        return venn_add(g, venn_add(g, x, u), v);
    case 1:
        return venn_scale(g, venn_add(g, x, u), 0.5f, 0);
    case 2:
        return venn_add(g, venn_scale(g, x, 0.5f, 0), u);
    case 3:
        return venn_add(g, u, venn_scale(g, x, 0.5f, 0));
    case 4:
        return venn_add(g, v, venn_mul(g, x, u));
    case 5:
        return venn_add(g, v, venn_mul(g, x, row));
    case 6:
        return venn_add(g, venn_mul(g, x, row), v);
    case 7:
        return venn_add(g, venn_mul(g, x, one), v);
    case 8:
        return venn_add(g, v, venn_mul(g, x, one));
    case 9:
        return venn_relu(g, venn_add(g, x, u));
    default:
        return VENN_NONE;
    }
}

Test(fusion, each_pair_is_built_in)
{
    setenv("VENN_SHADERC", "none", 1);
    venn_device *device = open_test_device();
    for (int pair = 0;; pair++) {
        venn_graph *g = new_graph();
        char what[32];
        const venn_tensor y = built_in_pair(g, pair);
        snprintf(what, sizeof what, "pair %d", pair);
        if (y.id) {
            give(g, y);
            cr_expect_eq(check_same(g, device, what), 1, "%s", what);
        }
        venn_graph_destroy(&g);
        if (!y.id)
            break;
    }
    close_test_device(&device);
}

// The sum before a residual block's relu is wanted too, and the gradients of two such blocks meet.
Test(fusion, residual_blocks_are_built_in)
{
    setenv("VENN_SHADERC", "none", 1);
    venn_device *device = open_test_device();
    venn_graph *g = new_graph();
    const venn_tensor x = input(g, "x", 3, 50), sum = venn_add(g, x, input(g, "u", 3, 50)),
                      y = venn_relu(g, sum), z = venn_relu(g, venn_add(g, y, venn_tanh(g, y)));
    venn_tensor dx;
    give(g, sum);
    give(g, z);
    venn_graph_gradients(g, z, VENN_NONE, 1, &x, &dx);
    give(g, dx);
    cr_expect_eq(check_same(g, device, "residual blocks"), 3);
    venn_graph_destroy(&g);
    close_test_device(&device);
}

Test(fusion, without_a_compiler_pairs_are_built_in)
{
    setenv("VENN_SHADERC", "none", 1);
    venn_device *device = open_test_device();
    uint32_t fused = 0;
    cr_expect_not(venn_kernels_can_make());
    cr_expect_eq(check_small(device, false), 1);
    cr_expect_eq(check_small(device, true), 1);
    for (uint32_t seed = 20; seed < 30; seed++)
        fused += check_random(device, seed, seed % 2);
    cr_log_info("%u nodes of random graphs went into pairs\n", fused);
    close_test_device(&device);
}

Test(fusion, kernels_are_kept_in_files)
{
    const char *folder = scratch_path("kept");
    setenv("VENN_KERNEL_CACHE", folder, 1);
    if (!venn_kernels_can_make())
        cr_skip_test("there is no libshaderc here");
    const char *damage[] = {
        "true",
        "for f in kept/*; do printf x >> $f; done",
        "for f in kept/*; do truncate -s 9 $f; done",
        "for f in kept/*; do truncate -s 0 $f; done",
        "for f in kept/*; do printf nonsense | dd of=$f conv=notrunc bs=1 seek=99; done",
        "rm -r kept; touch kept"};
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        venn_device *device = open_test_device();
        cr_expect_eq(check_small(device, true), 2, "%s", damage[i]);
        close_test_device(&device);
        if (i + 1 < sizeof damage / sizeof *damage) {
            SUCCEEDS("test $(ls kept/*.spv | wc -l) = 1 && test $(ls kept | wc -l) = 1");
            SUCCEEDS("%s", damage[i + 1]);
        }
    }
}
