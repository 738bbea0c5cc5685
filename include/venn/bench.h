// venn/bench.h: timing whole training steps and single ops on a device.
#ifndef VENN_BENCH_H
#define VENN_BENCH_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Training steps --------------------------------------------------------------------------

// The standard steps: one distilling training step (forward, CE + KL to given teacher logits, backward,
// Adam) of a fixed network on random data.
//   "lenet"  conv 1->32 5x5, pool, conv 32->64 5x5, pool, 3136-1024-10 with ReLU, batch 64
//   "mlp"    784-512-512-10 with ReLU, batch 64
// Name number `index`, NULL past the last.
const char *venn_bench_step_name(size_t index);

// Runs the step `warmup` times, then `samples` times with the host waiting for each; writes the wall time
// of each, batch copy included, into us[samples] (microseconds). *info gets what the step became.
// VENN_BAD_ARG for an unknown name.
venn_status venn_bench_step(venn_device *device, const char *name, uint32_t warmup,
                            uint32_t samples, double *us, venn_program_info *info);

// As above, once, with device timestamps: calls fn for every node with its time.
venn_status venn_bench_step_nodes(venn_device *device, const char *name, venn_node_time_fn fn,
                                  void *user);

// ---- Peaks -----------------------------------------------------------------------------------

// What a device can do at most, measured: the yardstick that the times of kernels are held against.
typedef struct venn_bench_peaks {
    double copy_gbs;    // GB/s, bytes read plus bytes written, of an elementwise kernel over 64 MiB
    double fma_gflops;  // multiply-adds in registers, each counting two
    double dispatch_us; // what one more kernel costs that waits for the one before
    double submit_us;   // a run that does next to nothing, from the host's call to its return
} venn_bench_peaks;

// Takes a second or two on software. Best of five runs each.
venn_status venn_bench_measure_peaks(venn_device *device, venn_bench_peaks *peaks);

#ifdef __cplusplus
}
#endif
#endif
