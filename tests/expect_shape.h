// Expectations about shapes: what ops refuse, with which words, and the shapes that they give.
#ifndef EXPECT_SHAPE_H
#define EXPECT_SHAPE_H

#include <criterion/criterion.h>

#include "venn/venn.h"

venn_tensor expect_input(venn_graph *g, const char *name, venn_shape shape);
// Ends the graph; its first error must contain both texts.
void expect_misfit(venn_graph *g, const char *first, const char *second);

// The expression, of a graph g with inputs a [3, 4] and b [2, 4], is refused with both texts.
#define EXPECT_MISFIT(first, second, ...)                                                          \
    do {                                                                                           \
        venn_graph *g;                                                                             \
        cr_assert_eq(venn_graph_create(&g), VENN_OK);                                              \
        venn_tensor a = expect_input(g, "a", VENN_SHAPE(3, 4));                                    \
        venn_tensor b = expect_input(g, "b", VENN_SHAPE(2, 4));                                    \
        (void)a, (void)b;                                                                          \
        cr_expect_eq((__VA_ARGS__).id, 0);                                                         \
        expect_misfit(g, first, second);                                                           \
    } while (0)

// The tensor, of a graph g, has the shape that follows.
#define EXPECT_SHAPE(tensor, ...)                                                                  \
    do {                                                                                           \
        venn_shape want = VENN_SHAPE(__VA_ARGS__), got = venn_tensor_shape(g, tensor);             \
        char text[VENN_SHAPE_TEXT_MAX];                                                            \
        cr_expect(venn_shape_equal(&want, &got), "got %s: %s",                                     \
                  venn_shape_text(&got, text, sizeof text), venn_graph_error(g));                  \
    } while (0)

#endif
