// Views: how the elements of a dense output map to those of its operands, as extents and strides.
// Broadcasting (stride 0), transposing (strides permuted) and slicing (an offset) are one thing to the
// kernels. Axes are merged as far as every operand allows, then the fastest way of reading each
// operand is chosen (shaders/lib/view.glsl lists them).
#ifndef VENN_OPS_VIEW_H
#define VENN_OPS_VIEW_H

#include "graph/op.h"

#define VENN_VIEW_OPERANDS 2

typedef struct venn_view {
    int rank, operands;
    int64_t dim[VENN_MAX_RANK];
    int64_t stride[VENN_VIEW_OPERANDS][VENN_MAX_RANK]; // in elements; 0: repeated
    int64_t offset;                                    // of operand 0, in elements
} venn_view;

// A view of output y whose operands x[0 .. n-1] broadcast to it.
venn_view venn_view_broadcast(const venn_shape *y, const venn_shape *const *x, int n);
// Drops axes of extent 1 and merges neighbours that are one axis to every operand.
void venn_view_merge(venn_view *view);
// Whether operand 0 is read as it lies: element e from element offset + e.
bool venn_view_is_plain(const venn_view *view);
// How operand x of output y is read where that is a pattern (shaders/lib/view.glsl): its kind and the divisors
// of S and C. false: it is none.
bool venn_view_pattern(const venn_shape *x, const venn_shape *y, uint32_t *kind,
                       uint32_t divisor[6]);
// Launch `stem` (plus ".texel" where the profile wants it), binding n's inputs, the view's operands
// first, and output 0. Merges the view.
void venn_view_record(venn_recorder *r, const venn_node *n, const char *stem,
                      const venn_view *view);
// y = input 0 seen through the view: a plain copy where it lies so and is stored alike, else a gather.
void venn_view_gather(venn_recorder *r, const venn_node *n, const venn_view *view);

#endif
