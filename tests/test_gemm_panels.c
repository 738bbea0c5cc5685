// Products large enough for operands to be copied into panels first (src/ops/matmul.c), held to sums in
// double at places all over: tails of panels, of tiles and of k's steps are in it.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "program_bed.h"

enum { M = 524, N = 1028, K = 77, PLACES = 997 };

static float *random_numbers(size_t n, uint32_t seed)
{
    float *x = malloc(n * sizeof *x);
    cr_assert_not_null(x);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(seed >> 8) * 0x1p-23f - 1;
    }
    return x;
}

static void check_product(int64_t m, int64_t n, bool trans_a)
{
    bed b = bed_create();
    const int64_t a_shape[] = {trans_a ? K : m, trans_a ? m : K}, b_shape[] = {K, n};
    const venn_tensor x = bed_input(&b, "a", venn_shape_make(a_shape, 2));
    const venn_tensor w = bed_input(&b, "b", venn_shape_make(b_shape, 2));
    const venn_matmul_params params = {.trans_a = trans_a};
    venn_graph_output(b.g, "y", venn_matmul(b.g, x, w, VENN_NONE, &params));
    bed_compile(&b);
    float *a = random_numbers((size_t)(m * K), 1), *c = random_numbers((size_t)(K * n), 2);
    bed_set(&b, "a", a);
    bed_set(&b, "b", c);
    bed_run(&b);
    const float *y = bed_get(&b, "y");
    for (int64_t p = 0; p < PLACES; p++) {
        const int64_t at = p == 0 ? m * n - 1 : p * (m * n / PLACES), i = at / n, j = at % n;
        double sum = 0, size = 0;
        for (int64_t k = 0; k < K; k++) {
            const double term = (double)a[trans_a ? k * m + i : i * K + k] * (double)c[k * n + j];
            sum += term;
            size += fabs(term);
        }
        cr_assert(fabs(y[at] - sum) <= 1e-6 * size, "[%lld, %lld]: %g instead of %g", (long long)i,
                  (long long)j, (double)y[at], sum);
    }
    free(a);
    free(c);
    bed_destroy(&b);
}

Test(gemm_panels, of_b)
{
    check_product(M, N, false);
}

Test(gemm_panels, of_a_and_b)
{
    check_product(N, N + 4, true);
}

Test(gemm_panels, of_a_alone)
{
    check_product(N, M, true);
}
