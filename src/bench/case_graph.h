// The graph that puts one case of an op to the test. It holds the op twice:
//   end   y = op(x), gradients of L = sum y r for inputs only, parameters only, all
//   mid   the same between copies (x -> pass -> op -> pass -> L), gradients for all; not of HALF rows
// Operand kinds: integers and NO_GRAD operands are inputs; in-place operands are variables; of the
// differentiable ones the first is an input and the others are variables, or, by the case's seed, the
// other way about.
#ifndef VENN_BENCH_CASE_GRAPH_H
#define VENN_BENCH_CASE_GRAPH_H

#include "bench/cases.h"
#include "graph/graph_internal.h"

#define VENN_MAX_CHECKS 64

// Something to compare with the reference.
typedef struct op_check {
    char name[48]; // of the program's output, and in messages
    venn_tensor t; // VENN_NONE: a gradient that the graph says is zero
    bool is_gradient;
    uint32_t call;        // of a gradient: number of the call
    size_t position;      // and which x of it
    const venn_value *of; // whose shape it has
    bool must_be_none;    // a gradient of an operand that has none
} op_check;

typedef struct op_graph {
    const venn_case *c;
    venn_device *device;
    venn_graph *g;
    const venn_node *node; // the op at the end
    venn_tensor x[VENN_MAX_INPUTS], y[VENN_MAX_OUTPUTS], r[VENN_MAX_OUTPUTS];
    venn_var *var[VENN_MAX_INPUTS]; // NULL: x[i] is not a variable
    void *data[VENN_MAX_INPUTS];    // host content of x[i]
    void *weight[VENN_MAX_OUTPUTS]; // host content of r[o], of y[o]'s type
    uint32_t differentiable;        // operands that may get a gradient
    op_check checks[VENN_MAX_CHECKS];
    int n_checks;
} op_graph;

// On failure the message is venn_error_message; finish is to be called in any case.
venn_status venn_case_graph_init(op_graph *og, const venn_case *c, venn_device *device);
void venn_case_graph_finish(op_graph *og);

#endif
