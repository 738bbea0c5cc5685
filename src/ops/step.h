// What the optimizer steps share. Their operands are the parameter w, its gradient dw and state arrays,
// all of one shape, and then scalars; `guard` and `grad_scale` are the last two operands.
#ifndef VENN_OPS_STEP_H
#define VENN_OPS_STEP_H

#include "graph/op.h"

// These must equal their namesakes in shaders/lib/step.glsl.
#define VENN_STEP_VEC 4
#define VENN_STEP_HAS_GUARD 1u
#define VENN_STEP_HAS_SCALE 2u

// The first n_arrays operands (NULL ones apart) have w's shape, the others are scalars.
bool venn_step_shape(venn_node *n, int n_arrays);
// Launches `stem` (plus ".texel" where the profile wants it) over all operands; bit i of `updates`:
// operand i changes. flags: specialization constant 1, to which HAS_GUARD and HAS_SCALE are added.
void venn_step_record(venn_recorder *r, const venn_node *n, const char *stem, uint32_t updates,
                      uint32_t flags, const void *push, uint32_t push_size);
void venn_step_cost(const venn_node *n, venn_cost *cost, int n_arrays, double flops_per_element);

// For `ref`: the factor of the gradient (1 without grad_scale), or false if nothing is updated.
bool venn_step_ref_scale(const venn_ref *r, double *scale);
// For `ref`: the gradient's element i, scaled and clamped.
double venn_step_ref_gradient(const venn_ref *r, int64_t i, double scale, double clip_value);
// For `ref`: operands with a bit in `updates` keep their content.
void venn_step_ref_keep(const venn_ref *r, uint32_t updates);

#endif
