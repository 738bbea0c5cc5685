// One op on one case, forward and backward: is it right, and how long does it take.
#ifndef VENN_BENCH_KERNEL_TIME_H
#define VENN_BENCH_KERNEL_TIME_H

#include "bench/cases.h"
#include "bench/sampling.h"

// The op's nodes are of the phase VENN_PHASE_FORWARD, those of its gradients for all operands that have
// one of VENN_PHASE_BACKWARD; "" holds what only keeps them alive.
#define VENN_PHASE_FORWARD "forward"
#define VENN_PHASE_BACKWARD "backward"

// Operands are variables filled with the case's data, so that nothing but the op is timed.
venn_status venn_kernel_time(venn_device *device, const venn_case *c, const venn_sampling *sampling,
                             venn_sampled *sampled);

#endif
