// gelu: y = x Phi(x), Phi the standard normal distribution function, or its tanh approximation
//       dx = (Phi(x) + x Phi'(x)) dy
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static bool is_tanh(const venn_node *n)
{
    return ((const venn_gelu_params *)n->params)->approximate == VENN_GELU_TANH;
}

static void record(venn_recorder *r, const venn_node *n)
{
    venn_unary_record(r, n, is_tanh(n) ? "gelu.tanh" : "gelu.forward");
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    venn_unary_record(r, n, is_tanh(n) ? "gelu.tanh_backward" : "gelu.backward");
}

static void cost(const venn_node *n, venn_cost *out)
{
    venn_unary_cost(n, out);
    out->flops *= is_tanh(n) ? 30 : 60; // polynomials and their range reduction
}

static const char *const forms[] = {"none", "tanh", NULL};

static const venn_param_def params[] = {{"approximate", VENN_PARAM_ENUM,
                                         offsetof(venn_gelu_params, approximate), 1, forms,
                                         "none: exact (the default); tanh: the tanh approximation"},
                                        {0}};

static bool element(const venn_node *n, venn_element *e)
{
    return venn_unary_element(e, "gelu", "forward", is_tanh(n) ? "TANH" : NULL);
}

static bool element_backward(const venn_node *n, venn_element *e)
{
    return venn_unary_element(e, "gelu", "backward", is_tanh(n) ? "TANH" : NULL);
}

static const venn_op_desc gelu_backward = {
    .name = "gelu.backward",
    .summary = "dx = (Phi(x) + x Phi'(x)) dy",
    .inputs = {{"x"}, {"dy"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_gelu_params),
    .params = params,
    .shape = venn_unary_backward_shape,
    .record = record_backward,
    .cost = cost,
    .element = element_backward,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_tensor in[] = {venn_in(n, 0), dy[0]};
    dx[0] = venn_op_apply(g, &gelu_backward, in, 2, n->params, NULL);
}

// Phi(x) and Phi'(x) of the form that n wants.
static void normal(const venn_node *n, double x, double *phi, double *density)
{
    static const double root = 0.79788456080286535588; // sqrt(2 / pi)
    if (is_tanh(n)) {
        double t = tanh(root * (x + 0.044715 * x * x * x));
        *phi = 0.5 * (1.0 + t);
        *density = 0.5 * (1.0 - t * t) * root * (1.0 + 3.0 * 0.044715 * x * x);
    } else {
        *phi = 0.5 * erfc(-x / sqrt(2.0));
        *density = 0.5 * root * exp(-0.5 * x * x);
    }
}

static void ref(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++) {
        double phi, density;
        normal(r->node, r->x[0][i], &phi, &density);
        r->y[0][i] = r->x[0][i] * phi;
    }
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++) {
        double phi, density;
        normal(r->node, r->x[0][i], &phi, &density);
        r->dx[0][i] = (phi + r->x[0][i] * density) * r->dy[0][i];
    }
}

const venn_op_desc venn_op_gelu = {
    .name = "gelu",
    .summary = "y = x Phi(x), Phi the standard normal distribution function",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_gelu_params),
    .params = params,
    .shape = venn_unary_shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .element = element,
};

venn_tensor venn_gelu(venn_graph *g, venn_tensor x, const venn_gelu_params *gelu)
{
    return venn_op_apply(g, &venn_op_gelu, &x, 1, gelu, NULL);
}
