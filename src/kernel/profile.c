// From what the driver reports to what decides kernels.
#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"

// What gemm_coop.glsl asks for beside the matrices: four subgroups and, in shared memory, two tiles and the
// fragments that are stored.
static bool can_matrix(const venn_profile *p)
{
    enum { SUBGROUPS = 4, TILES = 2 * 64 * (32 + 8) * 2, MOST = 64 }; // MOST: COOP_MOST
    const uint32_t fragment = p->matrix.m * p->matrix.n;
    return p->matrix.api && p->max_workgroup_size >= SUBGROUPS * p->subgroup_size &&
           p->shared_memory >= TILES + SUBGROUPS * 4 * fragment &&
           fragment <= MOST * p->subgroup_size && fragment % p->subgroup_size == 0;
}

bool venn_profile_can(const venn_profile *p, venn_family family)
{
    enum { TILE_GROUP = 256, TILE_BYTES = 2 * 16 * 17 * 16 }; // gemm_tile.glsl
    switch (family) {
    case VENN_FAMILY_SHUFFLE:
        return p->texel_loads && p->subgroup_shuffle && p->subgroup_size >= 8;
    case VENN_FAMILY_TILE:
        return p->max_workgroup_size >= TILE_GROUP && p->shared_memory >= TILE_BYTES;
    case VENN_FAMILY_DIRECT:
        break;
    case VENN_FAMILY_COOP:
        return can_matrix(p);
    }
    return true;
}

// Barriers cost software most; texel loads pay there alone.
venn_family venn_profile_family(const venn_profile *p)
{
    if (venn_profile_can(p, VENN_FAMILY_SHUFFLE))
        return VENN_FAMILY_SHUFFLE;
    return p->software || !venn_profile_can(p, VENN_FAMILY_TILE) ? VENN_FAMILY_DIRECT
                                                                 : VENN_FAMILY_TILE;
}

void venn_profile_read(const venn_device *device, venn_profile *profile)
{
    const venn_device_info *info = venn_device_get_info(device);
    const venn_limits *limits = venn_device_limits(device);
    const bool llvmpipe = limits->driver == VENN_DRIVER_LLVMPIPE;
    *profile = (venn_profile){
        .software = info->kind == VENN_DEVICE_SOFTWARE,
        // llvmpipe loads texel buffers 4 to 8 times faster than storage buffers; GPUs do not care,
        // and others have small limits on texels.
        .texel_loads = llvmpipe,
        .subgroup_size = info->subgroup_size,
        .subgroup_shuffle = limits->subgroup_shuffle,
        .half_storage = info->half_storage,
        .max_workgroup_size = info->max_workgroup_size,
        .shared_memory = info->shared_memory,
        .max_storage_range = info->max_storage_range,
        .max_texel_elements = info->max_texel_elements,
        // llvmpipe ends all loops of an invocation, silently, after 65,535 iterations together.
        .loop_limit = llvmpipe ? 65535 : 0,
        .elementwise_group = 256,
        .matrix = limits->matrix,
        .parallelism = info->kind == VENN_DEVICE_SOFTWARE ? 16 : 512,
    };
    snprintf(profile->device, sizeof profile->device, "%s", info->name);
    memcpy(profile->max_groups, limits->max_groups, sizeof profile->max_groups);
    profile->family = venn_profile_family(profile);
    if (profile->matrix.api && !can_matrix(profile)) {
        profile->matrix.api = VENN_MATRIX_NONE;
        profile->matrix.why_not = "workgroups or shared memory are too small for the kernel";
    }
    if (!profile->matrix.api)
        snprintf(profile->matrix_note, sizeof profile->matrix_note, "%s", limits->matrix.why_not);
    if (profile->elementwise_group > profile->max_workgroup_size)
        profile->elementwise_group = profile->max_workgroup_size;
}
