// one_hot: y[.., c] = 1 where c = label[..], else 0
//          not differentiable
#include "ops/divisor.h"
#include "graph/op.h"
#include "venn/ops.h"

#define VENN_HOST
#include "one_hot.comp"

typedef struct one_hot_params {
    int32_t classes;
} one_hot_params;

static const venn_param_def params[] = {{"classes", VENN_PARAM_INT,
                                         offsetof(one_hot_params, classes), 1, NULL,
                                         "extent of the last axis of y; 0: y is empty"},
                                        {0}};

static bool shape(venn_node *n)
{
    const int32_t classes = ((const one_hot_params *)n->params)->classes;
    venn_shape y = n->in[0]->shape;
    if (classes < 0 || y.rank == VENN_MAX_RANK)
        return venn_node_error(n, "%d classes behind %d axes", (int)classes, y.rank);
    y.dim[y.rank++] = classes;
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_profile *profile = venn_recorder_profile(r);
    venn_push_one_hot push = {.count = (uint32_t)n->out[0]->count};
    venn_divisor(((const one_hot_params *)n->params)->classes, push.divisor);
    venn_dispatch d = {.kernel = "one_hot",
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[0], VENN_READ}, {n->out[0], VENN_WRITE}},
                       .n_bind = 2};
    venn_groups_linear(r, push.count, (int64_t)profile->elementwise_group * 4, d.groups);
    venn_record_dispatch(r, &d);
}

static void ref(const venn_ref *r)
{
    const int64_t classes = ((const one_hot_params *)r->node->params)->classes;
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] = r->x[0][e / classes] == (double)(e % classes);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

const venn_op_desc venn_op_one_hot = {
    .name = "one_hot",
    .summary = "y[.., c] = 1 where c is the label, else 0",
    .inputs = {{"label", VENN_I32}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(one_hot_params),
    .params = params,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
};

venn_tensor venn_one_hot(venn_graph *g, venn_tensor label, int classes)
{
    one_hot_params p = {classes};
    return venn_op_apply(g, &venn_op_one_hot, &label, 1, &p, NULL);
}
