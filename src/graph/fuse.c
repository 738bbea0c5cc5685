// Finding what to fuse, and whether it pays (see fuse.h).
#include <stdlib.h>
#include <string.h>

#include "graph/fuse.h"

typedef struct group {
    uint32_t at[VENN_FUSE_PARTS]; // positions of its nodes, rising
    int n;                        // 0: none
} group;

typedef struct user {
    uint32_t at,
        next; // position of a node that reads a value; the next one of the same value, 0: none
} user;

typedef struct finder {
    venn_kernels *kernels;
    venn_node **live;  // what becomes of them
    venn_node **nodes; // as they were
    uint32_t n;
    uint32_t *producer; // by id of a value that owns memory: 1 + position of the node that makes it
    uint32_t *readers;  // by id: its first user
    uint32_t *first_change; // by id: 1 + position of the first node that changes it in place
    uint32_t *last_change;
    bool *is_output; // by id
    user *users;
    uint32_t n_users;
    group *groups;     // by position of the last node
    uint32_t *last_of; // by position: 1 + position of its group's last node; 0: not elementwise
    venn_node trial;
    venn_fused fused; // of trial
} finder;

// ---- Who reads what --------------------------------------------------------------------------

static venn_status prepare(finder *f, const venn_graph *g)
{
    const uint32_t ids = g->n_values + 1;
    f->producer = venn_alloc(ids, sizeof *f->producer);
    f->readers = venn_alloc(ids, sizeof *f->readers);
    f->first_change = venn_alloc(ids, sizeof *f->first_change);
    f->last_change = venn_alloc(ids, sizeof *f->last_change);
    f->is_output = venn_alloc(ids, sizeof *f->is_output);
    f->users = venn_alloc((size_t)f->n * VENN_MAX_INPUTS + 1, sizeof *f->users);
    f->groups = venn_alloc(f->n, sizeof *f->groups);
    f->last_of = venn_alloc(f->n, sizeof *f->last_of);
    f->nodes = venn_alloc(f->n, sizeof(venn_node *));
    if (f->nodes && f->n)
        memcpy(f->nodes, f->live, f->n * sizeof(venn_node *));
    return f->nodes && f->producer && f->readers && f->first_change && f->last_change &&
                   f->is_output && f->users && f->groups && f->last_of
               ? VENN_OK
               : VENN_NO_MEMORY;
}

static void finish(finder *f)
{
    free(f->producer);
    free(f->readers);
    free(f->first_change);
    free(f->last_change);
    free(f->nodes);
    free(f->is_output);
    free(f->users);
    free(f->groups);
    free(f->last_of);
}

static void note_node(finder *f, uint32_t k)
{
    const venn_node *n = f->nodes[k];
    const uint32_t updates = venn_node_updates(n);
    if (n->op->alias)
        return;
    for (int i = 0; i < n->n_in; i++) {
        if (!n->in[i])
            continue;
        const uint32_t id = venn_value_root(n->in[i])->id;
        f->users[++f->n_users] = (user){k, f->readers[id]};
        f->readers[id] = f->n_users;
        if (updates >> i & 1 && !f->first_change[id])
            f->first_change[id] = k + 1;
        if (updates >> i & 1)
            f->last_change[id] = k + 1;
    }
    for (int o = 0; o < n->n_out; o++)
        f->producer[venn_value_root(n->out[o])->id] = k + 1;
}

static void note_all(finder *f, const venn_graph *g)
{
    for (uint32_t k = 0; k < f->n; k++)
        note_node(f, k);
    for (uint32_t i = 0; i < g->n_outputs; i++)
        f->is_output[venn_value_root(g->outputs[i].value)->id] = true;
}

// ---- Groups ----------------------------------------------------------------------------------

static bool is_elementwise(const venn_node *n)
{
    venn_element element;
    if (!n->op->element || n->n_out != 1 || n->n_in > VENN_FUSE_OPERANDS || n->out[0]->count == 0 ||
        !venn_dtype_is_float(n->out[0]->dtype) || !n->op->element(n, &element))
        return false;
    for (int i = 0; i < n->n_in; i++)
        if (!n->in[i] || !venn_dtype_is_float(n->in[i]->dtype) || n->in[i]->count == 0)
            return false;
    return true;
}

// Which part of the group makes the value, element by element what node n reads; -1: none.
static int part_of(const finder *f, const group *s, const venn_node *n, const venn_value *value)
{
    const venn_value *root = venn_value_root(value);
    if (value->count != n->out[0]->count || !f->producer[root->id])
        return -1;
    for (int k = 0; k < s->n; k++)
        if (s->at[k] + 1 == f->producer[root->id])
            return k;
    return -1;
}

static bool has(const group *s, uint32_t at)
{
    for (int k = 0; k < s->n; k++)
        if (s->at[k] == at)
            return true;
    return false;
}

// Whether a result is needed outside; *early if before the group's last node.
static bool is_needed_outside(const finder *f, const group *s, const venn_value *value, bool *early)
{
    const uint32_t id = venn_value_root(value)->id, last = s->at[s->n - 1];
    bool needed = f->is_output[id];
    for (uint32_t u = f->readers[id]; u; u = f->users[u].next) {
        const venn_node *reader = f->nodes[f->users[u].at];
        // Inside, too, it may be seen otherwise than element by element.
        bool inside = has(s, f->users[u].at);
        for (int i = 0; inside && i < reader->n_in; i++)
            if (venn_value_root(reader->in[i])->id == id)
                inside = part_of(f, s, reader, reader->in[i]) >= 0;
        if (inside)
            continue;
        needed = true;
        *early |= f->users[u].at <= last;
    }
    return needed;
}

// The fused node's input that is `value` as node n sees it; a new one if there is none. -1: no room.
static int input_of(finder *f, const venn_node *n, venn_value *value)
{
    venn_node *t = &f->trial;
    const venn_node *reader = value->count == n->out[0]->count ? NULL : n;
    for (int i = 0; i < t->n_in; i++) {
        const venn_node *other = f->fused.reader[i];
        if (venn_value_root(t->in[i]) != venn_value_root(value) || !reader != !other)
            continue;
        if (!reader || value->count == 1 ||
            (venn_shape_equal(&t->in[i]->shape, &value->shape) &&
             venn_shape_equal(&other->out[0]->shape, &n->out[0]->shape)))
            return i;
    }
    if (t->n_in == VENN_MAX_INPUTS)
        return -1;
    t->in[t->n_in] = value;
    f->fused.reader[t->n_in] = reader;
    return t->n_in++;
}

// Whether a node behind `from`, up to `to`, changes the value in place: it is another one then.
static bool may_change(const finder *f, const venn_value *value, uint32_t from, uint32_t to)
{
    const uint32_t id = venn_value_root(value)->id;
    return f->first_change[id] && f->first_change[id] <= to + 1 && f->last_change[id] > from + 1;
}

static bool add_part(finder *f, const group *s, int k)
{
    venn_fused_part *p = &f->fused.part[k];
    const venn_node *n = f->nodes[s->at[k]];
    bool early = false;
    *p = (venn_fused_part){.node = n};
    n->op->element(n, &p->element);
    for (int i = 0; i < n->n_in; i++) {
        const int part = part_of(f, s, n, n->in[i]);
        p->operand[i] = part >= 0 ? VENN_MAX_INPUTS + part : input_of(f, n, n->in[i]);
        if (p->operand[i] < 0 || (part < 0 && may_change(f, n->in[i], s->at[k], s->at[s->n - 1])))
            return false;
    }
    p->stored = is_needed_outside(f, s, n->out[0], &early);
    if (early || (p->stored && f->trial.n_out == VENN_MAX_OUTPUTS))
        return false;
    if (p->stored)
        f->trial.out[f->trial.n_out++] = n->out[0];
    return true;
}

// Fills in `trial`, the node that stands in for the group; false if there can be none.
static bool describe(finder *f, const group *s)
{
    const venn_node *last = f->nodes[s->at[s->n - 1]];
    f->trial = (venn_node){.op = &venn_fused_op,
                           .params = &f->fused,
                           .graph = last->graph,
                           .phase = last->phase,
                           .index = last->index};
    f->fused.n = s->n;
    for (int k = 0; k < s->n; k++)
        if (!add_part(f, s, k))
            return false;
    return venn_fused_describe(&f->trial, &f->fused);
}

// Of two groups, the second of which ends later. false: too many.
static bool join(const group *a, const group *b, group *both)
{
    *both = (group){.n = a->n + b->n};
    if (both->n > VENN_FUSE_PARTS)
        return false;
    for (int i = 0, j = 0; i + j < both->n;) {
        const bool from_a = j == b->n || (i < a->n && a->at[i] < b->at[j]);
        const uint32_t next = from_a ? a->at[i] : b->at[j];
        both->at[i + j] = next;
        *(from_a ? &i : &j) += 1;
    }
    return true;
}

static void try_producer(finder *f, uint32_t k, const venn_value *value)
{
    const uint32_t producer = f->producer[venn_value_root(value)->id];
    if (value->count != f->nodes[k]->out[0]->count || !producer || !f->last_of[producer - 1] ||
        f->last_of[producer - 1] == k + 1)
        return;
    group *theirs = &f->groups[f->last_of[producer - 1] - 1], both;
    if (!join(theirs, &f->groups[k], &both) || !describe(f, &both))
        return;
    for (int i = 0; i < both.n; i++)
        f->last_of[both.at[i]] = k + 1;
    theirs->n = 0;
    f->groups[k] = both;
}

static void find_groups(finder *f)
{
    for (uint32_t k = 0; k < f->n; k++) {
        const venn_node *n = f->nodes[k];
        if (!is_elementwise(n))
            continue;
        f->groups[k] = (group){{k}, 1};
        f->last_of[k] = k + 1;
        for (int i = 0; i < n->n_in; i++)
            try_producer(f, k, n->in[i]);
    }
}

// ---- Whether it pays -------------------------------------------------------------------------

typedef struct plan {
    uint32_t last; // of its group
    double us;     // saved in one run
    venn_hash recipe;
} plan;

// Groups that share a recipe share the cost of its kernel.
static double saved_by_all(const plan *plans, uint32_t n, const plan *p)
{
    double us = 0;
    for (uint32_t i = 0; i < n; i++)
        us += plans[i].recipe.low == p->recipe.low ? plans[i].us : 0;
    return us;
}

static uint32_t plan_groups(finder *f, plan *plans, bool software)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->n; k++) {
        if (f->groups[k].n < 2 || !describe(f, &f->groups[k]))
            continue;
        plans[n] = (plan){k, venn_fuse_saves(&f->trial, software),
                          venn_hash_bytes(f->fused.recipe, strlen(f->fused.recipe))};
        n++;
    }
    return n;
}

// ---- Replacing -------------------------------------------------------------------------------

static venn_status replace(finder *f, venn_arena *arena, uint32_t last, uint32_t *fused)
{
    venn_status status = venn_fused_make(f->kernels, &f->fused);
    if (status == VENN_NO_MEMORY)
        return status;
    if (status < 0) {
        venn_log_line(VENN_LOG_WARN, "%d ops stay apart: %s", f->fused.n, venn_error_message());
        return VENN_OK;
    }
    venn_node *n = venn_arena_alloc(arena, sizeof *n);
    venn_fused *params = venn_arena_alloc(arena, sizeof *params);
    if (!n || !params)
        return VENN_NO_MEMORY;
    *n = f->trial;
    *params = f->fused;
    n->params = params;
    const group s = f->groups[last];
    for (int k = 0; k < s.n; k++)
        f->live[s.at[k]] = NULL;
    f->live[last] = n;
    *fused += (uint32_t)s.n - 1;
    return VENN_OK;
}

// Views of what is never stored go as well.
static void drop_aliases(finder *f)
{
    bool *stored = f->is_output; // no longer needed
    for (uint32_t k = 0; k < f->n; k++) {
        const venn_node *n = f->live[k];
        for (int o = 0; n && o < n->n_out; o++)
            if (!n->op->alias)
                stored[n->out[o]->id] = true;
    }
    for (uint32_t k = 0; k < f->n; k++) {
        const venn_node *n = f->live[k];
        if (!n || !n->op->alias)
            continue;
        const venn_value *root = venn_value_root(n->out[0]);
        if (f->producer[root->id] && !stored[root->id])
            f->live[k] = NULL;
    }
}

static venn_status replace_all(finder *f, const venn_compile_params *params, venn_arena *arena,
                               uint32_t *fused)
{
    const bool software = venn_kernels_profile(f->kernels)->software;
    plan *plans = venn_alloc(f->n, sizeof *plans);
    if (!plans)
        return VENN_NO_MEMORY;
    const uint32_t n_plans = plan_groups(f, plans, software);
    venn_status status = VENN_OK;
    for (uint32_t i = 0; i < n_plans && status == VENN_OK; i++)
        if (describe(f, &f->groups[plans[i].last]) &&
            venn_fuse_pays(f->kernels, &f->fused, saved_by_all(plans, n_plans, &plans[i]), params))
            status = replace(f, arena, plans[i].last, fused);
    free(plans);
    return status;
}

static void pack(finder *f, uint32_t *n)
{
    *n = 0;
    for (uint32_t k = 0; k < f->n; k++)
        if (f->live[k])
            f->live[(*n)++] = f->live[k];
}

venn_status venn_fuse(venn_graph *g, venn_kernels *kernels, const venn_compile_params *params,
                      venn_arena *arena, venn_node **live, uint32_t *n, uint32_t *fused)
{
    finder *f = VENN_NEW(finder);
    if (!f)
        return VENN_NO_MEMORY;
    *f = (finder){.kernels = kernels, .live = live, .n = *n};
    venn_status status = prepare(f, g);
    if (status == VENN_OK) {
        note_all(f, g);
        find_groups(f);
        status = replace_all(f, params, arena, fused);
    }
    if (status == VENN_OK && *fused) {
        drop_aliases(f);
        pack(f, n);
    }
    finish(f);
    free(f);
    return status;
}
