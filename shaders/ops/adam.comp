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

void update(uint i, float rate, float shrink, float root_correction, float scale)
{
    vec4 old = LOAD4(w, i);
    vec4 d = step_gradient(LOAD4(dw, i), scale, clip_value) + l2 * old;
    vec4 mean = beta1 * LOAD4(m, i) + (1.0 - beta1) * d;
    vec4 square = beta2 * LOAD4(v, i) + (1.0 - beta2) * (d * d);
    STORE4(m_new, i, mean);
    STORE4(v_new, i, square);
    STORE4(w_new, i, (old - shrink * old) - rate * mean / (sqrt(square) * root_correction + eps));
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
    float steps = LOAD1(t, 0);
    float corrected = rate / one_minus_exp(steps * log_beta1);
    float root_correction = 1.0 / sqrt(one_minus_exp(steps * log_beta2));
    uint groups = (count + 3) / 4;
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * STEP_VEC + gl_LocalInvocationID.x;
    uint stride = gl_WorkGroupSize.x;
    [[unroll]] for (uint k = 0; k < STEP_VEC; k++)
        if (base + k * stride < groups)
            update(base + k * stride, corrected, rate * decay, root_correction, scale);
}
#endif
