// The oracle of whole graphs: runs a graph on the host in double precision by the ops' `ref`. Every
// call of venn_graph_gradients in the graph is replaced by a reverse sweep of its own with `ref_grad`,
// so that it shares nothing with the gradient rules that it is to check. Variables keep their double
// state from run to run: a training step, optimizer included, can be replayed many times.
// Not supported: gradients of gradients.
#ifndef VENN_GRAPH_REFERENCE_H
#define VENN_GRAPH_REFERENCE_H

#include "graph/op.h"

typedef struct venn_reference venn_reference;

// Sees the graph as it is now; the graph must outlive it. Inputs and variables are zero.
// VENN_UNSUPPORTED names an op that lacks what is needed; the graph's sticky error comes out too.
venn_status venn_reference_create(venn_reference **out, const venn_graph *g);
void venn_reference_destroy(venn_reference **reference);

// The content of t, of count elements, to write (inputs, variables) or to read after a run. NULL for
// VENN_NONE and for values inside a gradient's computation. Aliases share memory. Owned by the
// reference.
double *venn_reference_value(venn_reference *reference, venn_tensor t);
// Sets variables from the device.
venn_status venn_reference_read_vars(venn_reference *reference);
// As venn_program_set_rng.
void venn_reference_set_rng(venn_reference *reference, uint64_t key, uint64_t step);

venn_status venn_reference_run(venn_reference *reference);

// After a run: dx[i] of the graph's gradient call number `call`, of x[i]'s count; zeros where y does
// not depend on x[i].
const double *venn_reference_gradient(const venn_reference *reference, uint32_t call, size_t i);

#endif
