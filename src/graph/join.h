// Joining: a node does another's work on its way, so that the other is not launched: a product masks what it
// stores, or adds up an operand that it reads anyhow. What can join whom the ops say (op.h).
#ifndef VENN_GRAPH_JOIN_H
#define VENN_GRAPH_JOIN_H

#include "graph/graph_internal.h"

// Among the *n live nodes, replaces hosts by nodes in the arena that do their guests' work as well, and leaves the
// guests out; *joined counts these. VENN_NO_MEMORY.
venn_status venn_join(const venn_graph *g, const venn_profile *profile, venn_arena *arena,
                      venn_node **live, uint32_t *n, uint32_t *joined);

#endif
