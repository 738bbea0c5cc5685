// Changing sequences for contrastive learning: what a network should not look at. A sequence is [D, T]: channels over
// time, a point's coordinates in channels that follow each other. One change can be made to several views of the same
// thing, so that they still show the same.
#ifndef VENN_DISTILL_BLOCK_SEQUENCE_H
#define VENN_DISTILL_BLOCK_SEQUENCE_H

#include "base/rng.h"

enum { SEQUENCE_COORDINATES_MAX = 3 };

typedef struct sequence_law {
    int coordinates;        // per point, 1 to 3; 1 has no pose
    double crop;            // least share of the time that is kept, in (0, 1]
    double shear, rotation; // largest entry of the shear; largest angle in each plane, in radians
    double corrupt;         // probability that a point is lost
} sequence_law;

typedef struct sequence_change {
    double start, length; // of what is kept, as shares of T
    int coordinates;
    double pose[SEQUENCE_COORDINATES_MAX][SEQUENCE_COORDINATES_MAX];
    uint64_t lost; // point p is, if bit p mod 64 is set
} sequence_change;

// The part that is kept, of a length U(crop, 1), anywhere; then with probability 1/2 each either lost points or
// the pose: I + shear with U(-shear, shear) off the diagonal, turned by U(-rotation, rotation) in each plane.
sequence_change venn_sequence_draw(const sequence_law *law, venn_rng *rng);

// y = what is kept, brought to T steps by linear interpolation from its first to its last step, all points
// multiplied by the pose, lost ones 0. Channels beyond the last whole point are not posed. x and y [channels, steps].
void venn_sequence_apply(const sequence_change *change, int64_t channels, int64_t steps,
                         const float *x, float *y);

#endif
