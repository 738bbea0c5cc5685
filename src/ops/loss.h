// What the losses over rows share (shaders/lib/loss.glsl): how many subgroups take the rows, the second
// stage that adds their partial sums, and the push block. One subgroup does it all in one launch where
// the work is small.
#ifndef VENN_OPS_LOSS_H
#define VENN_OPS_LOSS_H

#include "ops/rows.h"
#include "venn/ops_loss.h"

typedef struct venn_loss {
    const char *stem;  // of the forward or backward kernel
    const char *total; // kernel that adds the partial sums; NULL: loss.total
    venn_rows plan;    // venn_rows_plan
    int64_t rows;
    int64_t length;     // what the kernels get as `length`
    int passes;         // over a row, for rows that are not held whole
    bool each;          // no reduction: one value per row
    bool weighted_mean; // divide by the sum of the rows' weights
    double scale;       // factor of the reduction
    float setting;      // the op's own number
    float extra[2];     // more of them
    uint32_t number;    // the op's own whole number
    uint32_t spec[3];   // the op's own specialization constants, 7 to 9
    int inputs;         // bindings in front of the output; fewer than n's inputs: those
} venn_loss;

// Bytes of n->workspace that record wants, 0 if one launch does it.
uint64_t venn_loss_workspace(const venn_profile *profile, const venn_loss *loss);
// Binds n's inputs, and `inputs` in all, and then output 0. No rows: fills the output with zero bits.
void venn_loss_record(venn_recorder *r, const venn_node *n, const venn_loss *loss);
// One row per LANES invocations, no reduction; binds as venn_loss_record does.
void venn_loss_record_backward(venn_recorder *r, const venn_node *n, const venn_loss *loss);

// Declares output 0 of a loss of n's first input, x [.., C]: [..] if each, else []. An error if C is 0.
bool venn_loss_shape(venn_node *n, bool each);
// Whether input i has x's leading shape [..].
bool venn_loss_labels_fit(const venn_node *n, int i);
// Declares output 0 of a backward node: the shape of its first input.
bool venn_loss_backward_shape(venn_node *n);
// For composites: the losses of `count` elements, reduced.
venn_tensor venn_loss_reduce(venn_graph *g, venn_tensor losses, int64_t count,
                             venn_reduction reduction);
// The gradient that reaches row `row`.
static inline double venn_loss_dy(const venn_ref *r, bool each, int64_t row)
{
    return r->dy[0][each ? row : 0];
}

#endif
