// How positions along one axis of y are made from positions of x: y[d] = sum over t of
// weight(t) x[place(t)], a kind at a time. All positions are exact: rational numbers kept as integers.
//   NEAREST, LINEAR, CORNERS  position d of y lies at (d a + b) / q of x
//   AREA                      position d of y is the mean of x from d a / q to (d + 1) a / q, rounded outwards
//   ZERO and the borders      position d of y is x at d + b, a border outside
// Going back, the positions of y that take from one position of x are found and weighed alike.
#include "push.glsl"
// Axis 0 is down, axis 1 across. divisor: of the grid (width, plane), then q and a of both axes. Push
// constants are indexed by literals only.
PUSH(resample)
{
    uint count; uint most[2]; // elements of the grid; the longest sums along the axes
    uint extent_x[2]; uint extent_y[2]; uint origin[2]; uint divisor[18];
} PUSH_END(resample);

#define RESAMPLE_NEAREST 0
#define RESAMPLE_LINEAR 1
#define RESAMPLE_CORNERS 2
#define RESAMPLE_AREA 3
#define RESAMPLE_ZERO 4
#define RESAMPLE_REFLECT 5
#define RESAMPLE_REPLICATE 6
#define RESAMPLE_SYMMETRIC 7

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

layout(constant_id = 1) const uint KIND = RESAMPLE_NEAREST;

#define Q(axis) divisor[6 + 3 * (axis)]
#define A(axis) divisor[12 + 3 * (axis)]
#define B(axis) int(origin[axis])
#define BY_Q(n, axis) QUOTIENT(n, divisor, 2 + (axis))
#define BY_A(n, axis) QUOTIENT(n, divisor, 4 + (axis))
#define INTERPOLATES (KIND == RESAMPLE_LINEAR || KIND == RESAMPLE_CORNERS)
#define PADS (KIND >= RESAMPLE_ZERO)

// Neighbouring positions of x that make one of y; `later`: the second one's weight, if interpolated.
struct Taps {
    uint first, n;
    float later;
};

// Position p of an axis of n, or beyond its ends by at most n, as a position on it; -1 for a zero.
int border(int p, int n)
{
    if (KIND == RESAMPLE_REFLECT)
        return p < 0 ? -p : p < n ? p : 2 * (n - 1) - p;
    if (KIND == RESAMPLE_SYMMETRIC)
        return p < 0 ? -1 - p : p < n ? p : 2 * n - 1 - p;
    if (KIND == RESAMPLE_REPLICATE)
        return clamp(p, 0, n - 1);
    return p < n ? p : -1;
}

Taps taps_of(uint d, uint axis)
{
    if (PADS) {
        int p = border(int(d) + B(axis), int(extent_x[axis]));
        return Taps(uint(max(p, 0)), p < 0 ? 0 : 1, 0.0);
    }
    uint at = uint(max(int(d * A(axis)) + B(axis), 0)), first = BY_Q(at, axis);
    if (KIND == RESAMPLE_AREA)
        return Taps(first, BY_Q(at + A(axis) + Q(axis) - 1, axis) - first, 0.0);
    if (KIND == RESAMPLE_NEAREST || first >= extent_x[axis] - 1)
        return Taps(min(first, extent_x[axis] - 1), 1, 0.0);
    return Taps(first, 2, float(at - first * Q(axis)) / float(Q(axis)));
}

// Weight of position first + t of x; 0 if y takes nothing from there.
float tap_weight(Taps t, uint i)
{
    if (i >= t.n)
        return 0.0;
    if (KIND == RESAMPLE_AREA)
        return 1.0 / float(t.n);
    return i == 0 ? 1.0 - t.later : t.later;
}

// Positions of y that may take from position s of x: `n` candidates from `first` on, or, mirrored, the
// position itself and its images beyond either end.
struct Cover {
    uint first, n;
};

#define MIRRORS (KIND == RESAMPLE_REFLECT || KIND == RESAMPLE_SYMMETRIC)

Cover pad_cover(uint s, uint axis)
{
    uint own = uint(int(s) - B(axis)), first = own, last = own;
    if (MIRRORS)
        return Cover(s, 3);
    if (KIND == RESAMPLE_REPLICATE) {
        first = s == 0 ? 0 : own;
        last = s == extent_x[axis] - 1 ? extent_y[axis] - 1 : own;
    }
    return Cover(first, last - first + 1);
}

// floor and ceil of n / a where n may be below 0, which gives 0.
uint floor_by_a(int n, uint axis)
{
    return BY_A(uint(max(n, 0)), axis);
}
uint ceil_by_a(int n, uint axis)
{
    return BY_A(uint(max(n, 0)) + A(axis) - 1, axis);
}

Cover cover_of(uint s, uint axis)
{
    if (PADS)
        return pad_cover(s, axis);
    int q = int(Q(axis)), at = int(s) * q - B(axis);
    uint first = KIND == RESAMPLE_NEAREST ? ceil_by_a(at, axis) : floor_by_a(at, axis);
    uint end = min(extent_y[axis], ceil_by_a(at + q, axis));
    if (INTERPOLATES) {
        first = at < q || extent_x[axis] == 1 ? 0 : floor_by_a(at - q, axis) + 1;
        end = s == extent_x[axis] - 1 ? extent_y[axis] : end;
    }
    return Cover(first, end - min(first, end));
}

// Image i of position s of x in y; false if there is none, or it is the position itself.
bool mirror_image(uint s, uint i, uint axis, out uint d)
{
    int n = int(extent_x[axis]), far = KIND == RESAMPLE_REFLECT ? 1 : 0;
    int p = i == 0 ? int(s) : i == 1 ? far - 1 - int(s) : 2 * n - 1 - far - int(s);
    bool beyond = i == 1 ? p < 0 : p >= n;
    d = uint(p - B(axis));
    return d < extent_y[axis] && (i == 0 || beyond);
}

// Candidate i of a cover, and the weight of position s of x in it.
float cover_weight(Cover c, uint s, uint i, uint axis, out uint d)
{
    bool there = i < c.n;
    d = c.first + i;
    if (MIRRORS) {
        there = mirror_image(s, i, axis, d) && there;
        d = there ? d : 0;
        return there ? 1.0 : 0.0;
    }
    d = there ? d : 0;
    Taps t = taps_of(d, axis);
    return there && s >= t.first ? tap_weight(t, s - t.first) : 0.0;
}
#endif
