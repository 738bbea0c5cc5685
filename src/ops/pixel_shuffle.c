// pixel_shuffle: y[b, c, h r + i, w r + j] = x[b, c r r + i r + j, h, w]
//                dx = pixel_unshuffle of dy
#include "ops/pixel_blocks.h"

static venn_pixel_blocks blocks_of(const venn_node *n)
{
    const venn_pixel_shuffle_params *p = n->params;
    const int64_t *x = n->in[0]->shape.dim;
    const int64_t r = p->factor ? p->factor : 1;
    return (venn_pixel_blocks){x[0], x[1] / (r * r), x[2], x[3], r};
}

static bool shape(venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    const int64_t r = venn_pixel_factor(n);
    if (r == 0)
        return false;
    if (x->dim[1] % (r * r))
        return venn_node_error(n, "factor=%d: the channels must be a multiple of %lld", (int)r,
                               (long long)(r * r));
    venn_node_output(n, 0, VENN_F32,
                     VENN_SHAPE(x->dim[0], x->dim[1] / (r * r), r * x->dim[2], r * x->dim[3]));
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_pixel_blocks p = blocks_of(n);
    const int64_t r = p.factor;
    const venn_transpose_params perm = {.perm = {0, 1, 4, 2, 5, 3}};
    venn_tensor y =
        venn_reshape(g, in[0], VENN_SHAPE(p.batch, p.channels, r, r, p.height, p.width));
    y = venn_transpose(g, y, &perm);
    out[0] = venn_reshape(g, y, VENN_SHAPE(p.batch, p.channels, r * p.height, r * p.width));
    return true;
}

static void ref(const venn_ref *r)
{
    const venn_pixel_blocks p = blocks_of(r->node);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][venn_pixel_of(&p, i)] = r->x[0][i];
}

static void ref_grad(const venn_ref *r)
{
    const venn_pixel_blocks p = blocks_of(r->node);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->dx[0][i] = r->dy[0][venn_pixel_of(&p, i)];
}

const venn_op_desc venn_op_pixel_shuffle = {
    .name = "pixel_shuffle",
    .summary =
        "y [B, C, r H, r W]: blocks of r x r pixels made of the channels of x [B, C r r, H, W]",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_pixel_shuffle_params),
    .params = venn_pixel_params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_pixel_cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_pixel_shuffle(venn_graph *g, venn_tensor x,
                               const venn_pixel_shuffle_params *params)
{
    return venn_op_apply(g, &venn_op_pixel_shuffle, &x, 1, params, NULL);
}
