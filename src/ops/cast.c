// cast: y = x, stored as another type
//       dx = dy, stored as x is
#include <string.h>

#include "ops/unary.h"
#include "venn/ops.h"

typedef struct cast_params {
    venn_dtype dtype;
} cast_params;

static bool shape(venn_node *n)
{
    const cast_params *p = n->params;
    if (!venn_dtype_is_float(p->dtype))
        return venn_node_error(n, "dtype must be f32, f16 or bf16");
    venn_node_output(n, 0, p->dtype, n->in[0]->shape);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    venn_unary_record(r, n, "cast.forward");
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)g;
    (void)n;
    (void)need;
    dx[0] = dy[0]; // every gradient is stored in the type of what it is of
}

static void ref(const venn_ref *r)
{
    memcpy(r->y[0], r->x[0], (size_t)r->node->out[0]->count * sizeof(double));
}

static void ref_grad(const venn_ref *r)
{
    memcpy(r->dx[0], r->dy[0], (size_t)r->node->out[0]->count * sizeof(double));
}

static void cost(const venn_node *n, venn_cost *out)
{
    out->bytes = (double)n->in[0]->count *
                 (double)(venn_dtype_size(n->in[0]->dtype) + venn_dtype_size(n->out[0]->dtype));
}

static const char *const names[] = {"f32", "f16", "bf16", NULL};

static const venn_param_def params[] = {{"dtype", VENN_PARAM_ENUM, offsetof(cast_params, dtype), 1,
                                         names, "what y is stored as; 0: f32"},
                                        {0}};

static bool element(const venn_node *n, venn_element *e)
{
    (void)n;
    return venn_unary_element(e, "cast", "forward", NULL);
}

const venn_op_desc venn_op_cast = {
    .name = "cast",
    .summary = "y = x, stored as another type, to nearest, ties to even",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(cast_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
    .retypes = true,
    .element = element,
};

venn_tensor venn_cast(venn_graph *g, venn_tensor x, venn_dtype dtype)
{
    if (x.id != 0 && venn_tensor_dtype(g, x) == dtype)
        return x;
    cast_params p = {dtype};
    return venn_op_apply(g, &venn_op_cast, &x, 1, &p, NULL);
}
