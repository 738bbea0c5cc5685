// The shader of a kernel made of several elementwise ops, written from a recipe: a line that says how they hang
// together. The build writes those of fused.def with it, the library whatever else a graph needs.
//
//   fvs; add.combine x0 x1; scale.forward*2 t0 >; where.pick:INVERT x2 t1 t0 f16 >
//
// First the inputs x0 ..: f, of as many elements as the results; s, one element; v, seen through a view, whose
// kind is specialization constant 1, 2 .. and whose divisors are pushed. Then what becomes t0 ..: shader and
// function, what the shader is included with, how many constants the function is told; its operands; what its
// result is rounded to (nothing: f32), and > where it is stored, as y0 ..
#ifndef VENN_OPS_FUSED_TEXT_H
#define VENN_OPS_FUSED_TEXT_H

#include <stdbool.h>
#include <stdio.h>

enum { VENN_FUSED_RECIPE = 1024, VENN_FUSED_PARTS = 16, VENN_FUSED_ARITY = 3 };

// texel: reads go through texel buffers. false for text that is no recipe.
bool venn_fused_text(FILE *out, const char *recipe, bool texel);

#endif
