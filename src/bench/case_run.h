// The shared test of ops: runs cases on a device and checks, with no knowledge of any op,
//   outputs, in-place operands and gradients against the double-precision reference (case_graph.h says
//   in which graphs; tolerances.def how close); that nothing is left unwritten (poisoned memory) or
//   written past its end (guard words); that operands without gradient get none; that runs are equal
//   bit for bit, with and without reuse of memory; ref_grad against finite differences of ref.
#ifndef VENN_BENCH_CASE_RUN_H
#define VENN_BENCH_CASE_RUN_H

#include "base/hash.h"
#include "bench/cases.h"

// How far something was off at most, in units of tolerance, and where; "" if nothing was.
typedef struct venn_case_worst {
    double error;
    char where[512];
} venn_case_worst;

// Of the cases of one type (venn_case_type).
typedef struct venn_case_type_report {
    int cases, failures;    // that ran
    int unsupported;        // that the device cannot run, and
    char why[512];          // what the first of them said
    double value, gradient; // worst errors
} venn_case_type_report;

typedef struct venn_case_report {
    int cases, failures;
    int refused; // not counted in cases: beyond a limit that VENN_FAKE_LIMITS sets
    venn_case_worst value, gradient; // on the device
    double worst_ref;                // of ref_grad against finite differences
    venn_case_type_report type[VENN_CASE_TYPES];
    venn_hash hash, last;        // of the bits of all results of all cases, of the last case
    int sampled;                 // cases of the sample (VENN_CASE_SAMPLE)
    venn_hash sample;            // and the hash of theirs alone
    double cpu_seconds, slowest; // of all cases, of the slowest one
    char slowest_case[512];
    char first[1024]; // first failure: op, dims, params, element, got, want
} venn_case_report;

// Adds to *report; failures beyond the first are only counted.
void venn_case_run(venn_device *device, const venn_case *c, venn_case_report *report);

// ---- Many cases (case_walk.c) ----------------------------------------------------------------

// The sample is the choice of this stride. Runs whose stride divides it hold all of it, so that their
// hashes can be compared whatever else they ran.
#define VENN_CASE_SAMPLE 16

// The CASE and LONG rows of the op; with a stride above 1 about one case in `stride`, always the same
// ones and the first among them. A row that cannot be read is a failure; so is an op without any.
void venn_case_run_op(venn_device *device, const venn_op_desc *op, uint32_t stride,
                      venn_case_report *report);

#endif
