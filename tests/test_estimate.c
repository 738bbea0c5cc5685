// The estimated modality diagram, where the true one is known; and the regression below it.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "device_fixture.h"
#include "mfh/cross_prediction.h"
#include "mfh/sweep_points.h"
#include "venn/mfh.h"
#include "venn/train.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())

// ---- Regression ------------------------------------------------------------------------------

static double correlation(const double *a, const double *b, int64_t n, int64_t stride)
{
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (int64_t i = 0; i < n; i++) {
        ma += a[i * stride] / (double)n;
        mb += b[i * stride] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        const double x = a[i * stride] - ma, y = b[i * stride] - mb;
        aa += x * x, bb += y * y, ab += x * y;
    }
    return ab / sqrt(aa * bb);
}

// A column that is a sum of y's is predicted well, noise not at all; also with more columns than rows.
Test(estimate, regression)
{
    enum { N = 120, MOST = 200 };
    double *x = malloc(N * 2 * sizeof *x), *y = malloc(N * MOST * sizeof *y);
    double *out = malloc(N * 2 * sizeof *out);
    static const int64_t widths[] = {3, MOST};
    for (int k = 0; k < 2; k++) {
        const int64_t width = widths[k];
        venn_rng rng = venn_rng_make(5, 0, 0);
        for (int64_t i = 0; i < N * width; i++)
            y[i] = venn_rng_normal(&rng);
        for (int64_t i = 0; i < N; i++) {
            x[2 * i] = 3;
            for (int64_t c = 0; c < width; c++)
                x[2 * i] += y[i * width + c] * (c % 3 - 1.0);
            x[2 * i + 1] = venn_rng_normal(&rng);
        }
        const venn_samples sx = {x, N, 2}, sy = {y, N, width};
        OK(venn_cross_predict(&sx, &sy, 5, out));
        cr_expect(correlation(x, out, N, 2) > (k ? 0.5 : 0.999), "%g", correlation(x, out, N, 2));
        cr_expect(fabs(correlation(x + 1, out + 1, N, 2)) < 0.35);
    }
    const venn_samples one = {x, 4, 2}, other = {y, 4, 3};
    cr_expect(venn_cross_predict(&one, &other, 5, out) == VENN_BAD_ARG);
    free(x);
    free(y);
    free(out);
}

Test(estimate, diagram_of_shares)
{
    const venn_modality_diagram d = venn_diagram_of_shares(0.25, 0.5);
    cr_expect_float_eq(venn_diagram_alpha(&d), 0.75, 1e-12);
    cr_expect_float_eq(venn_diagram_beta(&d), 0.5, 1e-12);
    cr_expect_float_eq(d.only_a + d.only_b + d.shared, 1, 1e-12);
    const venn_modality_diagram apart = venn_diagram_of_shares(0, 0);
    cr_expect(venn_diagram_gamma(&apart) < 0.01);
    cr_expect_float_eq(apart.only_a, apart.only_b, 1e-12);
}

// ---- Known diagrams --------------------------------------------------------------------------

enum { TRAIN = 600, TEST = 1000 };

static venn_dataset *make_data(const venn_gaussian_design *design)
{
    static const char *const names[] = {"a", "b"};
    const venn_shape shapes[] = {VENN_SHAPE(design->a.width), VENN_SHAPE(design->b.width)};
    venn_dataset *data;
    OK(venn_dataset_create(&data, "known", 2, NULL, 2, names, shapes));
    for (int split = 0; split < 2; split++) {
        const int64_t n = split ? TEST : TRAIN;
        float *a = malloc((size_t)(n * design->a.width) * sizeof *a);
        float *b = malloc((size_t)(n * design->b.width) * sizeof *b);
        int32_t *y = malloc((size_t)n * sizeof *y);
        OK(venn_gaussian_draw(design, 3, 0, split ? VENN_GAUSSIAN_TEST : VENN_GAUSSIAN_TRAIN, n, a,
                              b, y));
        const float *const x[] = {a, b};
        OK(venn_dataset_set_split(data, split ? VENN_TEST : VENN_TRAIN, n, y, x));
        free(a);
        free(b);
        free(y);
    }
    return data;
}

static venn_net *train(venn_device *device, const venn_dataset *data, const char *const *modality,
                       int64_t width)
{
    const venn_layer layer = {.kind = VENN_LAYER_LINEAR, .out = 2};
    const venn_branch branch = {.layers = &layer, .n_layers = 1, .input = VENN_SHAPE(width)};
    venn_net *net;
    venn_fit_result result;
    OK(venn_net_create(&net, device, &(venn_net_params){.branches = &branch, .n_branches = 1}, 1));
    const venn_fit fit = {.net = net,
                          .modalities = modality,
                          .data = data,
                          .epochs = 20,
                          .batch = 50,
                          .optim = {.kind = VENN_OPTIM_SGD, .lr = 0.1}};
    OK(venn_fit_run(device, &fit, &result));
    venn_fit_result_finish(&result);
    return net;
}

static venn_mfh_estimate estimate(const venn_gaussian_design *design)
{
    static const char *const a[] = {"a"}, *const b[] = {"b"};
    venn_device *device = open_test_device();
    venn_dataset *data = make_data(design);
    venn_net *x = train(device, data, a, design->a.width);
    venn_net *y = train(device, data, b, design->b.width);
    const venn_seer left = {x, a}, right = {y, b};
    venn_mfh_estimate e;
    const venn_mfh_estimate_params params = {.permutations = 2};
    OK(venn_mfh_estimate_measure(device, &left, &right, data, &params, &e));
    cr_assert(e.rows == TEST && e.a.n == design->a.width && e.b.n == design->b.width);
    cr_assert_str_eq(e.a.place, "input");
    venn_net_destroy(&x);
    venn_net_destroy(&y);
    venn_dataset_destroy(&data);
    close_test_device(&device);
    return e;
}

// Every estimate is near the truth where the decisive features weigh alike, and tells apart which of the
// modalities knows more.
Test(estimate, known_diagrams)
{
    static const venn_gaussian_design designs[] = {
        {.decisive = 20, .unit_weights = true, .a = {25, 5, 15}, .b = {50, 0, 10}},
        {.decisive = 20, .unit_weights = true, .a = {25, 0, 20}, .b = {50, 0, 10}}};
    for (int i = 0; i < 2; i++) {
        const venn_modality_diagram truth = venn_gaussian_diagram(&designs[i]);
        venn_mfh_estimate e = estimate(&designs[i]);
        for (int k = 0; k < VENN_MFH_ESTIMATES; k++) {
            const double margin = k < 2 ? 0.15 : 0.2;
            const double alpha = venn_diagram_alpha(&e.diagram[k]);
            const double beta = venn_diagram_beta(&e.diagram[k]);
            const double gamma = venn_diagram_gamma(&e.diagram[k]);
            cr_expect(fabs(alpha - venn_diagram_alpha(&truth)) < margin, "%d %s: alpha %g", i,
                      venn_mfh_estimate_name(k), alpha);
            cr_expect(fabs(beta - venn_diagram_beta(&truth)) < margin, "%d %s: beta %g", i,
                      venn_mfh_estimate_name(k), beta);
            cr_expect(fabs(gamma - venn_diagram_gamma(&truth)) < margin, "%d %s: gamma %g", i,
                      venn_mfh_estimate_name(k), gamma);
        }
        venn_mfh_estimate_finish(&e);
    }
}
