// venn/ops_sequence.h: embeddings, attention, recurrent networks. Part of ops.h, whose head says what
// holds for all ops.
#ifndef VENN_OPS_SEQUENCE_H
#define VENN_OPS_SEQUENCE_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Embeddings ------------------------------------------------------------------------------

typedef struct venn_embedding_params {
    bool
        has_padding; // there is a token that only fills up: it reads 0, and its row gets no gradient
    int32_t padding; // which one
} venn_embedding_params;

// y[.., d] = table[index[..], d]: table [V, D], index i32 of any shape, y [.., D]. An index that is out of
// range reads 0. dtable[v, d] = sum of dy[.., d] over the places where the index is v, in their order.
// params may be NULL.
venn_tensor venn_embedding(venn_graph *g, venn_tensor table, venn_tensor index,
                           const venn_embedding_params *params);

// ---- Attention -------------------------------------------------------------------------------

// How the axes of queries, keys and values stand.
typedef enum venn_attention_layout {
    VENN_ATTENTION_BHTD, // [B, H, T, D]: batch, heads, rows, elements
    VENN_ATTENTION_BTHD  // [B, T, H, D]: a linear layer's [B, T, H D], seen in heads
} venn_attention_layout;

typedef struct venn_attention_params {
    bool causal; // query i sees keys 0 .. i alone
    float scale; // of the scores; 0: 1 / sqrt(D)
    venn_attention_layout layout;
} venn_attention_params;

// In each head of each batch entry, y_i = sum over j of p_ij v_j, p_i = softmax over j of
// (scale q_i.k_j + bias_ij). q [B, H, T, D], k [B, H, S, D], v [B, H, S, E], y [B, H, T, E], or all of them in
// the other layout. mask i32 [B, S] or VENN_NONE: keys where it is 0 are seen by no query. bias [B or 1, H or
// 1, T, S] or VENN_NONE, whose -INFINITY hides single keys from single queries. A query that sees no key
// gives 0 and gets no gradient. The scores are never stored, the gradient makes them again. Differentiable in
// q, k and v:
//   ds_ij = p_ij (dy_i.v_j - dy_i.y_i), dq_i = scale sum of ds_ij k_j, dk_j = scale sum of ds_ij q_i,
//   dv_j = sum of p_ij dy_i
// Fastest where D and E are multiples of 4. params may be NULL.
venn_tensor venn_attention(venn_graph *g, venn_tensor q, venn_tensor k, venn_tensor v,
                           venn_tensor mask, venn_tensor bias, const venn_attention_params *params);

// ---- Recurrent networks ----------------------------------------------------------------------

// Weights of a layer with I inputs and H units; G is 3 (GRU) or 4 (LSTM), the gates stand one behind the
// other in this order: r, z, n of a GRU (reset, update, new), i, f, g, o of an LSTM (input, forget, cell, output).
typedef struct venn_recurrent_weights {
    venn_tensor w_ih;       // [G H, I]
    venn_tensor w_hh;       // [G H, H]
    venn_tensor b_ih, b_hh; // [G H], each for itself optional: VENN_NONE is 0
} venn_recurrent_weights;

// With gx = x w_ih^T + b_ih and gh = h w_hh^T + b_hh, cut into gates, one step from state h [B, H] is
//   GRU   r = sigmoid(gx_r + gh_r), z = sigmoid(gx_z + gh_z), n = tanh(gx_n + r gh_n),
//         h' = (1 - z) n + z h
//   LSTM  i, f, o = sigmoid(gx + gh) of each, g = tanh(gx_g + gh_g), from cell c [B, H] too:
//         c' = f c + i g, h' = o tanh(c')
// All operands but lengths are differentiable; the gradient is the exact one, by back-propagation through time.

// One step. x [B, I]; h, c [B, H] or VENN_NONE (zeros). Gives h'; *c_next, if not NULL, gets c'.
venn_tensor venn_gru_cell(venn_graph *g, venn_tensor x, venn_tensor h,
                          const venn_recurrent_weights *weights);
venn_tensor venn_lstm_cell(venn_graph *g, venn_tensor x, venn_tensor h, venn_tensor c,
                           const venn_recurrent_weights *weights, venn_tensor *c_next);

// Of venn_gru and venn_lstm.
typedef struct venn_recurrent_params {
    bool reverse; // from each sequence's last step to its first; 0: the other way
} venn_recurrent_params;

// What an LSTM keeps from step to step: state and cell.
typedef struct venn_recurrent_state {
    venn_tensor h, c; // [B, H] each
} venn_recurrent_state;

// All steps. x [B, T, I]; the first state is VENN_NONE or NULL for zeros. y [B, T, H]: y[b, t] is the state behind
// the step that reads x[b, t], so with `reverse` y[b, 0] is the last one. *last, if not NULL, gets the state
// (and cell) behind the last step, [B, H]. lengths i32 [B] or VENN_NONE: sequence b has lengths[b] steps (at
// least 0 and at most T are taken); what follows in x is not read, is 0 in y and gets no gradient.
// A bidirectional layer is two of these, joined by venn_concat. params may be NULL.
venn_tensor venn_gru(venn_graph *g, venn_tensor x, venn_tensor h,
                     const venn_recurrent_weights *weights, venn_tensor lengths,
                     const venn_recurrent_params *params, venn_tensor *last);
venn_tensor venn_lstm(venn_graph *g, venn_tensor x, const venn_recurrent_state *first,
                      const venn_recurrent_weights *weights, venn_tensor lengths,
                      const venn_recurrent_params *params, venn_recurrent_state *last);

#ifdef __cplusplus
}
#endif
#endif
