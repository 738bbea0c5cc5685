// segment_mean: y[s] = mean of the rows x[p] with label[p] = s, or 0 if there are none; count[s] = how many
//               dx[p] = dy[label[p]] / count[label[p]]
// A composite: one_hot(label)^T x, divided by the counts.
#include <math.h>

#include "ops/rows.h"
#include "venn/ops.h"

typedef struct segment_params {
    int32_t segments;
} segment_params;

static const venn_param_def params[] = {{"segments", VENN_PARAM_INT,
                                         offsetof(segment_params, segments), 1, NULL,
                                         "how many: labels from 0 to segments - 1 count; 0: none"},
                                        {0}};

static int32_t segments_of(const venn_node *n)
{
    return ((const segment_params *)n->params)->segments;
}

static bool shape(venn_node *n)
{
    venn_shape leading = n->in[0]->shape;
    const int32_t segments = segments_of(n);
    if (leading.rank == 0 || segments < 0)
        return venn_node_error(n, "x must be [.., D], and segments not negative");
    const int64_t width = leading.dim[--leading.rank];
    leading.dim[leading.rank] = 0;
    if (!venn_shape_equal(&leading, &n->in[1]->shape))
        return venn_node_error(n, "label must have the shape of x without its last axis");
    venn_node_output(n, 0, VENN_F32, VENN_SHAPE(segments, width));
    venn_node_output(n, 1, VENN_F32, VENN_SHAPE(segments));
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const int32_t segments = segments_of(n);
    const int64_t width = venn_rows_length(n->in[0]), rows = n->in[1]->count;
    const venn_tensor x = venn_reshape(g, in[0], VENN_SHAPE(rows, width));
    const venn_tensor member =
        venn_reshape(g, venn_one_hot(g, in[1], segments), VENN_SHAPE(rows, segments));
    const venn_tensor sum =
        venn_matmul(g, member, x, VENN_NONE, &(venn_matmul_params){.trans_a = true});
    out[1] = venn_sum(g, member, &(venn_reduce_params){.axes = 1});
    const venn_tensor share = venn_reciprocal(g, venn_clamp(g, out[1], 1, INFINITY));
    out[0] = venn_mul(g, sum, venn_reshape(g, share, VENN_SHAPE(segments, 1)));
    return true;
}

static int64_t segment_at(const venn_ref *r, int64_t row)
{
    const double label = r->x[1][row];
    return label >= 0 && label < segments_of(r->node) ? (int64_t)label : -1;
}

static void count_members(const venn_ref *r)
{
    for (int64_t s = 0; s < segments_of(r->node); s++)
        r->y[1][s] = 0;
    for (int64_t row = 0; row < r->node->in[1]->count; row++)
        if (segment_at(r, row) >= 0)
            r->y[1][segment_at(r, row)]++;
}

static void ref(const venn_ref *r)
{
    const int64_t width = venn_rows_length(r->node->in[0]);
    count_members(r);
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] = 0;
    for (int64_t row = 0; row < r->node->in[1]->count; row++) {
        const int64_t s = segment_at(r, row);
        for (int64_t d = 0; s >= 0 && d < width; d++)
            r->y[0][s * width + d] += r->x[0][row * width + d] / r->y[1][s];
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t width = venn_rows_length(r->node->in[0]);
    for (int64_t row = 0; row < r->node->in[1]->count; row++) {
        const int64_t s = segment_at(r, row);
        for (int64_t d = 0; d < width; d++)
            r->dx[0][row * width + d] = s < 0 ? 0 : r->dy[0][s * width + d] / r->y[1][s];
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 2.0 * (double)n->in[0]->count * (double)segments_of(n);
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count + n->out[0]->count);
}

const venn_op_desc venn_op_segment_mean = {
    .name = "segment_mean",
    .summary = "y[s] = mean of the rows of x with label s, and how many they are",
    .inputs = {{"x"}, {"label", VENN_I32}},
    .n_inputs = 2,
    .n_outputs = 2,
    .params_size = sizeof(segment_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_segment_mean(venn_graph *g, venn_tensor x, venn_tensor label, int segments,
                              venn_tensor *count)
{
    segment_params p = {segments};
    venn_tensor out[2];
    venn_op_apply(g, &venn_op_segment_mean, (venn_tensor[]){x, label}, 2, &p, out);
    if (count)
        *count = out[1];
    return out[0];
}
