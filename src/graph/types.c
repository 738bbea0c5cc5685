// What type a value is stored in. Kernels store as their binding says, so a value that nothing has been
// recorded for yet may simply be given another type: a weight gradient, say, is never rounded to the
// type of the activations it is computed from.
#include "graph/graph_internal.h"

static bool takes_half(const venn_node *n)
{
    return n->op->half != VENN_HALF_NO || n->graph->in_rule;
}

bool venn_type_fits(const venn_node *n, const venn_input_def *def, venn_dtype have)
{
    if (have == def->dtype)
        return true;
    return def->dtype == VENN_F32 && venn_dtype_is_float(have) && takes_half(n) &&
           !(def->flags & VENN_IN_UPDATE);
}

static bool is_number(const venn_node *n, int i, bool differentiable)
{
    const venn_input_def *def = venn_input_of(n->op, i);
    return n->in[i] && venn_dtype_is_float(n->in[i]->dtype) &&
           !(differentiable && (def->flags & VENN_IN_NO_GRAD));
}

venn_dtype venn_type_of_output(const venn_node *n, int i, venn_dtype declared)
{
    const bool like_first =
        n->op->half == VENN_HALF_LIKE_FIRST || (n->op->half == VENN_HALF_NO && n->graph->in_rule);
    if (declared != VENN_F32 || i != 0 || !like_first)
        return declared;
    venn_dtype first = declared;
    for (int k = n->n_in; k-- > 0;)
        if (is_number(n, k, false))
            first = n->in[k]->dtype;
    for (int k = n->n_in; k-- > 0;)
        if (is_number(n, k, true))
            first = n->in[k]->dtype;
    return first;
}

venn_dtype venn_type_of_gradient(const venn_value *value)
{
    const venn_node *n = value->producer;
    return n && n->op->retypes ? venn_type_of_gradient(n->in[0]) : value->dtype;
}

// Whether only nodes from first_node on know the value, and none of them as another's memory.
static bool is_own(const venn_graph *g, const venn_value *value, uint32_t first_node)
{
    if (!value->producer || value->producer->index < first_node || value->alias)
        return false;
    for (uint32_t i = value->id; i < g->n_values; i++)
        if (g->values[i]->alias == value)
            return false;
    return true;
}

venn_tensor venn_type_store(venn_graph *g, venn_tensor t, venn_dtype dtype, uint32_t first_node)
{
    venn_value *value = venn_graph_value(g, t);
    if (!value || value->dtype == dtype || !venn_dtype_is_float(value->dtype) ||
        !venn_dtype_is_float(dtype))
        return t;
    if (!is_own(g, value, first_node))
        return venn_autodiff_cast(g, t, dtype);
    value->dtype = dtype;
    return t;
}
