// Softmax, losses and metrics where the shared runner's random data does not go: extreme logits, ties,
// NaN, labels out of range, nearly equal distributions.
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "program_bed.h"

// ---- Softmax ---------------------------------------------------------------------------------

Test(losses, softmax_keeps_relative_accuracy)
{
    enum { ROWS = 4000 };
    static float x[ROWS][2];
    bed b = bed_create();
    venn_graph_output(b.g, "y", venn_softmax(b.g, bed_input(&b, "x", VENN_SHAPE(ROWS, 2))));
    bed_compile(&b);
    for (int i = 0; i < ROWS; i++)
        x[i][1] = -85.0f * (float)i / ROWS;
    bed_set(&b, "x", x);
    bed_run(&b);
    const float *y = bed_get(&b, "y");
    for (int i = 0; i < ROWS; i++)
        check_near((double)y[2 * i + 1], exp((double)x[i][1]) / (1 + exp((double)x[i][1])), 6e-7);
    bed_destroy(&b);
}

Test(losses, extreme_logits_stay_finite)
{
    const float x[3][3] = {{1e4f, -1e4f, 0}, {-1e4f, -1e4f, -1e4f}, {3e38f, -3e38f, 3e38f}};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(3, 3));
    venn_graph_output(b.g, "softmax", venn_softmax(b.g, in));
    venn_graph_output(b.g, "log_softmax", venn_log_softmax(b.g, in));
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_run(&b);
    const float *p = bed_get(&b, "softmax"), *q = bed_get(&b, "log_softmax");
    const double want[9] = {1, 0, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3, 0.5, 0, 0.5};
    for (int i = 0; i < 9; i++)
        check_near((double)p[i], want[i], 3e-7);
    const double want_log[6] = {0, -2e4, -1e4, -log(3), -log(3), -log(3)};
    for (int i = 0; i < 6; i++)
        check_near((double)q[i], want_log[i], 3e-7);
    bed_destroy(&b);
}

Test(losses, bad_rows_spoil_no_others)
{
    const float x[4][3] = {
        {0, NAN, 1}, {1, 2, 3}, {-INFINITY, -INFINITY, -INFINITY}, {INFINITY, 0, 0}};
    bed b = bed_create();
    venn_graph_output(b.g, "y", venn_softmax(b.g, bed_input(&b, "x", VENN_SHAPE(4, 3))));
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_run(&b);
    const float *y = bed_get(&b, "y");
    const double sum = exp(1) + exp(2) + exp(3);
    for (int i = 0; i < 3; i++) {
        cr_assert(isnan(y[i]) && isnan(y[6 + i]));
        check_near((double)y[3 + i], exp(1 + i) / sum, 3e-7);
    }
    cr_assert(isnan(y[9]));
    bed_destroy(&b);
}

// ---- Cross entropy ---------------------------------------------------------------------------

Test(losses, cross_entropy_of_extreme_logits)
{
    const float x[2][2] = {{1e4f, -1e4f}, {1e4f, -1e4f}};
    const int32_t label[2] = {0, 1};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(2, 2));
    venn_cross_entropy_params params = {.reduction = VENN_REDUCE_NONE};
    bed_outputs(&b,
                venn_cross_entropy(b.g, in, venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(2)),
                                   &params),
                in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "label", label);
    bed_run(&b);
    const float *y = bed_get(&b, "y"), *dx = bed_get(&b, "dx");
    cr_assert(y[0] == 0 && y[1] == 2e4f, "%g %g", (double)y[0], (double)y[1]);
    cr_assert(dx[0] == 0 && dx[1] == 0 && dx[2] == 1 && dx[3] == -1);
    bed_destroy(&b);
}

Test(losses, labels_out_of_range_are_nan)
{
    const float x[4][3] = {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}};
    const int32_t label[4] = {2, 3, -1, 0};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(4, 3));
    venn_tensor id = venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(4));
    venn_cross_entropy_params params = {.reduction = VENN_REDUCE_NONE};
    bed_outputs(&b, venn_cross_entropy(b.g, in, id, &params), in);
    venn_graph_output(b.g, "mean", venn_cross_entropy(b.g, in, id, NULL));
    venn_graph_output(b.g, "right", venn_accuracy(b.g, in, id));
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "label", label);
    bed_run(&b);
    const float *y = bed_get(&b, "y"), *dx = bed_get(&b, "dx"), *mean = bed_get(&b, "mean");
    const int32_t *right = bed_get(&b, "right");
    const double all = log(exp(1) + exp(2) + exp(3));
    check_near((double)y[0], all - 3, 1e-6);
    check_near((double)y[3], all - 1, 1e-6);
    cr_assert(isnan(y[1]) && isnan(y[2]) && isnan(mean[0]));
    for (int i = 0; i < 12; i++)
        cr_assert(isnan(dx[i]) == (i / 3 == 1 || i / 3 == 2));
    cr_assert_eq(right[0], 1);
    bed_destroy(&b);
}

Test(losses, targets_are_not_renormalised)
{
    const float x[2] = {0, 0}, t[2] = {2, 1};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(1, 2));
    bed_outputs(&b, venn_soft_cross_entropy(b.g, in, bed_input(&b, "t", VENN_SHAPE(1, 2)), NULL),
                in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "t", t);
    bed_run(&b);
    const float *y = bed_get(&b, "y"), *dx = bed_get(&b, "dx");
    check_near((double)y[0], 3 * log(2), 3e-7);
    check_near((double)dx[0], 0.5 * 3 - 2, 3e-7);
    check_near((double)dx[1], 0.5 * 3 - 1, 3e-7);
    bed_destroy(&b);
}

// ---- Distillation ----------------------------------------------------------------------------

static double true_kl(const float *x, const float *t, int n, double T)
{
    double sum_x = 0, sum_t = 0, loss = 0;
    for (int c = 0; c < n; c++) {
        sum_x += exp((double)x[c] / T);
        sum_t += exp((double)t[c] / T);
    }
    for (int c = 0; c < n; c++) {
        double log_p = (double)t[c] / T - log(sum_t), log_q = (double)x[c] / T - log(sum_x);
        loss += exp(log_p) * (log_p - log_q);
    }
    return loss;
}

Test(losses, kl_is_accurate_where_student_nears_teacher)
{
    enum { C = 10 };
    float x[3][C], t[3][C];
    for (int i = 0; i < C; i++) {
        t[0][i] = t[1][i] = t[2][i] = x[0][i] = 3 * sinf((float)i);
        x[1][i] = t[1][i] + 1e-3f * cosf((float)i);
        x[2][i] = t[2][i] + 1e4f * cosf((float)i);
    }
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(3, C));
    venn_kl_div_params params = {.reduction = VENN_KL_NONE, .temperature = 2};
    bed_outputs(&b, venn_kl_div(b.g, in, bed_input(&b, "t", VENN_SHAPE(3, C)), VENN_NONE, &params),
                in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "t", t);
    bed_run(&b);
    const float *y = bed_get(&b, "y"), *dx = bed_get(&b, "dx");
    cr_assert(y[0] == 0, "%g", (double)y[0]);
    check_near((double)y[1], true_kl(x[1], t[1], C, 2), 1e-3);
    cr_assert(y[1] > 0 && y[1] < 1e-6f && isfinite(y[2]) && y[2] > 1000);
    for (int i = 0; i < C; i++)
        cr_assert(dx[i] == 0);
    bed_destroy(&b);
}

Test(losses, kl_has_no_gradient_for_teacher_and_temperature)
{
    bed b = bed_create();
    venn_tensor x[3] = {bed_input(&b, "x", VENN_SHAPE(2, 3)), bed_input(&b, "t", VENN_SHAPE(2, 3)),
                        bed_input(&b, "T", VENN_SCALAR)};
    venn_tensor dx[3], y = venn_kl_div(b.g, x[0], x[1], x[2], NULL);
    cr_assert(venn_graph_gradients(b.g, y, VENN_NONE, 3, x, dx) == VENN_OK);
    cr_assert(dx[0].id != 0 && dx[1].id == 0 && dx[2].id == 0);
    bed_destroy(&b);
}

Test(losses, kl_temperature_may_change_from_run_to_run)
{
    const float x[3] = {1, 2, 4}, t[3] = {0, 3, 1};
    bed b = bed_create();
    venn_kl_div_params params = {.t_squared = true};
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(1, 3));
    bed_outputs(&b,
                venn_kl_div(b.g, in, bed_input(&b, "t", VENN_SHAPE(1, 3)),
                            bed_input(&b, "T", VENN_SCALAR), &params),
                in);
    bed_compile(&b);
    for (int k = 0; k < 2; k++) {
        const float T = k ? 0.5f : 4;
        if (k)
            cr_assert(venn_program_begin(b.program) == VENN_OK);
        bed_set(&b, "x", x);
        bed_set(&b, "t", t);
        bed_set(&b, "T", &T);
        bed_run(&b);
        const float *y = bed_get(&b, "y");
        check_near((double)y[0], (double)(T * T) * true_kl(x, t, 3, (double)T), 1e-6);
    }
    bed_destroy(&b);
}

Test(losses, stop_gradient_keeps_a_side_of_mse_out)
{
    bed b = bed_create();
    venn_tensor x[2] = {bed_input(&b, "y", VENN_SHAPE(5)), bed_input(&b, "t", VENN_SHAPE(5))},
                dx[2];
    venn_tensor loss = venn_mse(b.g, x[0], venn_stop_gradient(b.g, x[1]), NULL);
    cr_assert(venn_graph_gradients(b.g, loss, VENN_NONE, 2, x, dx) == VENN_OK);
    cr_assert(dx[0].id != 0 && dx[1].id == 0);
    bed_destroy(&b);
}

// ---- Metrics ---------------------------------------------------------------------------------

// Ties, NaN and infinities, in rows of one lane's, several lanes' and several chunks' length.
Test(losses, argmax_takes_the_lowest_of_the_largest)
{
    static const int lengths[] = {1, 3, 8, 100, 1001, 9000};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        const int n = lengths[k];
        float *x = calloc((size_t)n * 5, sizeof *x);
        bed b = bed_create();
        venn_graph_output(b.g, "y", venn_argmax(b.g, bed_input(&b, "x", VENN_SHAPE(5, n))));
        bed_compile(&b);
        for (int i = 0; i < n; i++) {
            x[n + i] = i >= n / 2 ? 1 : 0;
            x[2 * n + i] = NAN;
            x[3 * n + i] = -INFINITY;
            x[4 * n + i] = i == n - 1 ? -FLT_MAX : i % 2 ? NAN : -INFINITY;
        }
        bed_set(&b, "x", x);
        bed_run(&b);
        const int32_t *y = bed_get(&b, "y");
        const int32_t want[5] = {0, n / 2, 0, 0, n - 1};
        for (int i = 0; i < 5; i++)
            cr_assert(y[i] == want[i], "length %d, row %d: %d, want %d", n, i, y[i], want[i]);
        bed_destroy(&b);
        free(x);
    }
}

// ---- Errors ----------------------------------------------------------------------------------

static void refused(bed *b, venn_tensor y, const char *want)
{
    cr_expect(y.id == 0 && venn_graph_status(b->g) == VENN_BAD_SHAPE, "%s", venn_graph_error(b->g));
    cr_expect(strstr(venn_graph_error(b->g), want), "wanted \"%s\": %s", want,
              venn_graph_error(b->g));
    venn_graph_destroy(&b->g);
    cr_assert(venn_graph_create(&b->g) == VENN_OK);
}

Test(losses, misfits_are_refused)
{
    bed b = bed_create();
#define X(name, ...) bed_input(&b, name, VENN_SHAPE(__VA_ARGS__))
#define IDS(...) venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(__VA_ARGS__))
    refused(&b, venn_softmax(b.g, bed_input(&b, "x", VENN_SCALAR)), "softmax: x needs an axis");
    refused(&b, venn_cross_entropy(b.g, X("x", 4, 3), IDS(3), NULL), "label must have the shape");
    refused(&b, venn_cross_entropy(b.g, X("x", 4, 0), IDS(4), NULL), "at least one class");
    venn_cross_entropy_params smooth = {.label_smoothing = 1.5f};
    refused(&b, venn_cross_entropy(b.g, X("x", 4, 3), IDS(4), &smooth), "label_smoothing 1.5");
    refused(&b, venn_soft_cross_entropy(b.g, X("x", 4, 3), X("t", 4, 2), NULL), "one shape");
    refused(&b, venn_kl_div(b.g, X("x", 4, 3), X("t", 3, 3), VENN_NONE, NULL), "[3, 3]");
    refused(&b, venn_kl_div(b.g, X("x", 4, 3), X("t", 4, 3), X("T", 4), NULL), "must be a scalar");
    venn_kl_div_params cold = {.temperature = -1};
    refused(&b, venn_kl_div(b.g, X("x", 4, 3), X("t", 4, 3), VENN_NONE, &cold), "temperature -1");
    refused(&b, venn_mse(b.g, X("x", 4, 3), X("t", 12), NULL), "mse: y and t must have one shape");
    refused(&b, venn_argmax(b.g, X("x", 4, 0)), "at least one class");
    refused(&b, venn_accuracy(b.g, X("x", 4, 3), IDS(4, 1)), "label must have the shape");
    refused(&b,
            venn_batch_norm(b.g, X("x", 4), X("g", 4), X("b", 4), X("m", 4), X("v", 4), NULL, NULL),
            "x must be [B, C, ...]");
    refused(
        &b,
        venn_batch_norm(b.g, X("x", 4, 2), X("g", 2), X("b", 3), X("m", 2), X("v", 2), NULL, NULL),
        "beta must be [C]");
    bed_destroy(&b);
}
