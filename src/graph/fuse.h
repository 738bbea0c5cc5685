// Fusion: chains and trees of elementwise nodes, over as many elements each, become one node with one kernel,
// so that what lies between them stays in registers. The bits of all results are those of the separate nodes.
//
// A group of nodes may become one where its last node stands if nothing outside needs what they make before
// then, and nothing changes in place what they read until then.
#ifndef VENN_GRAPH_FUSE_H
#define VENN_GRAPH_FUSE_H

#include "graph/graph_internal.h"
#include "kernel/kernel.h"

enum { VENN_FUSE_PARTS = 16, VENN_FUSE_OPERANDS = 3, VENN_FUSE_RECIPE = 1024 };

typedef struct venn_fused_part {
    const venn_node *node;
    venn_element element;
    int operand
        [VENN_FUSE_OPERANDS]; // k: input k of the fused node; VENN_MAX_INPUTS + k: part k's result
    bool stored;              // its result is an output of the fused node
} venn_fused_part;

// The params of a fused node.
typedef struct venn_fused {
    int n;
    venn_fused_part part[VENN_FUSE_PARTS];
    const venn_node
        *reader[VENN_MAX_INPUTS]; // the part's node that broadcasts input k; NULL: none does
    char recipe[VENN_FUSE_RECIPE];
    char kernel[VENN_KERNEL_TEXT];
} venn_fused;

// Replaces groups among the *n live nodes by fused nodes, which live in the arena; *fused counts the nodes that
// are gone. VENN_NO_MEMORY; a kernel that cannot be made leaves its nodes as they are, with a word in the log.
venn_status venn_fuse(venn_graph *g, venn_kernels *kernels, const venn_compile_params *params,
                      venn_arena *arena, venn_node **live, uint32_t *n, uint32_t *fused);

// fuse_gain.c: microseconds that one run is expected to save by this fused node: launches, and what need not go
// through memory.
double venn_fuse_saves(const venn_node *n, bool software);
// Whether a kernel that saves so much in a run is to be made.
bool venn_fuse_pays(venn_kernels *kernels, const venn_fused *fused, double saved_us,
                    const venn_compile_params *params);

// ---- Provided by src/ops ---------------------------------------------------------------------

// What stands in for several ops: its params are a venn_fused, its first outputs in the order of parts.
extern const venn_op_desc venn_fused_op;
// Writes the recipe of a fused node, whose parts are filled in. false if there can be no kernel for it.
bool venn_fused_describe(venn_node *n, venn_fused *fused);
// Whether making the kernel would cost more than finding it.
bool venn_fused_is_new(venn_kernels *kernels, const venn_fused *fused);
// Fills in fused->kernel.
venn_status venn_fused_make(venn_kernels *kernels, venn_fused *fused);

#endif
