// Principal components against numpy:
//   i, j = np.arange(40)[:, None], np.arange(6)[None, :]
//   x = (np.sin(0.7*i*(j+1)) * (6-j) + 0.1*j + 0.3*np.cos(1.3*i*j)).astype('f4')
//   w, v = np.linalg.eigh(np.cov(x.T, bias=True)), largest first
//   (m + (x - m) @ v[:, :k] @ v[:, :k].T)[7]
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/pca.h"
#include "data_files.h"

enum { N = 40, D = 6 };

static void make(float x[N * D])
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < D; j++)
            x[i * D + j] =
                (float)(sin(0.7 * i * (j + 1)) * (6 - j) + 0.1 * j + 0.3 * cos(1.3 * i * j));
}

static const double variance[D] = {17.96612788, 13.11712537, 8.31141921,
                                   6.12796252,  0.24452778,  0.10704058};

static int32_t kept(double keep_variance, int32_t components)
{
    float x[N * D];
    make(x);
    venn_pca pca;
    cr_assert_eq(venn_pca_fit(&pca, x, N, D, keep_variance, components), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_float_eq(pca.total, 45.87420335, 1e-5);
    int32_t count = pca.basis.count;
    for (int32_t k = 0; k < count; k++)
        cr_assert_float_eq(pca.basis.value[k], variance[k], 1e-5);
    venn_pca_finish(&pca);
    return count;
}

Test(data_pca, how_many_are_kept)
{
    // Cumulative shares: 0.3916 0.6776 0.8588 0.9923 0.9977 1.
    cr_assert_eq(kept(0.25, 0), 1);
    cr_assert_eq(kept(0.3917, 0), 1);
    cr_assert_eq(kept(0.6775, 0), 1);
    cr_assert_eq(kept(0.6776, 0), 2);
    cr_assert_eq(kept(0.99, 0), 3);
    cr_assert_eq(kept(1, 0), 6);
    cr_assert_eq(kept(0, 4), 4);
}

static void check_projection(int32_t components, bool drop_mean, const double expected[D])
{
    float x[N * D];
    make(x);
    venn_pca pca;
    cr_assert_eq(venn_pca_fit(&pca, x, N, D, 0, components), VENN_OK);
    cr_assert_eq(venn_pca_project(&pca, x, N, drop_mean), VENN_OK);
    for (int j = 0; j < D; j++)
        cr_assert_float_eq(x[7 * D + j], expected[j], 2e-6, "%d: %g", j, (double)x[7 * D + j]);
    venn_pca_finish(&pca);
}

Test(data_pca, projection)
{
    check_projection(
        1, false,
        (double[]){-5.64594551, 0.05583824, 0.30221845, 0.28415591, 0.44765599, 0.50371828});
    check_projection(
        3, false,
        (double[]){-5.56880514, -2.08231651, 4.06110212, 0.81242873, 0.06854613, -0.35378827});
    check_projection(
        3, true,
        (double[]){-6.2517309, -2.23503302, 3.84261099, 0.47223618, -0.29850261, -0.88842308});
}

Test(data_pca, more_dimensions_than_a_block)
{
    // 100 columns of which pairs are copies: 50 components hold everything, and the rest is
    // nothing.
    enum { ROWS = 130, COLUMNS = 100 };
    float *x = malloc(ROWS * COLUMNS * sizeof *x), *y = malloc(ROWS * COLUMNS * sizeof *x);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            x[i * COLUMNS + j] = (float)(sin(i * (1 + j / 2) * 0.37) * (1 + j / 2));
    memcpy(y, x, ROWS * COLUMNS * sizeof *x);
    venn_pca pca;
    cr_assert_eq(venn_pca_fit(&pca, x, ROWS, COLUMNS, 1 - 1e-9, 0), VENN_OK);
    cr_assert_leq(pca.basis.count, 50);
    cr_assert_gt(pca.basis.count, 40);
    cr_assert_eq(venn_pca_project(&pca, x, ROWS, false), VENN_OK);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        cr_assert_float_eq(x[i], y[i], 2e-2);
    for (int32_t a = 0; a < pca.basis.count; a++)
        for (int32_t b = 0; b <= a; b++) {
            double product = 0;
            for (int j = 0; j < COLUMNS; j++)
                product += pca.basis.vector[a * COLUMNS + j] * pca.basis.vector[b * COLUMNS + j];
            cr_assert_float_eq(product, a == b, 1e-9);
        }
    venn_pca_finish(&pca);
    free(x);
    free(y);
}

Test(data_pca, refuses)
{
    venn_pca pca;
    const float same[] = {1, 2, 1, 2};
    check_fails(venn_pca_fit(&pca, same, 2, 2, 0.5, 0), VENN_BAD_FILE, "all alike");
    check_fails(venn_pca_fit(&pca, same, 2, 2, 0, 3), VENN_BAD_FILE, "3 components");
    check_fails(venn_pca_fit(&pca, same, 1, 100000, 0.5, 0), VENN_BAD_FILE, "8192");
}
