// Repeated runs of a compiled program with the time of each, as a whole and phase by phase
// (venn_graph_phase): what the times of kernels and of training steps are made of.
#ifndef VENN_BENCH_SAMPLING_H
#define VENN_BENCH_SAMPLING_H

#include "bench/meter.h"
#include "venn/graph.h"

enum { VENN_SAMPLED_PHASES = 12 };

typedef struct venn_sampled_phase {
    char name[24];
    double flops, bytes; // of one run, as the ops say
    double *us;          // [samples] by the device's clock
} venn_sampled_phase;

typedef struct venn_sampled {
    uint32_t samples;
    double *wall_us; // [samples], from before the inputs are written until the host has the result
    double *cpu_us;  // [samples], of all of the process's threads in that time
    double *host_us; // [samples], of this thread alone, without writing the inputs and waiting
    venn_metered metered; // energy and clock over all samples and what lies between them
    double *device_us;    // [samples], first upload to last download; NULL: no device clock
    size_t n_phases;      // 0 without a device clock
    venn_sampled_phase phase[VENN_SAMPLED_PHASES]; // in the order in which they first run
} venn_sampled;

// Writes the inputs of run number `run` (warm-up runs count) between begin and submit, and sees the
// outputs of it. Either may be NULL.
typedef struct venn_sampled_hooks {
    venn_status (*feed)(void *user, venn_program *program, uint32_t run);
    void (*done)(void *user, venn_program *program, uint64_t ticket, uint32_t run);
    void *user;
} venn_sampled_hooks;

typedef struct venn_sampling {
    uint32_t warmup, samples;
    bool phases;          // the program was compiled with timestamps, which are wanted
    double limit_seconds; // of all runs together; 0: none
    venn_meter *meter;    // NULL: none
} venn_sampling;

// One run after another: none overlap. VENN_CANCELLED if it would take longer than the limit. On
// failure nothing is left to free.
venn_status venn_sample_program(venn_program *program, const venn_sampling *sampling,
                                const venn_sampled_hooks *hooks, venn_sampled *sampled);
void venn_sampled_finish(venn_sampled *sampled);
// NULL if no node is of that phase.
const venn_sampled_phase *venn_sampled_find(const venn_sampled *sampled, const char *phase);

#endif
