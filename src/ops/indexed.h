// What the ops that read entries of an axis by an index share, and those that add entries to where an
// index says. All of them are x [outer, extent, inner] on one side, y [outer, count, inner] on the other,
// and an index that is repeated over outer, over inner, or over both. An index outside 0 .. extent - 1
// names nothing: zero is read, and what would be added is dropped.
//
// Adding is deterministic without atomics: the index is ordered (order.h), and each element of x finds
// what belongs to it by bisection and adds it up in the order of the index.
#ifndef VENN_OPS_INDEXED_H
#define VENN_OPS_INDEXED_H

#include "graph/op.h"

// How the index lies.
typedef enum venn_index_kind {
    VENN_INDEX_ELEMENTS, // an index for every element: [outer, count, inner]
    VENN_INDEX_VECTOR,   // one for all: [count]
    VENN_INDEX_ROWS      // one for each outer: [outer, count]
} venn_index_kind;

typedef struct venn_indexed {
    venn_index_kind kind;
    int64_t outer, extent, count, inner;
    int64_t skip; // an entry of the axis that is named by nothing; -1: none
} venn_indexed;

// These ops have the first parameter; the others are those of embedding.
typedef struct venn_indexed_params {
    int32_t axis; // of x; negative: from the last
    bool has_skip;
    int32_t skip; // the entry of x that is as good as out of range
} venn_indexed_params;
extern const venn_param_def venn_indexed_param_defs[]; // of the axis alone

// Reads n's inputs x (0) and index (1); `named` gets the shape of what the index names. false after
// venn_node_error.
bool venn_indexed_read(venn_node *n, venn_index_kind kind, venn_shape *named);
// The same of a node that venn_indexed_read has accepted.
venn_indexed venn_indexed_of(const venn_node *n, venn_index_kind kind);
// Whether entries are contiguous groups of four.
bool venn_indexed_in_fours(const venn_indexed *ix);
void venn_indexed_cost(const venn_node *n, venn_cost *cost);
// For references: the element of x that element e of y stands for, or -1.
int64_t venn_indexed_named(const venn_indexed *ix, const double *index, int64_t e);

// ---- y = what the index names of x -------------------------------------------------------------

bool venn_indexed_shape(venn_node *n, venn_index_kind kind);
void venn_indexed_record(venn_recorder *r, const venn_node *n, venn_index_kind kind);
void venn_indexed_gradient(venn_graph *g, const venn_node *n, venn_index_kind kind,
                           const venn_tensor *dy, venn_tensor *dx);
void venn_indexed_ref(const venn_ref *r, venn_index_kind kind);
void venn_indexed_ref_grad(const venn_ref *r, venn_index_kind kind);

// ---- y = x + the entries of source (input 2), each where the index says ------------------------

bool venn_indexed_add_shape(venn_node *n, venn_index_kind kind);
uint64_t venn_indexed_add_workspace(const venn_profile *profile, const venn_indexed *ix);
// Wants n->workspace; base NULL: 0.
void venn_indexed_add_record(venn_recorder *r, const venn_node *n, const venn_indexed *ix,
                             const venn_value *base, const venn_value *index,
                             const venn_value *source);
void venn_indexed_add_ref(const venn_ref *r, venn_index_kind kind);
void venn_indexed_add_ref_grad(const venn_ref *r, venn_index_kind kind);
// A node: dy [outer, count, inner] added into zeros of x's shape.
venn_tensor venn_indexed_backward(venn_graph *g, const venn_indexed *ix, venn_shape x,
                                  venn_tensor index, venn_tensor dy);

#endif
