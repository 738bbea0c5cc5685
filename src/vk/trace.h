// What a list really records, to find missing barriers: every command's memory, as its shader declares
// it, and every barrier. It knows nothing of the bookkeeping that places the barriers, and so can find
// it wrong; the validation layers overlook kernels that write what a kernel before them read or wrote.
#ifndef VENN_VK_TRACE_H
#define VENN_VK_TRACE_H

#include "vk/vk_internal.h"

typedef struct venn_trace_label {
    char text[48];
} venn_trace_label;

typedef struct venn_trace_event {
    const venn_block *block; // NULL: a barrier
    uint64_t offset, size;
    bool reads, writes;
    uint32_t command; // number
    uint32_t label;   // 1 + its place; 0: none
} venn_trace_event;

typedef struct venn_trace {
    venn_trace_event *events;
    venn_trace_label *labels;
    uint32_t n_events, max_events, n_labels, max_labels, n_commands;
    bool incomplete; // memory ran out
} venn_trace;

// All of these accept NULL, for a list that is not traced.
// Commands that follow belong to `label`.
void venn_trace_name(venn_trace *trace, const char *label);
// Begins a command; its accesses follow.
void venn_trace_command(venn_trace *trace);
void venn_trace_access(venn_trace *trace, const venn_memory *memory, bool reads, bool writes);
void venn_trace_barrier(venn_trace *trace);
void venn_trace_destroy(venn_trace **trace);

// VENN_INTERNAL as venn_commands_end says it.
venn_status venn_trace_check(const venn_trace *trace);

#endif
