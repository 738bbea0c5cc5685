// The covariance in double, in tiles of rows that stay in cache; its leading eigenvectors;
// projection.
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/pca.h"

enum { TILE = 64, DIMS_MAX = 8192 }; // a covariance of 512 MiB at most

typedef double vec4 __attribute__((vector_size(32), aligned(8)));

// One tile of rows, [TILE, stride], and those of them that are not zero in the four columns from
// `i`: in pictures most are.
typedef struct tile {
    double *rows;
    size_t stride, i, count;
    uint8_t active[TILE];
} tile;

static void find_active(tile *t, size_t i)
{
    t->i = i;
    t->count = 0;
    for (size_t r = 0; r < TILE; r++) {
        const double *x = t->rows + r * t->stride + i;
        if (x[0] != 0 || x[1] != 0 || x[2] != 0 || x[3] != 0)
            t->active[t->count++] = (uint8_t)r;
    }
}

// c[i..i+3][j..j+3] += the tile's products, summed in registers.
static void add_products(const tile *t, size_t j, double *c, size_t d)
{
    vec4 sum[4] = {{0}, {0}, {0}, {0}};
    for (size_t n = 0; n < t->count; n++) {
        const double *row = t->rows + t->active[n] * t->stride;
        vec4 b = *(const vec4 *)(row + j);
        for (int k = 0; k < 4; k++)
            sum[k] += row[t->i + (size_t)k] * b;
    }
    for (size_t k = 0; k < 4 && t->i + k < d; k++)
        for (size_t m = 0; m < 4 && j + m < d; m++)
            c[(t->i + k) * d + j + m] += sum[k][m];
}

// c = x' x / n - mean' mean; the double's 53 bits bear the difference.
static venn_status covariance(const float *x, size_t n, size_t d, const double *mean, double *c)
{
    tile t = {.stride = (d + 3) & ~(size_t)3};
    t.rows = venn_alloc(TILE * t.stride, sizeof *t.rows);
    if (!t.rows)
        return VENN_NO_MEMORY;
    for (size_t start = 0; start < n; start += TILE) {
        memset(t.rows, 0, TILE * t.stride * sizeof *t.rows);
        for (size_t r = start; r < n && r < start + TILE; r++)
            for (size_t i = 0; i < d; i++)
                t.rows[(r - start) * t.stride + i] = (double)x[r * d + i];
        for (size_t i = 0; i < d; i += 4) {
            find_active(&t, i);
            for (size_t j = i; j < d && t.count; j += 4)
                add_products(&t, j, c, d);
        }
    }
    free(t.rows);
    for (size_t i = 0; i < d; i++)
        for (size_t j = i; j < d; j++)
            c[j * d + i] = c[i * d + j] = c[i * d + j] / (double)n - mean[i] * mean[j];
    return VENN_OK;
}

static venn_status fit(venn_pca *out, const float *x, int64_t n, double keep_variance,
                       int32_t components, double *c)
{
    size_t d = (size_t)out->dims;
    out->mean = venn_alloc(d, sizeof(double));
    if (!out->mean)
        return VENN_NO_MEMORY;
    for (size_t r = 0; r < (size_t)n; r++)
        for (size_t i = 0; i < d; i++)
            out->mean[i] += (double)x[r * d + i];
    for (size_t i = 0; i < d; i++)
        out->mean[i] /= (double)n;
    VENN_TRY(covariance(x, (size_t)n, d, out->mean, c));
    for (size_t i = 0; i < d; i++)
        out->total += c[i * d + i];
    if (!(out->total > 0))
        return venn_fail(VENN_BAD_FILE, "its items are all alike, so it has no components");
    return venn_eigen_leading(&out->basis, c, out->dims, keep_variance, components);
}

venn_status venn_pca_fit(venn_pca *out, const float *x, int64_t n, int32_t dims,
                         double keep_variance, int32_t components)
{
    *out = (venn_pca){.dims = dims};
    if (n < 1 || dims < 1 || dims > DIMS_MAX || components > dims)
        return venn_fail(VENN_BAD_FILE,
                         "%d components of items of %d numbers: up to %d numbers are possible, and "
                         "no more components than that",
                         components, dims, DIMS_MAX);
    double *c = venn_alloc((size_t)dims * (size_t)dims, sizeof *c);
    venn_status status = c ? fit(out, x, n, keep_variance, components, c) : VENN_NO_MEMORY;
    free(c);
    if (status < 0)
        venn_pca_finish(out);
    return status;
}

static void project_item(const venn_pca *pca, float *x, double *y, bool drop_mean)
{
    for (int32_t i = 0; i < pca->dims; i++)
        y[i] = drop_mean ? 0 : pca->mean[i];
    for (int32_t k = 0; k < pca->basis.count; k++) {
        const double *v = pca->basis.vector + (size_t)k * (size_t)pca->dims;
        double along = 0;
        for (int32_t i = 0; i < pca->dims; i++)
            along += v[i] * ((double)x[i] - pca->mean[i]);
        for (int32_t i = 0; i < pca->dims; i++)
            y[i] += along * v[i];
    }
    for (int32_t i = 0; i < pca->dims; i++)
        x[i] = (float)y[i];
}

venn_status venn_pca_project(const venn_pca *pca, float *x, int64_t n, bool drop_mean)
{
    double *y = venn_alloc((size_t)pca->dims, sizeof *y);
    if (!y)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < n; i++)
        project_item(pca, x + (size_t)i * (size_t)pca->dims, y, drop_mean);
    free(y);
    return VENN_OK;
}

void venn_pca_finish(venn_pca *pca)
{
    free(pca->mean);
    venn_eigen_finish(&pca->basis);
    *pca = (venn_pca){0};
}
