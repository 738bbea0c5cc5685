// The shaders' own exp, tanh and erf (shaders/lib/math.glsl): relative accuracy over the whole range, far
// tighter than the op runner's tolerance, and what becomes of infinities and NaN.
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

// Half of the points evenly between low and high, half at every magnitude from 1e-30 to 10.
static void check(unary_fn f, double (*truth)(double), double low, double high, double tolerance)
{
    static float x[COUNT], y[COUNT];
    for (int i = 0; i < COUNT / 2; i++) {
        x[i] = (float)(low + (high - low) * i / (COUNT / 2 - 1));
        double magnitude = fmin(pow(10, -30 + 31.0 * i / (COUNT / 2)), fmin(-low, high));
        x[COUNT / 2 + i] = (float)(i % 2 ? magnitude : -magnitude);
    }
    evaluate(f, x, y, COUNT);
    for (int i = 0; i < COUNT; i++) {
        double want = truth(x[i]);
        // Numbers below the least normal one may be flushed to zero.
        cr_assert_leq(fabs(y[i] - want), tolerance * fabs(want) + FLT_MIN,
                      "f(%.9g) = %.9g, should be %.9g", x[i], y[i], want);
    }
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

Test(math, limits)
{
    const float x[] = {INFINITY, -INFINITY, NAN, 0, 1e30f, -1e30f, 104, -104};
    const int n = sizeof x / sizeof *x;
    const struct {
        unary_fn f;
        float y[8];
    } rows[] = {{venn_sigmoid, {1, 0, NAN, 0.5f, 1, 0, 1, 0}},
                {venn_tanh, {1, -1, NAN, 0, 1, -1, 1, -1}}};
    float y[8];
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        evaluate(rows[r].f, x, y, n);
        for (int i = 0; i < n; i++)
            if (isnan(rows[r].y[i]))
                cr_assert(isnan(y[i]), "function %zu of NaN is %g", r, y[i]);
            else
                cr_assert_float_eq(y[i], rows[r].y[i], FLT_MIN, "function %zu of %g is %g", r, x[i],
                                   y[i]);
    }
    evaluate(gelu, x, y, n);
    cr_assert(isinf(y[0]) && isnan(y[2]) && y[3] == 0 && y[4] == 1e30f && y[6] == 104);
    cr_assert_float_eq(y[5], 0, FLT_MIN);
}
