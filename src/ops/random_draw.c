// Draws from the counter-based generator (see random_draw.h).
#include "ops/random_draw.h"

#define VENN_HOST
#include "random.comp"

bool venn_random_state_fits(venn_node *n, int rng)
{
    return n->in[rng]->count == 4 || venn_node_error(n, "rng must be the tensor of venn_graph_rng");
}

bool venn_random_shape(venn_node *n)
{
    venn_shape y;
    if (!venn_random_state_fits(n, 0) ||
        !venn_shape_params_read(n, &((const venn_random_params *)n->params)->shape, -1, &y))
        return false;
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

void venn_random_record(venn_recorder *r, const venn_node *n, const char *kernel, int rng, float a,
                        float b, const venn_value *x)
{
    enum { EACH = 4, ROUNDS = 10, BLOCKS = 2 };
    const venn_profile *profile = venn_recorder_profile(r);
    const venn_push_random push = {(uint32_t)n->out[0]->count, n->stream, a, b};
    venn_dispatch d = {.kernel = kernel,
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[rng], VENN_READ}, {n->out[0], VENN_WRITE}, {x, VENN_READ}},
                       .n_bind = x ? 3 : 2,
                       .trips = BLOCKS * ROUNDS + EACH};
    venn_groups_linear(r, push.count, (int64_t)profile->elementwise_group * EACH, d.groups);
    venn_record_dispatch(r, &d);
}

static uint64_t join(double low, double high)
{
    return (uint32_t)(int64_t)low | (uint64_t)(uint32_t)(int64_t)high << 32;
}

venn_rng venn_random_ref(const venn_ref *r, int rng)
{
    const double *state = r->x[rng];
    return venn_rng_make(join(state[0], state[1]), join(state[2], state[3]), r->node->stream);
}

void venn_random_cost(const venn_node *n, venn_cost *cost)
{
    enum { PHILOX = 10 }; // operations for a word, roughly
    cost->flops = PHILOX * (double)n->out[0]->count;
    cost->bytes = 4.0 * (double)n->out[0]->count;
}
