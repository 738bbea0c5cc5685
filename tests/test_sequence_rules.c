// What embeddings, attention and recurrent networks refuse, and what they say then.
#include <criterion/criterion.h>
#include <string.h>

#include "venn/venn.h"

// Ends the graph; its error must contain both texts.
static void expect_error(venn_graph *g, venn_tensor got, const char *first, const char *second)
{
    cr_expect_eq(got.id, 0);
    cr_expect_eq(venn_graph_status(g), VENN_BAD_SHAPE);
    cr_expect(strstr(venn_graph_error(g), first) && strstr(venn_graph_error(g), second),
              "\"%s\" should say \"%s\" and \"%s\"", venn_graph_error(g), first, second);
    venn_graph_destroy(&g);
}

static venn_graph *new_graph(void)
{
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    return g;
}

static venn_tensor floats(venn_graph *g, const char *name, venn_shape shape)
{
    return venn_graph_input(g, name, VENN_F32, shape);
}

static venn_tensor ints(venn_graph *g, const char *name, venn_shape shape)
{
    return venn_graph_input(g, name, VENN_I32, shape);
}

static void expect_embedding_error(venn_shape table, int padding, const char *text)
{
    const venn_embedding_params params = {.has_padding = true, .padding = padding};
    venn_graph *g = new_graph();
    expect_error(
        g, venn_embedding(g, floats(g, "table", table), ints(g, "index", VENN_SHAPE(5)), &params),
        "embedding: ", text);
}

static void expect_attention_error(venn_shape q, venn_shape k, venn_shape v, venn_shape mask,
                                   venn_shape bias, const char *text)
{
    venn_graph *g = new_graph();
    expect_error(g,
                 venn_attention(g, floats(g, "q", q), floats(g, "k", k), floats(g, "v", v),
                                ints(g, "mask", mask), floats(g, "bias", bias), NULL),
                 "attention: ", text);
}

Test(sequence_rules, attention)
{
    const venn_shape q = VENN_SHAPE(2, 3, 5, 8), k = VENN_SHAPE(2, 3, 7, 8);
    const venn_shape mask = VENN_SHAPE(2, 7), bias = VENN_SHAPE(1, 3, 5, 7);
    expect_attention_error(VENN_SHAPE(2, 3, 5), k, k, mask, bias, "q must be [B, H, T, D]");
    expect_attention_error(q, VENN_SHAPE(2, 4, 7, 8), k, mask, bias, "the same batch and heads");
    expect_attention_error(q, k, VENN_SHAPE(1, 3, 7, 8), mask, bias, "the same batch and heads");
    expect_attention_error(q, VENN_SHAPE(2, 3, 7, 6), k, mask, bias, "the same width");
    expect_attention_error(q, k, VENN_SHAPE(2, 3, 6, 8), mask, bias, "the same number of rows");
    expect_attention_error(q, k, k, VENN_SHAPE(2, 5), bias, "mask must be [B, keys]");
    expect_attention_error(q, k, k, mask, VENN_SHAPE(2, 2, 5, 7), "bias must be [B or 1, H or 1");
    expect_attention_error(q, k, k, mask, VENN_SHAPE(1, 1, 7, 5), "bias must be [B or 1, H or 1");
}

Test(sequence_rules, embedding)
{
    expect_embedding_error(VENN_SHAPE(3), 0, "table must be [V, D]");
    expect_embedding_error(VENN_SHAPE(3, 4, 5), 0, "table must be [V, D]");
    expect_embedding_error(VENN_SHAPE(3, 4), 3, "padding 3 is no row of the table");
    expect_embedding_error(VENN_SHAPE(3, 4), -1, "padding -1 is no row of the table");
}

static void expect_gru_error(venn_shape x, venn_shape h, venn_shape w_ih, venn_shape w_hh,
                             venn_shape bias, venn_shape lengths, const char *text)
{
    venn_graph *g = new_graph();
    const venn_recurrent_weights weights = {floats(g, "w_ih", w_ih), floats(g, "w_hh", w_hh),
                                            VENN_NONE, floats(g, "b_hh", bias)};
    expect_error(g,
                 venn_gru(g, floats(g, "x", x), floats(g, "h", h), &weights,
                          ints(g, "lengths", lengths), NULL, NULL),
                 "gru: ", text);
}

Test(sequence_rules, gru)
{
    const venn_shape x = VENN_SHAPE(2, 7, 5), h = VENN_SHAPE(2, 4), w_ih = VENN_SHAPE(12, 5);
    const venn_shape w_hh = VENN_SHAPE(12, 4), bias = VENN_SHAPE(12), lengths = VENN_SHAPE(2);
    expect_gru_error(VENN_SHAPE(2, 5), h, w_ih, w_hh, bias, lengths, "x must be [B, T, I]");
    expect_gru_error(x, h, w_ih, VENN_SHAPE(16, 4), bias, lengths, "w_hh must be [3 H, H]");
    expect_gru_error(x, h, w_ih, VENN_SHAPE(12), bias, lengths, "w_hh must be [3 H, H]");
    expect_gru_error(x, h, VENN_SHAPE(12, 6), w_hh, bias, lengths, "w_ih must be [3 H, I]");
    expect_gru_error(x, VENN_SHAPE(2, 7, 4), w_ih, w_hh, bias, lengths, "must be [B, H]");
    expect_gru_error(x, h, w_ih, w_hh, VENN_SHAPE(4), lengths, "b_ih and b_hh must be [3 H]");
    expect_gru_error(x, h, w_ih, w_hh, bias, VENN_SHAPE(7), "lengths must be [B]");
}

Test(sequence_rules, lstm_cell)
{
    venn_graph *g = new_graph();
    const venn_recurrent_weights weights = {floats(g, "w_ih", VENN_SHAPE(16, 5)),
                                            floats(g, "w_hh", VENN_SHAPE(16, 4)), VENN_NONE,
                                            VENN_NONE};
    expect_error(g,
                 venn_lstm_cell(g, floats(g, "x", VENN_SHAPE(2, 5)), VENN_NONE,
                                floats(g, "c", VENN_SHAPE(3, 4)), &weights, NULL),
                 "lstm_cell: ", "the first state must be [B, H]");
}
