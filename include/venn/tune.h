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

#ifdef __cplusplus
}
#endif
#endif
