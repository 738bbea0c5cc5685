// Finding nodes that join others (see join.h). A joined node stands where its host stood, so what the guest reads
// besides must be there by then, and stay as it is.
#include <stdlib.h>
#include <string.h>

#include "graph/join.h"

typedef struct joiner {
    const venn_profile *profile;
    venn_arena *arena;
    venn_node **live; // NULL: has joined another
    uint32_t n;
    uint32_t *producer; // by id of a value that owns memory: 1 + position of the node that makes it
    uint32_t *readers;  // by id: how many nodes read it
    bool *is_output;    // by id
} joiner;

static uint32_t id_of(const venn_value *value)
{
    return venn_value_root(value)->id;
}

static void note_all(joiner *j, const venn_graph *g)
{
    for (uint32_t k = 0; k < j->n; k++) {
        const venn_node *n = j->live[k];
        for (int i = 0; i < n->n_in && !n->op->alias; i++)
            if (n->in[i])
                j->readers[id_of(n->in[i])]++;
        for (int o = 0; o < n->n_out && !n->op->alias; o++)
            j->producer[id_of(n->out[o])] = k + 1;
    }
    for (uint32_t i = 0; i < g->n_outputs; i++)
        j->is_output[id_of(g->outputs[i].value)] = true;
}

// Whether all that the guest reads but operand `own` is there before position `at` and never changes.
static bool is_ready(const joiner *j, const venn_node *guest, int own, uint32_t at)
{
    for (int i = 0; i < guest->n_in; i++) {
        const venn_value *value = guest->in[i];
        if (i != own && value && (venn_value_root(value)->var || j->producer[id_of(value)] > at))
            return false;
    }
    return true;
}

static bool reads(const venn_node *n, uint32_t id)
{
    for (int i = 0; i < n->n_in; i++)
        if (n->in[i] && id_of(n->in[i]) == id)
            return true;
    return false;
}

static venn_status try_host(joiner *j, uint32_t at, uint32_t guest_at, bool *done)
{
    const venn_node *guest = j->live[guest_at], *host = j->live[at];
    if (!host || !host->op->join || !is_ready(j, guest, guest->op->joins.in, at))
        return VENN_OK;
    uint64_t params[VENN_JOIN_PARAMS / sizeof(uint64_t)] = {0};
    venn_node both = *host;
    if (!host->op->join(j->profile, guest, &both, params))
        return VENN_OK;
    venn_node *n = venn_arena_alloc(j->arena, sizeof *n);
    void *kept = venn_arena_alloc(j->arena, both.op->params_size);
    if (!n || !kept)
        return VENN_NO_MEMORY;
    memcpy(kept, params, both.op->params_size);
    *n = both;
    n->params = kept;
    j->live[at] = n;
    j->live[guest_at] = NULL;
    j->readers[id_of(guest->in[guest->op->joins.in])]--;
    for (int o = 0; o < guest->n_out; o++)
        j->producer[id_of(guest->out[o])] = at + 1;
    *done = true;
    return VENN_OK;
}

static venn_status place(joiner *j, uint32_t k, uint32_t *joined)
{
    const venn_node *guest = j->live[k];
    if (guest->op->joins.place == VENN_JOIN_NEVER)
        return VENN_OK;
    const venn_value *value = guest->in[guest->op->joins.in];
    const uint32_t id = id_of(value);
    bool done = false;
    if (guest->op->joins.place == VENN_JOIN_BEHIND) {
        const bool alone = !value->alias && j->readers[id] == 1 && !j->is_output[id];
        if (alone && j->producer[id])
            VENN_TRY(try_host(j, j->producer[id] - 1, k, &done));
    } else {
        for (uint32_t at = k; at-- > 0 && !done && !venn_value_root(value)->var;)
            if (j->live[at] && reads(j->live[at], id))
                VENN_TRY(try_host(j, at, k, &done));
    }
    *joined += done;
    return VENN_OK;
}

venn_status venn_join(const venn_graph *g, const venn_profile *profile, venn_arena *arena,
                      venn_node **live, uint32_t *n, uint32_t *joined)
{
    const uint32_t ids = g->n_values + 1;
    joiner j = {.profile = profile, .arena = arena, .live = live, .n = *n};
    j.producer = venn_alloc(ids, sizeof *j.producer);
    j.readers = venn_alloc(ids, sizeof *j.readers);
    j.is_output = venn_alloc(ids, sizeof *j.is_output);
    venn_status status = j.producer && j.readers && j.is_output ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK)
        note_all(&j, g);
    for (uint32_t k = 0; k < j.n && status == VENN_OK; k++)
        status = place(&j, k, joined);
    *n = 0;
    for (uint32_t k = 0; k < j.n; k++)
        if (live[k])
            live[(*n)++] = live[k];
    free(j.producer);
    free(j.readers);
    free(j.is_output);
    return status;
}
