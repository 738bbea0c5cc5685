// What gru, lstm and their cells share. All steps' products with x are one matrix product in front of the
// scan; the scan is one launch per step (shaders/ops/recurrent.comp); its gradient is one launch per step
// too, and the weights' gradients are one product over all steps behind it.
//
// Inputs in this order: x, h, (c of an LSTM,) w_ih, w_hh, b_ih, b_hh, (lengths, but for a cell).
#ifndef VENN_OPS_RECURRENT_H
#define VENN_OPS_RECURRENT_H

#include "graph/op.h"

typedef struct venn_recurrent {
    bool lstm, cell; // cell: one step, x is [B, I]
    bool reverse;
} venn_recurrent;

bool venn_recurrent_shape(venn_node *n, venn_recurrent kind);
bool venn_recurrent_build(venn_graph *g, const venn_node *n, venn_recurrent kind,
                          const venn_tensor *in, venn_tensor *out);
void venn_recurrent_ref(const venn_ref *r, venn_recurrent kind);
void venn_recurrent_ref_grad(const venn_ref *r, venn_recurrent kind);
void venn_recurrent_cost(const venn_node *n, venn_recurrent kind, venn_cost *cost);

// Extents, and where the inputs stand.
typedef struct venn_recurrent_form {
    int64_t batch, times, in, hidden, gates; // gates: 3 or 4
    int c, w_ih, w_hh, b_ih, b_hh, lengths;  // -1: not an input of this op
} venn_recurrent_form;

venn_recurrent_form venn_recurrent_form_of(const venn_node *n, venn_recurrent kind);

// The scan over all steps, with x's part of the gates given: gx [B, T, gates H].
typedef struct venn_recurrent_scan {
    venn_tensor gx, w_hh, b_hh, h, c, lengths; // as in recurrent.c; VENN_NONE: absent
} venn_recurrent_scan;

// out: y, the last state and, of an LSTM, the last cell. false after an error.
bool venn_recurrent_scan_apply(venn_graph *g, const venn_recurrent_scan *scan, bool lstm,
                               bool reverse, venn_tensor out[3]);

// The rules of an op that is nothing but `venn_recurrent kind_of(const venn_node *n)`.
#define VENN_RECURRENT_RULES(kind_of)                                                              \
    static bool shape(venn_node *n)                                                                \
    {                                                                                              \
        return venn_recurrent_shape(n, kind_of(n));                                                \
    }                                                                                              \
    static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)  \
    {                                                                                              \
        return venn_recurrent_build(g, n, kind_of(n), in, out);                                    \
    }                                                                                              \
    static void ref(const venn_ref *r)                                                             \
    {                                                                                              \
        venn_recurrent_ref(r, kind_of(r->node));                                                   \
    }                                                                                              \
    static void ref_grad(const venn_ref *r)                                                        \
    {                                                                                              \
        venn_recurrent_ref_grad(r, kind_of(r->node));                                              \
    }                                                                                              \
    static void cost(const venn_node *n, venn_cost *out)                                           \
    {                                                                                              \
        venn_recurrent_cost(n, kind_of(n), out);                                                   \
    }

#endif
