// Softmax, losses, metrics and batch norm where the shared runner's random data does not go: extreme
// logits, ties, NaN, labels out of range, nearly equal distributions, means far from zero.
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "device_fixture.h"
#include "venn/venn.h"

// A graph under construction, then a program with its last run.
typedef struct bed {
    venn_device *device;
    venn_graph *g;
    venn_program *program;
    uint64_t ticket;
} bed;

static bed new_bed(void)
{
    bed b = {.device = open_test_device()};
    cr_assert(venn_graph_create(&b.g) == VENN_OK);
    return b;
}

static void compile(bed *b)
{
    venn_compile_params params = {.poison = true};
    cr_assert(venn_graph_compile(&b->program, b->g, b->device, &params) == VENN_OK, "%s",
              venn_error_message());
    cr_assert(venn_program_begin(b->program) == VENN_OK);
}

static void set(bed *b, const char *name, const void *data)
{
    size_t bytes;
    void *to = venn_program_input(b->program, name, &bytes);
    cr_assert(to, "no input %s", name);
    memcpy(to, data, bytes);
}

static void run(bed *b)
{
    cr_assert(venn_program_run(b->program, &b->ticket) == VENN_OK, "%s", venn_error_message());
}

static const void *get(bed *b, const char *name)
{
    size_t bytes;
    const void *data = venn_program_output(b->program, b->ticket, name, &bytes);
    cr_assert(data, "no output %s", name);
    return data;
}

static void destroy(bed *b)
{
    venn_program_destroy(&b->program);
    venn_graph_destroy(&b->g);
    close_test_device(&b->device);
}

static venn_tensor input(bed *b, const char *name, venn_shape shape)
{
    return venn_graph_input(b->g, name, VENN_F32, shape);
}

static void near(double got, double want, double relative)
{
    cr_assert(fabs(got - want) <= relative * fabs(want) + FLT_MIN, "%.9g, want %.9g", got, want);
}

// Adds y as output "y" and its gradient for x as "dx".
static void outputs(bed *b, venn_tensor y, venn_tensor x)
{
    venn_tensor dx;
    venn_graph_output(b->g, "y", y);
    cr_assert(venn_graph_gradients(b->g, y, VENN_NONE, 1, &x, &dx) == VENN_OK);
    venn_graph_output(b->g, "dx", dx);
}

// ---- Softmax ---------------------------------------------------------------------------------

Test(losses, softmax_keeps_relative_accuracy)
{
    enum { ROWS = 4000 };
    static float x[ROWS][2];
    bed b = new_bed();
    venn_graph_output(b.g, "y", venn_softmax(b.g, input(&b, "x", VENN_SHAPE(ROWS, 2))));
    compile(&b);
    for (int i = 0; i < ROWS; i++)
        x[i][1] = -85.0f * (float)i / ROWS;
    set(&b, "x", x);
    run(&b);
    const float *y = get(&b, "y");
    for (int i = 0; i < ROWS; i++)
        near((double)y[2 * i + 1], exp((double)x[i][1]) / (1 + exp((double)x[i][1])), 6e-7);
    destroy(&b);
}

Test(losses, extreme_logits_stay_finite)
{
    const float x[3][3] = {{1e4f, -1e4f, 0}, {-1e4f, -1e4f, -1e4f}, {3e38f, -3e38f, 3e38f}};
    bed b = new_bed();
    venn_tensor in = input(&b, "x", VENN_SHAPE(3, 3));
    venn_graph_output(b.g, "softmax", venn_softmax(b.g, in));
    venn_graph_output(b.g, "log_softmax", venn_log_softmax(b.g, in));
    compile(&b);
    set(&b, "x", x);
    run(&b);
    const float *p = get(&b, "softmax"), *q = get(&b, "log_softmax");
    const double want[9] = {1, 0, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3, 0.5, 0, 0.5};
    for (int i = 0; i < 9; i++)
        near((double)p[i], want[i], 3e-7);
    const double want_log[6] = {0, -2e4, -1e4, -log(3), -log(3), -log(3)};
    for (int i = 0; i < 6; i++)
        near((double)q[i], want_log[i], 3e-7);
    destroy(&b);
}

Test(losses, bad_rows_spoil_no_others)
{
    const float x[4][3] = {
        {0, NAN, 1}, {1, 2, 3}, {-INFINITY, -INFINITY, -INFINITY}, {INFINITY, 0, 0}};
    bed b = new_bed();
    venn_graph_output(b.g, "y", venn_softmax(b.g, input(&b, "x", VENN_SHAPE(4, 3))));
    compile(&b);
    set(&b, "x", x);
    run(&b);
    const float *y = get(&b, "y");
    const double sum = exp(1) + exp(2) + exp(3);
    for (int i = 0; i < 3; i++) {
        cr_assert(isnan(y[i]) && isnan(y[6 + i]));
        near((double)y[3 + i], exp(1 + i) / sum, 3e-7);
    }
    cr_assert(isnan(y[9]));
    destroy(&b);
}

// ---- Cross entropy ---------------------------------------------------------------------------

Test(losses, cross_entropy_of_extreme_logits)
{
    const float x[2][2] = {{1e4f, -1e4f}, {1e4f, -1e4f}};
    const int32_t label[2] = {0, 1};
    bed b = new_bed();
    venn_tensor in = input(&b, "x", VENN_SHAPE(2, 2));
    venn_cross_entropy_params params = {.reduction = VENN_REDUCE_NONE};
    outputs(&b,
            venn_cross_entropy(b.g, in, venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(2)),
                               &params),
            in);
    compile(&b);
    set(&b, "x", x);
    set(&b, "label", label);
    run(&b);
    const float *y = get(&b, "y"), *dx = get(&b, "dx");
    cr_assert(y[0] == 0 && y[1] == 2e4f, "%g %g", (double)y[0], (double)y[1]);
    cr_assert(dx[0] == 0 && dx[1] == 0 && dx[2] == 1 && dx[3] == -1);
    destroy(&b);
}

Test(losses, labels_out_of_range_are_nan)
{
    const float x[4][3] = {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}};
    const int32_t label[4] = {2, 3, -1, 0};
    bed b = new_bed();
    venn_tensor in = input(&b, "x", VENN_SHAPE(4, 3));
    venn_tensor id = venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(4));
    venn_cross_entropy_params params = {.reduction = VENN_REDUCE_NONE};
    outputs(&b, venn_cross_entropy(b.g, in, id, &params), in);
    venn_graph_output(b.g, "mean", venn_cross_entropy(b.g, in, id, NULL));
    venn_graph_output(b.g, "right", venn_accuracy(b.g, in, id));
    compile(&b);
    set(&b, "x", x);
    set(&b, "label", label);
    run(&b);
    const float *y = get(&b, "y"), *dx = get(&b, "dx"), *mean = get(&b, "mean");
    const int32_t *right = get(&b, "right");
    const double all = log(exp(1) + exp(2) + exp(3));
    near((double)y[0], all - 3, 1e-6);
    near((double)y[3], all - 1, 1e-6);
    cr_assert(isnan(y[1]) && isnan(y[2]) && isnan(mean[0]));
    for (int i = 0; i < 12; i++)
        cr_assert(isnan(dx[i]) == (i / 3 == 1 || i / 3 == 2));
    cr_assert_eq(right[0], 1);
    destroy(&b);
}

Test(losses, targets_are_not_renormalised)
{
    const float x[2] = {0, 0}, t[2] = {2, 1};
    bed b = new_bed();
    venn_tensor in = input(&b, "x", VENN_SHAPE(1, 2));
    outputs(&b, venn_soft_cross_entropy(b.g, in, input(&b, "t", VENN_SHAPE(1, 2)), NULL), in);
    compile(&b);
    set(&b, "x", x);
    set(&b, "t", t);
    run(&b);
    const float *y = get(&b, "y"), *dx = get(&b, "dx");
    near((double)y[0], 3 * log(2), 3e-7);
    near((double)dx[0], 0.5 * 3 - 2, 3e-7);
    near((double)dx[1], 0.5 * 3 - 1, 3e-7);
    destroy(&b);
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
    bed b = new_bed();
    venn_tensor in = input(&b, "x", VENN_SHAPE(3, C));
    venn_kl_div_params params = {.reduction = VENN_KL_NONE, .temperature = 2};
    outputs(&b, venn_kl_div(b.g, in, input(&b, "t", VENN_SHAPE(3, C)), VENN_NONE, &params), in);
    compile(&b);
    set(&b, "x", x);
    set(&b, "t", t);
    run(&b);
    const float *y = get(&b, "y"), *dx = get(&b, "dx");
    cr_assert(y[0] == 0, "%g", (double)y[0]);
    near((double)y[1], true_kl(x[1], t[1], C, 2), 1e-3);
    cr_assert(y[1] > 0 && y[1] < 1e-6f && isfinite(y[2]) && y[2] > 1000);
    for (int i = 0; i < C; i++)
        cr_assert(dx[i] == 0);
    destroy(&b);
}

Test(losses, kl_has_no_gradient_for_teacher_and_temperature)
{
    bed b = new_bed();
    venn_tensor x[3] = {input(&b, "x", VENN_SHAPE(2, 3)), input(&b, "t", VENN_SHAPE(2, 3)),
                        input(&b, "T", VENN_SCALAR)};
    venn_tensor dx[3], y = venn_kl_div(b.g, x[0], x[1], x[2], NULL);
    cr_assert(venn_graph_gradients(b.g, y, VENN_NONE, 3, x, dx) == VENN_OK);
    cr_assert(dx[0].id != 0 && dx[1].id == 0 && dx[2].id == 0);
    destroy(&b);
}

Test(losses, kl_temperature_may_change_from_run_to_run)
{
    const float x[3] = {1, 2, 4}, t[3] = {0, 3, 1};
    bed b = new_bed();
    venn_kl_div_params params = {.t_squared = true};
    venn_tensor in = input(&b, "x", VENN_SHAPE(1, 3));
    outputs(&b,
            venn_kl_div(b.g, in, input(&b, "t", VENN_SHAPE(1, 3)), input(&b, "T", VENN_SCALAR),
                        &params),
            in);
    compile(&b);
    for (int k = 0; k < 2; k++) {
        const float T = k ? 0.5f : 4;
        if (k)
            cr_assert(venn_program_begin(b.program) == VENN_OK);
        set(&b, "x", x);
        set(&b, "t", t);
        set(&b, "T", &T);
        run(&b);
        const float *y = get(&b, "y");
        near((double)y[0], (double)(T * T) * true_kl(x, t, 3, (double)T), 1e-6);
    }
    destroy(&b);
}

Test(losses, stop_gradient_keeps_a_side_of_mse_out)
{
    bed b = new_bed();
    venn_tensor x[2] = {input(&b, "y", VENN_SHAPE(5)), input(&b, "t", VENN_SHAPE(5))}, dx[2];
    venn_tensor loss = venn_mse(b.g, x[0], venn_stop_gradient(b.g, x[1]), NULL);
    cr_assert(venn_graph_gradients(b.g, loss, VENN_NONE, 2, x, dx) == VENN_OK);
    cr_assert(dx[0].id != 0 && dx[1].id == 0);
    destroy(&b);
}

// ---- Metrics ---------------------------------------------------------------------------------

// Ties, NaN and infinities, in rows of one lane's, several lanes' and several chunks' length.
Test(losses, argmax_takes_the_lowest_of_the_largest)
{
    static const int lengths[] = {1, 3, 8, 100, 1001, 9000};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        const int n = lengths[k];
        float *x = calloc((size_t)n * 5, sizeof *x);
        bed b = new_bed();
        venn_graph_output(b.g, "y", venn_argmax(b.g, input(&b, "x", VENN_SHAPE(5, n))));
        compile(&b);
        for (int i = 0; i < n; i++) {
            x[n + i] = i >= n / 2 ? 1 : 0;
            x[2 * n + i] = NAN;
            x[3 * n + i] = -INFINITY;
            x[4 * n + i] = i == n - 1 ? -FLT_MAX : i % 2 ? NAN : -INFINITY;
        }
        set(&b, "x", x);
        run(&b);
        const int32_t *y = get(&b, "y");
        const int32_t want[5] = {0, n / 2, 0, 0, n - 1};
        for (int i = 0; i < 5; i++)
            cr_assert(y[i] == want[i], "length %d, row %d: %d, want %d", n, i, y[i], want[i]);
        destroy(&b);
        free(x);
    }
}

// ---- Batch norm ------------------------------------------------------------------------------

static venn_tensor variable(bed *b, venn_var **var, const float *data, int count)
{
    cr_assert(venn_var_create(var, b->device, NULL, VENN_F32, VENN_SHAPE(count)) == VENN_OK);
    cr_assert(venn_var_write(*var, data, (size_t)count * sizeof *data) == VENN_OK);
    return venn_graph_var(b->g, *var);
}

typedef struct norm_bed {
    bed b;
    venn_var *mean, *var;
} norm_bed;

// x [B, 1, ...] with gamma 1, beta 0, running mean 0 and variance 1.
static norm_bed new_norm(venn_shape shape, const venn_batch_norm_params *params)
{
    const float one = 1, zero = 0;
    norm_bed n = {.b = new_bed()};
    venn_tensor mean = variable(&n.b, &n.mean, &zero, 1), var = variable(&n.b, &n.var, &one, 1);
    venn_tensor statistics[2];
    venn_tensor y =
        venn_batch_norm(n.b.g, input(&n.b, "x", shape), input(&n.b, "gamma", VENN_SHAPE(1)),
                        input(&n.b, "beta", VENN_SHAPE(1)), mean, var, params, statistics);
    venn_graph_output(n.b.g, "y", y);
    venn_graph_output(n.b.g, "mean", statistics[0]);
    venn_graph_output(n.b.g, "invstd", statistics[1]);
    compile(&n.b);
    set(&n.b, "gamma", &one);
    set(&n.b, "beta", &zero);
    return n;
}

static double scalar(const venn_var *var)
{
    float value;
    cr_assert(venn_var_read(var, &value, sizeof value) == VENN_OK);
    return (double)value;
}

static void destroy_norm(norm_bed *n)
{
    venn_program_destroy(&n->b.program);
    venn_var_destroy(&n->mean);
    venn_var_destroy(&n->var);
    destroy(&n->b);
}

// A variance from sums of squares would have no digit left.
Test(losses, batch_norm_far_from_zero)
{
    enum { B = 6000, PLANE = 9 };
    static float x[B * PLANE];
    for (int image = 0; image < 2; image++) {
        const int count = image ? B * PLANE : B;
        norm_bed n = new_norm(image ? VENN_SHAPE(B, 1, 3, 3) : VENN_SHAPE(B, 1), NULL);
        double mean = 0, square = 0;
        for (int i = 0; i < count; i++) {
            x[i] = 1e4f + sinf((float)i);
            mean += (double)x[i] / count;
        }
        for (int i = 0; i < count; i++)
            square += pow((double)x[i] - mean, 2);
        set(&n.b, "x", x);
        run(&n.b);
        near((double)*(const float *)get(&n.b, "mean"), mean, 2e-7);
        near((double)*(const float *)get(&n.b, "invstd"), 1 / sqrt(square / count + 1e-5), 1e-5);
        near(scalar(n.mean), 0.1 * mean, 1e-6);
        near(scalar(n.var), 0.9 + 0.1 * square / (count - 1), 1e-5);
        destroy_norm(&n);
    }
}

// A channel whose first elements are nothing like the rest.
Test(losses, batch_norm_with_an_outlier_first)
{
    enum { B = 512 };
    static float x[B];
    double mean = 0, square = 0;
    for (int i = 0; i < B; i++) {
        x[i] = i == 0 ? 1e6f : cosf((float)i);
        mean += (double)x[i] / B;
    }
    for (int i = 0; i < B; i++)
        square += pow((double)x[i] - mean, 2);
    norm_bed n = new_norm(VENN_SHAPE(B, 1), NULL);
    set(&n.b, "x", x);
    run(&n.b);
    near((double)*(const float *)get(&n.b, "invstd"), 1 / sqrt(square / B + 1e-5), 1e-6);
    destroy_norm(&n);
}

Test(losses, batch_norm_running_statistics)
{
    const float x[4] = {1, 2, 3, 6};
    venn_batch_norm_params params = {.momentum = 0.5f};
    norm_bed n = new_norm(VENN_SHAPE(4, 1), &params);
    double mean = 0, var = 1;
    for (int k = 0; k < 3; k++) {
        if (k)
            cr_assert(venn_program_begin(n.b.program) == VENN_OK);
        set(&n.b, "x", x);
        if (k) {
            set(&n.b, "gamma", &(float){1});
            set(&n.b, "beta", &(float){0});
        }
        run(&n.b);
        mean = 0.5 * mean + 0.5 * 3;
        var = 0.5 * var + 0.5 * 14.0 / 3;
        near(scalar(n.mean), mean, 1e-6);
        near(scalar(n.var), var, 1e-6);
    }
    destroy_norm(&n);
    params.mode = VENN_BATCH_NORM_EVAL;
    n = new_norm(VENN_SHAPE(4, 1), &params);
    set(&n.b, "x", x);
    run(&n.b);
    const float *y = get(&n.b, "y");
    for (int i = 0; i < 4; i++)
        near((double)y[i], (double)x[i] / sqrt(1 + 1e-5), 1e-6);
    cr_assert(scalar(n.mean) == 0 && scalar(n.var) == 1);
    destroy_norm(&n);
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
    bed b = new_bed();
#define X(name, ...) input(&b, name, VENN_SHAPE(__VA_ARGS__))
#define IDS(...) venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(__VA_ARGS__))
    refused(&b, venn_softmax(b.g, input(&b, "x", VENN_SCALAR)), "softmax: x needs an axis");
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
    destroy(&b);
}
