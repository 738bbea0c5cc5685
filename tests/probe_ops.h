// An op that only tests use, beside those of bench/case_probe.h.
#ifndef PROBE_OPS_H
#define PROBE_OPS_H

#include "bench/case_probe.h"

// w = x, in place, of a variable w.
extern const venn_op_desc probe_assign;

void probe_assign_apply(venn_graph *g, venn_tensor w, venn_tensor x);

#endif
