// Peaks are measured through the graph, as everything else runs, with an op of their own that is in no
// table for the multiply-adds.
#include <math.h>

#include "base/status.h"
#include "base/thread.h"
#include "graph/op.h"
#include "venn/bench.h"
#include "venn/ops.h"

#define VENN_HOST
#include "bench/fma_peak.comp"

enum { LINK_FLOPS = 16 * 8 * 4 * 2, RUNS = 5, CHAIN = 256, TINY = 64 };

// ---- The multiply-add kernel -----------------------------------------------------------------

typedef struct fma_params {
    int32_t invocations, rounds; // invocations: a multiple of every workgroup size
} fma_params;

static bool fma_shape(venn_node *n)
{
    const fma_params *p = n->params;
    venn_node_output(n, 0, VENN_F32, venn_shape_make(&(int64_t){4 * (int64_t)p->invocations}, 1));
    return true;
}

static void fma_record(venn_recorder *r, const venn_node *n)
{
    const fma_params *p = n->params;
    const venn_push_fma_peak push = {(uint32_t)p->rounds, 0.999f};
    const uint32_t group = venn_recorder_profile(r)->elementwise_group;
    venn_dispatch d = {.kernel = "fma_peak",
                       .spec = {group},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->out[0], VENN_WRITE}},
                       .n_bind = 1,
                       .trips = (uint64_t)p->rounds};
    venn_groups_linear(r, p->invocations, group, d.groups);
    venn_record_dispatch(r, &d);
}

static const venn_op_desc fma_peak = {
    .name = "fma_peak",
    .summary = "a = a m + c in registers",
    .n_outputs = 1,
    .params_size = sizeof(fma_params),
    .shape = fma_shape,
    .record = fma_record,
};

// ---- Measuring -------------------------------------------------------------------------------

// Appends what is to be timed and returns its last tensor.
typedef venn_tensor (*build_fn)(venn_graph *g, venn_var *x, const void *params);

// The shortest of several runs in microseconds: the device's time where it has a clock.
static venn_status best_of(venn_program *program, bool wall, double *us)
{
    *us = INFINITY;
    for (int i = 0; i < RUNS + 1; i++) {
        uint64_t ticket;
        const uint64_t start = venn_clock_ns();
        VENN_TRY(venn_program_begin(program));
        VENN_TRY(venn_program_run(program, &ticket));
        const double host = (double)(venn_clock_ns() - start) * 1e-3;
        const double device = venn_program_device_time(program, ticket);
        if (i > 0) // the first one warms up
            *us = fmin(*us, wall || device <= 0 ? host : device);
    }
    return VENN_OK;
}

// x: an f32 variable of `count` elements that build may read.
static venn_status time_graph(venn_device *device, int64_t count, build_fn build,
                              const void *params, bool wall, double *us)
{
    venn_graph *g = NULL;
    venn_var *x = NULL;
    venn_program *program = NULL;
    venn_status status = venn_var_create(&x, device, "x", VENN_F32, venn_shape_make(&count, 1));
    if (status == VENN_OK)
        status = venn_graph_create(&g);
    if (status == VENN_OK) {
        // One element is enough to keep the work: an output costs a download.
        venn_tensor y = build(g, x, params);
        venn_graph_output(g, "y", venn_slice(g, y, 0, 0, 1));
        // A chain is there for its launches.
        status = venn_graph_compile(&program, g, device,
                                    &(venn_compile_params){.name = "peak", .fuse = VENN_FUSE_OFF});
    }
    if (status == VENN_OK)
        status = best_of(program, wall, us);
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    venn_var_destroy(&x);
    return status;
}

// ---- Peaks -----------------------------------------------------------------------------------

static venn_tensor build_fma(venn_graph *g, venn_var *x, const void *params)
{
    (void)x;
    return venn_op_apply(g, &fma_peak, NULL, 0, params, NULL);
}

// More rounds until a run is long enough for its start and end not to count.
static venn_status measure_fma(venn_device *device, double *gflops)
{
    fma_params p = {.invocations = 1 << 16, .rounds = 8};
    const double long_enough = 20e3;
    double us = 0;
    for (; p.rounds <= 1 << 15; p.rounds *= 4) {
        VENN_TRY(time_graph(device, TINY, build_fma, &p, false, &us));
        if (us >= long_enough)
            break;
    }
    if (p.rounds > 1 << 15)
        p.rounds /= 4;
    *gflops = (double)p.invocations * p.rounds * LINK_FLOPS / us * 1e-3;
    return VENN_OK;
}

static venn_tensor build_scale(venn_graph *g, venn_var *x, const void *params)
{
    (void)params;
    return venn_scale(g, venn_graph_var(g, x), 0.5f, 0);
}

static venn_status measure_copy(venn_device *device, double *gbs)
{
    const int64_t count = (int64_t)1 << 24; // 64 MiB each way: past every cache but the largest
    double us;
    VENN_TRY(time_graph(device, count, build_scale, NULL, false, &us));
    *gbs = 8.0 * (double)count / us * 1e-3;
    return VENN_OK;
}

static venn_tensor build_chain(venn_graph *g, venn_var *x, const void *params)
{
    venn_tensor y = venn_graph_var(g, x);
    for (int i = 0; i < *(const int *)params; i++)
        y = venn_relu(g, y);
    return y;
}

// Kernels that wait for one another: what each costs, and what a run costs that does next to nothing.
static venn_status measure_dispatch(venn_device *device, venn_bench_peaks *peaks)
{
    double chain, one;
    VENN_TRY(time_graph(device, TINY, build_chain, &(int){CHAIN + 1}, false, &chain));
    VENN_TRY(time_graph(device, TINY, build_chain, &(int){1}, false, &one));
    peaks->dispatch_us = (chain - one) / CHAIN;
    return time_graph(device, TINY, build_chain, &(int){1}, true, &peaks->submit_us);
}

venn_status venn_bench_measure_peaks(venn_device *device, venn_bench_peaks *peaks)
{
    VENN_TRY(measure_copy(device, &peaks->copy_gbs));
    VENN_TRY(measure_fma(device, &peaks->fma_gflops));
    return measure_dispatch(device, peaks);
}
