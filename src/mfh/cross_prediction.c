// Ridge regression by Cholesky, fold by fold (see cross_prediction.h).
#include "mfh/cross_prediction.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"

typedef struct regression {
    const venn_samples *x, *y;
    int folds;
    double *mean_x, *mean_y; // of the rows fitted to
    double *l;               // [dy, dy] covariance of y, then its Cholesky factor
    double *b;               // [dy, dx] covariance of y and x, then the coefficients
} regression;

static bool fits(const regression *r, int64_t row, int fold)
{
    return row % r->folds != fold;
}

static void means(const regression *r, const venn_samples *s, int fold, double *mean)
{
    int64_t rows = 0;
    for (int64_t c = 0; c < s->width; c++)
        mean[c] = 0;
    for (int64_t i = 0; i < s->n; i++) {
        if (!fits(r, i, fold))
            continue;
        rows++;
        for (int64_t c = 0; c < s->width; c++)
            mean[c] += s->values[i * s->width + c];
    }
    for (int64_t c = 0; c < s->width; c++)
        mean[c] /= (double)rows;
}

static void covariances(const regression *r, int fold)
{
    const int64_t dx = r->x->width, dy = r->y->width;
    for (int64_t k = 0; k < dy * dy; k++)
        r->l[k] = 0;
    for (int64_t k = 0; k < dy * dx; k++)
        r->b[k] = 0;
    for (int64_t i = 0; i < r->x->n; i++) {
        if (!fits(r, i, fold))
            continue;
        const double *x = r->x->values + i * dx, *y = r->y->values + i * dy;
        for (int64_t a = 0; a < dy; a++) {
            const double v = y[a] - r->mean_y[a];
            for (int64_t c = 0; c <= a; c++)
                r->l[a * dy + c] += v * (y[c] - r->mean_y[c]);
            for (int64_t c = 0; c < dx; c++)
                r->b[a * dx + c] += v * (x[c] - r->mean_x[c]);
        }
    }
}

static void add_ridge(const regression *r)
{
    const int64_t dy = r->y->width;
    double trace = 0;
    for (int64_t a = 0; a < dy; a++)
        trace += r->l[a * dy + a];
    for (int64_t a = 0; a < dy; a++)
        r->l[a * dy + a] += 1e-3 * trace / (double)dy + 1e-300;
}

// l := its Cholesky factor; b := the solution of l l^T coefficients = b.
static void solve(const regression *r)
{
    const int64_t dx = r->x->width, dy = r->y->width;
    double *l = r->l, *b = r->b;
    for (int64_t i = 0; i < dy; i++)
        for (int64_t j = 0; j <= i; j++) {
            double rest = l[i * dy + j];
            for (int64_t k = 0; k < j; k++)
                rest -= l[i * dy + k] * l[j * dy + k];
            l[i * dy + j] = i == j ? sqrt(fmax(rest, 1e-300)) : rest / l[j * dy + j];
        }
    for (int64_t c = 0; c < dx; c++) {
        for (int64_t i = 0; i < dy; i++) {
            for (int64_t k = 0; k < i; k++)
                b[i * dx + c] -= l[i * dy + k] * b[k * dx + c];
            b[i * dx + c] /= l[i * dy + i];
        }
        for (int64_t i = dy; i-- > 0;) {
            for (int64_t k = i + 1; k < dy; k++)
                b[i * dx + c] -= l[k * dy + i] * b[k * dx + c];
            b[i * dx + c] /= l[i * dy + i];
        }
    }
}

static void predict(const regression *r, int fold, double *out)
{
    const int64_t dx = r->x->width, dy = r->y->width;
    for (int64_t i = fold; i < r->x->n; i += r->folds) {
        const double *y = r->y->values + i * dy;
        for (int64_t c = 0; c < dx; c++)
            out[i * dx + c] = r->mean_x[c];
        for (int64_t a = 0; a < dy; a++)
            for (int64_t c = 0; c < dx; c++)
                out[i * dx + c] += (y[a] - r->mean_y[a]) * r->b[a * dx + c];
    }
}

venn_status venn_cross_predict(const venn_samples *x, const venn_samples *y, int folds, double *out)
{
    if (x->n != y->n || folds < 2 || x->n < 2 * folds)
        return venn_fail(VENN_BAD_ARG,
                         "prediction over %d folds needs equally many samples of both variables, "
                         "twice as many as folds, not %lld and %lld",
                         folds, (long long)x->n, (long long)y->n);
    regression r = {.x = x, .y = y, .folds = folds};
    r.mean_x = venn_alloc((size_t)x->width, sizeof(double));
    r.mean_y = venn_alloc((size_t)y->width, sizeof(double));
    r.l = venn_alloc((size_t)(y->width * y->width), sizeof(double));
    r.b = venn_alloc((size_t)(y->width * x->width), sizeof(double));
    const bool room = r.mean_x && r.mean_y && r.l && r.b;
    for (int fold = 0; room && fold < folds; fold++) {
        means(&r, x, fold, r.mean_x);
        means(&r, y, fold, r.mean_y);
        covariances(&r, fold);
        add_ridge(&r);
        solve(&r);
        predict(&r, fold, out);
    }
    free(r.mean_x);
    free(r.mean_y);
    free(r.l);
    free(r.b);
    return room ? VENN_OK : VENN_NO_MEMORY;
}
