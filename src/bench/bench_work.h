// Work of a case beside its timing (venn/bench.h).
#ifndef VENN_BENCH_BENCH_WORK_H
#define VENN_BENCH_BENCH_WORK_H

#include "base/hash.h"
#include "venn/bench.h"

// Runs a case once and hashes its first result, every bit of it.
venn_status venn_bench_work_result(venn_device *device, const char *what, const char *part,
                                   venn_hash *hash);

#endif
