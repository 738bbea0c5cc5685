// Attention over [entry, head, row, element] or, interleaved, [entry, row, head, element], without a matrix
// of scores in memory: kernels go over the keys and keep a running softmax, of which only the logarithm of
// the sum is stored; gradients make the scores once more (shaders/lib/attention_push.glsl).
#ifndef VENN_OPS_ATTENTION_H
#define VENN_OPS_ATTENTION_H

#include "graph/op.h"

typedef struct venn_attention_form {
    int64_t batch, heads, queries, keys;
    int64_t width, columns; // of a query and a key, of a value
    bool interleaved, causal;
    float scale;
} venn_attention_form;

// Operands of the op and of its passes, in this order. A pass has LSE and DELTA besides, [batch, heads, queries]
// or, interleaved, [batch, queries, heads].
enum {
    VENN_ATTENTION_Q,
    VENN_ATTENTION_K,
    VENN_ATTENTION_V,
    VENN_ATTENTION_MASK,
    VENN_ATTENTION_BIAS,
    VENN_ATTENTION_INPUTS
};

venn_attention_form venn_attention_form_of(const venn_node *n);

// y, differentiable in q, k and v. VENN_NONE after an error.
venn_tensor venn_attention_apply(venn_graph *g, const venn_attention_form *form,
                                 const venn_tensor in[VENN_ATTENTION_INPUTS]);

#endif
