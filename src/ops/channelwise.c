// Shapes of numbers per channel (see channelwise.h).
#include "ops/channelwise.h"
#include "venn/ops.h"

bool venn_channelwise_shape(venn_node *n, int i, bool each)
{
    const venn_shape *x = &n->in[0]->shape, *v = &n->in[i]->shape;
    if (x->rank < 2)
        return venn_node_error(n, "x must be [B, C, ..]");
    const bool one = v->rank == 1 && v->dim[0] == x->dim[1];
    const bool all = v->rank == 2 && v->dim[0] == x->dim[0] && v->dim[1] == x->dim[1];
    if (!one && !(each && all))
        return venn_node_error(n, "%s must be %s", n->op->inputs[i].name,
                               each ? "[C] or [B, C]" : "[C]");
    venn_node_output(n, 0, VENN_F32, *x);
    return true;
}

venn_tensor venn_channelwise_view(venn_graph *g, venn_tensor v, const venn_shape *x)
{
    const venn_shape have = venn_tensor_shape(g, v);
    venn_shape view = {.rank = x->rank};
    for (int axis = 0; axis < x->rank; axis++)
        view.dim[axis] = 1;
    view.dim[0] = have.rank == 2 ? have.dim[0] : 1;
    view.dim[1] = have.dim[have.rank - 1];
    return venn_reshape(g, v, view);
}

int64_t venn_channelwise_area(const venn_shape *x)
{
    int64_t area = 1;
    for (int axis = 2; axis < x->rank; axis++)
        area *= x->dim[axis];
    return area;
}

int64_t venn_channelwise_index(const venn_node *n, int i, int64_t e)
{
    const venn_shape *x = &n->in[0]->shape;
    const int64_t plane = e / venn_channelwise_area(x);
    return n->in[i]->shape.rank == 2 ? plane : plane % x->dim[1];
}
