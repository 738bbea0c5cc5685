// What a kernel made of several elementwise ops stands on (src/ops/fused_text.c writes such kernels): the
// ops' own shaders are included with VENN_FUSED defined and give their functions alone. Before this the kernel
// declares its push block: count, c[] for what functions read as `a` and `b`, divisor[] for views.
//
// The results are, bit for bit, those of the ops one by one: what one op hands to the next is rounded as it
// would be stored, and goes through KEPT, behind which no compiler sees two operations that it could make one.
#include "view.glsl"
#include "math.glsl"
#include "power.glsl"

#define FUSED_VEC 4 // groups of four elements per invocation, as in unary.glsl

float a, b;

vec4 kept_f32(vec4 value)
{
    return uintBitsToFloat(floatBitsToUint(value) ^ gl_WorkGroupID.z);
}

vec4 kept_f16(vec4 value)
{
    return kept_f32(venn_from_f16(venn_to_f16(value)));
}

vec4 kept_bf16(vec4 value)
{
    return kept_f32(venn_from_bf16(venn_to_bf16(value)));
}

// Reads stand outside branches, where software devices are fastest (unary.glsl).
#define FOR_EACH_FUSED_GROUP                                                                       \
    const uint groups = (count + 3) / 4;                                                           \
    const uint base = LINEAR_GROUP * gl_WorkGroupSize.x * FUSED_VEC + gl_LocalInvocationID.x;      \
    [[unroll]] for (uint k = 0; k < FUSED_VEC; k++)
#define FUSED_GROUP                                                                                \
    const uint at = base + k * gl_WorkGroupSize.x, i = min(at, groups - 1);
