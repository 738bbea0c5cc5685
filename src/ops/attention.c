// attention: y_i = sum over j of p_ij v_j, p_i = softmax over j of (scale q_i.k_j + bias_ij), of each head
//            dv_j = sum of p_ij dy_i; ds_ij = p_ij (dy_i.v_j - dy_i.y_i); dq_i = scale sum of ds_ij k_j,
//            dk_j = scale sum of ds_ij q_i
#include <math.h>
#include <stdlib.h>

#include "ops/attention.h"
#include "venn/ops.h"

#define Q VENN_ATTENTION_Q
#define K VENN_ATTENTION_K
#define V VENN_ATTENTION_V
#define MASK VENN_ATTENTION_MASK
#define BIAS VENN_ATTENTION_BIAS

venn_attention_form venn_attention_form_of(const venn_node *n)
{
    const venn_attention_params *p = n->params;
    const venn_shape *q = &n->in[Q]->shape, *k = &n->in[K]->shape, *v = &n->in[V]->shape;
    const bool interleaved = p->layout == VENN_ATTENTION_BTHD;
    const int row = interleaved ? 1 : 2;
    venn_attention_form f = {.batch = q->dim[0],
                             .heads = q->dim[3 - row],
                             .queries = q->dim[row],
                             .keys = k->dim[row],
                             .width = q->dim[3],
                             .columns = v->dim[3],
                             .interleaved = interleaved,
                             .causal = p->causal,
                             .scale = p->scale};
    if (f.scale == 0)
        f.scale = f.width ? (float)(1 / sqrt((double)f.width)) : 1;
    return f;
}

static bool fits_bias(const venn_attention_form *f, const venn_shape *s)
{
    return s->rank == 4 && (s->dim[0] == 1 || s->dim[0] == f->batch) &&
           (s->dim[1] == 1 || s->dim[1] == f->heads) && s->dim[2] == f->queries &&
           s->dim[3] == f->keys;
}

static bool shape(venn_node *n)
{
    const venn_attention_params *p = n->params;
    const bool interleaved = p->layout == VENN_ATTENTION_BTHD;
    for (int i = Q; i <= V; i++)
        if (n->in[i]->shape.rank != 4)
            return venn_node_error(n, "%s must be %s", n->op->inputs[i].name,
                                   interleaved ? "[B, T, H, D]" : "[B, H, T, D]");
    const venn_attention_form f = venn_attention_form_of(n);
    const venn_shape *q = &n->in[Q]->shape, *k = &n->in[K]->shape, *v = &n->in[V]->shape;
    const venn_shape masked = VENN_SHAPE(f.batch, f.keys);
    const int head = interleaved ? 2 : 1;
    if (k->dim[0] != f.batch || v->dim[0] != f.batch || k->dim[head] != f.heads ||
        v->dim[head] != f.heads)
        return venn_node_error(n, "q, k and v must have the same batch and heads");
    if (k->dim[3] != f.width)
        return venn_node_error(n, "q and k must have the same width");
    if (v->dim[3 - head] != f.keys)
        return venn_node_error(n, "k and v must have the same number of rows");
    if (n->in[MASK] && !venn_shape_equal(&n->in[MASK]->shape, &masked))
        return venn_node_error(n, "mask must be [B, keys]");
    if (n->in[BIAS] && !fits_bias(&f, &n->in[BIAS]->shape))
        return venn_node_error(n, "bias must be [B or 1, H or 1, queries, keys]");
    venn_shape y = *q;
    y.dim[3] = f.columns;
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_attention_form f = venn_attention_form_of(n);
    out[0] = venn_attention_apply(g, &f, in);
    return venn_graph_status(g) == VENN_OK;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const venn_attention_form f = venn_attention_form_of(n);
    const double scores = (double)(f.batch * f.heads * f.queries) * (double)f.keys;
    cost->flops = 2 * scores * (double)(f.width + f.columns) * (f.causal ? 0.5 : 1);
    cost->bytes = 4.0 * (double)(n->in[Q]->count + n->in[K]->count + n->in[V]->count);
    cost->bytes += 4.0 * (double)n->out[0]->count;
}

// ---- References ------------------------------------------------------------------------------

// One head of one batch entry.
typedef struct one_head {
    const venn_ref *r;
    venn_attention_form f;
    int64_t entry, head;
} one_head;

// Where row `row` of `count` begins, counting rows.
static int64_t line(const one_head *o, int64_t row, int64_t count)
{
    return o->f.interleaved ? (o->entry * count + row) * o->f.heads + o->head
                            : (o->entry * o->f.heads + o->head) * count + row;
}

static double dot(const double *a, const double *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static double bias_of(const one_head *o, int64_t query, int64_t key)
{
    if (!o->r->node->in[BIAS])
        return 0;
    const venn_shape *s = &o->r->node->in[BIAS]->shape;
    const int64_t entry = s->dim[0] == 1 ? 0 : o->entry, head = s->dim[1] == 1 ? 0 : o->head;
    return o->r->x[BIAS][((entry * s->dim[1] + head) * s->dim[2] + query) * s->dim[3] + key];
}

// p[j] of query i: 0 where they do not meet.
static void softmax_row(const one_head *o, int64_t i, double *p)
{
    const venn_attention_form *f = &o->f;
    const double *q = o->r->x[Q] + line(o, i, f->queries) * f->width;
    const double *mask = o->r->node->in[MASK] ? o->r->x[MASK] + o->entry * f->keys : NULL;
    double most = -INFINITY, sum = 0;
    for (int64_t j = 0; j < f->keys; j++) {
        const double *k = o->r->x[K] + line(o, j, f->keys) * f->width;
        const bool meet = (!mask || mask[j] != 0) && (!f->causal || j <= i);
        p[j] = meet ? (double)f->scale * dot(q, k, f->width) + bias_of(o, i, j) : -INFINITY;
        most = fmax(most, p[j]);
    }
    for (int64_t j = 0; j < f->keys; j++)
        sum += p[j] = isinf(most) ? 0 : exp(p[j] - most);
    for (int64_t j = 0; j < f->keys && sum > 0; j++)
        p[j] /= sum;
}

static void ref_head(const one_head *o, double *p)
{
    const venn_attention_form *f = &o->f;
    for (int64_t i = 0; i < f->queries; i++) {
        double *y = o->r->y[0] + line(o, i, f->queries) * f->columns;
        softmax_row(o, i, p);
        for (int64_t c = 0; c < f->columns; c++)
            y[c] = 0;
        for (int64_t j = 0; j < f->keys; j++)
            for (int64_t c = 0; c < f->columns; c++)
                y[c] += p[j] * o->r->x[V][line(o, j, f->keys) * f->columns + c];
    }
}

static void add_times(double *to, double factor, const double *x, int64_t count)
{
    for (int64_t i = 0; to && i < count; i++)
        to[i] += factor * x[i];
}

static double *row_of(double *x, int64_t row, int64_t width)
{
    return x ? x + row * width : NULL;
}

// dp: dy.v of each key.
static void ref_grad_head(const one_head *o, double *p, double *dp)
{
    const venn_attention_form *f = &o->f;
    const venn_ref *r = o->r;
    for (int64_t i = 0; i < f->queries; i++) {
        const int64_t own = line(o, i, f->queries);
        const double *dy = r->dy[0] + own * f->columns;
        double mean = 0;
        softmax_row(o, i, p);
        for (int64_t j = 0; j < f->keys; j++) {
            dp[j] = dot(dy, r->x[V] + line(o, j, f->keys) * f->columns, f->columns);
            mean += p[j] * dp[j];
        }
        for (int64_t j = 0; j < f->keys; j++) {
            const int64_t other = line(o, j, f->keys);
            const double ds = (double)f->scale * p[j] * (dp[j] - mean);
            add_times(row_of(r->dx[V], other, f->columns), p[j], dy, f->columns);
            add_times(row_of(r->dx[Q], own, f->width), ds, r->x[K] + other * f->width, f->width);
            add_times(row_of(r->dx[K], other, f->width), ds, r->x[Q] + own * f->width, f->width);
        }
    }
}

static void each_head(const venn_ref *r, bool backward)
{
    one_head o = {.r = r, .f = venn_attention_form_of(r->node)};
    double *p = calloc((size_t)(2 * o.f.keys) + 1, sizeof *p);
    for (o.entry = 0; p && o.entry < o.f.batch; o.entry++)
        for (o.head = 0; o.head < o.f.heads; o.head++) {
            if (backward)
                ref_grad_head(&o, p, p + o.f.keys);
            else
                ref_head(&o, p);
        }
    free(p);
}

static void ref(const venn_ref *r)
{
    each_head(r, false);
}

static void ref_grad(const venn_ref *r)
{
    each_head(r, true);
}

// ---- Op --------------------------------------------------------------------------------------

static const char *const layouts[] = {"bhtd", "bthd", NULL};

static const venn_param_def params[] = {
    {"causal", VENN_PARAM_BOOL, offsetof(venn_attention_params, causal),
     .doc = "query i sees keys 0 .. i alone"},
    {"scale", VENN_PARAM_FLOAT, offsetof(venn_attention_params, scale),
     .doc = "of the scores; 0: 1 / sqrt(D)"},
    {"layout", VENN_PARAM_ENUM, offsetof(venn_attention_params, layout), .names = layouts,
     .doc = "the order of axes: batch, heads, rows, elements, or rows before heads"},
    {0}};

const venn_op_desc venn_op_attention = {
    .name = "attention",
    .summary = "y = softmax(scale q k^T + bias) v, of each head",
    .inputs = {{"q"},
               {"k"},
               {"v"},
               {"mask", VENN_I32, VENN_BINARY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD},
               {"bias", .flags = VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = VENN_ATTENTION_INPUTS,
    .n_outputs = 1,
    .params_size = sizeof(venn_attention_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_attention(venn_graph *g, venn_tensor q, venn_tensor k, venn_tensor v,
                           venn_tensor mask, venn_tensor bias, const venn_attention_params *p)
{
    return venn_op_apply(g, &venn_op_attention, (venn_tensor[]){q, k, v, mask, bias},
                         VENN_ATTENTION_INPUTS, p, NULL);
}
