// Storage types: what an array holds is a specialization constant of its binding, so one kernel serves
// all types and drivers fold the choice away. Arithmetic is always f32.
//
// Two 16-bit elements share a word, the first in its low half. Conversions are written out: drivers may
// flush subnormal halves, and how packHalf2x16 rounds is theirs to choose.
#ifndef VENN_TYPES_GLSL
#define VENN_TYPES_GLSL

#define TYPE_F32 0u
#define TYPE_F16 1u
#define TYPE_BF16 2u
layout(constant_id = 16) const uint VENN_TYPE_0 = TYPE_F32;
layout(constant_id = 17) const uint VENN_TYPE_1 = TYPE_F32;
layout(constant_id = 18) const uint VENN_TYPE_2 = TYPE_F32;
layout(constant_id = 19) const uint VENN_TYPE_3 = TYPE_F32;
layout(constant_id = 20) const uint VENN_TYPE_4 = TYPE_F32;
layout(constant_id = 21) const uint VENN_TYPE_5 = TYPE_F32;
layout(constant_id = 22) const uint VENN_TYPE_6 = TYPE_F32;
layout(constant_id = 23) const uint VENN_TYPE_7 = TYPE_F32;
layout(constant_id = 24) const uint VENN_TYPE_8 = TYPE_F32;
layout(constant_id = 25) const uint VENN_TYPE_9 = TYPE_F32;
layout(constant_id = 26) const uint VENN_TYPE_10 = TYPE_F32;
layout(constant_id = 27) const uint VENN_TYPE_11 = TYPE_F32;

// Bits of half precision to a number: exponents are moved by 112; subnormals count in steps of 2^-24.
vec4 venn_from_f16(uvec4 bits)
{
    uvec4 size = bits & 0x7fffu;
    uvec4 number = (size << 13) + 0x38000000u;
    number += mix(uvec4(0), uvec4(0x38000000u), greaterThanEqual(size, uvec4(0x7c00u)));
    number = mix(number, floatBitsToUint(vec4(size) * (1.0 / 16777216.0)), lessThan(size, uvec4(0x400u)));
    return uintBitsToFloat(number | (bits & 0x8000u) << 16);
}

vec4 venn_from_bf16(uvec4 bits)
{
    return uintBitsToFloat(bits << 16);
}

// To nearest, ties to even. NaNs stay NaN.
uvec4 venn_to_f16(vec4 value)
{
    uvec4 number = floatBitsToUint(value), size = number & 0x7fffffffu;
    uvec4 normal = (size - 0x38000000u + 0xfffu + (size >> 13 & 1u)) >> 13;
    // Below 2^-14 the fraction, with its leading 1, is cut to a count of 2^-24.
    uvec4 fraction = (size & 0x7fffffu) | 0x800000u;
    uvec4 cut = clamp(126u - min(size >> 23, uvec4(126u)), uvec4(13u), uvec4(25u));
    uvec4 small = (fraction + (uvec4(1u) << (cut - 1u)) - 1u + (fraction >> cut & 1u)) >> cut;
    uvec4 bits = mix(min(normal, uvec4(0x7c00u)), small, lessThan(size, uvec4(0x38800000u)));
    bits = mix(bits, uvec4(0x7e00u), greaterThan(size, uvec4(0x7f800000u)));
    return bits | (number >> 16 & 0x8000u);
}

uvec4 venn_to_bf16(vec4 value)
{
    uvec4 number = floatBitsToUint(value);
    uvec4 bits = (number + 0x7fffu + (number >> 16 & 1u)) >> 16;
    return mix(bits, number >> 16 | 0x40u, greaterThan(number & 0x7fffffffu, uvec4(0x7f800000u)));
}

vec4 venn_unpack(uvec2 words, uint type)
{
    uvec4 bits = uvec4(words.x & 0xffffu, words.x >> 16, words.y & 0xffffu, words.y >> 16);
    return type == TYPE_F16 ? venn_from_f16(bits) : venn_from_bf16(bits);
}

float venn_unpack(uint word, uint index, uint type)
{
    uint bits = word >> 16 * (index & 1u) & 0xffffu;
    return type == TYPE_F16 ? venn_from_f16(uvec4(bits)).x : venn_from_bf16(uvec4(bits)).x;
}

uvec2 venn_pack(vec4 value, uint type)
{
    uvec4 bits = type == TYPE_F16 ? venn_to_f16(value) : venn_to_bf16(value);
    return bits.xz | bits.yw << 16;
}
#endif
