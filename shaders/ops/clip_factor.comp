// clip_factor: y = min(1, max_norm / (sqrt(s) + 1e-6)), NaN where s is not finite.
#include "push.glsl"
PUSH(clip_factor)
{
    float max_norm;
}
PUSH_END(clip_factor);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "step.glsl"

INPUT(0, s)
OUTPUT(1, y)

void main()
{
    if (LINEAR_ID != 0)
        return;
    float sum = LOAD1(s, 0);
    float factor = max_norm / (sqrt(sum) + 1e-6);
    STORE1(y, 0, is_finite(sum) ? min(1.0, factor) : VENN_NAN);
}
#endif
