// mul: y = a * b, with broadcasting
//      da = b dy and db = a dy, each summed over the axes that were repeated
#include "ops/binary.h"
#include "venn/ops.h"

static void record(venn_recorder *r, const venn_node *n)
{
    venn_binary_record(r, n, "mul.forward");
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    for (int i = 0; i < 2; i++)
        if (need >> i & 1)
            dx[i] = venn_sum_to(g, venn_mul(g, dy[0], venn_in(n, 1 - i)), n->in[i]->shape);
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] =
            r->x[0][venn_binary_index(r->node, 0, e)] * r->x[1][venn_binary_index(r->node, 1, e)];
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        int64_t i = venn_binary_index(r->node, 0, e), j = venn_binary_index(r->node, 1, e);
        if (r->dx[0])
            r->dx[0][i] += r->dy[0][e] * r->x[1][j];
        if (r->dx[1])
            r->dx[1][j] += r->dy[0][e] * r->x[0][i];
    }
}

const venn_op_desc venn_op_mul = {
    .name = "mul",
    .summary = "y = a * b, with broadcasting",
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

venn_tensor venn_mul(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_op_apply(g, &venn_op_mul, (venn_tensor[]){a, b}, 2, NULL, NULL);
}
