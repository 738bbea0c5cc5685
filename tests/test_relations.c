// Relations of samples that are one or all alike, what does not count, and what does not fit.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "program_bed.h"

enum { ROWS = 4, WIDTH = 3, COUNT = ROWS * WIDTH };

static const float teacher[COUNT] = {0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 1, 3};

typedef venn_tensor (*relation)(venn_graph *g, venn_tensor x, venn_tensor t);

static venn_tensor distances(venn_graph *g, venn_tensor x, venn_tensor t)
{
    return venn_rkd_distance(g, x, t, NULL);
}

static bed bed_of(relation loss, const float *x)
{
    bed b = bed_create();
    const venn_tensor in = bed_input(&b, "x", VENN_SHAPE(ROWS, WIDTH));
    const venn_tensor t = bed_input(&b, "t", VENN_SHAPE(ROWS, WIDTH));
    bed_outputs(&b, loss(b.g, in, t), in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "t", teacher);
    bed_run(&b);
    return b;
}

// A copy of the teacher, four times as large and elsewhere.
Test(relations, place_and_size_do_not_count)
{
    float x[COUNT];
    for (int e = 0; e < COUNT; e++)
        x[e] = 4 * teacher[e] + 8;
    for (int angles = 0; angles < 2; angles++) {
        bed b = bed_of(angles ? venn_rkd_angle : distances, x);
        cr_expect(fabsf(*(const float *)bed_get(&b, "y")) < 1e-12f);
        bed_destroy(&b);
    }
}

// Rows 0 and 1 of the student are one: they cannot be told apart, but nothing is lost for the others.
Test(relations, equal_rows_keep_gradients_finite)
{
    float x[COUNT];
    memcpy(x, teacher, sizeof x);
    memcpy(x + WIDTH, x, WIDTH * sizeof *x);
    for (int angles = 0; angles < 2; angles++) {
        bed b = bed_of(angles ? venn_rkd_angle : distances, x);
        const float *dx = bed_get(&b, "dx");
        float most = 0, sum = 0;
        for (int e = 0; e < COUNT; e++) {
            cr_expect(isfinite(dx[e]) && fabsf(dx[e]) < 1, "dx[%d] is %g", e, (double)dx[e]);
            most = fmaxf(most, fabsf(dx[e]));
            sum += dx[e];
        }
        cr_expect(most > 1e-3f, "dx is at most %g", (double)most);
        cr_expect(fabsf(sum) < 1e-6f, "moving all rows changes the loss by %g", (double)sum);
        bed_destroy(&b);
    }
}

// Every potential is 0: the loss is that of the teacher's, and nothing can be learnt.
Test(relations, all_rows_equal)
{
    const float x[COUNT] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3};
    for (int angles = 0; angles < 2; angles++) {
        bed b = bed_of(angles ? venn_rkd_angle : distances, x);
        cr_expect(*(const float *)bed_get(&b, "y") > 0.1f);
        const float *dx = bed_get(&b, "dx");
        for (int e = 0; e < COUNT; e++)
            cr_expect_eq(dx[e], 0);
        bed_destroy(&b);
    }
}

// Two points: mu is their distance, so the potentials are 1 whatever it is; with the whole mean, 2.
Test(relations, mean_over_pairs_or_over_all)
{
    const float x[] = {0, 3}, t[] = {0, 0};
    for (int whole = 0; whole < 2; whole++) {
        bed b = bed_create();
        const venn_tensor in = bed_input(&b, "x", VENN_SHAPE(2, 1));
        const venn_tensor same = bed_input(&b, "t", VENN_SHAPE(2, 1));
        const venn_rkd_distance_params p = {.whole_mean = whole};
        bed_outputs(&b, venn_rkd_distance(b.g, in, same, &p), in);
        bed_compile(&b);
        bed_set(&b, "x", x);
        bed_set(&b, "t", t);
        bed_run(&b);
        check_near((double)*(const float *)bed_get(&b, "y"), whole ? 0.75 : 0.25, 1e-6);
        bed_destroy(&b);
    }
}

Test(relations, misfits)
{
    bed b = bed_create();
    const venn_tensor x = bed_input(&b, "x", VENN_SHAPE(ROWS, WIDTH));
    venn_rkd_angle(b.g, x, bed_input(&b, "t", VENN_SHAPE(WIDTH, ROWS)));
    cr_expect(venn_graph_status(b.g) == VENN_BAD_SHAPE);
    cr_expect(strstr(venn_graph_error(b.g), "rkd_angle: x and t must be [N, ..]"), "%s",
              venn_graph_error(b.g));
    bed_destroy(&b);
}
