// One op on one case, forward and backward: is it right, and how long does it take.
#ifndef VENN_BENCH_KERNEL_TIME_H
#define VENN_BENCH_KERNEL_TIME_H

#include "bench/cases.h"
#include "bench/sampling.h"

// The op's nodes are of the phase VENN_PHASE_FORWARD, those of its gradients for all operands that have
// one of VENN_PHASE_BACKWARD; "" holds what only keeps them alive.
#define VENN_PHASE_FORWARD "forward"
#define VENN_PHASE_BACKWARD "backward"

// What of the op a program holds: both, the forward pass, or, by an operand's position, its gradient
// alone, from a dy of random numbers.
enum { VENN_KERNEL_ALL = -2, VENN_KERNEL_FORWARD = -1 };

// Operands are variables filled with the case's data, so that nothing but the op is timed. The case need
// not outlive venn_kernel_program_create.
typedef struct venn_kernel_program {
    const venn_case *c;
    venn_device *device;
    venn_graph *g;
    venn_program *program;
    venn_tensor x[VENN_MAX_INPUTS];
    venn_var *var[VENN_MAX_INPUTS + VENN_MAX_OUTPUTS];
    int n_var, n_out;
    bool whole; // results are outputs of the program, not one element of each
} venn_kernel_program;

// *b holds nothing but `whole`. Outputs are y0, y1, ... On failure venn_kernel_program_finish is still to
// be called.
venn_status venn_kernel_program_create(venn_kernel_program *b, venn_device *device,
                                       const venn_case *c, int part);
void venn_kernel_program_finish(venn_kernel_program *b);

// All of a case, once.
venn_status venn_kernel_time(venn_device *device, const venn_case *c, const venn_sampling *sampling,
                             venn_sampled *sampled);

#endif
