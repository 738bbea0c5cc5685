// The prelude of every shader: how arrays are declared and read, and who I am in the grid.
//
// Arrays are declared by binding and name and then read by LOAD1/LOAD4 (element, or aligned group of
// four elements) and written by STORE1/STORE4. With TEXEL defined (a build-time variant) reads go
// through texel buffers, which software Vulkan loads 4 to 8 times faster; without it through storage
// buffers. Everything is f32 unless the name says otherwise.
#ifndef VENN_GLSL
#define VENN_GLSL

// Workgroup size is always specialization constant 0.
layout(local_size_x_id = 0, local_size_y = 1, local_size_z = 1) in;

#ifdef TEXEL
#define INPUT(i, name)                                                                             \
    layout(set = 0, binding = 16 + i) uniform samplerBuffer name##_4;                              \
    layout(set = 0, binding = 32 + i) uniform samplerBuffer name##_1;
#define LOAD4(name, index) texelFetch(name##_4, int(index))
#define LOAD1(name, index) texelFetch(name##_1, int(index)).x
#else
#define INPUT(i, name)                                                                             \
    layout(set = 0, binding = i, std430) readonly buffer name##_b4 { vec4 v[]; } name##_4;         \
    layout(set = 0, binding = i, std430) readonly buffer name##_b1 { float v[]; } name##_1;
#define LOAD4(name, index) name##_4.v[index]
#define LOAD1(name, index) name##_1.v[index]
#endif

#define OUTPUT(i, name)                                                                            \
    layout(set = 0, binding = i, std430) writeonly buffer name##_b4 { vec4 v[]; } name##_4;        \
    layout(set = 0, binding = i, std430) writeonly buffer name##_b1 { float v[]; } name##_1;
// Read and written in place, by storage buffer only.
#define INOUT(i, name)                                                                             \
    layout(set = 0, binding = i, std430) buffer name##_b4 { vec4 v[]; } name##_4;                  \
    layout(set = 0, binding = i, std430) buffer name##_b1 { float v[]; } name##_1;
#define STORE4(name, index, value) name##_4.v[index] = (value)
#define STORE1(name, index, value) name##_1.v[index] = (value)
// INOUT arrays are read with these.
#define GET4(name, index) name##_4.v[index]
#define GET1(name, index) name##_1.v[index]

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
