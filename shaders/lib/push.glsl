// Push-constant blocks are declared once, in the .comp, and read by both languages: an op's .c file
// includes its .comp with VENN_HOST defined and gets `struct venn_push_<name>`; the shader gets the
// block with its members in scope. Members are 4-byte scalars only, so both layouts agree.
//
//   PUSH(relu) { uint count; } PUSH_END(relu);
#ifndef VENN_PUSH_GLSL
#define VENN_PUSH_GLSL
#ifdef VENN_HOST
#include <stdint.h>
#define uint uint32_t
#define PUSH(name) typedef struct
#define PUSH_END(name) venn_push_##name
#else
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : enable
#extension GL_KHR_shader_subgroup_shuffle : enable
#define PUSH(name) layout(push_constant) uniform Push
#define PUSH_END(name)
#endif
#endif
