// Estimators of mutual information against what theory gives.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "distill/mutual_information.h"

enum { N = 1000 };

Test(mutual_information, digamma)
{
    const double euler = 0.57721566490153286;
    cr_expect_float_eq(venn_digamma(1), -euler, 1e-9);
    cr_expect_float_eq(venn_digamma(0.5), -euler - 2 * log(2), 1e-9);
    cr_expect_float_eq(venn_digamma(10), 2.2517525890667211, 1e-9);
    for (int n = 1; n < 40; n++)
        cr_expect_float_eq(venn_digamma(n + 1) - venn_digamma(n), 1.0 / n, 1e-9);
}

// x and y = r x + sqrt(1 - r^2) noise, in each of `width` columns.
static void correlated(double r, int64_t width, double *x, double *y)
{
    venn_rng rng = venn_rng_make(5, 0, 0);
    for (int64_t i = 0; i < N * width; i++) {
        x[i] = (double)venn_rng_normal(&rng);
        y[i] = r * x[i] + sqrt(1 - r * r) * (double)venn_rng_normal(&rng);
    }
}

Test(mutual_information, gaussian_pairs)
{
    static double x[2 * N], y[2 * N];
    for (int64_t width = 1; width <= 2; width++)
        for (double r = 0; r < 0.95; r += 0.3) {
            const venn_samples a = {x, N, width}, b = {y, N, width};
            const double truth = -0.5 * (double)width * log(1 - r * r);
            double ksg, gaussian;
            correlated(r, width, x, y);
            cr_assert(venn_mi_ksg(&a, &b, 4, &ksg) == VENN_OK);
            cr_assert(venn_mi_gaussian(&a, &b, &gaussian) == VENN_OK);
            cr_expect(fabs(ksg - truth) < 0.08, "r %g, width %d: %g, want %g", r, (int)width, ksg,
                      truth);
            cr_expect(fabs(gaussian - truth) < 0.05, "r %g, width %d: %g, want %g", r, (int)width,
                      gaussian, truth);
        }
}

// Far from Gaussian, y is still a function of x: only the neighbours see it.
Test(mutual_information, nonlinear)
{
    static double x[N], y[N];
    correlated(0, 1, x, y);
    for (int i = 0; i < N; i++)
        y[i] = x[i] * x[i] + 0.1 * y[i];
    double ksg, gaussian;
    const venn_samples a = {x, N, 1}, b = {y, N, 1};
    venn_mi_ksg(&a, &b, 4, &ksg);
    venn_mi_gaussian(&a, &b, &gaussian);
    cr_expect(ksg > 1 && gaussian < 0.1, "%g, %g", ksg, gaussian);
}

// Two classes whose means are 2 m apart: I = ln 2 - E[H(class | x)], here by numerical integration.
static double two_class_truth(double m)
{
    double sum = 0;
    const double step = 1e-3;
    for (double x = -12; x < 12; x += step) {
        const double a = exp(-0.5 * (x - m) * (x - m)), b = exp(-0.5 * (x + m) * (x + m));
        const double density = (a + b) / (2 * sqrt(2 * acos(-1.0))), p = a / (a + b);
        if (p > 1e-300 && p < 1)
            sum -= density * (p * log(p) + (1 - p) * log(1 - p)) * step;
    }
    return log(2) - sum;
}

Test(mutual_information, classes)
{
    static double x[N];
    static int32_t labels[N];
    for (double m = 0; m < 2.5; m += 0.5) {
        double nats;
        venn_rng rng = venn_rng_make(6, 0, 0);
        for (int i = 0; i < N; i++) {
            labels[i] = i % 2;
            x[i] = (double)venn_rng_normal(&rng) + (labels[i] ? m : -m);
        }
        const venn_samples a = {x, N, 1};
        cr_assert(venn_mi_ross(&a, labels, 4, &nats) == VENN_OK);
        cr_expect(fabs(nats - two_class_truth(m)) < 0.06, "m %g: %g, want %g", m, nats,
                  two_class_truth(m));
    }
}

Test(mutual_information, refuses)
{
    double x[4] = {1, 2, 3, 4}, nats;
    const venn_samples a = {x, 4, 1}, few = {x, 2, 1}, wide = {x, 2, 2};
    cr_expect(venn_mi_ksg(&a, &few, 1, &nats) == VENN_BAD_ARG);
    cr_expect(venn_mi_ksg(&a, &a, 4, &nats) == VENN_BAD_ARG);
    cr_expect(venn_mi_ksg(&a, &a, 0, &nats) == VENN_BAD_ARG);
    cr_expect(venn_mi_gaussian(&wide, &few, &nats) == VENN_BAD_ARG);
}
