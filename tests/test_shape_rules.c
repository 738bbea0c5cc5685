// Shapes that do not fit: the graph's error names the op and both shapes; shapes that fit come out right.
#include <criterion/criterion.h>
#include <string.h>

#include "ops/divisor.h"
#include "venn/venn.h"

static venn_tensor input(venn_graph *g, const char *name, venn_shape shape)
{
    return venn_graph_input(g, name, VENN_F32, shape);
}

// Ends the graph; its first error must contain both texts.
static void expect_error(venn_graph *g, const char *first, const char *second)
{
    cr_expect_eq(venn_graph_status(g), VENN_BAD_SHAPE);
    cr_expect(strstr(venn_graph_error(g), first) && strstr(venn_graph_error(g), second),
              "\"%s\" should name \"%s\" and \"%s\"", venn_graph_error(g), first, second);
    venn_graph_destroy(&g);
}

#define EXPECT_ERROR(first, second, ...)                                                           \
    do {                                                                                           \
        venn_graph *g;                                                                             \
        cr_assert_eq(venn_graph_create(&g), VENN_OK);                                              \
        venn_tensor a = input(g, "a", VENN_SHAPE(3, 4)), b = input(g, "b", VENN_SHAPE(2, 4));      \
        (void)a, (void)b;                                                                          \
        cr_expect_eq((__VA_ARGS__).id, 0);                                                         \
        expect_error(g, first, second);                                                            \
    } while (0)

Test(shape_rules, misfits)
{
    EXPECT_ERROR("add: ", "a [3, 4], b [2, 4]", venn_add(g, a, b));
    EXPECT_ERROR("mul: ", "a [3, 4], b [2, 4]", venn_mul(g, a, b));
    EXPECT_ERROR("reshape: ", "[3, 4]", venn_reshape(g, a, VENN_SHAPE(5, 2)));
    EXPECT_ERROR("reshape: ", "-1", venn_reshape(g, a, VENN_SHAPE(5, -1)));
    EXPECT_ERROR("reshape: ", "axis 1", venn_reshape(g, a, VENN_SHAPE(-1, -1)));
    EXPECT_ERROR("transpose: ", "[3, 4]", venn_transpose(g, a, &(venn_transpose_params){{1, 1}}));
    EXPECT_ERROR("concat: ", "x [3, 4], x [2, 4]", venn_concat(g, 2, (venn_tensor[]){a, b}, 1));
    EXPECT_ERROR("concat: ", "axis 2", venn_concat(g, 1, &a, 2));
    EXPECT_ERROR("slice: ", "[3, 4]", venn_slice(g, a, 0, 2, 2));
    EXPECT_ERROR("slice: ", "[3, 4]", venn_slice(g, a, 0, -4, 1));
    EXPECT_ERROR("slice: ", "axis -3", venn_slice(g, a, -3, 0, 1));
    EXPECT_ERROR("slice: ", "[3, 4]", venn_slice(g, a, 1, 1, INT64_C(1) << 32));
    EXPECT_ERROR("broadcast_to: ", "[3, 4]", venn_broadcast_to(g, a, VENN_SHAPE(3, 5)));
    EXPECT_ERROR("broadcast_to: ", "[3, 4]", venn_broadcast_to(g, a, VENN_SHAPE(4)));
    EXPECT_ERROR("sum_to: ", "[3, 4]", venn_sum_to(g, a, VENN_SHAPE(2, 4)));
    EXPECT_ERROR("sum: ", "0x4", venn_sum(g, a, &(venn_reduce_params){.axes = 4}));
    EXPECT_ERROR("mean: ", "[0, 4]",
                 venn_mean(g, venn_slice(g, input(g, "e", VENN_SHAPE(0, 4)), 0, 0, 0), NULL));
    EXPECT_ERROR("fill: ", "axis 0", venn_fill(g, VENN_SHAPE(INT64_C(1) << 31), 0));
    EXPECT_ERROR("dropout: ", "[0, 1)", venn_dropout(g, a, 1));
}

#define EXPECT_SHAPE(tensor, ...)                                                                  \
    do {                                                                                           \
        venn_shape want = VENN_SHAPE(__VA_ARGS__), got = venn_tensor_shape(g, tensor);             \
        char text[VENN_SHAPE_TEXT_MAX];                                                            \
        cr_expect(venn_shape_equal(&want, &got), "got %s: %s",                                     \
                  venn_shape_text(&got, text, sizeof text), venn_graph_error(g));                  \
    } while (0)

Test(shape_rules, fits)
{
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    venn_tensor x = input(g, "x", VENN_SHAPE(5, 1, 4)), row = input(g, "row", VENN_SHAPE(3, 1));
    EXPECT_SHAPE(venn_add(g, x, row), 5, 3, 4);
    EXPECT_SHAPE(venn_sub(g, row, x), 5, 3, 4);
    EXPECT_SHAPE(venn_reshape(g, x, VENN_SHAPE(2, -1)), 2, 10);
    EXPECT_SHAPE(venn_transpose(g, x, NULL), 5, 4, 1);
    EXPECT_SHAPE(venn_transpose(g, x, &(venn_transpose_params){{2, 0, 1}}), 4, 5, 1);
    EXPECT_SHAPE(venn_concat(g, 2, (venn_tensor[]){x, x}, -2), 5, 2, 4);
    EXPECT_SHAPE(venn_slice(g, x, -1, -3, 2), 5, 1, 2);
    EXPECT_SHAPE(venn_slice(g, x, 0, 1, 0), 4, 1, 4);
    EXPECT_SHAPE(venn_sum(g, x, &(venn_reduce_params){.axes = 5}), 1);
    EXPECT_SHAPE(venn_mean(g, x, &(venn_reduce_params){.axes = 5, .keepdims = true}), 1, 1, 1);
    venn_shape scalar = venn_tensor_shape(g, venn_sum(g, x, NULL));
    cr_expect_eq(scalar.rank, 0);
    cr_expect_eq(venn_graph_status(g), VENN_OK);
    venn_graph_destroy(&g);
}

// Nothing to do is done without a node.
Test(shape_rules, same_shape_is_the_same_tensor)
{
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    venn_tensor x = input(g, "x", VENN_SHAPE(5, 4));
    cr_expect_eq(venn_reshape(g, x, VENN_SHAPE(5, 4)).id, x.id);
    cr_expect_eq(venn_sum_to(g, x, VENN_SHAPE(5, 4)).id, x.id);
    cr_expect_eq(venn_broadcast_to(g, x, VENN_SHAPE(5, 4)).id, x.id);
    venn_graph_destroy(&g);
}

// What the shaders compute instead of dividing.
Test(shape_rules, division_by_multiplication)
{
    const uint32_t extents[] = {1,   2,    3,     5,     7,        10,         28,
                                784, 1023, 65535, 65537, 16777215, 0x40000001, 0x7fffffff};
    for (size_t k = 0; k < sizeof extents / sizeof *extents; k++) {
        uint32_t d = extents[k], divisor[3];
        venn_divisor(d, divisor);
        cr_assert_eq(divisor[0], d);
        // Quotients can only go wrong around multiples.
        for (int64_t n = 0; n < INT32_MAX; n += 104729)
            for (int64_t m = n / d * d - 1; m <= n / d * d + 1; m++) {
                uint64_t quotient = (uint64_t)m;
                if (divisor[1])
                    quotient = (quotient * divisor[1] >> 32) >> divisor[2];
                if (m >= 0 && m < INT32_MAX && (int64_t)quotient != m / d)
                    cr_assert_fail("%lld / %u is not %llu", (long long)m, d,
                                   (unsigned long long)quotient);
            }
    }
}
