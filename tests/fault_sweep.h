// Which of all calls of a kind fail, one after the other, in a test that lets each fail once: one in `sample`, or under
// ./dev test --long every one, in parts that are tests of their own, so that none takes long.
#ifndef FAULT_SWEEP_H
#define FAULT_SWEEP_H

#include <criterion/parameterized.h>
#include <stdint.h>

typedef struct fault_sweep {
    uint64_t first, step; // calls first, first + step, ...
} fault_sweep;

// The parameters of such a test: 0, or 0 to the last part.
struct criterion_test_params fault_parts(void);
// VENN_TEST_CALL=N in the environment: the N-th alone, to look into it; N:K: the N-th, the (N+K)-th and so on.
fault_sweep fault_part(int part, int sample);

#endif
