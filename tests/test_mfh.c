// The Modality Focusing Hypothesis's synthetic experiments, at sizes that take seconds.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device_fixture.h"
#include "kernel/kernel.h"
#include "mfh/sweep_points.h"
#include "mfh/venn_figure.h"
#include "venn/mfh.h"

static venn_mfh_result run_sweep(venn_mfh_gaussian_params params)
{
    venn_device *device = open_test_device();
    venn_mfh_result result;
    venn_status status = venn_mfh_gaussian(device, &params, &result, NULL, NULL);
    cr_assert(status == VENN_OK, "%s", venn_error_message());
    close_test_device(&device);
    return result;
}

// The experiments take minutes where the suite's long cases do, and are left to faster devices; what
// every device has to agree on is `repeatable`'s.
static bool is_slow(void)
{
    venn_device *device = open_test_device();
    venn_kernels *kernels;
    cr_assert(venn_kernels_of(device, &kernels) == VENN_OK);
    const venn_profile *profile = venn_kernels_profile(kernels);
    const bool slow = profile->software && !profile->loop_limit;
    close_test_device(&device);
    return slow;
}

static double mean(const venn_mfh_result *r, size_t point, venn_mfh_model model)
{
    return r->point[point].accuracy[model].mean;
}

Test(mfh, diagram)
{
    const venn_modality_diagram d = {.only_a = 3, .only_b = 1, .shared = 6};
    cr_expect_float_eq(venn_diagram_alpha(&d), 3.0 / 9, 1e-12);
    cr_expect_float_eq(venn_diagram_beta(&d), 1.0 / 7, 1e-12);
    cr_expect_float_eq(venn_diagram_gamma(&d), 0.6, 1e-12);
    const venn_modality_diagram nothing = {0};
    cr_expect(venn_diagram_gamma(&nothing) == 0 && venn_diagram_alpha(&nothing) == 0);
}

// gamma = o / (20 - o); alpha = v / (v + 10) with gamma = 1 - alpha and beta = 0.
Test(mfh, designs)
{
    venn_sweep_point points[VENN_MFH_MAX_POINTS];
    venn_mfh_gaussian_params p = {.sweep = VENN_MFH_GAMMA};
    cr_assert(venn_sweep_points(&p, points) == 6);
    for (int i = 0; i < 6; i++) {
        venn_modality_diagram d = venn_gaussian_diagram(&points[i].design);
        cr_expect_float_eq(venn_diagram_gamma(&d), 2.0 * i / (20 - 2 * i), 1e-12);
    }
    p.sweep = VENN_MFH_ALPHA;
    cr_assert(venn_sweep_points(&p, points) == 5);
    for (int i = 0; i < 5; i++) {
        venn_modality_diagram d = venn_gaussian_diagram(&points[i].design);
        cr_expect_float_eq(venn_diagram_alpha(&d), 10.0 * i / (10 * i + 10), 1e-12);
        cr_expect_float_eq(venn_diagram_gamma(&d), 1 - venn_diagram_alpha(&d), 1e-12);
        cr_expect(venn_diagram_beta(&d) == 0);
    }
}

// The picture's areas are the diagram's numbers.
Test(mfh, circles)
{
    const venn_modality_diagram diagrams[] = {
        {3, 1, 6}, {10, 10, 0}, {0, 0, 5}, {7, 0, 2}, {1, 8, 3}};
    for (size_t i = 0; i < sizeof diagrams / sizeof *diagrams; i++) {
        const venn_modality_diagram *d = &diagrams[i];
        const venn_circles c = venn_circles_of(d);
        const double pi = acos(-1.0);
        cr_expect_float_eq(pi * c.radius_a * c.radius_a, d->only_a + d->shared, 1e-9);
        cr_expect_float_eq(pi * c.radius_b * c.radius_b, d->only_b + d->shared, 1e-9);
        cr_expect_float_eq(venn_lens_area(&c), d->shared, 1e-6);
    }
}

// A design that shares a column gives both sides the same numbers in it, and only there; designs that
// differ share the rest.
Test(mfh, data)
{
    enum { ROWS = 7 };
    const venn_gaussian_design none = {.decisive = 20, .a = {25, 10, 20}, .b = {50, 0, 10}};
    venn_gaussian_design some = none;
    some.a = (venn_gaussian_side){25, 6, 16};
    float a0[ROWS * 25], a1[ROWS * 25], b0[ROWS * 50], b1[ROWS * 50];
    int32_t y0[ROWS], y1[ROWS];
    cr_assert(venn_gaussian_draw(&none, 1, 2, VENN_GAUSSIAN_TRAIN, ROWS, a0, b0, y0) == VENN_OK);
    cr_assert(venn_gaussian_draw(&some, 1, 2, VENN_GAUSSIAN_TRAIN, ROWS, a1, b1, y1) == VENN_OK);
    cr_expect(memcmp(b0, b1, sizeof b0) == 0 && memcmp(y0, y1, sizeof y0) == 0);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < 25; c++) {
            const bool shared = c >= 6 && c < 10;
            cr_expect((a1[r * 25 + c] == b1[r * 50 + c]) == shared, "row %d column %d", r, c);
            const bool same = c < 6 || (c >= 10 && c < 16) || c >= 20;
            cr_expect((a0[r * 25 + c] == a1[r * 25 + c]) == same, "row %d column %d", r, c);
        }
}

// Experiment 1: what distilling gains rises with gamma, from a loss to a gain.
Test(mfh, gain_rises_with_gamma)
{
    if (is_slow())
        return;
    const venn_mfh_result r = run_sweep((venn_mfh_gaussian_params){.seeds = 12});
    cr_assert(r.n == 6);
    for (size_t i = 1; i < r.n; i++)
        cr_expect(r.point[i].gain.mean > r.point[i - 1].gain.mean, "point %zu: %g after %g", i,
                  r.point[i].gain.mean, r.point[i - 1].gain.mean);
    cr_expect(r.point[0].gain.mean < -0.7 && r.point[0].gain.mean > -2.4, "%g",
              r.point[0].gain.mean);
    cr_expect(r.point[5].gain.mean > 1.4 && r.point[5].gain.mean < 3.0, "%g", r.point[5].gain.mean);
    cr_expect(r.point[3].gain.mean > 0);
}

// Experiment 2: the teacher gets better and better, and better at teaching it does not get.
Test(mfh, gain_falls_with_alpha)
{
    if (is_slow())
        return;
    const venn_mfh_result r =
        run_sweep((venn_mfh_gaussian_params){.sweep = VENN_MFH_ALPHA, .seeds = 10});
    cr_assert(r.n == 5);
    for (size_t i = 1; i < r.n; i++)
        cr_expect(mean(&r, i, VENN_MFH_TEACHER) > mean(&r, i - 1, VENN_MFH_TEACHER) + 3);
    cr_expect(mean(&r, 4, VENN_MFH_TEACHER) > 87 && mean(&r, 0, VENN_MFH_TEACHER) < 61);
    cr_expect(r.point[0].gain.mean > r.point[4].gain.mean + 0.5, "%g, %g", r.point[0].gain.mean,
              r.point[4].gain.mean);
}

// Experiment 3: a teacher that keeps only what is shared is far worse and teaches better, and Algorithm 1
// finds those columns; columns taken at random do not do it.
Test(mfh, general_teacher_teaches_better)
{
    if (is_slow())
        return;
    const venn_mfh_result r = run_sweep(
        (venn_mfh_gaussian_params){.sweep = VENN_MFH_TABLE2, .seeds = 6, .permutations = 20});
    cr_assert(r.n == 5);
    double truth = 0, ranked = 0, random = 0, hits = 0;
    for (size_t i = 0; i < r.n; i++) {
        const double worse = mean(&r, i, VENN_MFH_TEACHER) - mean(&r, i, VENN_MFH_TRUTH_TEACHER);
        cr_expect(worse > 8 && worse < 27, "%g", worse);
        truth += (mean(&r, i, VENN_MFH_TRUTH_DISTILLED) - mean(&r, i, VENN_MFH_DISTILLED)) / 5;
        ranked += (mean(&r, i, VENN_MFH_RANKED_DISTILLED) - mean(&r, i, VENN_MFH_DISTILLED)) / 5;
        random += (mean(&r, i, VENN_MFH_RANDOM_DISTILLED) - mean(&r, i, VENN_MFH_STUDENT)) / 5;
        hits += r.point[i].hits.mean / 5;
    }
    cr_expect(truth > 1.0, "%g", truth);
    cr_expect(ranked > truth - 0.6, "%g, %g", ranked, truth);
    cr_expect(random < 0.6, "%g", random);
    cr_expect(hits > 85, "%g", hits);
}

// The same with networks on pictures and sounds.
Test(mfh, networks_gain_with_gamma)
{
    if (is_slow())
        return;
    venn_device *device = open_test_device();
    venn_mfh_result r;
    const venn_mfh_avd_params p = {.seeds = 4, .test_rows = 2000};
    cr_assert(venn_mfh_avd(device, &p, &r, NULL, NULL) == VENN_OK, "%s", venn_error_message());
    close_test_device(&device);
    cr_assert(r.n == 5);
    cr_expect(r.point[0].gain.mean < 0 && r.point[4].gain.mean - r.point[0].gain.mean > 2.5,
              "%g, %g", r.point[0].gain.mean, r.point[4].gain.mean);
    cr_expect_float_eq(venn_diagram_gamma(&r.point[3].diagram), 0.6, 1e-12);
}

// Twice the same; and on all devices the same models but for rounding, which may turn over a test row.
Test(mfh, repeatable)
{
    static const double accuracy[] = {68, 70.5, 71.5};
    const venn_mfh_gaussian_params p = {.seeds = 2, .steps = 30, .test_rows = 100};
    const venn_mfh_result a = run_sweep(p), b = run_sweep(p);
    cr_expect(memcmp(a.point, b.point, sizeof a.point) == 0);
    for (int m = 0; m <= VENN_MFH_DISTILLED; m++)
        cr_expect(fabs(mean(&a, 3, m) - accuracy[m]) <= 1.0, "%s: %g",
                  venn_mfh_model_name((venn_mfh_model)m), mean(&a, 3, m));
}

static bool stop(void *user, const char *stage, uint32_t done, uint32_t total)
{
    (void)stage;
    (void)done;
    (void)total;
    ++*(int *)user;
    return false;
}

Test(mfh, refuses)
{
    venn_device *device = open_test_device();
    venn_mfh_result result;
    venn_mfh_gaussian_params p = {.lr = -1};
    cr_expect(venn_mfh_gaussian(device, &p, &result, NULL, NULL) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "lr"), "%s", venn_error_message());
    p = (venn_mfh_gaussian_params){.seeds = 2000};
    cr_expect(venn_mfh_gaussian(device, &p, &result, NULL, NULL) == VENN_BAD_ARG);
    int calls = 0;
    p = (venn_mfh_gaussian_params){.seeds = 1};
    cr_expect(venn_mfh_gaussian(device, &p, &result, stop, &calls) == VENN_CANCELLED);
    cr_expect(calls == 1);
    venn_mfh_sweep sweep;
    cr_expect(venn_mfh_sweep_parse("delta", &sweep) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "delta"));
    close_test_device(&device);
}
