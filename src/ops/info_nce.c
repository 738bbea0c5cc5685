// info_nce: loss[b] = log sum_k e^s[b,k] - s[b,b], s[b,k] = x[b] . key[k] / T; symmetric: the mean with the same of
//           s transposed. With a queue: s[b,0] = x[b] . key[b] / T, s[b,1+k] = x[b] . queue[k] / T, and s[b,0] is
//           the one to be found
//           ds = (softmax(s) - onehot) dloss; the rest is that of products
// A composite: matrix products and cross entropies.
#include <math.h>
#include <stdlib.h>

#include "ops/loss.h"
#include "venn/ops.h"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_info_nce_params, reduction), 1, reductions,
     "over the rows: mean (default), sum, none (a loss per row)"},
    {"temperature", VENN_PARAM_FLOAT, offsetof(venn_info_nce_params, temperature), 1, NULL,
     "T > 0; 0: 1"},
    {"symmetric", VENN_PARAM_BOOL, offsetof(venn_info_nce_params, symmetric), 1, NULL,
     "look from the keys to x too, not with a queue; 0: no"},
    {0}};

static const venn_info_nce_params *params_of(const venn_node *n)
{
    return n->params;
}

static float inverse_temperature(const venn_node *n)
{
    const float T = params_of(n)->temperature;
    return T == 0 ? 1 : 1 / T;
}

static bool is_each(const venn_node *n)
{
    return params_of(n)->reduction == VENN_REDUCE_NONE;
}

static bool shape(venn_node *n)
{
    const float T = params_of(n)->temperature;
    const venn_shape *x = &n->in[0]->shape;
    if (!(T >= 0 && T < INFINITY))
        return venn_node_error(n, "temperature %g is not above 0", (double)T);
    if (x->rank != 2 || !venn_shape_equal(x, &n->in[1]->shape))
        return venn_node_error(n, "x and key must be [B, D]");
    if (!n->in[2] && x->dim[0] == 0)
        return venn_node_error(n, "without a queue there must be rows");
    if (n->in[2] && params_of(n)->symmetric)
        return venn_node_error(n, "with a queue it cannot be symmetric");
    if (n->in[2] && (n->in[2]->shape.rank != 2 || n->in[2]->shape.dim[1] != x->dim[1]))
        return venn_node_error(n, "queue must be [K, D]");
    venn_node_output(n, 0, VENN_F32, is_each(n) ? VENN_SHAPE(x->dim[0]) : VENN_SCALAR);
    return true;
}

static venn_tensor product(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_matmul(g, a, b, VENN_NONE, &(venn_matmul_params){.trans_b = true});
}

// Row n has class n.
static venn_tensor find_own(venn_graph *g, venn_tensor scores, venn_reduction reduction)
{
    return venn_cross_entropy(g, scores, VENN_NONE,
                              &(venn_cross_entropy_params){.reduction = reduction});
}

static venn_tensor in_batch(venn_graph *g, const venn_node *n, const venn_tensor *in)
{
    const venn_reduction reduction = params_of(n)->reduction;
    const venn_tensor scores = venn_scale(g, product(g, in[0], in[1]), inverse_temperature(n), 0);
    const venn_tensor there = find_own(g, scores, reduction);
    if (!params_of(n)->symmetric)
        return there;
    const venn_tensor back = find_own(g, venn_transpose(g, scores, NULL), reduction);
    return venn_scale(g, venn_add(g, there, back), 0.5f, 0);
}

static venn_tensor with_queue(venn_graph *g, const venn_node *n, const venn_tensor *in)
{
    const int64_t rows = n->in[0]->shape.dim[0], waiting = n->in[2]->shape.dim[0];
    const venn_reduce_params over_width = {.axes = 2, .keepdims = true};
    const venn_tensor scores[] = {venn_sum(g, venn_mul(g, in[0], in[1]), &over_width),
                                  product(g, in[0], in[2])};
    const venn_tensor all = venn_scale(g, venn_concat(g, 2, scores, 1), inverse_temperature(n), 0);
    const venn_tensor loss = find_own(g, venn_reshape(g, all, VENN_SHAPE(rows, 1, 1 + waiting)),
                                      params_of(n)->reduction);
    return is_each(n) ? venn_reshape(g, loss, VENN_SHAPE(rows)) : loss;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    out[0] = n->in[2] ? with_queue(g, n, in) : in_batch(g, n, in);
    return true;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const double rows = (double)n->in[0]->shape.dim[0], width = (double)n->in[0]->shape.dim[1];
    const double others = n->in[2] ? 1 + (double)n->in[2]->shape.dim[0] : rows;
    cost->flops = rows * others * (2 * width + 8);
    cost->bytes = 4.0 * (rows + others) * width;
}

// ---- References ------------------------------------------------------------------------------

// All rows that row b is compared with: its own key and the queue, or the keys. `swap`: keys look for x.
typedef struct contrast {
    const venn_ref *r;
    int64_t rows, width, others;
    bool swap;
    double *score; // [others]
} contrast;

static bool contrast_init(contrast *c, const venn_ref *r)
{
    const venn_shape *x = &r->node->in[0]->shape;
    *c = (contrast){.r = r, .rows = x->dim[0], .width = x->dim[1]};
    c->others = r->x[2] ? 1 + r->node->in[2]->shape.dim[0] : c->rows;
    c->score = calloc((size_t)c->others, sizeof *c->score);
    return c->score != NULL;
}

// Which input and which of its rows the k-th of the others is for row b.
static int64_t other_row(const contrast *c, int64_t b, int64_t k, int *input)
{
    *input = c->swap ? 0 : 1;
    if (!c->r->x[2])
        return k;
    if (k == 0)
        return b;
    *input = 2;
    return k - 1;
}

// Leaves softmax(s[b]) in score; gives the loss.
static double contrast_row(const contrast *c, int64_t b)
{
    const double *from = c->r->x[c->swap ? 1 : 0] + b * c->width;
    double top = -INFINITY, sum = 0;
    for (int64_t k = 0; k < c->others; k++) {
        int input;
        const int64_t row = other_row(c, b, k, &input);
        double s = 0;
        for (int64_t d = 0; d < c->width; d++)
            s += from[d] * c->r->x[input][row * c->width + d];
        c->score[k] = s * (double)inverse_temperature(c->r->node);
        top = fmax(top, c->score[k]);
    }
    for (int64_t k = 0; k < c->others; k++)
        sum += exp(c->score[k] - top);
    const double all = sum == 0 ? -INFINITY : top + log(sum);
    const double own = c->score[c->r->x[2] ? 0 : b];
    for (int64_t k = 0; k < c->others; k++)
        c->score[k] = exp(c->score[k] - all);
    return all - own;
}

// What a row's loss is multiplied by.
static double factor_of(const contrast *c)
{
    const venn_info_nce_params *p = params_of(c->r->node);
    const double share = p->symmetric ? 0.5 : 1;
    return p->reduction == VENN_REDUCE_MEAN && c->rows ? share / (double)c->rows : share;
}

static int sides_of(const venn_node *n)
{
    return params_of(n)->symmetric ? 2 : 1;
}

static void ref(const venn_ref *r)
{
    const bool each = is_each(r->node);
    contrast c;
    if (!contrast_init(&c, r))
        return;
    for (int64_t i = 0; i < (each ? c.rows : 1); i++)
        r->y[0][i] = 0;
    for (int side = 0; side < sides_of(r->node); side++) {
        c.swap = side;
        for (int64_t b = 0; b < c.rows; b++)
            r->y[0][each ? b : 0] += contrast_row(&c, b) * factor_of(&c);
    }
    free(c.score);
}

static void add_gradient(const contrast *c, int64_t b)
{
    const venn_ref *r = c->r;
    const int self = c->swap ? 1 : 0;
    const double slope =
        venn_loss_dy(r, is_each(r->node), b) * factor_of(c) * (double)inverse_temperature(r->node);
    for (int64_t k = 0; k < c->others; k++) {
        int input;
        const int64_t row = other_row(c, b, k, &input) * c->width, from = b * c->width;
        const double ds = slope * (c->score[k] - (k == (r->x[2] ? 0 : b)));
        for (int64_t d = 0; d < c->width; d++) {
            if (r->dx[self])
                r->dx[self][from + d] += ds * r->x[input][row + d];
            if (r->dx[input])
                r->dx[input][row + d] += ds * r->x[self][from + d];
        }
    }
}

static void ref_grad(const venn_ref *r)
{
    contrast c;
    if (!contrast_init(&c, r))
        return;
    for (int side = 0; side < sides_of(r->node); side++) {
        c.swap = side;
        for (int64_t b = 0; b < c.rows; b++) {
            contrast_row(&c, b);
            add_gradient(&c, b);
        }
    }
    free(c.score);
}

const venn_op_desc venn_op_info_nce = {
    .name = "info_nce",
    .summary = "cross entropy of finding key[b] by x[b] among all keys, or among it and a queue",
    .inputs = {{"x"}, {"key"}, {"queue", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_info_nce_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_info_nce(venn_graph *g, venn_tensor x, venn_tensor key, venn_tensor queue,
                          const venn_info_nce_params *p)
{
    return venn_op_apply(g, &venn_op_info_nce, (venn_tensor[]){x, key, queue}, 3, p, NULL);
}
