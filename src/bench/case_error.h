// How far a result of a case may be off, by tests/tolerances.def, the length of sums and the type in which
// it is stored.
#ifndef VENN_BENCH_CASE_ERROR_H
#define VENN_BENCH_CASE_ERROR_H

#include "bench/case_graph.h"

// An error of relative (|want| + scale) + own |want| is just allowed.
typedef struct venn_error_bound {
    venn_dtype dtype;
    bool exact; // nothing is
    double relative, scale, own;
} venn_error_bound;

// Of `value`, whose exact content is `want` and moves by `sensitivity` (in units of 2^-24, scaled up)
// when the operands move by their last bits.
venn_error_bound venn_error_bound_of(const op_graph *og, bool is_gradient, const venn_value *value,
                                     const double *want, double sensitivity);
// Error in units of what is allowed: up to 1 is right.
double venn_error_in(const venn_error_bound *bound, double got, double want);
// Root of the mean square; 0 of nothing.
double venn_error_rms(const double *values, int64_t count);

#endif
