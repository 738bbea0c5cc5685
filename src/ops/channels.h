// What kernels per channel of x [B, C, ...] share (shaders/lib/channels.glsl): how channels, images and
// planes fall to units, and the start of the push block.
#ifndef VENN_OPS_CHANNELS_H
#define VENN_OPS_CHANNELS_H

#include "ops/rows.h"

typedef struct venn_planes {
    int64_t images, channels, area; // x is [images, channels, area]
} venn_planes;

typedef struct venn_channels {
    venn_planes x;
    uint32_t units, parts, segments, per_part, per_segment; // as in the push block
    uint32_t lanes, held, step_images;
    bool column, aligned;
    uint32_t group;                  // invocations in a workgroup
    uint64_t trips;                  // of one unit
    const char *suffix, *map_suffix; // of kernels that add up, of elementwise ones
} venn_channels;

enum { VENN_CHANNELS_SPEC = 7 };

// Fills the start of a push block, CHANNELS_PUSH (shaders/lib/channels_push.glsl).
void venn_channels_push(const venn_channels *plan, uint32_t *push);

// x [B, C, ...] as planes; its rank is at least 2.
venn_planes venn_planes_of(const venn_value *x);
// For kernels that add up a channel: as few parts as keep the device busy.
venn_channels venn_channels_sums(const venn_profile *profile, venn_planes x);
// For elementwise kernels: many parts.
venn_channels venn_channels_map(const venn_profile *profile, venn_planes x);
// Launches kernel d->kernel; the caller has set d's push, binds and constants from VENN_CHANNELS_SPEC on.
void venn_channels_record(venn_recorder *r, const venn_channels *plan, venn_dispatch *d);
// The same with one invocation per channel, which goes over the parts.
void venn_channels_record_join(venn_recorder *r, const venn_channels *plan, venn_dispatch *d);
// Two sums per channel: a = sum of the first numbers of the pairs partial [parts, channels, 2], b of the
// second. Scratch bytes for that: none if there is one part, which kernels then write straight to a and b.
uint64_t venn_channels_pairs(const venn_channels *plan);
void venn_channels_record_total(venn_recorder *r, const venn_channels *plan,
                                const venn_value *partial, const venn_value *a,
                                const venn_value *b);

#endif
