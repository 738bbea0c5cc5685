// What type a value is stored in. Kernels store as their binding says, so a value that nothing has been
// recorded for yet may simply be given another type: a weight gradient, say, is never rounded to the
// type of the activations it is computed from.
#include "graph/graph_internal.h"

static bool takes_half(const venn_node *n)
{
    return n->op->half != VENN_HALF_NO || n->graph->in_gradient;
}

bool venn_type_fits(const venn_node *n, const venn_input_def *def, venn_dtype have)
{
    if (have == def->dtype)
        return true;
    return def->dtype == VENN_F32 && venn_dtype_is_float(have) && takes_half(n) &&
           !(def->flags & VENN_IN_UPDATE);
}

venn_dtype venn_type_of_output(const venn_node *n, int i, venn_dtype declared)
{
    const bool like_first = n->op->half == VENN_HALF_LIKE_FIRST ||
                            (n->op->half == VENN_HALF_NO && n->graph->in_gradient);
    if (declared != VENN_F32 || i != 0 || !like_first)
        return declared;
    for (int k = 0; k < n->n_in; k++)
        if (n->in[k] && venn_dtype_is_float(n->in[k]->dtype))
            return n->in[k]->dtype;
    return declared;
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
