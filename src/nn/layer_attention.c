// Attention of a sequence to itself, and the transformer's block of it.
#include "base/status.h"
#include "graph/graph_internal.h"
#include "nn/layer.h"

// ---- Attention -------------------------------------------------------------------------------

enum { QUERY, KEY, VALUE, OUT, PRODUCTS };

static venn_status resolve_attention(venn_layer *l, const venn_shape *in)
{
    VENN_TRY(venn_layer_sequence_of(in));
    if ((unsigned)l->init > VENN_INIT_SMALL)
        return venn_fail(VENN_BAD_ARG, "no such init, %d", (int)l->init);
    l->heads = l->heads ? l->heads : 1;
    VENN_TRY(venn_layer_at_least("heads", l->heads, 1));
    if (in->dim[1] % l->heads != 0)
        return venn_fail(VENN_BAD_SHAPE, "heads is %d, must divide D", (int)l->heads);
    return VENN_OK;
}

// Four products of their own rather than one of q, k and v together: nothing is cut apart behind it.
static int attention_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    static const char *const names[PRODUCTS][2] = {{"query_weight", "query_bias"},
                                                   {"key_weight", "key_bias"},
                                                   {"value_weight", "value_bias"},
                                                   {"out_weight", "out_bias"}};
    const int64_t width = in->dim[1];
    venn_layer product = *l;
    product.out = (int32_t)width;
    int n = 0;
    for (int i = 0; i < PRODUCTS; i++) {
        const int made = venn_layer_weights(&product, VENN_SHAPE(width, width), (double)width,
                                            (double)width, p + n);
        for (int k = 0; k < made; k++)
            p[n + k].suffix = names[i][k];
        n += made;
    }
    return n;
}

static venn_tensor multiply(const venn_layer_use *use, venn_graph *g, venn_tensor x, int product)
{
    const venn_matmul_params params = {.trans_b = true};
    const int each = use->layer->no_bias ? 1 : 2;
    const venn_tensor *p = use->params + product * each;
    return venn_matmul(g, x, p[0], each > 1 ? p[1] : VENN_NONE, &params);
}

static venn_tensor apply_attention(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const venn_layer *l = use->layer;
    const venn_shape in = venn_tensor_shape(g, x);
    const venn_shape heads = VENN_SHAPE(in.dim[0], in.dim[1], l->heads, in.dim[2] / l->heads);
    const venn_attention_params params = {.causal = l->causal, .layout = VENN_ATTENTION_BTHD};
    venn_tensor operand[OUT];
    for (int i = 0; i < OUT; i++)
        operand[i] = venn_reshape(g, multiply(use, g, x, i), heads);
    const venn_tensor y = venn_attention(g, operand[QUERY], operand[KEY], operand[VALUE], VENN_NONE,
                                         VENN_NONE, &params);
    return multiply(use, g, venn_reshape(g, y, in), OUT);
}

const venn_layer_desc venn_layer_attention = {.name = "attention",
                                              .resolve = resolve_attention,
                                              .params = attention_params,
                                              .apply = apply_attention};

// ---- The block -------------------------------------------------------------------------------

static venn_status resolve_block(venn_layer *l, const venn_shape *in)
{
    VENN_TRY(resolve_attention(l, in));
    if (in->dim[1] > INT32_MAX / 4)
        return venn_fail(VENN_BAD_SHAPE, "D is too large");
    l->out = (int32_t)in->dim[1];
    l->width = l->width ? l->width : 4 * l->out;
    if (!(l->p >= 0 && l->p < 1))
        return venn_fail(VENN_BAD_ARG, "p is %g, must be in [0, 1)", (double)l->p);
    return venn_layer_at_least("width", l->width, 1);
}

// Puts norm, the layers and dropout where the body of a residual layer is to be; returns how many they are.
static size_t make_body(const venn_layer *block, const venn_layer *layers, size_t n,
                        venn_layer *body)
{
    size_t made = 0;
    body[made++] = (venn_layer){.kind = VENN_LAYER_LAYER_NORM, .name = "norm"};
    for (size_t i = 0; i < n; i++)
        body[made++] = layers[i];
    if (block->p > 0)
        body[made++] = (venn_layer){.kind = VENN_LAYER_DROPOUT, .name = "dropout", .p = block->p};
    return made;
}

static void block_paths(const venn_layer *l, const venn_shape *in, venn_layer_paths *out)
{
    (void)in;
    const venn_layer attention = {.kind = VENN_LAYER_ATTENTION,
                                  .name = "attention",
                                  .heads = l->heads,
                                  .causal = l->causal,
                                  .init = l->init};
    const venn_layer mlp[] = {
        {.kind = VENN_LAYER_LINEAR, .name = "up", .out = l->width, .init = l->init},
        {.kind = VENN_LAYER_GELU, .name = "gelu"},
        {.kind = VENN_LAYER_LINEAR, .name = "down", .out = l->out, .init = l->init}};
    venn_layer *halves = out->made, *bodies = out->made + 2;
    const size_t first = make_body(l, &attention, 1, bodies);
    const size_t second = make_body(l, mlp, 3, bodies + first);
    halves[0] = (venn_layer){
        .kind = VENN_LAYER_RESIDUAL, .name = "attend", .body = bodies, .n_body = first};
    halves[1] = (venn_layer){
        .kind = VENN_LAYER_RESIDUAL, .name = "mlp", .body = bodies + first, .n_body = second};
    out->body = halves;
    out->n_body = 2;
}

// The shortcuts are inside.
static venn_tensor join(const venn_layer *l, venn_graph *g, venn_tensor body, venn_tensor shortcut)
{
    (void)l;
    (void)g;
    (void)shortcut;
    return body;
}

const venn_layer_desc venn_layer_transformer_block = {
    .name = "transformer_block", .resolve = resolve_block, .paths = block_paths, .join = join};
