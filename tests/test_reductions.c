// Reductions where the shared runner cannot look: equal elements and zeros together with a gradient, NaN
// and infinities; and what does not fit.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "program_bed.h"

typedef venn_tensor (*reduction)(venn_graph *g, venn_tensor x, const venn_reduce_params *over);

enum { ROWS = 3, COLUMNS = 4, COUNT = ROWS * COLUMNS };

static bool is_same(float got, float want)
{
    return isnan(want) ? isnan(got) : got == want;
}

// The reduction of each row of x, and the gradient of their sum.
static void check_rows(const char *name, reduction f, const float *x, const float *y,
                       const float *dx)
{
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(ROWS, COLUMNS));
    bed_outputs(&b, f(b.g, in, &(venn_reduce_params){.axes = 2}), in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_run(&b);
    const float *got_y = bed_get(&b, "y");
    for (int i = 0; i < ROWS; i++)
        cr_expect(is_same(got_y[i], y[i]), "%s of row %d is %g, should be %g", name, i,
                  (double)got_y[i], (double)y[i]);
    const float *got_dx = bed_get(&b, "dx");
    for (int i = 0; i < COUNT; i++)
        cr_expect(is_same(got_dx[i], dx[i]), "%s: dx[%d] is %g, should be %g", name, i,
                  (double)got_dx[i], (double)dx[i]);
    bed_destroy(&b);
}

Test(reductions, equals_share_the_gradient)
{
    const float x[] = {1, 5, 5, 0, 2, -1, -1, -1, 3, 3, 3, 3};
    check_rows("max", venn_max, x, (float[]){5, 2, 3},
               (float[]){0, 0.5f, 0.5f, 0, 1, 0, 0, 0, 0.25f, 0.25f, 0.25f, 0.25f});
    const float third = 1.0f / 3;
    check_rows("min", venn_min, x, (float[]){0, -1, 3},
               (float[]){0, 0, 0, 1, 0, third, third, third, 0.25f, 0.25f, 0.25f, 0.25f});
}

Test(reductions, nan_wins)
{
    const float x[] = {1, NAN, INFINITY, 0, -INFINITY, -INFINITY, -INFINITY, 7, 0, 1, 2, NAN};
    const float dx[] = {NAN, NAN, NAN, NAN, 0, 0, 0, 1, NAN, NAN, NAN, NAN};
    check_rows("max", venn_max, x, (float[]){NAN, 7, NAN}, dx);
}

Test(reductions, product_of_the_others)
{
    const float x[] = {2, 3, 0, 5, 0, 7, 0, 2, 1, 2, 4, 8};
    check_rows("prod", venn_prod, x, (float[]){0, 0, 64},
               (float[]){0, 0, 30, 0, 0, 0, 0, 0, 64, 32, 16, 8});
}

Test(reductions, logsumexp_of_infinities)
{
    const float none = -INFINITY;
    const float x[] = {none, none, none, none, 1000, none, none, none, none, INFINITY, 0, 1};
    check_rows("logsumexp", venn_logsumexp, x, (float[]){none, 1000, INFINITY},
               (float[]){NAN, NAN, NAN, NAN, 1, 0, 0, 0, 0, NAN, 0, 0});
}

Test(reductions, misfits)
{
    const venn_reduce_params rows = {.axes = 1}, none = {.axes = 4};
    for (int i = 0; i < 5; i++) {
        venn_graph *g;
        cr_assert_eq(venn_graph_create(&g), VENN_OK);
        venn_tensor empty = venn_graph_input(g, "empty", VENN_F32, VENN_SHAPE(0, 4));
        venn_tensor x = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(1, 4));
        venn_tensor y = i == 0   ? venn_max(g, empty, &rows)
                        : i == 1 ? venn_logsumexp(g, empty, NULL)
                        : i == 2 ? venn_variance(g, x, &rows, true)
                        : i == 3 ? venn_std(g, x, &none, false)
                                 : venn_cumsum(g, x, 2, false);
        const char *const say[] = {"max: no elements", "logsumexp: no elements",
                                   "variance: one element", "std: axes 0x4", "cumsum: axis 2"};
        cr_expect_eq(y.id, 0);
        cr_expect(strstr(venn_graph_error(g), say[i]), "\"%s\"", venn_graph_error(g));
        venn_graph_destroy(&g);
    }
}
