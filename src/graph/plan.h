// The memory planner: offsets for values whose lifetimes are known, so that values that never live at
// the same time share memory.
#ifndef VENN_GRAPH_PLAN_H
#define VENN_GRAPH_PLAN_H

#include <stddef.h>

#include "venn/base.h"

typedef struct venn_plan_item {
    uint64_t size;        // bytes; 0 is allowed
    uint32_t first, last; // steps in which the value lives, both included
    uint64_t offset;      // out; of a fixed one: in
    bool fixed;           // where it is to be; fixed ones do not meet each other
} venn_plan_item;

typedef struct venn_plan_result {
    uint64_t peak;  // bytes that the plan needs
    uint64_t lower; // the most bytes that live in one step: no plan needs less
    uint64_t naive; // bytes without any sharing
} venn_plan_result;

// Greedy by size, behind those that are fixed: largest first, each at the lowest gap that fits among placed items whose lifetimes
// meet its own. Sizes are rounded up to `alignment` (a power of two). VENN_NO_MEMORY.
venn_status venn_plan(venn_plan_item *items, size_t n, uint64_t alignment,
                      venn_plan_result *result);

#endif
