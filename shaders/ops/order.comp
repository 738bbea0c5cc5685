// order: rows in stable order. `block` orders runs of 32 by counting what stands before each element;
// `merge` joins pairs of runs of 2^shift: what an element of one run has before it in the other is found
// by bisection. Keys are unsigned; each carries its place on x's axis along.
// variant: block
// variant: block.texel TEXEL
// variant: block.int INTEGER
// variant: merge MERGE
#include "push.glsl"
PUSH(order)
{
    uint count;         // elements of all rows
    uint length, inner; // of a row, and of the axes behind it
    uint pitch, first;  // of the axis of x
    uint keep;          // of each run
    uint flip;          // all bits: descending
    uint limit;         // of integers
    uint shift;
    uint keys, places;         // written: offsets in the workspace
    uint old_keys, old_places; // read by merge
    uint divisor[6];           // length, inner
}
PUSH_END(order);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

#define RUN 32

#ifdef MERGE
INPUT_INT(0, sorted)
#include "bisect.glsl"
#elif defined(INTEGER)
INPUT_INT(0, x)
#else
INPUT(0, x)
#include "real_key.glsl"
#endif
OUTPUT_INT(1, space)

void put(uint element, uint key, uint place)
{
    STORE_INT(space, keys + element, int(key));
    STORE_INT(space, places + element, int(place));
}

#ifdef MERGE
void main()
{
    const uint e = min(LINEAR_ID, count - 1), row = QUOTIENT(e, divisor, 0);
    const uint base = row * length, in_row = e - base, run = 1u << shift;
    const uint place = in_row & (run - 1), start = in_row - place, most = keep;
    const bool is_left = (start & run) == 0;
    const uint other = is_left ? start + run : start - run;
    const uint size = other < length ? min(min(length - other, run), most) : 0;
    if (LINEAR_ID >= count || place >= most)
        return;
    const uint key = uint(LOAD_INT(sorted, old_keys + e));
    const uint before = keys_before(old_keys + base + other, size, key, !is_left);
    if (place + before < most)
        put(base + min(start, other) + place + before, key,
            uint(LOAD_INT(sorted, old_places + e)));
}
#else
uint key_of(uint address)
{
#ifdef INTEGER
    return min(uint(LOAD_INT(x, address)), limit);
#else
    return real_key(LOAD1(x, address)) ^ flip;
#endif
}

void main()
{
    const uint e = min(LINEAR_ID, count - 1), row = QUOTIENT(e, divisor, 0);
    const uint in_row = e - row * length, start = in_row & ~(RUN - 1), last = length - 1;
    const uint outer = QUOTIENT(row, divisor, 1), step = inner;
    const uint base = (outer * pitch + first) * step + (row - outer * step);
    const uint key = key_of(base + in_row * step);
    uint before = 0;
    for (uint k = 0; k < RUN; k++) {
        const uint at = start + k, other = key_of(base + min(at, last) * step);
        before += uint(at <= last && (other < key || (other == key && at < in_row)));
    }
    if (LINEAR_ID < count && before < keep)
        put(row * length + start + before, key, first + in_row);
}
#endif
#endif
