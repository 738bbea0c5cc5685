// Submitting a program: in one piece, or in as many as keep each below the time that the device allows.
#include <math.h>

#include "graph/program_internal.h"

// In how many pieces. Until a run has been timed every part is one of its own.
static uint32_t count_pieces(const venn_program *p)
{
    const double allowed = venn_device_limits(p->device)->submission_us;
    if (allowed == 0)
        return 1;
    if (p->run_us == 0)
        return p->n_parts;
    return (uint32_t)fmin(p->n_parts, ceil(p->run_us / allowed));
}

// The slot's former run has ended, because `begin` waited for it.
static void note_time(venn_program *p, const program_slot *slot)
{
    const double us = slot->ticket ? venn_program_device_time(p, slot->ticket) : 0;
    if (us > 0)
        p->run_us = us;
}

static venn_status submit_piece(venn_program *p, program_slot *slot, uint32_t piece, uint32_t n)
{
    venn_commands *lists[VENN_MAX_LISTS];
    uint32_t count = 0;
    if (piece == 0)
        lists[count++] = slot->before;
    for (uint32_t i = piece * p->n_parts / n; i < (piece + 1) * p->n_parts / n; i++)
        lists[count++] = p->parts[i].list;
    if (piece + 1 == n)
        lists[count++] = slot->after;
    return venn_queue_submit(p->device, lists, count, &slot->ticket);
}

venn_status venn_program_submit(venn_program *p, uint64_t *ticket)
{
    if (!p->begun)
        return venn_fail(VENN_BAD_ARG, "%s: venn_program_submit without venn_program_begin",
                         p->name);
    program_slot *slot = &p->slots[p->slot];
    if (p->n_parts > 1)
        note_time(p, slot);
    const uint32_t n = count_pieces(p);
    for (uint32_t i = 0; i < n; i++)
        VENN_TRY(submit_piece(p, slot, i, n));
    p->info.submissions = n;
    p->begun = false;
    p->last_ticket = slot->ticket;
    if (ticket)
        *ticket = slot->ticket;
    return VENN_OK;
}
