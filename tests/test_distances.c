// Distances of rows that are equal or nearly so, directions of nothing, and what does not fit.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "program_bed.h"

enum { ROWS = 3, WIDTH = 5, COUNT = ROWS * WIDTH };

// Far from the origin the squares are 10^12 times the distances; rows 0 and 2 are one.
Test(distances, near_rows_far_from_the_origin)
{
    float x[COUNT];
    for (int e = 0; e < COUNT; e++)
        x[e] = 1000 + (float)(e % WIDTH) + (e / WIDTH == 1 ? 0.0009765625f : 0);
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(ROWS, WIDTH));
    bed_outputs(&b, venn_pairwise_distance(b.g, in, VENN_NONE, NULL), in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_run(&b);
    const double apart = sqrt(WIDTH) * 0.0009765625;
    const float *y = bed_get(&b, "y"), *dx = bed_get(&b, "dx");
    for (int e = 0; e < ROWS * ROWS; e++)
        check_near((double)y[e], (e / ROWS == 1) != (e % ROWS == 1) ? apart : 0, 1e-6);
    // Each of the four distances pulls both of its rows by a unit vector.
    for (int e = 0; e < COUNT; e++)
        check_near((double)dx[e], (e / WIDTH == 1 ? 4 : -2) / sqrt(WIDTH), 1e-6);
    bed_destroy(&b);
}

Test(distances, nothing_has_no_direction)
{
    const float zeros[COUNT] = {0};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(ROWS, WIDTH));
    venn_tensor unit = venn_l2_normalize(b.g, in, 2, 0.5f);
    venn_tensor cosine = venn_cosine_similarity(b.g, in, unit, NULL, 0);
    bed_outputs(&b, venn_add(b.g, venn_add(b.g, unit, cosine), venn_norm(b.g, in, NULL)), in);
    bed_compile(&b);
    bed_set(&b, "x", zeros);
    bed_run(&b);
    const float *y = bed_get(&b, "y"), *dx = bed_get(&b, "dx");
    for (int e = 0; e < COUNT; e++) {
        cr_expect_eq(y[e], 0);
        cr_expect_eq(dx[e], 2, "dx[%d] is %g, should be dy / eps", e, (double)dx[e]);
    }
    bed_destroy(&b);
}

Test(distances, misfits)
{
    const char *const say[] = {"pairwise_distance: a must be",
                               "pairwise_distance: a must be",
                               "cosine_similarity: a and b",
                               "cosine_similarity: eps -1",
                               "l2_normalize: axes 0x4",
                               "covariance: 1 rows are too few",
                               "project: neither",
                               "project: x must be",
                               "rank1_update: a must be",
                               "norm: axes 0x8"};
    for (int i = 0; i < 10; i++) {
        venn_graph *g;
        cr_assert_eq(venn_graph_create(&g), VENN_OK);
        venn_tensor a = venn_graph_input(g, "a", VENN_F32, VENN_SHAPE(1, 4));
        venn_tensor b = venn_graph_input(g, "b", VENN_F32, VENN_SHAPE(1, 3));
        venn_tensor v = venn_graph_input(g, "v", VENN_F32, VENN_SHAPE(4));
        const venn_covariance_params unbiased = {.unbiased = true};
        venn_tensor y = i == 0   ? venn_pairwise_distance(g, a, b, NULL)
                        : i == 1 ? venn_pairwise_distance(g, v, VENN_NONE, NULL)
                        : i == 2 ? venn_cosine_similarity(g, a, b, NULL, 0)
                        : i == 3 ? venn_cosine_similarity(g, a, a, NULL, -1)
                        : i == 4 ? venn_l2_normalize(g, a, 4, 0)
                        : i == 5 ? venn_covariance(g, a, &unbiased)
                        : i == 6 ? venn_project(g, a, VENN_NONE, VENN_NONE, true)
                        : i == 7 ? venn_project(g, a, b, VENN_NONE, true)
                        : i == 8 ? venn_rank1_update(g, a, v, v, VENN_NONE, 0)
                                 : venn_norm(g, a, &(venn_reduce_params){.axes = 8});
        cr_expect_eq(y.id, 0);
        cr_expect(strstr(venn_graph_error(g), say[i]), "\"%s\"", venn_graph_error(g));
        venn_graph_destroy(&g);
    }
}
