// Orders where the shared runner cannot look: equal elements together with a gradient, NaN, infinities
// and zeros of both signs; and what does not fit.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "program_bed.h"

enum { COUNT = 200 };

// Few different numbers, every one of the odd ones among them.
static void fill_odd(float *x, int count)
{
    const float odd[] = {0.0f, -0.0f, NAN, INFINITY, -INFINITY, 1, -1, 2, 1e-30f, -1e30f, -NAN};
    for (int i = 0; i < count; i++)
        x[i] = odd[i * 7 % 11];
}

// NaN stands above everything, equal numbers by their places.
static bool stands_before(const float *x, int a, int b, bool descending)
{
    if (isnan(x[a]) != isnan(x[b]))
        return isnan(x[a]) == descending;
    if (isnan(x[a]) || x[a] == x[b])
        return a < b;
    return descending ? x[a] > x[b] : x[a] < x[b];
}

static void check_order(const float *x, const float *y, const int32_t *index, int n,
                        bool descending)
{
    bool seen[COUNT] = {false};
    for (int i = 0; i < n; i++) {
        cr_assert(index[i] >= 0 && index[i] < COUNT && !seen[index[i]], "place %d twice", index[i]);
        seen[index[i]] = true;
        cr_assert(memcmp(&y[i], &x[index[i]], sizeof *y) == 0, "element %d is not x[%d]", i,
                  index[i]);
        cr_assert(i == 0 || stands_before(x, index[i - 1], index[i], descending),
                  "%d: x[%d] = %g stands before x[%d] = %g", i, index[i - 1], x[index[i - 1]],
                  index[i], x[index[i]]);
    }
    for (int i = 0; i < COUNT; i++)
        cr_assert(seen[i] || n == 0 || stands_before(x, index[n - 1], i, descending),
                  "x[%d] = %g is left out", i, x[i]);
}

Test(sorting, odd_numbers_stand_in_order)
{
    for (int descending = 0; descending < 2; descending++) {
        bed b = bed_create();
        float x[COUNT];
        fill_odd(x, COUNT);
        venn_tensor in = bed_input(&b, "x", VENN_SHAPE(COUNT)), index, top_index;
        venn_tensor y = venn_sort(b.g, in, 0, descending, &index);
        venn_tensor top = venn_top_k(b.g, in, -1, 50, !descending, &top_index);
        venn_graph_output(b.g, "index", index);
        venn_graph_output(b.g, "top", top);
        venn_graph_output(b.g, "top_index", top_index);
        venn_graph_output(b.g, "y", y);
        bed_compile(&b);
        bed_set(&b, "x", x);
        bed_run(&b);
        check_order(x, bed_get(&b, "y"), bed_get(&b, "index"), COUNT, descending);
        check_order(x, bed_get(&b, "top"), bed_get(&b, "top_index"), 50, descending);
        bed_destroy(&b);
    }
}

// Of three equal elements the first two places are chosen, and they alone get a gradient.
Test(sorting, ties_have_one_gradient)
{
    const float x[] = {1, 5, 5, 0, 5, 2};
    const float want[] = {0, 1, 1, 0, 0, 0};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(6));
    bed_outputs(&b, venn_top_k(b.g, in, 0, 2, false, NULL), in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_run(&b);
    cr_assert_arr_eq(bed_get(&b, "y"), ((float[]){5, 5}), 2 * sizeof(float));
    cr_assert_arr_eq(bed_get(&b, "dx"), want, sizeof want);
    bed_destroy(&b);
}

static void expect_error(bed *b, const char *text)
{
    cr_expect(strstr(venn_graph_error(b->g), text), "\"%s\" should say \"%s\"",
              venn_graph_error(b->g), text);
    bed_destroy(b);
}

#define EXPECT_ERROR(text, call)                                                                   \
    do {                                                                                           \
        bed b = bed_create();                                                                      \
        venn_tensor x = bed_input(&b, "x", VENN_SHAPE(3, 4));                                      \
        venn_tensor index = venn_graph_input(b.g, "index", VENN_I32, VENN_SHAPE(2, 4));            \
        (void)index;                                                                               \
        cr_expect_eq((call).id, 0);                                                                \
        expect_error(&b, text);                                                                    \
    } while (0)

Test(sorting, misfits)
{
    EXPECT_ERROR("sort: axis 2 is none of x; got x [3, 4]", venn_sort(b.g, x, 2, false, NULL));
    EXPECT_ERROR("argsort: axis -3", venn_argsort(b.g, x, -3, false));
    EXPECT_ERROR("rank: axis 5", venn_rank(b.g, x, 5, false, VENN_RANK_AVERAGE));
    EXPECT_ERROR("top_k: k = 5 is not in 1", venn_top_k(b.g, x, 1, 5, false, NULL));
    EXPECT_ERROR("top_k: k = -1 is not in 1", venn_top_k(b.g, x, 1, -1, false, NULL));
    EXPECT_ERROR("gather: axis 2", venn_gather(b.g, x, index, 2));
    EXPECT_ERROR("gather: index must have x's shape but for the extent at axis 1",
                 venn_gather(b.g, x, index, -1));
    EXPECT_ERROR("index_select: index must be a vector", venn_index_select(b.g, x, index, 0));
    EXPECT_ERROR("take_rows: index must begin with x's extents before axis 1; got x [3, 4], index "
                 "[2, 4]",
                 venn_take_rows(b.g, x, index, 1));
    EXPECT_ERROR("scatter_add: source must have the shape of what the index names",
                 venn_scatter_add(b.g, x, index, x, 0));
    EXPECT_ERROR("index must be i32", venn_gather(b.g, x, x, 0));
}

// Nothing outside x is read or written, and what is out of range has no part in values or gradients.
Test(indexed, out_of_range_names_nothing)
{
    const float x[] = {1, 2, 3};
    const int32_t index[] = {2, -1, 3, INT32_MIN, INT32_MAX, 2};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(3));
    venn_tensor at = venn_graph_input(b.g, "index", VENN_I32, VENN_SHAPE(6));
    venn_tensor y = venn_gather(b.g, in, at, 0);
    venn_graph_output(b.g, "sum", venn_scatter_add(b.g, in, at, y, 0));
    bed_outputs(&b, y, in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "index", index);
    bed_run(&b);
    cr_assert_arr_eq(bed_get(&b, "y"), ((float[]){3, 0, 0, 0, 0, 3}), 6 * sizeof(float));
    cr_assert_arr_eq(bed_get(&b, "dx"), ((float[]){0, 0, 2}), 3 * sizeof(float));
    cr_assert_arr_eq(bed_get(&b, "sum"), ((float[]){1, 2, 9}), 3 * sizeof(float));
    bed_destroy(&b);
}
