// cosine_similarity: y = sum of a b over the axes / (|a| |b|), norms of eps at least
//                    da = (b / |b| - y a / |a|) dy / |a|, without the second part where |a| < eps; db alike
#include <math.h>
#include <stdlib.h>

#include "ops/reduction.h"

typedef struct cosine_similarity_params {
    venn_reduce_params over;
    float eps;
} cosine_similarity_params;

static float eps_of(const venn_node *n)
{
    const cosine_similarity_params *p = n->params;
    return p->eps != 0 ? p->eps : 1e-8f;
}

static bool shape(venn_node *n)
{
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "a and b must have one shape");
    if (!(eps_of(n) > 0))
        return venn_node_error(n, "eps %g is not positive", (double)eps_of(n));
    return venn_reduction_shape(n);
}

static venn_tensor length(venn_graph *g, const venn_node *n, venn_tensor x)
{
    const cosine_similarity_params *p = n->params;
    return venn_maximum(g, venn_norm(g, x, &p->over), venn_fill(g, VENN_SCALAR, eps_of(n)));
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const cosine_similarity_params *p = n->params;
    const venn_tensor dot = venn_sum(g, venn_mul(g, in[0], in[1]), &p->over);
    out[0] = venn_div(g, venn_div(g, dot, length(g, n, in[0])), length(g, n, in[1]));
    return true;
}

// For y[i]: |a|, |b| and their cosine.
typedef struct angle {
    double length[2], cosine;
} angle;

static angle *angles(const venn_ref *r) // malloc'd
{
    const venn_node *n = r->node;
    const double *a = r->x[0], *b = r->x[1];
    const size_t count = (size_t)n->out[0]->count;
    angle *angles = calloc(count + 1, sizeof *angles);
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        angle *of = &angles[venn_reduction_index(n, e)];
        of->cosine += a[e] * b[e];
        of->length[0] += a[e] * a[e];
        of->length[1] += b[e] * b[e];
    }
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < 2; k++) {
            angles[i].length[k] = sqrt(angles[i].length[k]);
            angles[i].cosine /= fmax(angles[i].length[k], eps_of(n));
        }
    return angles;
}

static void ref(const venn_ref *r)
{
    angle *of = angles(r);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = of[i].cosine;
    free(of);
}

static void ref_grad(const venn_ref *r)
{
    const double eps = eps_of(r->node);
    angle *of = angles(r);
    for (int64_t e = 0; e < r->node->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(r->node, e);
        for (int k = 0; k < 2; k++) {
            const double own = fmax(of[i].length[k], eps), other = fmax(of[i].length[1 - k], eps);
            const double along = of[i].length[k] < eps ? 0 : of[i].cosine * r->x[k][e] / own;
            if (r->dx[k])
                r->dx[k][e] = (r->x[1 - k][e] / other - along) / own * r->dy[0][i];
        }
    }
    free(of);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 6.0 * (double)n->in[0]->count;
    cost->bytes = 8.0 * (double)n->in[0]->count + 4.0 * (double)n->out[0]->count;
}

static const venn_param_def params[] = {VENN_REDUCTION_PARAMS,
                                        {"eps", VENN_PARAM_FLOAT,
                                         offsetof(cosine_similarity_params, eps), 1, NULL,
                                         "least norm to divide by; 0: 1e-8"},
                                        {0}};

const venn_op_desc venn_op_cosine_similarity = {
    .name = "cosine_similarity",
    .summary = "y = sum of a b over the axes / (|a| |b|)",
    .inputs = {{"a"}, {"b"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(cosine_similarity_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_cosine_similarity(venn_graph *g, venn_tensor a, venn_tensor b,
                                   const venn_reduce_params *over, float eps)
{
    const cosine_similarity_params p = {over ? *over : (venn_reduce_params){0}, eps};
    return venn_op_apply(g, &venn_op_cosine_similarity, (venn_tensor[]){a, b}, 2, &p, NULL);
}
