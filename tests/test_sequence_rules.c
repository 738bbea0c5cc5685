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

Test(sequence_rules, embedding)
{
    expect_embedding_error(VENN_SHAPE(3), 0, "table must be [V, D]");
    expect_embedding_error(VENN_SHAPE(3, 4, 5), 0, "table must be [V, D]");
    expect_embedding_error(VENN_SHAPE(3, 4), 3, "padding 3 is no row of the table");
    expect_embedding_error(VENN_SHAPE(3, 4), -1, "padding -1 is no row of the table");
}
