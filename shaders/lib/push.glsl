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
#if defined(COOP_KHR) || defined(COOP_NV)
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_memory_scope_semantics : require
#endif
#if defined(COOP_KHR)
#extension GL_KHR_cooperative_matrix : require
#elif defined(COOP_NV)
#extension GL_NV_cooperative_matrix : require
#endif
#define PUSH(name) layout(push_constant) uniform Push
#define PUSH_END(name)
#endif
#endif
