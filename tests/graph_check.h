// Runs a whole graph on a device and in double precision and compares all outputs and gradients.
#ifndef GRAPH_CHECK_H
#define GRAPH_CHECK_H

#include "venn/graph.h"

// Declares an output for every gradient of the graph, gives N(0,1) to inputs and variables by `seed`,
// runs the program (compiled with params; NULL: poisoned memory) and the double-precision reference,
// and fails the present test where |got - want| > tolerance (|want| + rms(want)) in an output, a
// gradient or a variable. Gradients that the graph calls zero must be zero.
void check_graph(venn_graph *g, venn_device *device, const venn_compile_params *params,
                 uint64_t seed, double tolerance);
// The same values for input, variable or integer operand `index` of a graph, in host memory.
void fill_graph_operand(uint64_t seed, uint32_t index, venn_dtype dtype, int64_t count, void *data);

#endif
