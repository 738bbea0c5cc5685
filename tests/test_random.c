// Random tensors: the device's numbers are the host's, and they are distributed as they should be.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "program_bed.h"

enum { COUNT = 70001, SMALL = 4096 };
static const uint64_t KEY = UINT64_C(0xfedcba9876543210), STEP = UINT64_C(0x8000000180000003);

// The nodes in the order of their streams.
enum { UNIFORM, NORMAL, BERNOULLI, PERMUTATION, NOISE };

static bed make_program(void)
{
    bed b = bed_create();
    const venn_shape shape = VENN_SHAPE(COUNT);
    venn_tensor x = bed_input(&b, "x", shape);
    venn_graph_output(b.g, "uniform", venn_random_uniform(b.g, shape, -1, 2));
    venn_graph_output(b.g, "normal", venn_random_normal(b.g, shape, 3, 0.5f));
    venn_graph_output(b.g, "bernoulli", venn_random_bernoulli(b.g, shape, 0.3f));
    venn_graph_output(b.g, "permutation", venn_random_permutation(b.g, SMALL));
    venn_graph_output(b.g, "noise", venn_gaussian_noise(b.g, x, 2));
    bed_compile(&b);
    return b;
}

static void run(bed *b, uint64_t key, uint64_t step)
{
    static float ones[COUNT];
    for (int i = 0; i < COUNT; i++)
        ones[i] = 1;
    bed_set(b, "x", ones);
    venn_program_set_rng(b->program, key, step);
    bed_run(b);
}

Test(random, device_draws_what_the_host_draws)
{
    bed b = make_program();
    run(&b, KEY, STEP);
    const float *uniform = bed_get(&b, "uniform"), *bernoulli = bed_get(&b, "bernoulli");
    const float *normal = bed_get(&b, "normal"), *noise = bed_get(&b, "noise");
    venn_rng rng[] = {venn_rng_make(KEY, STEP, UNIFORM), venn_rng_make(KEY, STEP, NORMAL),
                      venn_rng_make(KEY, STEP, BERNOULLI), venn_rng_make(KEY, STEP, PERMUTATION),
                      venn_rng_make(KEY, STEP, NOISE)};
    for (int i = 0; i < COUNT; i++) {
        cr_assert_eq(uniform[i], venn_rng_uniform(&rng[UNIFORM], -1, 2), "element %d", i);
        cr_assert_eq(bernoulli[i], venn_rng_bernoulli(&rng[BERNOULLI], 0.3f), "element %d", i);
        const double z = venn_rng_normal(&rng[NORMAL]), w = venn_rng_normal(&rng[NOISE]);
        cr_assert_float_eq(normal[i], 3 + 0.5 * z, 1e-6, "element %d", i);
        cr_assert_float_eq(noise[i], 1 + 2 * w, 4e-6, "element %d", i);
    }
    uint32_t order[SMALL];
    cr_assert(venn_rng_order(&rng[PERMUTATION], order, SMALL));
    cr_assert_arr_eq(bed_get(&b, "permutation"), order, sizeof order);
    bed_destroy(&b);
}

// ---- Distributions -----------------------------------------------------------------------------

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double uniform_below(double x)
{
    return (x + 1) / 3;
}

static double normal_below(double x)
{
    return 0.5 * erfc(-(x - 3) / 0.5 / sqrt(2));
}

// Kolmogorov and Smirnov: greatest distance of the distributions, times sqrt(n); above 1.95 in one case
// of a thousand.
static double distance(const float *drawn, double (*below)(double))
{
    static float x[COUNT];
    double most = 0;
    memcpy(x, drawn, sizeof x);
    qsort(x, COUNT, sizeof *x, compare);
    for (int i = 0; i < COUNT; i++)
        most = fmax(most, fmax(fabs(below(x[i]) - (double)i / COUNT),
                               fabs(below(x[i]) - (i + 1.0) / COUNT)));
    return most * sqrt(COUNT);
}

// Mean, variance and the correlation of neighbours, within five standard deviations of what they should be.
static void check_moments(const float *x, double mean, double variance, double fourth)
{
    double sum = 0, squares = 0, products = 0, last = 0;
    for (int i = 0; i < COUNT; i++) {
        const double d = x[i] - mean;
        sum += d;
        squares += d * d;
        products += d * last;
        last = d;
    }
    cr_expect_leq(fabs(sum / COUNT), 5 * sqrt(variance / COUNT), "mean");
    cr_expect_leq(fabs(squares / COUNT - variance),
                  5 * sqrt((fourth - variance * variance) / COUNT), "variance");
    cr_expect_leq(fabs(products / COUNT), 5 * variance / sqrt(COUNT), "neighbours");
}

Test(random, distributions)
{
    bed b = make_program();
    for (uint64_t step = 1; step <= 3; step++) {
        if (step > 1)
            cr_assert_eq(venn_program_begin(b.program), VENN_OK);
        run(&b, 11, step);
        const float *uniform = bed_get(&b, "uniform"), *normal = bed_get(&b, "normal");
        check_moments(uniform, 0.5, 0.75, 81.0 / 80);
        check_moments(normal, 3, 0.25, 3 * 0.0625);
        check_moments(bed_get(&b, "bernoulli"), (double)0.3f, 0.21,
                      0.3 * pow(0.7, 4) + 0.7 * pow(0.3, 4));
        cr_expect_leq(distance(uniform, uniform_below), 1.95);
        cr_expect_leq(distance(normal, normal_below), 1.95);
    }
    bed_destroy(&b);
}

// Where each element comes to stand is uniform: chi squared over 16 x 16 fields of places and elements has
// 225 degrees of freedom, so a deviation of 21.
Test(random, permutations_mix)
{
    enum { FIELDS = 16, STEPS = 8 };
    bed b = bed_create();
    venn_graph_output(b.g, "y", venn_random_permutation(b.g, SMALL));
    bed_compile(&b);
    double count[FIELDS][FIELDS] = {{0}}, chi = 0;
    for (int step = 0; step < STEPS; step++) {
        bool seen[SMALL] = {false};
        if (step)
            cr_assert_eq(venn_program_begin(b.program), VENN_OK);
        venn_program_set_rng(b.program, 5, (uint64_t)step);
        bed_run(&b);
        const int32_t *y = bed_get(&b, "y");
        for (int i = 0; i < SMALL; i++) {
            cr_assert(y[i] >= 0 && y[i] < SMALL && !seen[y[i]], "%d stands twice", y[i]);
            seen[y[i]] = true;
            count[i * FIELDS / SMALL][y[i] * FIELDS / SMALL]++;
        }
    }
    const double want = (double)SMALL * STEPS / (FIELDS * FIELDS);
    for (int i = 0; i < FIELDS * FIELDS; i++)
        chi += pow(count[i / FIELDS][i % FIELDS] - want, 2) / want;
    cr_expect_leq(fabs(chi - 225), 5 * 21.2, "chi squared is %g", chi);
    bed_destroy(&b);
}

// ---- Misuse ------------------------------------------------------------------------------------

static void expect_error(bed *b, const char *text)
{
    cr_expect(strstr(venn_graph_error(b->g), text), "\"%s\" should say \"%s\"",
              venn_graph_error(b->g), text);
    bed_destroy(b);
}

#define EXPECT_ERROR(text, call)                                                                   \
    do {                                                                                           \
        bed b = bed_create();                                                                      \
        cr_expect_eq((call).id, 0);                                                                \
        expect_error(&b, text);                                                                    \
    } while (0)

Test(random, misuse)
{
    const venn_shape shape = VENN_SHAPE(3);
    EXPECT_ERROR("random_uniform: low = 1 is above high = 0",
                 venn_random_uniform(b.g, shape, 1, 0));
    EXPECT_ERROR("random_uniform: bad extent", venn_random_uniform(b.g, VENN_SHAPE(-1), 0, 1));
    EXPECT_ERROR("random_normal: std = -1", venn_random_normal(b.g, shape, 0, -1));
    EXPECT_ERROR("random_bernoulli: p = 1.5", venn_random_bernoulli(b.g, shape, 1.5f));
    EXPECT_ERROR("random_permutation: n = -1", venn_random_permutation(b.g, -1));
    EXPECT_ERROR("gaussian_noise: std = -1",
                 venn_gaussian_noise(b.g, bed_input(&b, "x", shape), -1));
}
