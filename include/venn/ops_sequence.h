// venn/ops_sequence.h: embeddings and attention. Part of ops.h, whose head says what holds for all ops.
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

#ifdef __cplusplus
}
#endif
#endif
