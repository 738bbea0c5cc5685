// Nodes that one launch can do: neighbours in the list whose op takes its arrays element by element
// (venn_op_desc.flat), with the same params and scalars, over variables that lie side by side in memory. The
// planner puts what else they read, gradients, side by side as well.
#ifndef VENN_GRAPH_FLAT_H
#define VENN_GRAPH_FLAT_H

#include "graph/graph_internal.h"
#include "kernel/profile.h"

// Live nodes first .. first + n - 1, more than one, as a node of their own over all of their elements.
typedef struct venn_flat_run {
    uint32_t first, n;
    uint64_t bytes; // of each array, from the beginning of the first to the end of the last
    venn_node node;
    venn_value whole[VENN_MAX_INPUTS];
} venn_flat_run;

typedef struct venn_flat {
    venn_flat_run *runs;
    uint32_t n;
} venn_flat;

// Finds the runs among `n` nodes; values that stand for whole arrays get ids from *n_ids on. VENN_NO_MEMORY.
venn_status venn_flat_find(venn_flat *flat, venn_node *const *nodes, uint32_t n,
                           const venn_profile *profile, uint64_t alignment, uint32_t n_values,
                           uint32_t *n_ids);
// The run that node `index` is in; NULL: none.
const venn_flat_run *venn_flat_at(const venn_flat *flat, uint32_t index);
// Where operand k of live node `index` lies in the run's array, in bytes.
uint64_t venn_flat_offset(const venn_flat_run *run, const venn_node *node);
// Whether a variable holds operand k; otherwise it is in planned memory.
bool venn_flat_is_var(const venn_node *node, int k);
void venn_flat_finish(venn_flat *flat);

#endif
