// What a training stores in 16 bits. Kernels convert by integer arithmetic and run anywhere; but where the driver
// has no 16-bit storage, nothing is known to be gained by it, and a training that asks for it is refused.
#include <stdatomic.h>

#include "kernel/kernel.h"
#include "train/fit_internal.h"

static const char *const names[] = {"f32", "f16", "bf16", "auto"};

static venn_status refuse(const venn_profile *profile, venn_precision wanted)
{
    return venn_fail(VENN_UNSUPPORTED,
                     "precision %s is unsupported on %s: its driver has no 16-bit storage "
                     "(storageBuffer16BitAccess); train with precision f32, or auto",
                     names[wanted], profile->device);
}

// Once in a process: a run is many trainings.
static venn_dtype choose(const venn_profile *profile)
{
    static atomic_bool said;
    const bool pays = profile->half_storage && !profile->software;
    const char *why = !profile->half_storage ? "its driver has no 16-bit storage"
                      : profile->software    ? "software gains nothing from fewer bytes"
                                             : "half of the bytes to move";
    if (!atomic_exchange(&said, true))
        venn_log_line(VENN_LOG_WARN, "precision auto is %s on %s: %s", pays ? "f16" : "f32",
                      profile->device, why);
    return pays ? VENN_F16 : VENN_F32;
}

venn_status venn_precision_resolve(venn_device *device, venn_precision wanted, venn_dtype *storage)
{
    static const venn_dtype types[] = {VENN_F32, VENN_F16, VENN_BF16};
    venn_kernels *kernels;
    *storage = VENN_F32;
    if (wanted == VENN_PRECISION_F32)
        return VENN_OK;
    VENN_TRY(venn_kernels_of(device, &kernels));
    const venn_profile *profile = venn_kernels_profile(kernels);
    if (wanted == VENN_PRECISION_AUTO)
        *storage = choose(profile);
    else if (!profile->half_storage)
        return refuse(profile, wanted);
    else
        *storage = types[wanted];
    return VENN_OK;
}
