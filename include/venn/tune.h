// venn/tune.h: what venn makes of a device: which kernels it picked, what of the device it uses, what it
// leaves unused, and why.
#ifndef VENN_TUNE_H
#define VENN_TUNE_H

#include "venn/device.h"

#ifdef __cplusplus
extern "C" {
#endif

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

// What `venn doctor` found when it last examined a device: in $XDG_CACHE_HOME/venn (or ~/.cache/venn),
// doctor-UUID.json. It holds for that driver and these kernels alone.
typedef struct venn_verdict {
    bool known; // else nothing else is
    bool fit;
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
