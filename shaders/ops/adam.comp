// adam: m and v are moving means of the gradient and its square; w -= lr m' / (sqrt(v') + eps), with
// m' = m / (1 - beta1^t) and v' = v / (1 - beta2^t).
// variant: step
// variant: step.texel TEXEL
#include "push.glsl"
PUSH(adam)
{
    uint count;
    float beta1, beta2, log_beta1, log_beta2, eps, l2, decay, lr_scale, clip_value;
}
PUSH_END(adam);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "step.glsl"

INPUT(0, w)
OUTPUT(0, w_new)
INPUT(1, dw)
INPUT(2, m)
OUTPUT(2, m_new)
INPUT(3, v)
OUTPUT(3, v_new)
INPUT(4, lr)
INPUT(5, t)
INPUT(6, guard)
INPUT(7, grad_scale)

// 1 - e^x for x <= 0 without the cancellation near 0.
float one_minus_exp(float x)
{
    float near = -x * (1.0 + x * (1.0 / 2 + x * (1.0 / 6 + x * (1.0 / 24 + x * (1.0 / 120 +
                 x * (1.0 / 720 + x / 5040.0))))));
    return x > -0.5 ? near : 1.0 - venn_exp(x);
}

void main()
{
    float scale = (STEP_FLAGS & STEP_HAS_SCALE) != 0u ? LOAD1(grad_scale, 0) : 1.0;
    bool good = is_finite(scale);
    if ((STEP_FLAGS & STEP_HAS_GUARD) != 0u)
        good = good && is_finite(LOAD1(guard, 0));
    float rate = LOAD1(lr, 0) * lr_scale;
    float shrink = rate * decay;
    rate /= one_minus_exp(LOAD1(t, 0) * log_beta1);
    float root_correction = 1.0 / sqrt(one_minus_exp(LOAD1(t, 0) * log_beta2));
    uint groups = (count + 3) / 4;
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * STEP_VEC + gl_LocalInvocationID.x;
    [[unroll]] for (uint k = 0; k < STEP_VEC; k++) {
        uint i = base + k * gl_WorkGroupSize.x, from = min(i, groups - 1);
        vec4 old = LOAD4(w, from);
        vec4 d = step_gradient(LOAD4(dw, from), scale, clip_value) + l2 * old;
        vec4 mean = beta1 * LOAD4(m, from) + (1.0 - beta1) * d;
        vec4 square = beta2 * LOAD4(v, from) + (1.0 - beta2) * (d * d);
        vec4 moved = old - shrink * old - rate * mean / (sqrt(square) * root_correction + eps);
        if (good && i < groups) {
            STORE4(m_new, i, mean);
            STORE4(v_new, i, square);
            STORE4(w_new, i, moved);
        }
    }
}
#endif
