// spearman: loss[b] = 1 - correlation of the soft ranks of x[b] and teacher[b]
//           dx by way of the ranks; with unit vectors a of x's centred ranks and b of the teacher's,
//           dranks = -(b - (a . b) a) / |ranks - their mean| dloss
// A composite: the cosine of centred soft ranks.
#include <math.h>
#include <stdlib.h>

#include "ops/loss.h"
#include "ops/permutahedron.h"
#include "venn/ops.h"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"strength", VENN_PARAM_FLOAT, offsetof(venn_spearman_params, strength), 1, NULL,
     "of the soft ranks' regularisation; 0: 1"},
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_spearman_params, reduction), 1, reductions,
     "over the rows: mean (default), sum, none (a loss per row)"},
    {0}};

static bool is_each(const venn_node *n)
{
    return ((const venn_spearman_params *)n->params)->reduction == VENN_REDUCE_NONE;
}

static double reduction_scale(const venn_node *n)
{
    const int64_t rows = venn_rows_count(n->in[0]);
    const venn_reduction reduction = ((const venn_spearman_params *)n->params)->reduction;
    return reduction == VENN_REDUCE_MEAN && rows ? 1.0 / (double)rows : 1.0;
}

static bool shape(venn_node *n)
{
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "x and teacher must have one shape");
    return venn_loss_shape(n, is_each(n));
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 16.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count + n->out[0]->count);
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_spearman_params *p = n->params;
    const venn_soft_rank_params ranks = {p->strength, true};
    const venn_cosine_embedding_params correlation = {.reduction = p->reduction};
    const venn_tensor x = venn_soft_rank(g, in[0], &ranks);
    const venn_tensor teacher = venn_soft_rank(g, venn_stop_gradient(g, in[1]), &ranks);
    out[0] = venn_cosine_embedding(g, x, teacher, VENN_NONE, &correlation);
    return true;
}

// The ranks of both rows, their mean and norms, and their scalar product.
typedef struct pair {
    venn_soft_ranks x, teacher;
    double mean, norm_x, norm_teacher, product;
} pair;

static bool pair_init(const venn_ref *r, pair *p)
{
    const int64_t n = venn_rows_length(r->node->in[0]);
    const float strength = ((const venn_spearman_params *)r->node->params)->strength;
    const double used = strength == 0 ? 1 : strength;
    *p = (pair){.mean = (double)(n + 1) / 2};
    if (!venn_soft_ranks_init(&p->x, n, used))
        return false;
    if (venn_soft_ranks_init(&p->teacher, n, used))
        return true;
    venn_soft_ranks_finish(&p->x);
    return false;
}

static void pair_finish(pair *p)
{
    venn_soft_ranks_finish(&p->x);
    venn_soft_ranks_finish(&p->teacher);
}

static void pair_compute(pair *p, const venn_ref *r, int64_t row)
{
    const int64_t n = p->x.n;
    double xx = 0, tt = 0, xt = 0;
    venn_soft_ranks_compute(&p->x, r->x[0] + row * n);
    venn_soft_ranks_compute(&p->teacher, r->x[1] + row * n);
    for (int64_t i = 0; i < n; i++) {
        const double x = p->x.rank[i] - p->mean, t = p->teacher.rank[i] - p->mean;
        xx += x * x;
        tt += t * t;
        xt += x * t;
    }
    p->norm_x = sqrt(xx);
    p->norm_teacher = sqrt(tt);
    p->product = xt;
}

static void ref(const venn_ref *r)
{
    const bool each = is_each(r->node);
    pair p;
    if (!each)
        r->y[0][0] = 0;
    if (!pair_init(r, &p))
        return;
    for (int64_t row = 0; row < venn_rows_count(r->node->in[0]); row++) {
        pair_compute(&p, r, row);
        const double norms = p.norm_x * p.norm_teacher, loss = norms ? 1 - p.product / norms : 1;
        if (each)
            r->y[0][row] = loss;
        else
            r->y[0][0] += loss * reduction_scale(r->node);
    }
    pair_finish(&p);
}

static void ref_grad(const venn_ref *r)
{
    pair p;
    if (!pair_init(r, &p))
        return;
    const int64_t n = p.x.n;
    double *dranks = calloc((size_t)n, sizeof *dranks);
    for (int64_t row = 0; dranks && row < venn_rows_count(r->node->in[0]); row++) {
        pair_compute(&p, r, row);
        const double norms = p.norm_x * p.norm_teacher, share = p.product / (p.norm_x * p.norm_x);
        const double slope = venn_loss_dy(r, is_each(r->node), row) * reduction_scale(r->node);
        for (int64_t i = 0; i < n; i++) {
            const double x = p.x.rank[i] - p.mean, t = p.teacher.rank[i] - p.mean;
            dranks[i] = norms ? -(t - share * x) / norms * slope : 0;
        }
        venn_soft_ranks_gradient(&p.x, dranks, r->dx[0] + row * n);
    }
    free(dranks);
    pair_finish(&p);
}

const venn_op_desc venn_op_spearman = {
    .name = "spearman",
    .summary = "1 - correlation of soft ranks, reduced over the rows",
    .inputs = {{"x"}, {"teacher", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_spearman_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_spearman(venn_graph *g, venn_tensor x, venn_tensor teacher,
                          const venn_spearman_params *p)
{
    return venn_op_apply(g, &venn_op_spearman, (venn_tensor[]){x, teacher}, 2, p, NULL);
}
