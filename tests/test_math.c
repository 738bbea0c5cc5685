// The shaders' own exp, log, pow, tanh and erf (shaders/lib/math.glsl, power.glsl): relative accuracy over
// the whole range, far tighter than the op runner's tolerance, and what becomes of infinities and NaN.
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "venn/venn.h"

enum { COUNT = 40000 };

typedef venn_tensor (*unary_fn)(venn_graph *g, venn_tensor x);

static venn_tensor gelu(venn_graph *g, venn_tensor x)
{
    return venn_gelu(g, x, NULL);
}

static venn_tensor smoothed_relu(venn_graph *g, venn_tensor x)
{
    return venn_smoothed_relu(g, x, NULL);
}

static venn_tensor gelu_tanh(venn_graph *g, venn_tensor x)
{
    return venn_gelu(g, x, &(venn_gelu_params){.approximate = VENN_GELU_TANH});
}

static void evaluate(unary_fn f, const float *x, float *y, int count)
{
    venn_device *device = NULL;
    venn_graph *g = NULL;
    venn_program *program = NULL;
    size_t bytes;
    uint64_t ticket;
    cr_assert_eq(venn_device_create(&device, NULL), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    venn_graph_output(g, "y", f(g, venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(count))));
    cr_assert_eq(venn_graph_compile(&program, g, device, NULL), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_eq(venn_program_begin(program), VENN_OK);
    memcpy(venn_program_input(program, "x", &bytes), x, (size_t)count * sizeof *x);
    cr_assert_eq(venn_program_run(program, &ticket), VENN_OK, "%s", venn_error_message());
    memcpy(y, venn_program_output(program, ticket, "y", &bytes), (size_t)count * sizeof *y);
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    venn_device_destroy(&device);
}

static void compare(unary_fn f, double (*truth)(double), const float *x, double tolerance)
{
    static float y[COUNT];
    evaluate(f, x, y, COUNT);
    for (int i = 0; i < COUNT; i++) {
        double want = truth(x[i]);
        if (fabs(want) > (double)FLT_MAX)
            cr_assert(isinf(y[i]), "f(%.9g) = %.9g, should be infinite", x[i], y[i]);
        else // numbers below the least normal one may be flushed to zero
            cr_assert_leq(fabs(y[i] - want), tolerance * fabs(want) + FLT_MIN,
                          "f(%.9g) = %.9g, should be %.9g", x[i], y[i], want);
    }
}

// Half of the points evenly between low and high, half at every magnitude from 1e-30 to 10.
static void check(unary_fn f, double (*truth)(double), double low, double high, double tolerance)
{
    static float x[COUNT];
    for (int i = 0; i < COUNT / 2; i++) {
        x[i] = (float)(low + (high - low) * i / (COUNT / 2 - 1));
        double magnitude = fmin(pow(10, -30 + 31.0 * i / (COUNT / 2)), fmin(-low, high));
        x[COUNT / 2 + i] = (float)(i % 2 ? magnitude : -magnitude);
    }
    compare(f, truth, x, tolerance);
}

// A third of the points evenly between 0 and 4, a third closer and closer to 1, a third at every magnitude
// from `least` to `most`.
static void check_positive(unary_fn f, double (*truth)(double), double least, double most,
                           double tolerance)
{
    static float x[COUNT];
    for (int i = 0; i < COUNT; i++) {
        const double t = (double)i / COUNT;
        x[i] = i % 3 == 0   ? (float)(4 * (i + 1.0) / COUNT)
               : i % 3 == 1 ? (float)(1 + (i % 2 ? 1 : -1) * pow(10, -8 * t) / 2)
                            : (float)(least * pow(most / least, t));
    }
    compare(f, truth, x, tolerance);
}

static double true_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double true_gelu(double x)
{
    return x * 0.5 * erfc(-x / sqrt(2));
}

static double true_gelu_tanh(double x)
{
    return x / (1 + exp(-2 * sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
}

Test(math, sigmoid_is_accurate)
{
    check(venn_sigmoid, true_sigmoid, -85, 40, 5e-7);
}

Test(math, tanh_is_accurate)
{
    check(venn_tanh, tanh, -12, 12, 5e-7);
}

Test(math, gelu_is_accurate)
{
    check(gelu, true_gelu, -12.5, 12.5, 1e-6);
}

// The argument of its exponential is rounded, and weighs more the larger it is.
Test(math, gelu_tanh_is_accurate)
{
    check(gelu_tanh, true_gelu_tanh, -4, 6, 5e-6);
}

static venn_tensor softplus(venn_graph *g, venn_tensor x)
{
    return venn_softplus(g, x, NULL);
}

static double true_softplus(double x)
{
    return x > 20 ? x : fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double true_silu(double x)
{
    return x / (1 + exp(-x));
}

Test(math, exp_is_accurate)
{
    check(venn_exp, exp, -87, 88, 3e-7);
}

Test(math, expm1_is_accurate)
{
    check(venn_expm1, expm1, -87, 88, 4e-7);
}

Test(math, log_is_accurate)
{
    check_positive(venn_log, log, 1e-37, 3e38, 2e-7);
}

Test(math, log1p_is_accurate)
{
    check_positive(venn_log1p, log1p, 1e-37, 3e38, 3e-7);
    check(venn_log1p, log1p, -0.9999, 1e6, 3e-7);
}

Test(math, softplus_is_accurate)
{
    check(softplus, true_softplus, -87, 30, 5e-7);
}

Test(math, silu_is_accurate)
{
    check(venn_silu, true_silu, -85, 40, 6e-7);
}

// ---- Powers ----------------------------------------------------------------------------------

static float exponent;

static venn_tensor power(venn_graph *g, venn_tensor x)
{
    return venn_pow(g, x, exponent);
}

static double true_power(double x)
{
    return pow(x, exponent);
}

// Also where y ln x is large, and any error of ln x would come out that many times larger.
Test(math, pow_is_accurate)
{
    const float exponents[] = {0.5f, 1, 1.5f, 2, 3, -1, -0.3f, 7.75f, -11};
    for (size_t k = 0; k < sizeof exponents / sizeof *exponents; k++) {
        exponent = exponents[k];
        const double reach = fmin(37, 37 / fabs((double)exponent));
        check_positive(power, true_power, pow(10, -reach), pow(10, reach), 6e-7);
    }
}

Test(math, pow_of_negative_and_special_numbers)
{
    const float x[] = {-2, -0.5f, 0, INFINITY, -INFINITY, NAN, -0.0f, -1};
    const struct {
        float exponent, y[8];
    } rows[] = {{0, {1, 1, 1, 1, 1, 1, 1, 1}},
                {3, {-8, -0.125f, 0, INFINITY, -INFINITY, NAN, 0, -1}},
                {-2, {0.25f, 4, INFINITY, 0, 0, NAN, INFINITY, 1}},
                {-1, {-0.5f, -2, INFINITY, 0, 0, NAN, -INFINITY, -1}},
                {0.5f, {NAN, NAN, 0, INFINITY, INFINITY, NAN, 0, NAN}},
                {INFINITY, {INFINITY, 0, 0, INFINITY, INFINITY, NAN, 0, 1}},
                {-INFINITY, {0, INFINITY, INFINITY, 0, 0, NAN, INFINITY, 1}},
                {NAN, {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN}}};
    float y[8];
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        exponent = rows[r].exponent;
        evaluate(power, x, y, 8);
        for (int i = 0; i < 8; i++)
            cr_expect(isnan(rows[r].y[i])   ? isnan(y[i])
                      : isinf(rows[r].y[i]) ? y[i] == rows[r].y[i]
                                            : fabsf(y[i] - rows[r].y[i]) <= 1e-6f,
                      "%g^%g is %g, should be %g", x[i], exponent, y[i], rows[r].y[i]);
    }
}

// ---- Limits ----------------------------------------------------------------------------------

static void expect_limits(unary_fn f, const char *name, const float *x, const float *want, int n)
{
    float y[8];
    evaluate(f, x, y, n);
    for (int i = 0; i < n; i++)
        cr_expect(isnan(want[i]) ? isnan(y[i])
                                 : y[i] == want[i] || fabsf(y[i] - want[i]) <= FLT_MIN,
                  "%s(%g) is %g, should be %g", name, x[i], y[i], want[i]);
}

Test(math, limits)
{
    const float x[] = {INFINITY, -INFINITY, NAN, 0, 1e30f, -1e30f, 104, -104};
    const int n = sizeof x / sizeof *x;
    const struct {
        const char *name;
        unary_fn f;
        float y[8];
    } rows[] = {
        {"sigmoid", venn_sigmoid, {1, 0, NAN, 0.5f, 1, 0, 1, 0}},
        {"tanh", venn_tanh, {1, -1, NAN, 0, 1, -1, 1, -1}},
        {"exp", venn_exp, {INFINITY, 0, NAN, 1, INFINITY, 0, INFINITY, 0}},
        {"expm1", venn_expm1, {INFINITY, -1, NAN, 0, INFINITY, -1, INFINITY, -1}},
        {"log", venn_log, {INFINITY, NAN, NAN, -INFINITY, 69.0775528f, NAN, 4.644391f, NAN}},
        {"log1p", venn_log1p, {INFINITY, NAN, NAN, 0, 69.0775528f, NAN, 4.65396035f, NAN}},
        {"softplus", softplus, {INFINITY, 0, NAN, 0.693147182f, 1e30f, 0, 104, 0}},
        {"smoothed_relu", smoothed_relu, {INFINITY, 0, NAN, 0, 1e30f, 0, 103.75f, 0}},
        {"sign", venn_sign, {1, -1, NAN, 0, 1, -1, 1, -1}},
        {"abs", venn_abs, {INFINITY, INFINITY, NAN, 0, 1e30f, 1e30f, 104, 104}}};
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        expect_limits(rows[r].f, rows[r].name, x, rows[r].y, n);
    float y[8];
    evaluate(gelu, x, y, n);
    cr_assert(isinf(y[0]) && isnan(y[2]) && y[3] == 0 && y[4] == 1e30f && y[6] == 104);
    cr_assert_float_eq(y[5], 0, FLT_MIN);
}
