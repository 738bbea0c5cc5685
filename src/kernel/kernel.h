// Kernels of a device: its profile, and the pipelines made on first use, in one table keyed by kernel
// name and specialization constants.
#ifndef VENN_KERNEL_KERNEL_H
#define VENN_KERNEL_KERNEL_H

#include "base/hash.h"
#include "kernel/profile.h"
#include "kernel/tuning.h"
#include "vk/vk.h"

typedef struct venn_kernels venn_kernels;

// Made on first use and owned by the device.
venn_status venn_kernels_of(venn_device *device, venn_kernels **out);
const venn_profile *venn_kernels_profile(const venn_kernels *kernels);
// For tuners: the same, to change. Programs compiled before keep what they were compiled with.
venn_profile *venn_kernels_tune(venn_kernels *kernels);

// What tells apart the pipelines made of one kernel.
typedef struct venn_kernel_key {
    const uint32_t *spec;
    uint32_t n_spec;   // specialization constants 0 .. n_spec - 1
    uint32_t storages; // what the bindings hold (venn_storage_of)
    uint32_t push_size;
} venn_kernel_key;

// The pipeline of kernel `name`; made if it is new. Thread-safe. VENN_UNSUPPORTED if no such kernel was
// built.
venn_status venn_kernel_pipeline(venn_kernels *kernels, const char *name,
                                 const venn_kernel_key *key, const venn_pipeline **out);

// A pipeline that will be asked for.
enum { VENN_KERNEL_SPEC = 12, VENN_KERNEL_TEXT = 64 };
typedef struct venn_kernel_request {
    char name[VENN_KERNEL_TEXT];
    uint32_t spec[VENN_KERNEL_SPEC];
    uint32_t n_spec, storages, push_size;
} venn_kernel_request;

// Makes those that are new, by as many threads as the host has cores. What cannot be made is left to
// venn_kernel_pipeline to say.
void venn_kernels_build(venn_kernels *kernels, const venn_kernel_request *requests, size_t n);

// Hash of all SPIR-V in the library, and of what kernels made at run time are made of: what shaders a result
// was made with.
venn_hash venn_kernels_hash(void);

// ---- Kernels made at run time ----------------------------------------------------------------

// Whether venn_kernels_make can do more than find what is there.
bool venn_kernels_can_make(void);
// Whether the library holds a kernel of this name.
bool venn_kernels_built(const char *name);
// A kernel from GLSL that includes files of shaders/. It is made, or read from its file, once for a device; its
// name, "stem." and a hash of the text, is as good as that of any other. Thread-safe.
venn_status venn_kernels_make(venn_kernels *kernels, const char *stem, const char *text,
                              char name[64]);
// Whether this text's kernel is there already, in memory.
bool venn_kernels_made(venn_kernels *kernels, const char *stem, const char *text);

// spirv_bindings.c: fills in which bindings the kernel has and what it does to them.
struct venn_spirv;
venn_status venn_spirv_bindings(const struct venn_spirv *spirv, venn_pipeline_desc *desc);

// profile.c
void venn_profile_read(const venn_device *device, venn_profile *profile);
// Whether a device with this profile can run the kernels of a family, and which family suits it best.
bool venn_profile_can(const venn_profile *profile, venn_family family);
venn_family venn_profile_family(const venn_profile *profile);

// matrix_verdict.c: cooperative matrices are used once they were found right on this driver, with these
// kernels. The verdict is kept in a file, matrix-UUID.txt beside those of `venn doctor`; without it, the
// device is put to the test now. What comes out of it is profile->matrix and matrix_note.
void venn_matrix_settle(venn_device *device, venn_profile *profile);
void venn_matrix_unused(venn_profile *profile, const char *why);
// The test, defined in src/ops: products on the device, as the profile has it, against the reference. VENN_OK
// if all are right; else the message says what is wrong.
venn_status venn_matrix_test(venn_device *device);

// fake_limits.c: makes the profile a lesser device's, as the text of VENN_FAKE_LIMITS says (NULL or "":
// nothing). Limits above the device's own change nothing. VENN_BAD_ARG, with the keys that there are,
// for a text that makes no sense or asks for what the device cannot do.
venn_status venn_profile_restrict(venn_profile *profile, venn_device *device, const char *limits);

#endif
