// Layers of sequences: their shapes and parameters, that they are what a graph built by hand is, and what they
// refuse.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "net_fixture.h"

#define K(name) VENN_LAYER_##name

enum { B = 2, T = 5, D = 6, H = 4, MAX_PARAMS = 32 };

// ---- Shapes and parameters -------------------------------------------------------------------

static const struct {
    venn_layer layer;
    venn_shape input;
    const char *output, *params; // "weight [2, 3] bias [2]"
} cases[] = {
    {{K(LINEAR), .out = 4}, {2, {T, 3}}, "[5, 4]", "weight [4, 3] bias [4]"},
    {{K(EMBEDDING), .tokens = 9, .out = 3}, {1, {T}}, "[5, 3]", "weight [9, 3]"},
    {{K(EMBEDDING), .tokens = 9, .out = 3}, {2, {T, 2}}, "[5, 2, 3]", "weight [9, 3]"},
    {{K(POSITIONS)}, {2, {T, 3}}, "[5, 3]", "weight [5, 3]"},
    {{K(ATTENTION), .heads = 3, .no_bias = true},
     {2, {T, 6}},
     "[5, 6]",
     "query_weight [6, 6] key_weight [6, 6] value_weight [6, 6] out_weight [6, 6]"},
    {{K(GRU), .out = 2},
     {2, {T, 3}},
     "[5, 2]",
     "weight_ih [6, 3] weight_hh [6, 2] bias_ih [6] bias_hh [6]"},
    {{K(GRU), .out = 2, .no_bias = true, .bidirectional = true},
     {2, {T, 3}},
     "[5, 4]",
     "weight_ih [6, 3] weight_hh [6, 2] weight_ih_reverse [6, 3] weight_hh_reverse [6, 2]"},
    {{K(LSTM), .out = 2, .last = true, .no_bias = true},
     {2, {T, 3}},
     "[2]",
     "weight_ih [8, 3] weight_hh [8, 2]"},
    {{K(MEAN_POOL)}, {2, {T, 3}}, "[3]", ""},
    {{K(SEQUENCE)}, {3, {3, 2, 7}}, "[14, 3]", ""},
    {{K(TRANSFORMER_BLOCK), .heads = 2, .width = 5, .p = 0.1f},
     {2, {T, 4}},
     "[5, 4]",
     "attend.norm.weight [4] attend.norm.bias [4] attend.attention.query_weight [4, 4] "
     "attend.attention.query_bias [4] attend.attention.key_weight [4, 4] attend.attention.key_bias "
     "[4] attend.attention.value_weight [4, 4] attend.attention.value_bias [4] "
     "attend.attention.out_weight [4, 4] attend.attention.out_bias [4] mlp.norm.weight [4] "
     "mlp.norm.bias [4] mlp.up.weight [5, 4] mlp.up.bias [5] mlp.down.weight [4, 5] mlp.down.bias "
     "[4]"},
};

Test(nn_sequence, shapes_and_parameters)
{
    venn_device *device = open_test_device();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[VENN_SHAPE_TEXT_MAX], params[1024] = "";
        size_t used = 0;
        venn_net *net = make_net(device, &cases[i].layer, 1, cases[i].input, 1);
        const char *kind = venn_layer_kind_name(cases[i].layer.kind);
        const venn_shape shape = venn_net_output_shape(net);
        cr_expect_str_eq(venn_shape_text(&shape, text, sizeof text), cases[i].output, "%zu %s: %s",
                         i, kind, text);
        for (size_t k = 0; k < venn_net_n_params(net); k++) {
            const venn_net_param *p = venn_net_param_at(net, k);
            const venn_shape of = venn_var_shape(p->var);
            used +=
                (size_t)snprintf(params + used, sizeof params - used, "%s%s %s", k ? " " : "",
                                 p->name + strlen("0."), venn_shape_text(&of, text, sizeof text));
        }
        cr_expect_str_eq(params, cases[i].params, "%zu %s: %s", i, kind, params);
        venn_net_destroy(&net);
    }
    close_test_device(&device);
}

// Pairs of sines and cosines whose frequencies fall, which no training changes.
Test(nn_sequence, sinusoidal_positions)
{
    venn_device *device = open_test_device();
    const venn_layer layer = {K(POSITIONS), .sinusoidal = true};
    venn_net *net = make_net(device, &layer, 1, VENN_SHAPE(T, D), 1);
    const venn_net_param *p = venn_net_param_find(net, "0.weight");
    float values[T * D];
    venn_var *vars[1];
    cr_assert(p->buffer);
    cr_expect_eq(venn_net_trainable(net, vars), 0);
    OK(venn_var_read(p->var, values, sizeof values));
    for (int t = 0; t < T; t++)
        for (int i = 0; i < D / 2; i++) {
            const double angle = t / pow(10000, 2.0 * i / D);
            cr_expect_float_eq(values[t * D + 2 * i], (float)sin(angle), 1e-6f);
            cr_expect_float_eq(values[t * D + 2 * i + 1], (float)cos(angle), 1e-6f);
        }
    venn_net_destroy(&net);
    close_test_device(&device);
}

// ---- Values ----------------------------------------------------------------------------------

// By hand: p are the layer's parameters in order.
typedef venn_tensor (*by_hand)(venn_graph *g, venn_tensor x, const venn_tensor *p);

static venn_tensor dense_rows(venn_graph *g, venn_tensor x, venn_tensor weight, venn_tensor bias)
{
    return venn_matmul(g, x, weight, bias, &(venn_matmul_params){.trans_b = true});
}

static venn_tensor embedding(venn_graph *g, venn_tensor x, const venn_tensor *p)
{
    return venn_matmul(g, venn_one_hot(g, venn_to_i32(g, x), 3), p[0], VENN_NONE, NULL);
}

static venn_tensor positions(venn_graph *g, venn_tensor x, const venn_tensor *p)
{
    return venn_add(g, x, p[0]);
}

// [B, T, D] to [B, heads, T, D / heads].
static venn_tensor in_heads(venn_graph *g, venn_tensor x, int heads)
{
    return venn_transpose(g, venn_reshape(g, x, VENN_SHAPE(B, T, heads, D / heads)),
                          &(venn_transpose_params){{0, 2, 1, 3}});
}

// hidden [T, T]: added to the scores.
static venn_tensor attention(venn_graph *g, venn_tensor x, const venn_tensor *p, int heads,
                             venn_tensor hidden)
{
    const venn_tensor q = in_heads(g, dense_rows(g, x, p[0], p[1]), heads);
    const venn_tensor k = in_heads(g, dense_rows(g, x, p[2], p[3]), heads);
    const venn_tensor v = in_heads(g, dense_rows(g, x, p[4], p[5]), heads);
    venn_tensor scores = venn_matmul(g, q, k, VENN_NONE, &(venn_matmul_params){.trans_b = true});
    scores = venn_scale(g, scores, 1 / sqrtf((float)D / (float)heads), 0);
    scores = hidden.id ? venn_add(g, scores, hidden) : scores;
    const venn_tensor y = venn_matmul(g, venn_softmax(g, scores), v, VENN_NONE, NULL);
    const venn_tensor rows = venn_transpose(g, y, &(venn_transpose_params){{0, 2, 1, 3}});
    return dense_rows(g, venn_reshape(g, rows, VENN_SHAPE(B, T, D)), p[6], p[7]);
}

static venn_tensor attention_of_three(venn_graph *g, venn_tensor x, const venn_tensor *p)
{
    return attention(g, x, p, 3, VENN_NONE);
}

// -1000 above the diagonal: row and column are the sums of ones up to there.
static venn_tensor above_diagonal(venn_graph *g)
{
    const venn_tensor ones = venn_fill(g, VENN_SHAPE(T, T), 1);
    const venn_tensor row = venn_cumsum(g, ones, 0, false);
    const venn_tensor column = venn_cumsum(g, ones, 1, false);
    return venn_scale(g, venn_greater(g, column, row), -1000, 0);
}

static venn_tensor block(venn_graph *g, venn_tensor x, const venn_tensor *p)
{
    x = venn_add(
        g, x, attention(g, venn_layer_norm(g, x, p[0], p[1], NULL), p + 2, 2, above_diagonal(g)));
    const venn_tensor up = dense_rows(g, venn_layer_norm(g, x, p[10], p[11], NULL), p[12], p[13]);
    return venn_add(g, x, dense_rows(g, venn_gelu(g, up, NULL), p[14], p[15]));
}

// Step by step, the cell taking what it gave.
static venn_tensor gru(venn_graph *g, venn_tensor x, const venn_tensor *p)
{
    const venn_recurrent_weights weights = {p[0], p[1], p[2], p[3]};
    venn_tensor h = VENN_NONE, y[T];
    for (int t = 0; t < T; t++) {
        const venn_tensor at = venn_reshape(g, venn_slice(g, x, 1, t, 1), VENN_SHAPE(B, D));
        h = venn_gru_cell(g, at, h, &weights);
        y[t] = venn_reshape(g, h, VENN_SHAPE(B, 1, H));
    }
    return venn_concat(g, T, y, 1);
}

// The last state of a way, the cells taken one behind the other.
static venn_tensor lstm_way(venn_graph *g, venn_tensor x, const venn_tensor *p, bool back)
{
    const venn_recurrent_weights weights = {p[0], p[1], p[2], p[3]};
    venn_tensor h = VENN_NONE, c = VENN_NONE;
    for (int s = 0; s < T; s++) {
        const venn_tensor at =
            venn_reshape(g, venn_slice(g, x, 1, back ? T - 1 - s : s, 1), VENN_SHAPE(B, D));
        h = venn_lstm_cell(g, at, h, c, &weights, &c);
    }
    return h;
}

static venn_tensor lstm_both(venn_graph *g, venn_tensor x, const venn_tensor *p)
{
    const venn_tensor ways[] = {lstm_way(g, x, p, false), lstm_way(g, x, p + 4, true)};
    return venn_concat(g, 2, ways, 1);
}

static venn_tensor mean_pool(venn_graph *g, venn_tensor x, const venn_tensor *p)
{
    (void)p;
    const venn_tensor sum =
        venn_matmul(g, venn_fill(g, VENN_SHAPE(B, 1, T), 1), x, VENN_NONE, NULL);
    return venn_scale(g, venn_reshape(g, sum, VENN_SHAPE(B, D)), 1.0f / T, 0);
}

static venn_tensor sequence(venn_graph *g, venn_tensor x, const venn_tensor *p)
{
    (void)p;
    const venn_tensor last = venn_transpose(g, x, &(venn_transpose_params){{0, 2, 3, 1}});
    return venn_reshape(g, last, VENN_SHAPE(B, T * D, H));
}

static const struct {
    venn_layer layer;
    venn_shape input;
    by_hand want;
} values[] = {
    {{K(EMBEDDING), .tokens = 3, .out = 4}, {1, {8}}, embedding}, // sines round to -1, 0 and 1
    {{K(POSITIONS)}, {2, {T, D}}, positions},
    {{K(ATTENTION), .heads = 3}, {2, {T, D}}, attention_of_three},
    {{K(TRANSFORMER_BLOCK), .heads = 2, .causal = true, .width = 7}, {2, {T, D}}, block},
    {{K(GRU), .out = H}, {2, {T, D}}, gru},
    {{K(LSTM), .out = H, .bidirectional = true, .last = true}, {2, {T, D}}, lstm_both},
    {{K(MEAN_POOL)}, {2, {T, D}}, mean_pool},
    {{K(SEQUENCE)}, {3, {H, T, D}}, sequence},
};

static venn_net *put_case(scene *s, size_t i, venn_tensor all)
{
    char name[32];
    venn_net *net = make_net(s->device, &values[i].layer, 1, values[i].input, 3);
    venn_shape batch = {.rank = values[i].input.rank + 1, .dim = {B}};
    memcpy(batch.dim + 1, values[i].input.dim, sizeof *batch.dim * (size_t)values[i].input.rank);
    const venn_tensor x =
        venn_reshape(s->g, venn_slice(s->g, all, 0, 0, venn_shape_count(&batch)), batch);
    venn_tensor params[MAX_PARAMS];
    for (size_t k = 0; k < venn_net_n_params(net); k++)
        params[k] = venn_graph_var(s->g, venn_net_param_at(net, k)->var);
    const venn_tensor pair[] = {
        venn_net_apply(net, s->g, &x, &(venn_apply_params){.train = true}),
        values[i].want(s->g, x, params),
    };
    const venn_tensor with = values[i].layer.kind == K(EMBEDDING) ? params[0] : x;
    for (int k = 0; k < 2; k++) {
        const venn_tensor loss = venn_sum(s->g, venn_square(s->g, pair[k]), NULL);
        venn_tensor dx;
        OK(venn_graph_gradients(s->g, loss, VENN_NONE, 1, &with, &dx));
        snprintf(name, sizeof name, "%zu %s", i, k ? "want" : "y");
        venn_graph_output(s->g, name, pair[k]);
        snprintf(name, sizeof name, "%zu %s", i, k ? "want dx" : "dx");
        venn_graph_output(s->g, name, dx);
    }
    return net;
}

static void compare(scene *s, size_t i, const char *what)
{
    char name[32];
    size_t bytes;
    snprintf(name, sizeof name, "%zu want%s", i, *what == 'd' ? " dx" : "");
    const float *want = venn_program_output(s->program, s->ticket, name, &bytes);
    snprintf(name, sizeof name, "%zu %s", i, what);
    const float *got = output(s, name);
    cr_assert(want && bytes > 0);
    for (size_t e = 0; e < bytes / sizeof *want; e++)
        cr_assert(fabsf(got[e] - want[e]) < 2e-5f, "%s of %s [%zu]: %g, %g", what,
                  venn_layer_kind_name(values[i].layer.kind), e, (double)got[e], (double)want[e]);
}

// And their gradients. All of it is one program: kernels are made once for each.
Test(nn_sequence, layers_are_what_they_are_by_hand)
{
    scene s;
    venn_net *nets[COUNT(values)];
    open_scene(&s);
    const venn_tensor all = sines(&s, VENN_SHAPE(B * T * D * H));
    for (size_t i = 0; i < COUNT(values); i++)
        nets[i] = put_case(&s, i, all);
    run(&s, 0);
    for (size_t i = 0; i < COUNT(values); i++) {
        compare(&s, i, "y");
        compare(&s, i, "dx");
    }
    for (size_t i = 0; i < COUNT(values); i++)
        venn_net_destroy(&nets[i]);
    close_scene(&s);
}

// ---- Errors ----------------------------------------------------------------------------------

Test(nn_sequence, what_does_not_fit_is_named)
{
    venn_device *device = open_test_device();
    const venn_shape image = VENN_SHAPE(3, 8, 8), row = VENN_SHAPE(9), rows = VENN_SHAPE(4, 9);
    const struct {
        venn_layer layer;
        venn_shape input;
        venn_status status;
        const char *word;
    } bad[] = {
        {{K(EMBEDDING), .out = 2}, row, VENN_BAD_ARG, "tokens is 0"},
        {{K(EMBEDDING), .tokens = 2}, row, VENN_BAD_ARG, "out is 0"},
        {{K(EMBEDDING), .tokens = 2, .out = 2, .init = VENN_INIT_XAVIER},
         row,
         VENN_BAD_ARG,
         "small"},
        {{K(POSITIONS)}, image, VENN_BAD_SHAPE, "[T, D]"},
        {{K(ATTENTION)}, row, VENN_BAD_SHAPE, "[T, D]"},
        {{K(ATTENTION), .heads = 2}, rows, VENN_BAD_SHAPE, "heads is 2, must divide D"},
        {{K(ATTENTION), .heads = -1}, rows, VENN_BAD_ARG, "heads is -1"},
        {{K(GRU)}, rows, VENN_BAD_ARG, "out is 0"},
        {{K(GRU), .out = 3}, image, VENN_BAD_SHAPE, "[T, D]"},
        {{K(LSTM), .out = 3, .reverse = true, .bidirectional = true},
         rows,
         VENN_BAD_ARG,
         "reverse"},
        {{K(MEAN_POOL)}, row, VENN_BAD_SHAPE, "[T, D]"},
        {{K(SEQUENCE)}, row, VENN_BAD_SHAPE, "[C, L]"},
        {{K(TRANSFORMER_BLOCK), .heads = 4}, rows, VENN_BAD_SHAPE, "must divide D"},
        {{K(TRANSFORMER_BLOCK), .p = 1}, rows, VENN_BAD_ARG, "p is 1"},
        {{K(TRANSFORMER_BLOCK), .width = -3}, rows, VENN_BAD_ARG, "width is -3"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        char start[64];
        snprintf(start, sizeof start, "layer 1 (%s), input ",
                 venn_layer_kind_name(bad[i].layer.kind));
        expect_refused(device, bad[i].layer, bad[i].input, bad[i].status, start, bad[i].word);
    }
    close_test_device(&device);
}
