// What the optimizer steps share: the parameter array w (0) and its gradient (1) are bound first; each
// step then binds its state and, by its own numbers, the scalars that decide how far to go. An array
// that changes in place is read as x and written as x_new: both are the same memory, and the invocation
// that writes an element has read it before. Reads stand outside branches, where software devices are
// fastest; what is read past the end, or in a step that must change nothing, is dropped.
#ifndef VENN_STEP_GLSL
#define VENN_STEP_GLSL
#include "finite.glsl"

// Groups of four per invocation; VENN_STEP_VEC of src/ops/step.h.
#define STEP_VEC 4
#define STEP_HAS_GUARD 1u
#define STEP_HAS_SCALE 2u
layout(constant_id = 1) const uint STEP_FLAGS = 0u;

vec4 step_gradient(vec4 dw, float scale, float clip_value)
{
    dw *= scale;
    return clip_value > 0.0 ? clamp(dw, vec4(-clip_value), vec4(clip_value)) : dw;
}

#endif
