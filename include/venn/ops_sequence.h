// venn/ops_sequence.h: embeddings. Part of ops.h, whose head says what holds for all ops.
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

#ifdef __cplusplus
}
#endif
#endif
