// A run folder as training leaves it, with made-up but plausible numbers, for tests of what reads one.
#ifndef VENN_TESTS_RUN_FIXTURE_H
#define VENN_TESTS_RUN_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct run_fixture {
    size_t seeds, epochs;  // epochs 0: an empty metrics.jsonl
    double effect;         // mean difference of the distilled student, a fraction
    bool gaps;             // null metrics in seed 0, and all of epoch 3
    const char *name;      // NULL: "digits-kd"
    const char *distilled; // NULL: "distilled"
} run_fixture;

// Writes the four files into `folder` (made if missing).
void run_fixture_write(const char *folder, const run_fixture *fixture);

#endif
