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

void main()
{
    float scale = (STEP_FLAGS & STEP_HAS_SCALE) != 0u ? LOAD1(grad_scale, 0) : 1.0;
    bool good = is_finite(scale);
    if ((STEP_FLAGS & STEP_HAS_GUARD) != 0u)
        good = good && is_finite(LOAD1(guard, 0));
    float rate = LOAD1(lr, 0) * lr_scale;
    uint groups = (count + 3) / 4;
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * STEP_VEC + gl_LocalInvocationID.x;
    [[unroll]] for (uint k = 0; k < STEP_VEC; k++) {
        uint i = base + k * gl_WorkGroupSize.x, from = min(i, groups - 1);
        vec4 old = LOAD4(w, from);
        vec4 d = step_gradient(LOAD4(dw, from), scale, clip_value) + weight_decay * old;
#ifdef VELOCITY
        vec4 v = momentum * LOAD4(velocity, from) + d;
        d = (STEP_FLAGS & SGD_NESTEROV) != 0u ? d + momentum * v : v;
#endif
        if (good && i < groups) {
            STORE4(w_new, i, old - rate * d);
#ifdef VELOCITY
            STORE4(velocity_new, i, v);
#endif
        }
    }
}
#endif
