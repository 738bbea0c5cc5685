// gaussian_noise: y = x + std z, z ~ N(0, 1) for each element
//                 dx = dy
#include <string.h>

#include "ops/random_draw.h"
#include "venn/ops.h"

typedef struct noise_params {
    float std;
} noise_params;

static const venn_param_def params[] = {{"std", VENN_PARAM_FLOAT, offsetof(noise_params, std), 1,
                                         NULL, "standard deviation, at least 0; 0: no noise"},
                                        {0}};

static bool shape(venn_node *n)
{
    const float std = ((const noise_params *)n->params)->std;
    if (!(std >= 0))
        return venn_node_error(n, "std = %g is below 0", (double)std);
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return venn_random_state_fits(n, 1);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const bool texel = venn_recorder_profile(r)->texel_loads;
    venn_random_record(r, n, texel ? "random.noise.texel" : "random.noise", 1, 0,
                       ((const noise_params *)n->params)->std, n->in[0]);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)g;
    (void)n;
    (void)need;
    dx[0] = dy[0];
}

static void ref(const venn_ref *r)
{
    const float std = ((const noise_params *)r->node->params)->std;
    venn_rng rng = venn_random_ref(r, 1);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = r->x[0][i] + (double)std * (double)venn_rng_normal(&rng);
}

static void ref_grad(const venn_ref *r)
{
    memcpy(r->dx[0], r->dy[0], (size_t)r->node->out[0]->count * sizeof(double));
}

const venn_op_desc venn_op_gaussian_noise = {
    .name = "gaussian_noise",
    .summary = "y = x + std z, z ~ N(0, 1)",
    .inputs = {{"x"}, {"rng", VENN_I32, VENN_RNG, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(noise_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_random_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_gaussian_noise(venn_graph *g, venn_tensor x, float std)
{
    noise_params p = {std};
    return venn_op_apply(g, &venn_op_gaussian_noise, (venn_tensor[]){x, venn_graph_rng(g)}, 2, &p,
                         NULL);
}
