// venn/tune.h: what venn makes of a device: which kernels it picked, what of the device it uses, what it
// leaves unused, and why.
#ifndef VENN_TUNE_H
#define VENN_TUNE_H

#include "venn/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// One thing that venn makes, or does not make, of a device.
typedef struct venn_trait {
    const char *name; // "matmul and convolution", "subgroups", ...
    bool used;        // something of the device that venn makes use of
    char value
        [48]; // what was chosen: "shuffle", "of 8", "65,535 iterations"; "" where used says it all
    char why[160]; // one sentence
} venn_trait;

// Calls fn for every trait, always in the same order. VENN_BAD_ARG for a VENN_FAKE_LIMITS that makes no
// sense.
typedef void (*venn_trait_fn)(void *user, const venn_trait *trait);
venn_status venn_device_traits(venn_device *device, venn_trait_fn fn, void *user);

// ---- Tuning ----------------------------------------------------------------------------------

// Kernels leave choices open (tiles, steps, workgroups) that each device likes differently. Who decides, in
// this order: venn_tune_override; the user's wisdom file, which venn_tune writes; rows that venn ships for
// the driver; the op's own rule. Choices never change a bit of any result.
// The wisdom file is VENN_WISDOM, or wisdom-UUID.txt beside the verdicts of `venn doctor`; VENN_WISDOM=none:
// there is none. It holds for one device, driver version and build of the kernels. One that is of another,
// or broken, is ignored whole, with a warning that names it; `venn devices` says so too.

// One class of problems, measured.
typedef struct venn_tune_row {
    const char *tunable, *what; // "gemm", "matmul.nn m9 n9 k9 b0": extents as powers of two
    char choice[96];            // "tile=32 step=8 panels=0"
    double us, rule_us;         // with the choice, and by the op's rule: what first use is like
    bool changed;               // the choice is not the rule's
} venn_tune_row;

// What to measure; zeroed: the defaults.
typedef struct venn_tune_params {
    const char *only; // a tunable's name; NULL: all
    const char *work; // measure this (as in venn_bench_work_create) instead of the standard works
    const char *part; // of it
    double limit_seconds; // of each class; 0: 20
    // Called for each class once it is measured. May be NULL.
    void (*row)(void *user, const venn_tune_row *row);
    void *user;
} venn_tune_params;

// What tuning came to.
typedef struct venn_tune_result {
    size_t classes, changed; // measured; and of those, whose choice is not the rule's
    double worst;    // the least rule's speed over tuned speed, of all classes: 0.9 is 10 % slower
    char path[1024]; // the wisdom file; "" for VENN_WISDOM=none, when nothing is kept
} venn_tune_result;

// Measures, makes what it found the device's choices for programs compiled from now on, and writes the
// wisdom file; rows of classes that were not measured now are kept. On software devices the metric is CPU
// time, as others may be using the cores, else time by the device's clock. VENN_BAD_ARG for an unknown
// tunable or work.
venn_status venn_tune(venn_device *device, const venn_tune_params *params,
                      venn_tune_result *result);
// The caller's choice for programs compiled from now on: tunable "gemm", choice "tile=16 step=4 panels=1"
// (every knob); wherever kernels cannot do it the rule holds. choice NULL: no longer. VENN_BAD_ARG.
venn_status venn_tune_override(venn_device *device, const char *tunable, const char *choice);

// What `venn doctor` found when it last examined a device: in $XDG_CACHE_HOME/venn (or ~/.cache/venn),
// doctor-UUID.json. It holds for that driver and these kernels alone.
typedef struct venn_verdict {
    bool known;                     // else nothing else is
    bool fit;                       // no case failed
    bool same_driver, same_shaders; // as now
    int ops, cases, failed_ops;
    char date[11]; // 2025-12-31, UTC; ignored on saving, as known and same_... are
} venn_verdict;

// VENN_BAD_FILE without a cache folder that can be written.
venn_status venn_verdict_save(const venn_device_info *device, const venn_verdict *verdict);
// A verdict that is not there, or cannot be read, is not known.
void venn_verdict_load(const venn_device_info *device, venn_verdict *verdict);
// In words, with what to do about it.
void venn_verdict_text(const venn_verdict *verdict, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
