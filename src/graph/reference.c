// Double-precision execution of a graph (see reference.h), unit by unit: a unit is a composite op or a
// node that is part of none. Invariant: values[id] is NULL exactly for the values made inside a gradient
// call's nodes or a composite's parts, results excepted: those have memory of their own, even where the
// device's value is an alias.
#include <stdlib.h>
#include <string.h>

#include "graph/graph_internal.h"
#include "graph/reference.h"

typedef struct unit {
    const venn_node *node;
    uint32_t first_node, end_node;
} unit;

struct venn_reference {
    const venn_graph *g;
    venn_arena arena;
    uint32_t n_values, n_nodes, n_calls, n_units;
    unit *units;     // those outside gradient calls are whole composites, the others single nodes
    bool *part;      // by node: belongs to a composite unit
    double **values; // by value id
    double ***gradients; // by call, by x
    uint32_t *call_of;   // by node: 1 + the gradient call that it belongs to, or 0
};

// ---- Memory ----------------------------------------------------------------------------------

static double *new_array(venn_reference *r, const venn_value *value)
{
    return venn_arena_alloc(&r->arena, ((size_t)value->count + 1) * sizeof(double));
}

static venn_status place_call(venn_reference *r, uint32_t index)
{
    const venn_gradient_call *call = &r->g->calls[index];
    r->gradients[index] = venn_arena_alloc(&r->arena, (call->n + 1) * sizeof(double *));
    if (!r->gradients[index])
        return VENN_NO_MEMORY;
    for (uint32_t k = call->first_node; k < call->end_node; k++)
        r->call_of[k] = index + 1;
    for (size_t i = 0; i < call->n; i++)
        if (!(r->gradients[index][i] = new_array(r, call->x[i])))
            return VENN_NO_MEMORY;
    return VENN_OK;
}

// The units in order. A composite stands behind those inside it in the graph's list: going backwards,
// the outermost comes first.
static venn_status place_units(venn_reference *r)
{
    const venn_composite **starts = venn_arena_alloc(&r->arena, (r->n_nodes + 1) * sizeof *starts);
    r->units = venn_arena_alloc(&r->arena, (r->n_nodes + 1) * sizeof *r->units);
    r->part = venn_arena_alloc(&r->arena, (r->n_nodes + 1) * sizeof *r->part);
    if (!starts || !r->units || !r->part)
        return VENN_NO_MEMORY;
    for (uint32_t i = r->g->n_composites; i-- > 0;) {
        const venn_composite *c = &r->g->composites[i];
        if (c->end_node > r->n_nodes || r->part[c->first_node] || r->call_of[c->first_node])
            continue;
        starts[c->first_node] = c;
        for (uint32_t k = c->first_node; k < c->end_node; k++)
            r->part[k] = true;
    }
    for (uint32_t k = 0; k < r->n_nodes; k = r->units[r->n_units++].end_node)
        r->units[r->n_units] = starts[k] ? (unit){starts[k]->node, k, starts[k]->end_node}
                                         : (unit){r->g->nodes[k], k, k + 1};
    return VENN_OK;
}

static bool is_hidden(const venn_reference *r, const venn_value *value)
{
    return value->producer &&
           (r->call_of[value->producer->index] || r->part[value->producer->index]);
}

static venn_status place_results(venn_reference *r, const venn_node *n)
{
    for (int o = 0; o < n->n_out; o++)
        if (!(r->values[n->out[o]->id] = new_array(r, n->out[o])))
            return VENN_NO_MEMORY;
    return VENN_OK;
}

static venn_status place_values(venn_reference *r)
{
    for (uint32_t i = 0; i < r->n_calls; i++) {
        const venn_gradient_call *call = &r->g->calls[i];
        for (size_t k = 0; k < call->n; k++)
            if (call->dx[k] && is_hidden(r, call->dx[k]))
                r->values[call->dx[k]->id] = r->gradients[i][k];
    }
    for (uint32_t i = 0; i < r->n_units; i++)
        if (r->part[r->units[i].first_node])
            VENN_TRY(place_results(r, r->units[i].node));
    // In order of ids an alias comes after its target.
    for (uint32_t id = 1; id <= r->n_values; id++) {
        const venn_value *value = r->g->values[id - 1];
        if (is_hidden(r, value))
            continue;
        r->values[id] = value->alias ? r->values[value->alias->id] : new_array(r, value);
        if (!r->values[id] && !value->alias)
            return VENN_NO_MEMORY;
    }
    return VENN_OK;
}

static venn_status place(venn_reference *r)
{
    r->values = venn_arena_alloc(&r->arena, (r->n_values + 1) * sizeof(double *));
    r->gradients = venn_arena_alloc(&r->arena, (r->n_calls + 1) * sizeof(double **));
    r->call_of = venn_arena_alloc(&r->arena, (r->n_nodes + 1) * sizeof(uint32_t));
    if (!r->values || !r->gradients || !r->call_of)
        return VENN_NO_MEMORY;
    for (uint32_t i = 0; i < r->n_calls; i++)
        VENN_TRY(place_call(r, i));
    VENN_TRY(place_units(r));
    return place_values(r);
}

venn_status venn_reference_create(venn_reference **out, const venn_graph *g)
{
    *out = NULL;
    if (g->status < 0)
        return venn_fail(g->status, "%s", venn_graph_error(g));
    venn_reference *r = VENN_NEW(venn_reference);
    if (!r)
        return VENN_NO_MEMORY;
    *r = (venn_reference){
        .g = g, .n_values = g->n_values, .n_nodes = g->n_nodes, .n_calls = g->n_calls};
    venn_status status = place(r);
    if (status < 0) {
        venn_reference_destroy(&r);
        return status;
    }
    *out = r;
    return VENN_OK;
}

void venn_reference_destroy(venn_reference **reference)
{
    if (!*reference)
        return;
    venn_arena_finish(&(*reference)->arena);
    free(*reference);
    *reference = NULL;
}

// ---- Access ----------------------------------------------------------------------------------

double *venn_reference_value(venn_reference *r, venn_tensor t)
{
    return t.id <= r->n_values ? r->values[t.id] : NULL;
}

const double *venn_reference_gradient(const venn_reference *r, uint32_t call, size_t i)
{
    return call < r->n_calls && i < r->g->calls[call].n ? r->gradients[call][i] : NULL;
}

venn_status venn_reference_read_vars(venn_reference *r)
{
    for (uint32_t id = 1; id <= r->n_values; id++) {
        const venn_value *value = r->g->values[id - 1];
        if (!value->var)
            continue;
        size_t bytes = venn_var_bytes(value->var);
        void *data = venn_alloc(bytes, 1);
        venn_status status = data ? venn_var_read(value->var, data, bytes) : VENN_NO_MEMORY;
        if (status == VENN_OK)
            for (int64_t i = 0; i < value->count; i++)
                r->values[id][i] = venn_element_get(data, value->dtype, (size_t)i);
        free(data);
        VENN_TRY(status);
    }
    return VENN_OK;
}

void venn_reference_set_rng(venn_reference *r, uint64_t key, uint64_t step)
{
    if (!r->g->rng)
        return;
    const uint32_t words[4] = {(uint32_t)key, (uint32_t)(key >> 32), (uint32_t)step,
                               (uint32_t)(step >> 32)};
    for (int i = 0; i < 4; i++)
        r->values[r->g->rng->id][i] = (int32_t)words[i];
}

// ---- Forward ---------------------------------------------------------------------------------

static venn_status fill_ref(const venn_reference *r, const venn_node *n, venn_ref *ref)
{
    *ref = (venn_ref){.node = n};
    for (int i = 0; i < n->n_in; i++) {
        ref->x[i] = n->in[i] ? r->values[n->in[i]->id] : NULL;
        if (n->in[i] && !ref->x[i])
            return venn_fail(VENN_UNSUPPORTED,
                             "%s: the reference has no value inside a gradient's computation",
                             n->op->name);
    }
    for (int o = 0; o < n->n_out; o++)
        ref->y[o] = r->values[n->out[o]->id];
    return VENN_OK;
}

static void free_updated(venn_ref *ref)
{
    for (int i = 0; i < VENN_MAX_INPUTS; i++)
        free(ref->updated[i]);
}

// What `ref` forgets to write stays not-a-number.
static void spoil(double *array, int64_t count)
{
    memset(array, 0xff, (size_t)count * sizeof *array);
}

static venn_status run_node(const venn_reference *r, const venn_node *n)
{
    venn_ref ref;
    VENN_TRY(fill_ref(r, n, &ref));
    if (n->op->alias)
        return VENN_OK;
    if (!n->op->ref)
        return venn_fail(VENN_UNSUPPORTED, "%s: the op has no reference", n->op->name);
    const uint32_t updates = venn_node_updates(n);
    for (int i = 0; i < n->n_in; i++) {
        if (!n->in[i] || !(updates >> i & 1))
            continue;
        ref.updated[i] = venn_alloc((size_t)n->in[i]->count, sizeof(double));
        if (!ref.updated[i]) {
            free_updated(&ref);
            return VENN_NO_MEMORY;
        }
        spoil(ref.updated[i], n->in[i]->count);
    }
    for (int o = 0; o < n->n_out; o++)
        spoil(ref.y[o], n->out[o]->count);
    n->op->ref(&ref);
    for (int i = 0; i < n->n_in; i++)
        if (n->in[i] && ref.updated[i])
            memcpy(r->values[n->in[i]->id], ref.updated[i],
                   (size_t)n->in[i]->count * sizeof(double));
    free_updated(&ref);
    return VENN_OK;
}

// ---- Reverse sweep ---------------------------------------------------------------------------

typedef struct sweep {
    venn_reference *r;
    const venn_gradient_call *call;
    bool *depends;    // by value id: changes with some x
    bool *second;     // by value id: does so by way of an earlier gradient's nodes
    double **adjoint; // by value id; NULL: nothing arrived
} sweep;

static bool differentiable(const venn_value *value)
{
    return venn_dtype_is_float(value->dtype);
}

// Inputs of n that pass gradients back and have a mark.
static uint32_t marked_inputs(const venn_node *n, const bool *marks)
{
    uint32_t marked = 0;
    for (int i = 0; i < n->n_in; i++) {
        int def = i < n->op->n_inputs ? i : n->op->n_inputs - 1;
        if (n->in[i] && marks[n->in[i]->id] && differentiable(n->in[i]) &&
            !(n->op->inputs[def].flags & VENN_IN_NO_GRAD))
            marked |= 1u << i;
    }
    return marked;
}

static uint32_t wanted_inputs(const sweep *s, const venn_node *n)
{
    return n->op->ref_grad ? marked_inputs(n, s->depends) : 0;
}

static void mark_outputs(const venn_node *n, bool *marks)
{
    for (int o = 0; o < n->n_out; o++)
        marks[n->out[o]->id] = differentiable(n->out[o]);
}

static venn_status mark_dependents(sweep *s)
{
    for (size_t i = 0; i < s->call->n; i++)
        s->depends[s->call->x[i]->id] = true;
    for (uint32_t k = 0; k < s->r->n_units; k++) {
        const unit *u = &s->r->units[k];
        const venn_node *n = u->node;
        const bool inside = s->r->call_of[u->first_node];
        if (u->first_node >= s->call->first_node)
            break;
        if (n->op->gradient && !n->op->ref_grad && !inside)
            return venn_fail(VENN_UNSUPPORTED, "%s: the op has no ref_grad", n->op->name);
        if (!inside && wanted_inputs(s, n))
            mark_outputs(n, s->depends);
        if ((n->op->gradient || (n->op->build && n->op->ref_grad)) &&
            (marked_inputs(n, s->second) || (inside && marked_inputs(n, s->depends))))
            mark_outputs(n, s->second);
    }
    if (s->second[s->call->y->id])
        return venn_fail(VENN_UNSUPPORTED,
                         "gradients: the reference has no gradients of gradients");
    return VENN_OK;
}

static double *adjoint_of(sweep *s, const venn_value *value)
{
    double **slot = &s->adjoint[value->id];
    if (!*slot)
        *slot = venn_alloc((size_t)value->count, sizeof(double));
    return *slot;
}

// Adds what one input of a node got to its adjoint.
static venn_status collect(sweep *s, const venn_value *value, const double *dx)
{
    double *sum = adjoint_of(s, value);
    if (!sum)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < value->count; i++)
        sum[i] += dx[i];
    return VENN_OK;
}

static venn_status sweep_node(sweep *s, const venn_node *n)
{
    venn_ref ref;
    venn_status status = fill_ref(s->r, n, &ref);
    bool reached = false;
    for (int o = 0; o < n->n_out; o++) {
        ref.dy[o] = s->adjoint[n->out[o]->id];
        reached |= ref.dy[o] != NULL;
    }
    const uint32_t wanted = wanted_inputs(s, n);
    if (!reached || !wanted)
        return VENN_OK;
    for (int i = 0; i < n->n_in; i++)
        if ((wanted >> i & 1) && !(ref.dx[i] = venn_alloc((size_t)n->in[i]->count, sizeof(double))))
            status = VENN_NO_MEMORY;
    if (status == VENN_OK)
        n->op->ref_grad(&ref);
    for (int i = 0; i < n->n_in; i++) {
        if (status == VENN_OK && ref.dx[i])
            status = collect(s, n->in[i], ref.dx[i]);
        free(ref.dx[i]);
    }
    return status;
}

static venn_status seed_sweep(sweep *s)
{
    const venn_value *y = s->call->y, *dy = s->call->dy;
    const double *seed = dy ? s->r->values[dy->id] : NULL;
    double *start = adjoint_of(s, y);
    if (!start)
        return VENN_NO_MEMORY;
    if (dy && !seed)
        return venn_fail(VENN_UNSUPPORTED,
                         "gradients: the reference has no value inside a gradient's computation");
    for (int64_t i = 0; i < y->count; i++)
        start[i] = seed ? seed[i] : 1;
    return VENN_OK;
}

static venn_status run_sweep(sweep *s, double **results)
{
    VENN_TRY(mark_dependents(s));
    VENN_TRY(seed_sweep(s));
    for (uint32_t k = s->r->n_units; k-- > 0;) {
        const unit *u = &s->r->units[k];
        if (u->first_node < s->call->first_node && !s->r->call_of[u->first_node])
            VENN_TRY(sweep_node(s, u->node));
    }
    for (size_t i = 0; i < s->call->n; i++) {
        const venn_value *x = s->call->x[i];
        const double *adjoint = s->adjoint[x->id];
        if (adjoint)
            memcpy(results[i], adjoint, (size_t)x->count * sizeof(double));
        else
            memset(results[i], 0, (size_t)x->count * sizeof(double));
    }
    return VENN_OK;
}

static venn_status run_call(venn_reference *r, uint32_t index)
{
    sweep s = {.r = r,
               .call = &r->g->calls[index],
               .depends = venn_alloc(r->n_values + 1, sizeof(bool)),
               .second = venn_alloc(r->n_values + 1, sizeof(bool)),
               .adjoint = venn_alloc(r->n_values + 1, sizeof(double *))};
    venn_status status = VENN_NO_MEMORY;
    if (s.depends && s.second && s.adjoint)
        status = run_sweep(&s, r->gradients[index]);
    for (uint32_t id = 0; s.adjoint && id <= r->n_values; id++)
        free(s.adjoint[id]);
    free(s.depends);
    free(s.second);
    free(s.adjoint);
    return status;
}

venn_status venn_reference_run(venn_reference *r)
{
    uint32_t call = 0;
    for (uint32_t k = 0; k <= r->n_units; k++) {
        const uint32_t node = k < r->n_units ? r->units[k].first_node : r->n_nodes;
        while (call < r->n_calls && r->g->calls[call].first_node <= node)
            VENN_TRY(run_call(r, call++));
        if (k < r->n_units && !r->call_of[node])
            VENN_TRY(run_node(r, r->units[k].node));
    }
    return VENN_OK;
}
