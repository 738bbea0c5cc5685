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
//   "lenet-kd", "mlp-kd"  the same with a teacher of the student's layers in the step, whose forward
//            pass takes the place of the given logits
//   "resnet18-kd"  the teacher is ResNet-18 for 3x32x32, of 11,173,962 parameters, the student a network of
//            three of its blocks, of 16, 32 and 64 channels, and 78,042; batch 8
//   "transformer-kd"  the teacher has four transformer blocks of 128 features, the student two of 64, with 4
//            heads each, over sequences of 32 rows of 32 numbers; batch 32
// Name number `index`, NULL past the last.
const char *venn_bench_step_name(size_t index);

// Runs the step `warmup` times, then `samples` times with the host waiting for each; writes the wall time
// of each, batch copy included, into us[samples] (microseconds), and into host_us[samples] the CPU time that
// the calling thread spends on each besides that copy. *info gets what the step became.
// VENN_BAD_ARG for an unknown name.
venn_status venn_bench_step(venn_device *device, const char *name, uint32_t warmup,
                            uint32_t samples, double *us, double *host_us, venn_program_info *info);

// As above, once, with device timestamps: calls fn for every node with its time.
venn_status venn_bench_step_nodes(venn_device *device, const char *name, venn_node_time_fn fn,
                                  void *user);

// The numerics gate of steps: trains a small batch for three steps beside the double-precision reference
// and writes the largest relative difference of their losses. 1e-4 is what the tests allow.
venn_status venn_bench_step_error(venn_device *device, const char *name, double *error);

// ---- Work beside a peer's ----------------------------------------------------------------------

// A kernel or a training step that is compiled once and then timed again and again, in turns with
// something else, so that whatever the machine does besides hits both.
typedef struct venn_bench_work venn_bench_work;

// One run. device_us is of the kernel alone, by the device's clock; 0 where there is none.
typedef struct venn_bench_time {
    double wall_us, device_us;
    double cpu_us; // of all of this process's threads: on software devices, what the kernels cost
} venn_bench_time;

// `what` is a training step's name, or a case as in tests/cases.def whose op has one value per name:
// "matmul; M=512 N=512 K=512; MxK KxN; trans_a=1". `part`, of a case: "forward" (NULL), or an operand's
// name for its gradient alone, as "w" of conv2d. VENN_BAD_ARG for what makes no sense.
venn_status venn_bench_work_create(venn_bench_work **out, venn_device *device, const char *what,
                                   const char *part);
// Warms up (at length the first time), then writes the times of `samples` runs.
venn_status venn_bench_work_run(venn_bench_work *work, uint32_t samples, venn_bench_time *times);
// What the work's program became.
void venn_bench_work_info(const venn_bench_work *work, venn_program_info *info);
// Takes the handle's address, sets it to NULL, accepts NULL.
void venn_bench_work_destroy(venn_bench_work **work);

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

// ---- Comparing devices -----------------------------------------------------------------------

// One line of progress, without its newline.
typedef void (*venn_bench_say_fn)(void *user, const char *line);

// What to measure, and how often; zeroed: the defaults.
typedef struct venn_bench_params {
    const char *suite; // "quick" (NULL): a row of each op and the small steps; "full": all of them
    const char *only;  // a row's name begins with this ("matmul", "lenet-kd"); NULL: all
    uint32_t warmup;   // 0: 5
    uint32_t samples;  // 0: 20
    double limit_seconds;  // a row that would take longer becomes a "timeout"; 0: 60
    venn_bench_say_fn say; // NULL: nobody
    void *user;
} venn_bench_params;

// Measures devices and writes the result file's text (docs/bench-format.md) into *json, malloc'd: peaks,
// kernels (the BENCH rows of tests/cases.def, forward and backward) and training steps, phase by phase.
// Every row is checked against the double-precision reference first and says how far it is off; a row
// that cannot be measured says why. devices[n] are selectors as in venn_device_params; n == 0: all
// usable devices. A device that cannot be opened is part of the result. VENN_NO_DEVICE if none could.
venn_status venn_bench_measure(const char *const *devices, size_t n,
                               const venn_bench_params *params, char **json);

// How a comparison is written.
typedef enum venn_compare_format {
    VENN_COMPARE_MARKDOWN, // a table of times, bold where fastest
    VENN_COMPARE_CSV,      // a line for each row of each device
    VENN_COMPARE_PAGE      // a self-contained HTML page; figures need gnuplot
} venn_compare_format;

// Puts the devices of n result files side by side; *text is malloc'd. Rows that are not right are never
// ranked. VENN_BAD_FILE for a file that cannot be read, and for files that cannot be ranked beside one
// another: measured with other shaders, another precision, or other work under the same name.
venn_status venn_bench_compare(const char *const *paths, size_t n, venn_compare_format format,
                               char **text);

// For CI: what got worse in `result` against `baseline`, device by device (by name), in a line each to
// `say`: a row that is not right any more or is gone, or one whose whole interval lies above the
// baseline's interval times `slowdown` (1: no allowance). *worse counts them. Shaders may differ.
venn_status venn_bench_gate(const char *baseline, const char *result, double slowdown,
                            venn_bench_say_fn say, void *user, size_t *worse);

#ifdef __cplusplus
}
#endif
#endif
