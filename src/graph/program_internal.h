// A compiled program: memory, the recorded command lists and the slots that let runs overlap.
#ifndef VENN_GRAPH_PROGRAM_INTERNAL_H
#define VENN_GRAPH_PROGRAM_INTERNAL_H

#include "graph/graph_internal.h"
#include "kernel/kernel.h"

// What the program keeps of a graph's value; the graph may be gone when it runs.
typedef struct program_value {
    const char *name;
    venn_dtype dtype;
    venn_shape shape;
    uint64_t bytes;
    venn_memory memory;
    uint64_t staging; // inputs and outputs: offset in the slot's staging memory
} program_value;

typedef struct program_node {
    const char *op, *name, *phase;
    uint32_t n_out, dispatches;
    double flops, bytes; // that the op says it costs
    program_value out[VENN_MAX_OUTPUTS];
    program_value workspace; // name NULL: none
} program_node;

// Some nodes in a row, in a list of their own: a program that takes long is submitted part by part.
typedef struct program_part {
    venn_commands *list;
    uint32_t first, n;
} program_part;

enum { PROGRAM_MAX_PARTS = VENN_MAX_LISTS - 2 };

typedef struct program_slot {
    venn_memory upload, readback;
    venn_commands *before, *after; // uploads; downloads
    uint64_t ticket;               // of its last run
} program_slot;

struct venn_program {
    venn_device *device;
    venn_arena arena;
    char *name;
    venn_program_info info;
    bool keep_all, guard, timestamps;

    program_node *nodes;
    program_value *inputs, *outputs;
    uint32_t n_nodes, n_inputs, n_outputs;

    venn_memory input_memory; // all inputs side by side: one upload
    venn_memory transient;    // planned memory
    program_part *parts;
    uint32_t n_parts;
    double run_us; // device time of the last run that is known; 0: of none yet
    program_slot *slots;
    uint32_t n_slots, slot; // slot: taken by begin
    bool begun;
    uint64_t last_ticket;
};

// Multiply-adds and traffic of a node in one number: devices move some sixteenth of a byte per operation.
static inline double venn_program_node_cost(const program_node *n)
{
    return n->flops + 16 * n->bytes;
}

// The word that poisoned memory and guard words hold: a quiet NaN with a tell-tale payload.
#define VENN_POISON 0x7fc0dead

// ---- Recorder (recorder.c) -------------------------------------------------------------------

struct venn_recorder {
    venn_program *program;
    venn_kernels *kernels;
    venn_commands *list;
    const venn_node *node; // being recorded
    venn_memory *memory;   // by value id; block NULL: none
    venn_status status;
    // While `gathering` nothing is recorded; each pipeline that recording will need is noted once.
    bool gathering;
    venn_kernel_request *requests;
    size_t n_requests, max_requests;
    // Ranges touched since the last barrier.
    struct venn_touched {
        venn_memory memory;
        bool written;
    } * touched;
    uint32_t n_touched, max_touched;
};

// Records node n; the first failure stays in r->status with its message set.
void venn_recorder_node(venn_recorder *r, const venn_node *n);
// Goes through the nodes once to make their pipelines, all at a time; then recording finds them made.
void venn_recorder_prepare(venn_recorder *r, venn_node *const *nodes, uint32_t n);
void venn_recorder_finish(venn_recorder *r);

#endif
