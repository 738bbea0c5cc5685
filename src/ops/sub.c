// sub: y = a - b, with broadcasting
//      da = dy and db = -dy, each summed over the axes that were repeated
#include "ops/binary.h"
#include "venn/ops.h"

static void record(venn_recorder *r, const venn_node *n)
{
    venn_binary_record(r, n, "sub.forward");
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    if (need & 1)
        dx[0] = venn_sum_to(g, dy[0], n->in[0]->shape);
    if (need & 2)
        dx[1] = venn_scale(g, venn_sum_to(g, dy[0], n->in[1]->shape), -1.0f, 0.0f);
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] =
            r->x[0][venn_binary_index(r->node, 0, e)] - r->x[1][venn_binary_index(r->node, 1, e)];
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        int64_t i = venn_binary_index(r->node, 0, e), j = venn_binary_index(r->node, 1, e);
        if (r->dx[0])
            r->dx[0][i] += r->dy[0][e];
        if (r->dx[1])
            r->dx[1][j] += -r->dy[0][e];
    }
}

const venn_op_desc venn_op_sub = {
    .name = "sub",
    .summary = "y = a - b, with broadcasting",
    .inputs = {{"a"}, {"b"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = venn_binary_shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_binary_cost,
    .half = VENN_HALF_LIKE_FIRST,
    .element = venn_binary_element,
};

venn_tensor venn_sub(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_op_apply(g, &venn_op_sub, (venn_tensor[]){a, b}, 2, NULL, NULL);
}
