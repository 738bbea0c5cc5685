// loss_scale: doubles the scale after `interval` finite s in a row, halves it after one that is not.
#include "push.glsl"
PUSH(loss_scale)
{
    float interval;
}
PUSH_END(loss_scale);

#ifndef VENN_HOST
#include "venn.glsl"
#include "step.glsl"

INPUT(0, state)
OUTPUT(0, state_new)
INPUT(1, s)

void main()
{
    if (LINEAR_ID != 0)
        return;
    const bool good = is_finite(LOAD1(s, 0));
    const float count = good ? LOAD1(state, 1) + 1.0 : 0.0;
    const bool grows = count >= interval;
    const float factor = !good ? 0.5 : grows ? 2.0 : 1.0;
    STORE1(state_new, 0, clamp(LOAD1(state, 0) * factor, 1.0, 16777216.0));
    STORE1(state_new, 1, grows ? 0.0 : count);
}
#endif
