// sgd: v = momentum v + dw + weight_decay w; w -= lr (v, or with Nesterov dw + weight_decay w + momentum v).
// A variant without velocity, because even one that is not there counts as written where a kernel could.
// variant: plain
// variant: plain.texel TEXEL
// variant: momentum VELOCITY
// variant: momentum.texel VELOCITY TEXEL
#include "push.glsl"
PUSH(sgd)
{
    uint count;
    float momentum, weight_decay, lr_scale, clip_value;
}
PUSH_END(sgd);

#ifndef VENN_HOST
#include "venn.glsl"
#include "step.glsl"
#define SGD_NESTEROV 4u

INPUT(0, w)
OUTPUT(0, w_new)
INPUT(1, dw)
#ifdef VELOCITY
INPUT(2, velocity)
OUTPUT(2, velocity_new)
#endif
INPUT(3, lr)
INPUT(4, guard)
INPUT(5, grad_scale)

void update(uint i, float rate, float scale)
{
    vec4 old = LOAD4(w, i);
    vec4 d = step_gradient(LOAD4(dw, i), scale, clip_value) + weight_decay * old;
#ifdef VELOCITY
    vec4 v = momentum * LOAD4(velocity, i) + d;
    STORE4(velocity_new, i, v);
    d = (STEP_FLAGS & SGD_NESTEROV) != 0u ? d + momentum * v : v;
#endif
    STORE4(w_new, i, old - rate * d);
}

void main()
{
    float scale = 1.0;
    if ((STEP_FLAGS & STEP_HAS_GUARD) != 0u && !step_finite(LOAD1(guard, 0)))
        return;
    if ((STEP_FLAGS & STEP_HAS_SCALE) != 0u)
        scale = LOAD1(grad_scale, 0);
    if (!step_finite(scale))
        return;
    float rate = LOAD1(lr, 0) * lr_scale;
    uint groups = (count + 3) / 4;
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * STEP_VEC + gl_LocalInvocationID.x;
    uint stride = gl_WorkGroupSize.x;
    [[unroll]] for (uint k = 0; k < STEP_VEC; k++)
        if (base + k * stride < groups)
            update(base + k * stride, rate, scale);
}
#endif
