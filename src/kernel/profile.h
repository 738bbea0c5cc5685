// The device profile: what the device and its driver are, boiled down to what decides kernels. Read
// once when a device opens; ops ask it and nothing else.
#ifndef VENN_KERNEL_PROFILE_H
#define VENN_KERNEL_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "vk/vk.h"

typedef enum venn_family {
    VENN_FAMILY_SHUFFLE, // subgroup outer product, no shared memory, texel loads (gemm_shuffle.glsl)
    VENN_FAMILY_TILE,    // shared-memory tiles (gemm_tile.glsl)
    VENN_FAMILY_DIRECT,  // no barriers and no shared memory (gemm_direct.glsl)
    VENN_FAMILY_COOP // cooperative matrices (gemm_coop.glsl): products of 16-bit operands alone, where
                     // the profile's `matrix` has them; never the profile's family
} venn_family;

typedef struct venn_profile {
    char device[256]; // for messages
    bool software;
    bool texel_loads;       // read float arrays through texel buffers (variants named .texel)
    venn_family family;     // of matmul and convolution
    uint32_t subgroup_size; // never assume one
    bool subgroup_shuffle;
    bool half_storage; // the driver has 16-bit storage; no kernel needs it
    uint32_t max_workgroup_size;
    uint32_t max_groups[3];
    uint32_t shared_memory;      // bytes in one workgroup
    uint64_t max_storage_range;  // bytes one binding can see
    uint64_t max_texel_elements; // texels in one view
    uint32_t loop_limit;         // iterations of all loops of one invocation; 0: unlimited
    uint32_t elementwise_group;  // invocations in an elementwise workgroup
    uint32_t parallelism;        // workgroups that keep the device busy, a guess
    venn_matrix_units matrix;    // as used; api NONE: not at all
    char matrix_note[160];       // why they are used or not
    bool restricted;             // by VENN_FAKE_LIMITS
    struct venn_tuning *tuning;  // what else than rules decides (tuning.h); NULL: nothing
} venn_profile;

#endif
