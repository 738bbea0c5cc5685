// Reverse-mode differentiation: walks the nodes that lead from the x's to y backwards and appends what
// each op's own rule says. Contributions to one value are added in node order, last use first, so that
// results never depend on anything but the graph.
#include <stdlib.h>

#include "graph/graph_internal.h"

typedef struct sweep {
    venn_graph *g;
    bool *depends;      // by value id: changes with some x
    venn_tensor *grads; // by value id: dL/dvalue so far
} sweep;

static uint32_t needed_inputs(const sweep *s, const venn_node *n)
{
    uint32_t need = 0;
    if (!n->op->gradient)
        return 0;
    for (int i = 0; i < n->n_in; i++)
        if (n->in[i] && s->depends[n->in[i]->id] && venn_dtype_is_float(n->in[i]->dtype) &&
            !(venn_input_of(n->op, i)->flags & VENN_IN_NO_GRAD))
            need |= 1u << i;
    return need;
}

static void mark_dependents(sweep *s, uint32_t end)
{
    for (uint32_t k = 0; k < end; k++) {
        const venn_node *n = s->g->nodes[k];
        if (!needed_inputs(s, n))
            continue;
        for (int o = 0; o < n->n_out; o++)
            if (venn_dtype_is_float(n->out[o]->dtype))
                s->depends[n->out[o]->id] = true;
    }
}

static void accumulate(sweep *s, const venn_value *value, venn_tensor dx)
{
    venn_tensor *slot = &s->grads[value->id];
    if (dx.id)
        *slot = slot->id ? venn_autodiff_add(s->g, *slot, dx) : dx;
}

// Whether dx[i] is another input's gradient as well.
static bool is_shared(const venn_tensor *dx, int n, int i)
{
    for (int k = 0; k < n; k++)
        if (k != i && dx[k].id == dx[i].id)
            return true;
    return false;
}

// Stores what the rule of n gave in the types of n's inputs.
static void convert_gradients(sweep *s, const venn_node *n, uint32_t first_node, venn_tensor *dx)
{
    for (int i = 0; i < n->n_in; i++)
        if (n->in[i] && dx[i].id)
            dx[i] = venn_type_store(s->g, dx[i], venn_type_of_gradient(n->in[i]),
                                    is_shared(dx, n->n_in, i) ? UINT32_MAX : first_node);
}

static void differentiate_node(sweep *s, const venn_node *n)
{
    venn_tensor dy[VENN_MAX_OUTPUTS] = {{0}}, dx[VENN_MAX_INPUTS] = {{0}};
    bool reached = false;
    for (int o = 0; o < n->n_out; o++) {
        dy[o] = s->grads[n->out[o]->id];
        reached |= dy[o].id != 0;
    }
    uint32_t need = needed_inputs(s, n);
    if (!reached || !need)
        return;
    const uint32_t first_node = s->g->n_nodes;
    s->g->in_rule = true;
    n->op->gradient(s->g, n, dy, need, dx);
    s->g->in_rule = false;
    convert_gradients(s, n, first_node, dx);
    for (int i = 0; i < n->n_in; i++)
        if (need >> i & 1)
            accumulate(s, n->in[i], dx[i]);
}

static venn_status record_call(venn_graph *g, const venn_value *y, venn_tensor dy, size_t n,
                               const venn_tensor *x, uint32_t first_node)
{
    if (!venn_graph_grow(g, (void **)&g->calls, g->n_calls, &g->max_calls, sizeof *g->calls))
        return VENN_NO_MEMORY;
    venn_gradient_call *call = &g->calls[g->n_calls];
    *call = (venn_gradient_call){
        .y = y, .dy = venn_graph_value(g, dy), .n = n, .first_node = first_node};
    call->x = venn_arena_alloc(&g->arena, n * sizeof *call->x);
    call->dx = venn_arena_alloc(&g->arena, n * sizeof *call->dx);
    if (!call->x || !call->dx)
        return venn_graph_fail(g, VENN_NO_MEMORY);
    for (size_t i = 0; i < n; i++)
        call->x[i] = venn_graph_value(g, x[i]);
    g->n_calls++;
    return VENN_OK;
}

static venn_status sweep_back(sweep *s, venn_value *y, venn_tensor dy, size_t n,
                              const venn_tensor *x, venn_tensor *dx)
{
    venn_graph *g = s->g;
    const uint32_t end = g->n_nodes;
    for (size_t i = 0; i < n; i++)
        s->depends[x[i].id] = true;
    mark_dependents(s, end);
    VENN_TRY(record_call(g, y, dy, n, x, end));
    if (s->depends[y->id]) {
        const uint32_t first_node = g->n_nodes;
        venn_tensor seed = dy.id ? dy : venn_autodiff_ones(g, y->shape);
        s->grads[y->id] = venn_type_store(g, seed, venn_type_of_gradient(y), first_node);
        for (uint32_t k = end; k-- > 0;)
            differentiate_node(s, g->nodes[k]);
    }
    venn_gradient_call *call = &g->calls[g->n_calls - 1];
    for (size_t i = 0; i < n; i++) {
        const venn_tensor grad = g->status < 0 ? VENN_NONE : s->grads[x[i].id];
        dx[i] = venn_type_store(g, grad, venn_graph_value(g, x[i])->dtype, UINT32_MAX);
        call->dx[i] = venn_graph_value(g, dx[i]);
    }
    call->end_node = g->n_nodes;
    return g->status;
}

static venn_status check_arguments(venn_graph *g, const venn_value *y, venn_tensor dy, size_t n,
                                   const venn_tensor *x)
{
    if (!y)
        return venn_fail(VENN_BAD_ARG, "gradients: y is not a tensor of this graph");
    if (!venn_dtype_is_float(y->dtype))
        return venn_fail(VENN_BAD_ARG, "gradients: y is %s, which cannot be differentiated",
                         venn_dtype_name(y->dtype));
    const venn_value *seed = venn_graph_value(g, dy);
    if (dy.id &&
        (!seed || !venn_shape_equal(&seed->shape, &y->shape) || !venn_dtype_is_float(seed->dtype)))
        return venn_fail(VENN_BAD_SHAPE,
                         "gradients: dy must have y's shape and be f32, f16 or bf16");
    for (size_t i = 0; i < n; i++)
        if (!venn_graph_value(g, x[i]))
            return venn_fail(VENN_BAD_ARG, "gradients: x[%zu] is not a tensor of this graph", i);
    return VENN_OK;
}

venn_status venn_graph_gradients(venn_graph *g, venn_tensor y, venn_tensor dy, size_t n,
                                 const venn_tensor *x, venn_tensor *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = VENN_NONE;
    if (g->status < 0)
        return g->status;
    venn_value *target = venn_graph_value(g, y);
    venn_status status = check_arguments(g, target, dy, n, x);
    if (status < 0)
        return venn_graph_fail(g, status);
    // Only values that exist now can carry gradients.
    sweep s = {.g = g,
               .depends = venn_alloc(g->n_values + 1, sizeof(bool)),
               .grads = venn_alloc(g->n_values + 1, sizeof(venn_tensor))};
    if (s.depends && s.grads)
        status = sweep_back(&s, target, dy, n, x, dx);
    else
        status = venn_graph_fail(g, VENN_NO_MEMORY);
    free(s.depends);
    free(s.grads);
    return status;
}
