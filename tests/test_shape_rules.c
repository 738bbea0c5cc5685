// Shapes that do not fit: the graph's error names the op and both shapes; shapes that fit come out right.
#include <criterion/criterion.h>

#include "expect_shape.h"
#include "ops/divisor.h"

Test(shape_rules, misfits)
{
    EXPECT_MISFIT("add: ", "a [3, 4], b [2, 4]", venn_add(g, a, b));
    EXPECT_MISFIT("mul: ", "a [3, 4], b [2, 4]", venn_mul(g, a, b));
    EXPECT_MISFIT("reshape: ", "[3, 4]", venn_reshape(g, a, VENN_SHAPE(5, 2)));
    EXPECT_MISFIT("reshape: ", "-1", venn_reshape(g, a, VENN_SHAPE(5, -1)));
    EXPECT_MISFIT("reshape: ", "axis 1", venn_reshape(g, a, VENN_SHAPE(-1, -1)));
    EXPECT_MISFIT("transpose: ", "[3, 4]", venn_transpose(g, a, &(venn_transpose_params){{1, 1}}));
    EXPECT_MISFIT("concat: ", "x [3, 4], x [2, 4]", venn_concat(g, 2, (venn_tensor[]){a, b}, 1));
    EXPECT_MISFIT("concat: ", "axis 2", venn_concat(g, 1, &a, 2));
    EXPECT_MISFIT("slice: ", "[3, 4]", venn_slice(g, a, 0, 2, 2));
    EXPECT_MISFIT("slice: ", "[3, 4]", venn_slice(g, a, 0, -4, 1));
    EXPECT_MISFIT("slice: ", "axis -3", venn_slice(g, a, -3, 0, 1));
    EXPECT_MISFIT("slice: ", "[3, 4]", venn_slice(g, a, 1, 1, INT64_C(1) << 32));
    EXPECT_MISFIT("broadcast_to: ", "[3, 4]", venn_broadcast_to(g, a, VENN_SHAPE(3, 5)));
    EXPECT_MISFIT("broadcast_to: ", "[3, 4]", venn_broadcast_to(g, a, VENN_SHAPE(4)));
    EXPECT_MISFIT("sum_to: ", "[3, 4]", venn_sum_to(g, a, VENN_SHAPE(2, 4)));
    EXPECT_MISFIT("sum: ", "0x4", venn_sum(g, a, &(venn_reduce_params){.axes = 4}));
    EXPECT_MISFIT(
        "mean: ", "[0, 4]",
        venn_mean(g, venn_slice(g, expect_input(g, "e", VENN_SHAPE(0, 4)), 0, 0, 0), NULL));
    EXPECT_MISFIT("fill: ", "axis 0", venn_fill(g, VENN_SHAPE(INT64_C(1) << 31), 0));
    EXPECT_MISFIT("dropout: ", "[0, 1)", venn_dropout(g, a, 1));
}

Test(shape_rules, fits)
{
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    venn_tensor x = expect_input(g, "x", VENN_SHAPE(5, 1, 4)),
                row = expect_input(g, "row", VENN_SHAPE(3, 1));
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
    venn_tensor x = expect_input(g, "x", VENN_SHAPE(5, 4));
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
