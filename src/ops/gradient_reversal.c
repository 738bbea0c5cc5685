// gradient_reversal: y = x; no data moves
//                    dx = -lambda dy, which is not the derivative
#include <string.h>

#include "ops/unary.h"
#include "venn/ops.h"

typedef struct gradient_reversal_params {
    float lambda;
} gradient_reversal_params;

static float lambda_of(const venn_node *n)
{
    const gradient_reversal_params *p = n->params;
    return p->lambda != 0 ? p->lambda : 1;
}

static bool shape(venn_node *n)
{
    if (n->in[1] && n->in[1]->shape.rank != 0)
        return venn_node_error(n, "lambda must be a scalar");
    return venn_unary_shape(n);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    if (n->in[1])
        dx[0] = venn_mul(g, dy[0], venn_scale(g, venn_in(n, 1), -1, 0));
    else
        dx[0] = venn_scale(g, dy[0], -lambda_of(n), 0);
}

static void ref(const venn_ref *r)
{
    memcpy(r->y[0], r->x[0], (size_t)r->node->out[0]->count * sizeof(double));
}

static void ref_grad(const venn_ref *r)
{
    const double lambda = r->x[1] ? r->x[1][0] : lambda_of(r->node);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->dx[0][i] = -lambda * r->dy[0][i];
}

static const venn_param_def params[] = {{"lambda", VENN_PARAM_FLOAT,
                                         offsetof(gradient_reversal_params, lambda), 1, NULL,
                                         "strength, unless it is the second input; 0: 1"},
                                        {0}};

const venn_op_desc venn_op_gradient_reversal = {
    .name = "gradient_reversal",
    .summary = "y = x, and dx = -lambda dy",
    .inputs = {{"x"}, {"lambda", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(gradient_reversal_params),
    .params = params,
    .shape = shape,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .alias = true,
    .surrogate_gradient = true,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_gradient_reversal(venn_graph *g, venn_tensor x, venn_tensor lambda, float constant)
{
    const gradient_reversal_params p = {constant};
    return venn_op_apply(g, &venn_op_gradient_reversal, (venn_tensor[]){x, lambda}, 2, &p, NULL);
}
