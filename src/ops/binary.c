// Shared front end of the elementwise ops of two operands (see binary.h).
#include "ops/binary.h"
#include "ops/broadcast.h"
#include "ops/view.h"

bool venn_binary_shape(venn_node *n)
{
    venn_shape y;
    if (!venn_broadcast_shape(&n->in[0]->shape, &n->in[1]->shape, &y))
        return venn_node_error(n, "shapes do not broadcast: extents must be equal or 1");
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

void venn_binary_record(venn_recorder *r, const venn_node *n, const char *stem)
{
    const venn_shape *x[] = {&n->in[0]->shape, &n->in[1]->shape};
    venn_view view = venn_view_broadcast(&n->out[0]->shape, x, 2);
    venn_view_record(r, n, stem, &view);
}

bool venn_binary_element(const venn_node *n, venn_element *e)
{
    *e = (venn_element){.shader = n->op->name, .function = "combine"};
    return true;
}

void venn_binary_cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = (double)n->out[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count + n->out[0]->count);
}

int64_t venn_binary_index(const venn_node *n, int operand, int64_t e)
{
    return venn_broadcast_index(&n->in[operand]->shape, &n->out[0]->shape, e);
}
