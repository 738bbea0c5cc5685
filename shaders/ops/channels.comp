// The second stage of two sums per channel (src/ops/channels.h): adds up the pairs of all parts.
// variant: total
#include "push.glsl"
PUSH(channels_total) { uint channels; uint parts; } PUSH_END(channels_total);

#ifndef VENN_HOST
#include "venn.glsl"
INPUT(0, partial)
OUTPUT(1, a)
OUTPUT(2, b)

void main()
{
    const uint c = LINEAR_ID, count = channels, last = parts;
    if (c >= count)
        return;
    vec2 s = vec2(0);
    for (uint p = 0; p < last; p++) {
        const uint at = (p * count + c) * 2;
        s += vec2(LOAD1(partial, at), LOAD1(partial, at + 1));
    }
    STORE1(a, c, s.x);
    STORE1(b, c, s.y);
}
#endif
