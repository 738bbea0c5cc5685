// What all elementwise ops of one operand share: y has x's shape and type; the forward kernel binds
// (x, y), the backward kernel (x, dy, dx); the push block of both begins with `count`.
#ifndef VENN_OPS_UNARY_H
#define VENN_OPS_UNARY_H

#include "graph/op.h"

// Must equal UNARY_VEC of shaders/lib/unary.glsl: groups of four elements per invocation.
#define VENN_UNARY_VEC 4

bool venn_unary_shape(venn_node *n);
bool venn_unary_backward_shape(venn_node *n);
// Launch `stem` (plus ".texel" where the profile wants it) over n's inputs and output 0.
void venn_unary_record(venn_recorder *r, const venn_node *n, const char *stem);
// The same with more than `count` to push.
void venn_unary_record_push(venn_recorder *r, const venn_node *n, const char *stem,
                            const void *push, uint32_t push_size);
void venn_unary_cost(const venn_node *n, venn_cost *cost);

#endif
