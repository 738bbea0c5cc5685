// Soft ranks beyond what the shared runner sees: that they are the nearest point of the permutahedron, by
// the condition that only the nearest point meets; their two limits; ties; and what Spearman's loss makes of
// equal, opposite and constant rows.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "program_bed.h"

enum { N = 60 };

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static void soft_ranks(const float *x, float strength, float *y)
{
    bed b = bed_create();
    venn_soft_rank_params params = {.strength = strength};
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(N));
    venn_graph_output(b.g, "y", venn_soft_rank(b.g, in, &params));
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_run(&b);
    memcpy(y, bed_get(&b, "y"), N * sizeof *y);
    bed_destroy(&b);
}

static void draw(float *x, uint64_t seed)
{
    venn_rng rng = venn_rng_make(seed, 0, 0);
    for (int i = 0; i < N; i++)
        x[i] = venn_rng_normal(&rng);
}

// The sum of the k greatest of y never exceeds n + (n - 1) + .., and reaches it for k = n.
static void expect_inside(const float *y)
{
    double sorted[N], sum = 0, most = 0;
    for (int i = 0; i < N; i++)
        sorted[i] = y[i];
    qsort(sorted, N, sizeof *sorted, descending);
    for (int k = 0; k < N; k++) {
        sum += sorted[k];
        most += N - k;
        cr_assert_leq(sum, most + 1e-3, "the %d greatest sum to %g", k + 1, sum);
    }
    cr_assert_float_eq(sum, most, 1e-3);
}

// y is nearest to z if no point v of the hull has (z - y) (v - y) > 0; the greatest is at the permutation
// in z - y's own order.
static void expect_nearest(const float *x, float strength, const float *y)
{
    double off[N], product = 0, most = 0, scale = 0;
    for (int i = 0; i < N; i++) {
        off[i] = (double)x[i] / (double)strength - y[i];
        product += off[i] * y[i];
        scale += fabs(off[i]) * N;
    }
    qsort(off, N, sizeof *off, descending);
    for (int i = 0; i < N; i++)
        most += off[i] * (N - i);
    cr_assert_leq(fabs(most - product), 1e-6 * scale, "strength %g: %g", (double)strength,
                  most - product);
}

Test(soft_rank, is_the_nearest_point)
{
    const float strengths[] = {0.001f, 0.01f, 0.05f, 0.2f, 1, 30};
    float x[N], y[N];
    for (size_t s = 0; s < sizeof strengths / sizeof *strengths; s++) {
        draw(x, s);
        soft_ranks(x, strengths[s], y);
        expect_inside(y);
        expect_nearest(x, strengths[s], y);
    }
}

Test(soft_rank, limits)
{
    float x[N], y[N];
    double mean = 0;
    draw(x, 9);
    for (int i = 0; i < N; i++)
        x[i] += 1000; // a common offset changes nothing
    soft_ranks(x, 1e-6f, y);
    for (int i = 0; i < N; i++) {
        int rank = 1;
        for (int k = 0; k < N; k++)
            rank += x[k] < x[i];
        cr_assert_eq(y[i], (float)rank, "element %d", i);
        mean += (double)x[i] / N;
    }
    soft_ranks(x, 50, y);
    for (int i = 0; i < N; i++)
        cr_assert_float_eq(y[i], (N + 1) / 2.0 + ((double)x[i] - mean) / 50, 1e-4, "element %d", i);
    for (int i = 0; i < N; i++)
        x[i] = (float)(i % 2); // two values: each gets the mean of its ranks
    soft_ranks(x, 0.001f, y);
    for (int i = 0; i < N; i++)
        cr_assert_eq(y[i], i % 2 ? 45.5f : 15.5f, "element %d", i);
}

Test(soft_rank, spearman_of_known_rows)
{
    const float x[5][4] = {{1, 2, 3, 4}, {1, 2, 3, 4}, {5, 5, 5, 5}, {1, 3, 2, 4}, {1, 2, 3, 4}};
    const float t[5][4] = {{2, 4, 6, 9}, {9, 4, 3, 1}, {1, 2, 3, 4}, {1, 2, 3, 4}, {7, 7, 7, 7}};
    const float want[] = {0, 2, 1, 0.2f, 1}; // 1 - 6 sum d^2 / (n (n^2 - 1)) = 0.8 in the fourth
    bed b = bed_create();
    venn_spearman_params params = {.strength = 0.01f, .reduction = VENN_REDUCE_NONE};
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(5, 4));
    venn_tensor teacher = bed_input(&b, "t", VENN_SHAPE(5, 4)), dx[2];
    venn_tensor y = venn_spearman(b.g, in, teacher, &params);
    venn_graph_output(b.g, "y", y);
    cr_assert_eq(venn_graph_gradients(b.g, y, VENN_NONE, 2, (venn_tensor[]){in, teacher}, dx),
                 VENN_OK);
    cr_assert_eq(dx[1].id, 0, "no gradient reaches the teacher");
    venn_graph_output(b.g, "dx", dx[0]);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "t", t);
    bed_run(&b);
    const float *got = bed_get(&b, "y"), *slope = bed_get(&b, "dx");
    for (int i = 0; i < 5; i++)
        cr_assert_float_eq(got[i], want[i], 1e-6, "row %d: %g", i, (double)got[i]);
    for (int i = 0; i < 20; i++) // hard ranks do not move, and constant rows have no direction
        cr_assert_eq(slope[i], 0, "dx[%d] = %g", i, (double)slope[i]);
    bed_destroy(&b);
}

static void expect_error(bed *b, const char *text)
{
    cr_expect(strstr(venn_graph_error(b->g), text), "\"%s\" should say \"%s\"",
              venn_graph_error(b->g), text);
    bed_destroy(b);
}

Test(soft_rank, misfits)
{
    bed b = bed_create();
    venn_soft_rank(b.g, bed_input(&b, "x", VENN_SHAPE(2, 4097)), NULL);
    expect_error(&b, "soft_rank: x must be [.., n] with n at most 4096; got x [2, 4097]");
    b = bed_create();
    venn_soft_rank(b.g, bed_input(&b, "x", VENN_SHAPE(3)), &(venn_soft_rank_params){-1, false});
    expect_error(&b, "soft_rank: strength = -1 is not positive");
    b = bed_create();
    venn_spearman(b.g, bed_input(&b, "x", VENN_SHAPE(3)), bed_input(&b, "t", VENN_SHAPE(4)), NULL);
    expect_error(&b, "spearman: x and teacher must have one shape");
}
