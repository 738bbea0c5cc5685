// Checks an op's ref_grad against central differences of its ref, both in double.
#ifndef VENN_BENCH_FINITE_DIFFERENCE_H
#define VENN_BENCH_FINITE_DIFFERENCE_H

#include "bench/case_graph.h"

typedef struct fd_result {
    bool failed;
    double worst;      // error in units of tolerance
    char message[256]; // of the first failure
} fd_result;

// Differentiates L = sum y r of og's case, at its data, by some elements (chosen by the case's seed;
// all, if they are few) of every differentiable operand. VENN_NO_MEMORY.
venn_status venn_finite_difference(const op_graph *og, fd_result *result);

#endif
