// scale: y = scale x + shift
//        dx = scale dy
#define VENN_HOST
#include "ops/unary.h"
#include "scale.comp"
#include "venn/ops.h"

typedef struct scale_params {
    float scale, shift;
} scale_params;

static void record(venn_recorder *r, const venn_node *n)
{
    const scale_params *p = n->params;
    venn_push_unary push = {(uint32_t)n->in[0]->count, p->scale, p->shift};
    venn_unary_record_push(r, n, "scale.forward", &push, sizeof push);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    const scale_params *p = n->params;
    dx[0] = venn_scale(g, dy[0], p->scale, 0.0f);
}

static void ref(const venn_ref *r)
{
    const scale_params *p = r->node->params;
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = p->scale * r->x[0][i] + p->shift;
}

static void ref_grad(const venn_ref *r)
{
    const scale_params *p = r->node->params;
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->dx[0][i] = p->scale * r->dy[0][i];
}

static const venn_param_def params[] = {
    {"scale", VENN_PARAM_FLOAT, offsetof(scale_params, scale), 1, NULL, "factor; 0: zero"},
    {"shift", VENN_PARAM_FLOAT, offsetof(scale_params, shift), 1, NULL, "term; 0: zero"},
    {0}};

static bool element(const venn_node *n, venn_element *e)
{
    const scale_params *p = n->params;
    *e = (venn_element){"scale", "forward", NULL, 2, {p->scale, p->shift}};
    return true;
}

const venn_op_desc venn_op_scale = {
    .name = "scale",
    .summary = "y = scale x + shift",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(scale_params),
    .params = params,
    .shape = venn_unary_shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_unary_cost,
    .half = VENN_HALF_LIKE_FIRST,
    .element = element,
};

venn_tensor venn_scale(venn_graph *g, venn_tensor x, float scale, float shift)
{
    scale_params p = {scale, shift};
    return venn_op_apply(g, &venn_op_scale, &x, 1, &p, NULL);
}
