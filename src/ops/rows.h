// What all kernels along the last axis share (shaders/lib/rows.glsl): how many invocations take a row
// together and how much of it each holds. A short row is one invocation's; a longer one is spread over
// the lanes of a subgroup, which exchange by shuffles; one too long to be held is read once per pass.
#ifndef VENN_OPS_ROWS_H
#define VENN_OPS_ROWS_H

#include "graph/op.h"

typedef struct venn_rows {
    uint32_t lanes;    // invocations per row, a power of two
    uint32_t held;     // groups of four that an invocation holds
    uint32_t chunks;   // reads of `held` groups that cover the row; 1: held whole
    bool aligned;      // the length is a multiple of four
    bool filled;       // and as much as the invocations hold
    uint32_t subgroup; // lanes that can exchange, a power of two; 1 without shuffles
    uint32_t group;    // invocations in a workgroup, a multiple of subgroup
    const char *suffix;
} venn_rows;

enum { VENN_ROWS_SPEC = 5, VENN_KERNEL_NAME = 64 };

// For `count` rows of `length` >= 1 elements, `arrays` of which are held at a time.
venn_rows venn_rows_plan(const venn_profile *profile, int64_t count, int64_t length, int arrays);
// The last extent, 1 for a scalar; and how many rows of it the value has (0 if the extent is 0).
int64_t venn_rows_length(const venn_value *value);
int64_t venn_rows_count(const venn_value *value);
// Sets d->kernel (in `name`) and specialization constants 0 .. VENN_ROWS_SPEC - 1.
void venn_rows_dispatch(const venn_rows *rows, const char *stem, char name[VENN_KERNEL_NAME],
                        venn_dispatch *d);
// Launches `stem` over the rows of n's first input: binds all inputs, then output 0. push: the whole
// block, which begins with {rows, length}. The kernel goes over each row `passes` times.
void venn_rows_record(venn_recorder *r, const venn_node *n, const char *stem, const void *push,
                      uint32_t push_size, int arrays, int passes);

#endif
