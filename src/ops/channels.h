// What kernels per channel of x [B, C, ...] share (shaders/lib/channels.glsl): how channels, images and
// planes fall to units, and the push block.
#ifndef VENN_OPS_CHANNELS_H
#define VENN_OPS_CHANNELS_H

#include "ops/rows.h"

typedef struct venn_channels {
    int64_t images, channels, area;                         // x is [images, channels, area]
    uint32_t units, parts, segments, per_part, per_segment; // as in the push block
    uint32_t lanes, held, step_images;
    bool column, aligned;
    uint32_t group;                  // invocations in a workgroup
    uint64_t trips;                  // of one unit
    const char *suffix, *map_suffix; // of kernels that add up, of elementwise ones
} venn_channels;

enum { VENN_CHANNELS_SPEC = 7 };

// For kernels that add up a channel: as few parts as keep the device busy. x has rank >= 2.
venn_channels venn_channels_sums(const venn_profile *profile, const venn_value *x);
// For elementwise kernels: many parts.
venn_channels venn_channels_map(const venn_profile *profile, const venn_value *x);
// Launches kernel d->kernel; the caller has set d's push, binds and constants from VENN_CHANNELS_SPEC on.
void venn_channels_record(venn_recorder *r, const venn_channels *plan, venn_dispatch *d);
// The same with one invocation per channel, which goes over the parts.
void venn_channels_record_join(venn_recorder *r, const venn_channels *plan, venn_dispatch *d);

#endif
