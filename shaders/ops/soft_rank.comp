// soft_rank: s = x / strength in descending order, projected on the permutahedron of (n, .., 2, 1): blocks of
// neighbours are pooled until their means of s - w fall (pool adjacent violators), and in a block the ranks
// are s less its mean there plus the mean of w there. An invocation makes a row. Differences are taken
// before sums, so that a common offset of x costs no accuracy.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "push.glsl"
PUSH(soft_rank)
{
    uint rows, length;
    uint places; // offset in sorted
    uint stack;  // offset in space of two planes: sums and starts of the blocks
    float inverse; // 1 / strength
    float shift;   // subtracted from the ranks
}
PUSH_END(soft_rank);

#ifndef VENN_HOST
#include "venn.glsl"

#ifdef BACKWARD
INPUT(0, dy)
INPUT_INT(1, order)
INPUT_INT(2, block)
OUTPUT(3, dx)

void main()
{
    const uint n = length, base = LINEAR_ID * n;
    const float factor = inverse;
    if (LINEAR_ID >= rows)
        return;
    for (uint start = 0, end; start < n; start = end) {
        float sum = 0.0;
        for (end = start; end < n && uint(LOAD_INT(block, base + end)) == start; end++)
            sum += LOAD1(dy, base + uint(LOAD_INT(order, base + end)));
        end = max(end, start + 1); // ends the loop whatever `block` holds
        const float mean = sum / float(end - start);
        for (uint i = start; i < end; i++) {
            const uint at = base + uint(LOAD_INT(order, base + i));
            STORE1(dx, at, (LOAD1(dy, at) - mean) * factor);
        }
    }
}
#else
INPUT(0, x)
INPUT_INT(1, sorted)
INOUT(2, space)
OUTPUT(3, y)
OUTPUT_INT(4, order)
OUTPUT_INT(5, block)

float at_place(uint base, uint from, uint i)
{
    return LOAD1(x, base + uint(LOAD_INT(sorted, from + i)));
}

// Pools; gives the number of blocks. Of each the stack holds the start and the sum of s less s there. Two
// neighbours of means a and b and with centres d apart are in disorder if b - a > -d, for w falls by one
// from place to place.
uint pool(uint base, uint n, uint from, uint sums, float factor)
{
    const uint starts = sums + rows * n;
    uint depth = 0;
    for (uint i = 0; i < n; i++) {
        float first = at_place(base, from, i), sum = 0.0;
        uint start = i;
        STORE_INT(order, base + i, LOAD_INT(sorted, from + i));
        while (depth > 0) {
            const uint last = uint(GET1(space, starts + base + depth - 1));
            const float other = GET1(space, sums + base + depth - 1);
            const float before = at_place(base, from, last), offset = (first - before) * factor;
            const float mine = float(i + 1 - start);
            const float gap = offset + (sum / mine - other / float(start - last));
            if (!(gap + 0.5 * float(i + 1 - last) > 0.0))
                break;
            sum += other + offset * mine;
            first = before;
            start = last;
            depth--;
        }
        STORE1(space, sums + base + depth, sum);
        STORE1(space, starts + base + depth, float(start));
        depth++;
    }
    return depth;
}

void main()
{
    const uint n = length, base = LINEAR_ID * n, from = places + base, sums = stack;
    const uint starts = sums + rows * n;
    const float factor = inverse, top = float(n) - shift;
    if (LINEAR_ID >= rows)
        return;
    uint end = n;
    for (uint k = pool(base, n, from, sums, factor); k > 0; k--) {
        const uint start = uint(GET1(space, starts + base + k - 1));
        const float first = at_place(base, from, start);
        const float mean = GET1(space, sums + base + k - 1) / float(end - start);
        const float middle = top - 0.5 * float(start + end - 1);
        for (uint i = start; i < end; i++) {
            const uint at = base + uint(LOAD_INT(sorted, from + i));
            STORE1(y, at, ((LOAD1(x, at) - first) * factor - mean) + middle);
            STORE_INT(block, base + i, int(start));
        }
        end = start;
    }
}
#endif
#endif
