// The prelude of every shader: how arrays are declared and read, and who I am in the grid.
//
// Arrays are declared by binding and name and then read by LOAD1/LOAD4 (element, or aligned group of
// four elements) and written by STORE1/STORE4, as f32 whatever they store (types.glsl). With TEXEL
// defined (a build-time variant) reads go through texel buffers, which software Vulkan loads 4 to 8
// times faster; without it through storage buffers. Names that end in INT are of 32-bit integers.
#ifndef VENN_GLSL
#define VENN_GLSL
#include "types.glsl"

// Workgroup size is always specialization constant 0.
layout(local_size_x_id = 0, local_size_y = 1, local_size_z = 1) in;

// An array's memory, seen as groups of four, numbers, words, and pairs of words.
#define VENN_BUFFERS(i, name, access, word_access)                                                 \
    layout(set = 0, binding = i, std430) access buffer name##_b4 { vec4 v[]; } name##_4;           \
    layout(set = 0, binding = i, std430) access buffer name##_b1 { float v[]; } name##_1;          \
    layout(set = 0, binding = i, std430) word_access buffer name##_b2 { uint v[]; } name##_2;        \
    layout(set = 0, binding = i, std430) access buffer name##_b22 { uvec2 v[]; } name##_22;

#define VENN_LOADS(i, name)                                                                        \
    vec4 name##_load4(uint index)                                                                  \
    {                                                                                              \
        vec4 value;                                                                                \
        if (VENN_TYPE_##i == TYPE_F32)                                                             \
            value = name##_4.v[index];                                                             \
        else                                                                                       \
            value = venn_unpack(name##_22.v[index], VENN_TYPE_##i);                                \
        return value;                                                                              \
    }                                                                                              \
    float name##_load1(uint index)                                                                 \
    {                                                                                              \
        float value;                                                                               \
        if (VENN_TYPE_##i == TYPE_F32)                                                             \
            value = name##_1.v[index];                                                             \
        else                                                                                       \
            value = venn_unpack(name##_2.v[index >> 1], index, VENN_TYPE_##i);                     \
        return value;                                                                              \
    }

// The other half of a 16-bit element's word may be another invocation's, at the same time: each touches
// its own half only, and in any order the same word comes out.
#define VENN_STORES(i, name)                                                                       \
    void name##_store4(uint index, vec4 value)                                                     \
    {                                                                                              \
        if (VENN_TYPE_##i == TYPE_F32)                                                             \
            name##_4.v[index] = value;                                                             \
        else                                                                                       \
            name##_22.v[index] = venn_pack(value, VENN_TYPE_##i);                                  \
    }                                                                                              \
    void name##_store1(uint index, float value)                                                    \
    {                                                                                              \
        if (VENN_TYPE_##i == TYPE_F32) {                                                           \
            name##_1.v[index] = value;                                                             \
        } else {                                                                                   \
            uint shift = 16 * (index & 1u);                                                        \
            uint half_word = venn_pack(vec4(value), VENN_TYPE_##i).x & 0xffffu;                    \
            atomicAnd(name##_2.v[index >> 1], 0xffff0000u >> shift);                               \
            atomicOr(name##_2.v[index >> 1], half_word << shift);                                  \
        }                                                                                          \
    }

#ifdef TEXEL
// The views' formats convert f16 (src/vk/descriptor.c). There is none for bf16: its words come as they
// are, in the bits of f32.
#define INPUT(i, name)                                                                             \
    layout(set = 0, binding = 16 + i) uniform samplerBuffer name##_4;                              \
    layout(set = 0, binding = 32 + i) uniform samplerBuffer name##_1;                              \
    vec4 name##_load4(uint index)                                                                  \
    {                                                                                              \
        vec4 value = texelFetch(name##_4, int(index));                                             \
        if (VENN_TYPE_##i == TYPE_BF16)                                                            \
            value = venn_unpack(floatBitsToUint(value.xy), TYPE_BF16);                             \
        return value;                                                                              \
    }                                                                                              \
    float name##_load1(uint index)                                                                 \
    {                                                                                              \
        float value = texelFetch(name##_1, int(VENN_TYPE_##i == TYPE_BF16 ? index >> 1 : index)).x; \
        if (VENN_TYPE_##i == TYPE_BF16)                                                            \
            value = venn_unpack(floatBitsToUint(value), index, TYPE_BF16);                         \
        return value;                                                                              \
    }
#else
#define INPUT(i, name)                                                                             \
    VENN_BUFFERS(i, name, readonly, readonly)                                                      \
    VENN_LOADS(i, name)
#endif
#define LOAD4(name, index) name##_load4(uint(index))
#define LOAD1(name, index) name##_load1(uint(index))

// Of 16-bit arrays in storage buffers, as they are: the bits of an element, of an aligned group of four.
#define BITS1(name, index) (name##_2.v[(index) >> 1] >> 16 * ((index) & 1u) & 0xffffu)
#define BITS4(name, index) name##_22.v[index]

#define OUTPUT(i, name)                                                                            \
    VENN_BUFFERS(i, name, writeonly, )                                                             \
    VENN_STORES(i, name)
// Read and written in place, by storage buffer only.
#define INOUT(i, name)                                                                             \
    VENN_BUFFERS(i, name, , )                                                                      \
    VENN_LOADS(i, name)                                                                            \
    VENN_STORES(i, name)
#define STORE4(name, index, value) name##_store4(uint(index), value)
#define STORE1(name, index, value) name##_store1(uint(index), value)
// INOUT arrays are read with these.
#define GET4(name, index) LOAD4(name, index)
#define GET1(name, index) LOAD1(name, index)

#define INPUT_INT(i, name)                                                                         \
    layout(set = 0, binding = i, std430) readonly buffer name##_bi { int v[]; } name##_i;
#define OUTPUT_INT(i, name)                                                                        \
    layout(set = 0, binding = i, std430) writeonly buffer name##_bi { int v[]; } name##_i;
#define LOAD_INT(name, index) name##_i.v[index]
#define STORE_INT(name, index, value) name##_i.v[index] = (value)

// venn_groups_linear folds long grids into y; the fold may run past the end, so test the index.
#define LINEAR_GROUP (gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x)
#define LINEAR_ID (LINEAR_GROUP * gl_WorkGroupSize.x + gl_LocalInvocationID.x)

#endif
