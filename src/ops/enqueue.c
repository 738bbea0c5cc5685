// enqueue: queue[(position + b) mod K] = x[b] for every row b, then position = (position + B) mod K, in place
//          not differentiable
#include <math.h>
#include <string.h>

#include "graph/op.h"
#include "ops/divisor.h"
#include "venn/ops.h"

#define VENN_HOST
#include "enqueue.comp"

enum { QUEUE, POSITION, X, GUARD, N_IN };

static bool shape(venn_node *n)
{
    const venn_shape *queue = &n->in[QUEUE]->shape;
    venn_shape x = n->in[X]->shape;
    if (n->in[POSITION]->count != 1 || (n->in[GUARD] && n->in[GUARD]->count != 1))
        return venn_node_error(n, "position and guard must be scalars");
    if (queue->rank == 0 || x.rank == 0 || x.dim[0] > queue->dim[0])
        return venn_node_error(n, "x must have at most as many rows as the queue");
    x.dim[0] = queue->dim[0];
    if (!venn_shape_equal(&x, queue))
        return venn_node_error(n, "rows of x must be like the queue's");
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const int64_t rows = n->in[X]->shape.dim[0], count = n->in[X]->count;
    if (rows == 0)
        return;
    const int64_t width = count / rows, unit = width % 4 == 0 ? 4 : 1;
    venn_push_enqueue push = {.count = (uint32_t)(count / unit),
                              .length = (uint32_t)n->in[QUEUE]->shape.dim[0],
                              .rows = (uint32_t)rows};
    venn_divisor(width / unit, push.divisor);
    venn_dispatch d = {.kernel = profile->texel_loads ? "enqueue.rows.texel" : "enqueue.rows",
                       .spec = {profile->elementwise_group, n->in[GUARD] != NULL, unit == 4},
                       .n_spec = 3,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[GUARD], VENN_READ},
                                {n->in[POSITION], VENN_READ},
                                {n->in[X], VENN_READ},
                                {n->in[QUEUE], VENN_UPDATE}},
                       .n_bind = 4};
    venn_groups_linear(r, count / unit, profile->elementwise_group, d.groups);
    venn_record_dispatch(r, &d);
    d.kernel = "enqueue.advance";
    d.spec[0] = 1;
    d.n_spec = 2;
    d.bind[1].access = VENN_UPDATE;
    d.n_bind = 2;
    d.groups[0] = d.groups[1] = 1;
    venn_record_dispatch(r, &d);
}

static void ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    const int64_t length = n->in[QUEUE]->shape.dim[0], rows = n->in[X]->shape.dim[0];
    const int64_t width = rows ? n->in[X]->count / rows : 0;
    const double at = r->x[POSITION][0];
    const int64_t first = at >= 0 && at < (double)length ? (int64_t)at : 0;
    memcpy(r->updated[QUEUE], r->x[QUEUE], (size_t)n->in[QUEUE]->count * sizeof(double));
    r->updated[POSITION][0] = at;
    if (rows == 0 || (r->x[GUARD] && !isfinite(r->x[GUARD][0])))
        return;
    for (int64_t b = 0; b < rows; b++)
        for (int64_t i = 0; i < width; i++)
            r->updated[QUEUE][(first + b) % length * width + i] = r->x[X][b * width + i];
    r->updated[POSITION][0] = (double)((first + rows) % length);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->bytes = 8.0 * (double)n->in[X]->count;
}

const venn_op_desc venn_op_enqueue = {
    .name = "enqueue",
    .summary = "queue[(position + b) mod K] = x[b]; position = (position + B) mod K",
    .inputs = {{"queue", VENN_F32, VENN_ANY, VENN_IN_UPDATE | VENN_IN_NO_GRAD},
               {"position", VENN_I32, VENN_INDEX, VENN_IN_UPDATE | VENN_IN_NO_GRAD},
               {"x", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD},
               {"guard", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = N_IN,
    .n_outputs = 0,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

void venn_enqueue(venn_graph *g, venn_tensor queue, venn_tensor position, venn_tensor x,
                  venn_tensor guard)
{
    venn_tensor in[N_IN] = {queue, position, x, guard};
    venn_op_apply(g, &venn_op_enqueue, in, N_IN, NULL, NULL);
}
