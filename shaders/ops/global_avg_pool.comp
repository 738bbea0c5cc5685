// global_avg_pool: y = the mean of each plane; going back, dx = dy / plane everywhere.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "push.glsl"
#include "fastdiv.glsl"
// count: planes, or elements of dx.
PUSH(global_avg_pool) { uint count; DIVISOR(plane) } PUSH_END(global_avg_pool);

#ifndef VENN_HOST
#include "venn.glsl"
INPUT(0, x) // dy going back
OUTPUT(1, y)
layout(constant_id = 1) const bool VEC = false; // planes start on groups of four
#define UNROLL 8

#ifndef BACKWARD
// One invocation sums one plane.
void main()
{
    uint id = LINEAR_ID, size = plane;
    if (id >= count)
        return;
    uint base = id * size;
    vec4 sum = vec4(0);
    for (uint i = 0; i < size; i += 4 * UNROLL) {
        [[unroll]] for (uint u = 0; u < 4 * UNROLL; u += 4) {
            if (VEC) {
                vec4 v = LOAD4(x, (base + min(i + u, size - 4)) / 4);
                sum += i + u < size ? v : vec4(0);
            } else {
                [[unroll]] for (uint c = 0; c < 4; c++) {
                    float v = LOAD1(x, base + min(i + u + c, size - 1));
                    sum[c] += i + u + c < size ? v : 0.0;
                }
            }
        }
    }
    STORE1(y, id, ((sum.x + sum.y) + (sum.z + sum.w)) / float(size));
}
#else
void main()
{
    uint first = LINEAR_ID * 4, size = plane;
    if (first >= count)
        return;
    vec4 v;
    [[unroll]] for (uint c = 0; c < 4; c++)
        v[c] = LOAD1(x, DIV(min(first + c, count - 1), plane));
    STORE4(y, first / 4, v / float(size));
}
#endif
#endif
