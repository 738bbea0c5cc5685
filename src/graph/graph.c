// Building a graph: values, nodes, the sticky error.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/graph_internal.h"

venn_status venn_graph_create(venn_graph **out)
{
    *out = VENN_NEW(venn_graph);
    return *out ? VENN_OK : VENN_NO_MEMORY;
}

void venn_graph_destroy(venn_graph **handle)
{
    venn_graph *g = *handle;
    if (!g)
        return;
    venn_arena_finish(&g->arena);
    free(g->values);
    free(g->nodes);
    free(g->outputs);
    free(g->calls);
    free(g->composites);
    free(g->error);
    free(g);
    *handle = NULL;
}

venn_status venn_graph_status(const venn_graph *g)
{
    return g->status;
}

const char *venn_graph_error(const venn_graph *g)
{
    return g->error ? g->error : "";
}

venn_status venn_graph_fail(venn_graph *g, venn_status status)
{
    if (g->status == VENN_OK) {
        g->status = status;
        g->error = strdup(venn_error_message());
    }
    return status;
}

bool venn_graph_grow(venn_graph *g, void **array, uint32_t count, uint32_t *max, size_t size)
{
    if (count < *max)
        return true;
    uint32_t room = *max ? *max * 2 : 64;
    void *grown = venn_resize(*array, room, size);
    if (!grown) {
        venn_graph_fail(g, VENN_NO_MEMORY);
        return false;
    }
    *array = grown;
    *max = room;
    return true;
}

// ---- Values ----------------------------------------------------------------------------------

venn_value *venn_graph_value(const venn_graph *g, venn_tensor t)
{
    return t.id >= 1 && t.id <= g->n_values ? g->values[t.id - 1] : NULL;
}

venn_tensor venn_value_tensor(const venn_value *value)
{
    return value ? (venn_tensor){value->id} : VENN_NONE;
}

venn_value *venn_graph_add_value(venn_graph *g, venn_dtype dtype, venn_shape shape,
                                 const char *name)
{
    char text[VENN_SHAPE_TEXT_MAX];
    int64_t count = venn_shape_count(&shape);
    if (count < 0 || count > INT32_MAX) {
        venn_graph_fail(g, venn_fail(VENN_BAD_SHAPE,
                                     "%s: %s is no valid shape: extents are at least 0, elements "
                                     "at most 2^31 - 1",
                                     name ? name : "tensor",
                                     venn_shape_text(&shape, text, sizeof text)));
        return NULL;
    }
    venn_value *value = venn_arena_alloc(&g->arena, sizeof *value);
    if (!value ||
        !venn_graph_grow(g, (void **)&g->values, g->n_values, &g->max_values, sizeof *g->values)) {
        venn_graph_fail(g, VENN_NO_MEMORY);
        return NULL;
    }
    g->values[g->n_values++] = value;
    *value = (venn_value){.id = g->n_values, .dtype = dtype, .shape = shape, .count = count};
    if (name)
        value->name = venn_arena_strdup(&g->arena, name);
    return value;
}

venn_tensor venn_graph_find_input(const venn_graph *g, const char *name)
{
    for (uint32_t i = 0; i < g->n_values; i++)
        if (g->values[i]->is_input && strcmp(g->values[i]->name, name) == 0)
            return venn_value_tensor(g->values[i]);
    return VENN_NONE;
}

venn_tensor venn_graph_input(venn_graph *g, const char *name, venn_dtype dtype, venn_shape shape)
{
    if (!name || venn_graph_find_input(g, name).id) {
        venn_graph_fail(
            g, venn_fail(VENN_BAD_ARG, "input \"%s\" %s", name ? name : "",
                         name ? "is already in the graph: choose another name" : "needs a name"));
        return VENN_NONE;
    }
    venn_value *value = venn_graph_add_value(g, dtype, shape, name);
    if (value)
        value->is_input = true;
    return venn_value_tensor(value);
}

venn_tensor venn_graph_var(venn_graph *g, venn_var *var)
{
    if (!var) {
        venn_graph_fail(g, venn_fail(VENN_BAD_ARG, "venn_graph_var: no variable"));
        return VENN_NONE;
    }
    for (uint32_t i = 0; i < g->n_values; i++)
        if (g->values[i]->var == var)
            return venn_value_tensor(g->values[i]);
    venn_value *value = venn_graph_add_value(g, var->dtype, var->shape, var->name);
    if (value)
        value->var = var;
    return venn_value_tensor(value);
}

venn_tensor venn_graph_rng(venn_graph *g)
{
    if (!g->rng) {
        venn_tensor t =
            venn_graph_input(g, VENN_RNG_INPUT, VENN_I32, venn_shape_make((int64_t[]){4}, 1));
        g->rng = venn_graph_value(g, t);
    }
    return venn_value_tensor(g->rng);
}

void venn_graph_output(venn_graph *g, const char *name, venn_tensor t)
{
    venn_value *value = venn_graph_value(g, t);
    if (!value || !name) {
        venn_graph_fail(g, venn_fail(VENN_BAD_ARG, "output \"%s\": no such tensor in this graph",
                                     name ? name : ""));
        return;
    }
    for (uint32_t i = 0; i < g->n_outputs; i++)
        if (strcmp(g->outputs[i].name, name) == 0) {
            venn_graph_fail(
                g, venn_fail(VENN_BAD_ARG,
                             "output \"%s\" is already in the graph: choose another name", name));
            return;
        }
    char *copy = venn_arena_strdup(&g->arena, name);
    if (!copy || !venn_graph_grow(g, (void **)&g->outputs, g->n_outputs, &g->max_outputs,
                                  sizeof *g->outputs)) {
        venn_graph_fail(g, VENN_NO_MEMORY);
        return;
    }
    g->outputs[g->n_outputs++] = (venn_graph_output_entry){copy, value};
    if (!value->name)
        value->name = copy;
}

void venn_graph_name(venn_graph *g, venn_tensor t, const char *name)
{
    venn_value *value = venn_graph_value(g, t);
    if (value && name)
        value->name = venn_arena_strdup(&g->arena, name);
}

venn_dtype venn_tensor_dtype(const venn_graph *g, venn_tensor t)
{
    const venn_value *value = venn_graph_value(g, t);
    return value ? value->dtype : VENN_F32;
}

venn_shape venn_tensor_shape(const venn_graph *g, venn_tensor t)
{
    const venn_value *value = venn_graph_value(g, t);
    return value ? value->shape : VENN_SCALAR;
}

// ---- Nodes -----------------------------------------------------------------------------------

uint32_t venn_node_updates(const venn_node *n)
{
    if (n->op->updates)
        return n->op->updates(n);
    uint32_t mask = 0;
    for (int i = 0; i < n->n_in; i++) {
        const venn_input_def *def = venn_input_of(n->op, i);
        if (def->flags & VENN_IN_UPDATE)
            mask |= 1u << i;
    }
    return mask;
}

bool venn_node_error(venn_node *n, const char *format, ...)
{
    char text[512], shape[VENN_SHAPE_TEXT_MAX];
    va_list args;
    va_start(args, format);
    int used = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (int i = 0; i < n->n_in && used < (int)sizeof text; i++)
        if (n->in[i])
            used += snprintf(text + used, sizeof text - (size_t)used, "%s%s %s",
                             i ? ", " : "; got ", venn_input_of(n->op, i)->name,
                             venn_shape_text(&n->in[i]->shape, shape, sizeof shape));
    venn_graph_fail(n->graph, venn_fail(VENN_BAD_SHAPE, "%s: %s", n->op->name, text));
    return false;
}

void venn_node_output(venn_node *n, int i, venn_dtype dtype, venn_shape shape)
{
    dtype = venn_type_of_output(n, i, dtype);
    if (n->op->build) { // a promise, which the parts have to keep
        n->out[i] = venn_arena_alloc(&n->graph->arena, sizeof *n->out[i]);
        if (n->out[i])
            *n->out[i] = (venn_value){.dtype = dtype, .shape = shape};
        else
            venn_graph_fail(n->graph, VENN_NO_MEMORY);
        return;
    }
    n->out[i] = venn_graph_add_value(n->graph, dtype, shape, NULL);
    if (n->out[i])
        n->out[i]->producer = n;
}

static bool check_input(venn_graph *g, venn_node *n, int i, venn_tensor t)
{
    const venn_op_desc *op = n->op;
    const venn_input_def *def = venn_input_of(op, i);
    n->in[i] = venn_graph_value(g, t);
    if (!n->in[i]) {
        if (t.id != 0)
            venn_graph_fail(g, venn_fail(VENN_BAD_ARG, "%s: %s is not a tensor of this graph",
                                         op->name, def->name));
        else if (!(def->flags & VENN_IN_OPTIONAL))
            // An earlier failed call, whose error is the one to keep, or a forgotten operand.
            venn_graph_fail(g, venn_fail(VENN_BAD_ARG, "%s: %s is missing", op->name, def->name));
        return t.id == 0 && (def->flags & VENN_IN_OPTIONAL);
    }
    if (!venn_type_fits(n, def, n->in[i]->dtype)) {
        venn_graph_fail(g,
                        venn_fail(VENN_BAD_ARG, "%s: %s must be %s, got %s", op->name, def->name,
                                  venn_dtype_name(def->dtype), venn_dtype_name(n->in[i]->dtype)));
        return false;
    }
    return true;
}

static bool check_inputs(venn_graph *g, venn_node *n, const venn_tensor *in, int n_in)
{
    const venn_op_desc *op = n->op;
    bool variadic = op->n_inputs && (op->inputs[op->n_inputs - 1].flags & VENN_IN_VARIADIC);
    if (n_in > (variadic ? VENN_MAX_INPUTS : op->n_inputs)) {
        venn_graph_fail(g, venn_fail(VENN_BAD_ARG, "%s: %d operands, at most %d", op->name, n_in,
                                     variadic ? VENN_MAX_INPUTS : op->n_inputs));
        return false;
    }
    n->n_in = n_in > op->n_inputs ? n_in : op->n_inputs;
    for (int i = 0; i < n->n_in; i++)
        if (!check_input(g, n, i, i < n_in ? in[i] : VENN_NONE))
            return false;
    return true;
}

static bool check_updates(venn_graph *g, const venn_node *n)
{
    uint32_t updates = venn_node_updates(n);
    for (int i = 0; i < n->n_in; i++)
        if ((updates >> i & 1) && n->in[i] && !n->in[i]->var) {
            venn_graph_fail(g, venn_fail(VENN_BAD_ARG,
                                         "%s: %s is changed in place and must be a variable",
                                         n->op->name, n->op->inputs[i].name));
            return false;
        }
    return true;
}

static bool takes_rng(const venn_op_desc *op)
{
    for (int i = 0; i < op->n_inputs; i++)
        if (op->inputs[i].domain == VENN_RNG)
            return true;
    return false;
}

void venn_graph_phase(venn_graph *g, const char *phase)
{
    g->phase = phase && *phase ? venn_arena_strdup(&g->arena, phase) : NULL;
}

static venn_node *new_node(venn_graph *g, const venn_op_desc *op, const void *params)
{
    venn_node *n = venn_arena_alloc(&g->arena, sizeof *n);
    void *copy = op->params_size ? venn_arena_alloc(&g->arena, op->params_size) : NULL;
    if (!n || (op->params_size && !copy) ||
        !venn_graph_grow(g, (void **)&g->nodes, g->n_nodes, &g->max_nodes, sizeof *g->nodes)) {
        venn_graph_fail(g, VENN_NO_MEMORY);
        return NULL;
    }
    if (copy && params)
        memcpy(copy, params, op->params_size);
    *n = (venn_node){.op = op,
                     .params = copy,
                     .graph = g,
                     .phase = g->phase,
                     .index = g->n_nodes,
                     .n_out = op->n_outputs};
    return n;
}

// Replaces the promised output by what the parts made.
static bool take_output(venn_graph *g, venn_node *n, uint32_t first_node, int i, venn_tensor made)
{
    const venn_value *promised = n->out[i];
    venn_value *value = venn_graph_value(g, venn_type_store(g, made, promised->dtype, first_node));
    if (!value || !value->producer || value->producer->index < first_node ||
        value->dtype != promised->dtype || !venn_shape_equal(&value->shape, &promised->shape)) {
        venn_graph_fail(g, venn_fail(VENN_BAD_SHAPE,
                                     "%s: output %d is not what the op's shape rule promises",
                                     n->op->name, i));
        return false;
    }
    n->out[i] = value;
    return true;
}

static bool call_build(venn_graph *g, const venn_node *n, const venn_tensor *in, int n_in,
                       venn_tensor *made)
{
    venn_tensor operands[VENN_MAX_INPUTS] = {{0}};
    const bool in_rule = g->in_rule;
    for (int i = 0; i < n_in; i++) // casts are parts as well
        operands[i] = n->op->half_parts ? in[i] : venn_type_store(g, in[i], VENN_F32, UINT32_MAX);
    g->in_rule = true;
    const bool made_all = n->op->build(g, n, operands, made);
    g->in_rule = in_rule;
    return made_all && g->status == VENN_OK;
}

static bool build_parts(venn_graph *g, venn_node *n, const venn_tensor *in, int n_in)
{
    venn_tensor made[VENN_MAX_OUTPUTS] = {{0}};
    const uint32_t first_node = g->n_nodes;
    if (!call_build(g, n, in, n_in, made))
        return false;
    for (int i = 0; i < n->n_out; i++)
        if (!take_output(g, n, first_node, i, made[i]))
            return false;
    if (!venn_graph_grow(g, (void **)&g->composites, g->n_composites, &g->max_composites,
                         sizeof *g->composites))
        return false;
    g->composites[g->n_composites++] = (venn_composite){n, first_node, g->n_nodes};
    return true;
}

static void append_node(venn_graph *g, venn_node *n)
{
    if (n->op->alias)
        n->out[0]->alias = n->in[0];
    // Counted apart from other nodes, so that a change elsewhere in a graph keeps its random numbers.
    if (takes_rng(n->op))
        n->stream = g->n_random++;
    g->nodes[g->n_nodes++] = n;
}

const venn_node *venn_graph_last_node(const venn_graph *g)
{
    const venn_composite *last = g->n_composites ? &g->composites[g->n_composites - 1] : NULL;
    if (last && last->end_node == g->n_nodes)
        return last->node;
    return g->n_nodes ? g->nodes[g->n_nodes - 1] : NULL;
}

venn_tensor venn_op_apply(venn_graph *g, const venn_op_desc *op, const venn_tensor *in, int n_in,
                          const void *params, venn_tensor *out)
{
    for (int i = 0; out && i < op->n_outputs; i++)
        out[i] = VENN_NONE;
    if (g->status < 0)
        return VENN_NONE;
    venn_node *n = new_node(g, op, params);
    if (!n || !check_inputs(g, n, in, n_in) || !op->shape(n) || g->status < 0 ||
        !check_updates(g, n))
        return VENN_NONE;
    if (!op->build)
        append_node(g, n);
    else if (!build_parts(g, n, in, n_in))
        return VENN_NONE;
    for (int i = 0; out && i < op->n_outputs; i++)
        out[i] = venn_value_tensor(n->out[i]);
    return op->n_outputs ? venn_value_tensor(n->out[0]) : VENN_NONE;
}
