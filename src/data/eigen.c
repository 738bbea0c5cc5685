// Subspace iteration with a Rayleigh-Ritz step, all in double: a block of b vectors is multiplied
// by C and made orthonormal; the b x b problem within it is solved by Jacobi rotations. It ends
// when every vector that is kept has a residual |C v - l v| below 1e-10 of the largest l; the block
// is widened until it holds twice what is kept, or everything.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/eigen.h"

enum { BLOCK = 32, WARM_UP = 8, ROUNDS = 1000 };

typedef double vec4 __attribute__((vector_size(32), aligned(8)));

typedef struct solver {
    int32_t d, b;    // dims, vectors in the block
    const double *c; // [d, d]
    double *q, *z;   // [b, d]: the block, C times it
    double *t, *w;   // [b, b]: q C q', then its eigenvectors as rows
    double *l;       // [b], falling
} solver;

static double dot(const double *a, const double *b, int32_t n)
{
    vec4 part = {0};
    int32_t i = 0;
    for (; i + 4 <= n; i += 4)
        part += *(const vec4 *)(a + i) * *(const vec4 *)(b + i);
    double sum = (part[0] + part[1]) + (part[2] + part[3]);
    for (; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

// q = the rows of z made orthonormal, twice, against rounding; a row that vanishes becomes 0.
static void orthonormalise(solver *s)
{
    memcpy(s->q, s->z, (size_t)s->b * (size_t)s->d * sizeof *s->q);
    for (int32_t i = 0; i < s->b; i++) {
        double *v = s->q + (size_t)i * (size_t)s->d;
        double before = sqrt(dot(v, v, s->d));
        for (int pass = 0; pass < 2; pass++)
            for (int32_t k = 0; k < i; k++) {
                const double *u = s->q + (size_t)k * (size_t)s->d;
                double part = dot(u, v, s->d);
                for (int32_t j = 0; j < s->d; j++)
                    v[j] -= part * u[j];
            }
        double norm = sqrt(dot(v, v, s->d));
        double scale = norm > 1e-12 * before ? 1 / norm : 0;
        for (int32_t j = 0; j < s->d; j++)
            v[j] *= scale;
    }
}

// z = C q.
static void multiply(solver *s)
{
    size_t d = (size_t)s->d;
    for (int32_t i = 0; i < s->b; i++)
        for (size_t j = 0; j < d; j++)
            s->z[(size_t)i * d + j] = dot(s->c + j * d, s->q + (size_t)i * d, s->d);
}

// One rotation that makes t[p][r] zero; w's rows turn with it.
static void rotate(double *t, double *w, int32_t b, int32_t p, int32_t r)
{
    double theta = (t[r * b + r] - t[p * b + p]) / (2 * t[p * b + r]);
    double tangent = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(tangent * tangent + 1), s = tangent * c;
    for (int32_t k = 0; k < b; k++) {
        double a = t[k * b + p], z = t[k * b + r];
        t[k * b + p] = c * a - s * z;
        t[k * b + r] = s * a + c * z;
    }
    for (int32_t k = 0; k < b; k++) {
        double a = t[p * b + k], z = t[r * b + k], wa = w[p * b + k], wz = w[r * b + k];
        t[p * b + k] = c * a - s * z;
        t[r * b + k] = s * a + c * z;
        w[p * b + k] = c * wa - s * wz;
        w[r * b + k] = s * wa + c * wz;
    }
}

// Eigenvalues of t = q C q' into l, falling, and its eigenvectors into the rows of w.
static void solve_block(solver *s)
{
    int32_t b = s->b;
    for (int32_t i = 0; i < b; i++)
        for (int32_t j = 0; j < b; j++)
            s->t[i * b + j] =
                dot(s->q + (size_t)i * (size_t)s->d, s->z + (size_t)j * (size_t)s->d, s->d);
    for (int32_t i = 0; i < b * b; i++)
        s->w[i] = i % (b + 1) == 0;
    for (int sweep = 0; sweep < 60; sweep++) {
        double off = 0, on = 0;
        for (int32_t p = 0; p < b; p++)
            for (int32_t r = 0; r < b; r++)
                *(p == r ? &on : &off) += s->t[p * b + r] * s->t[p * b + r];
        if (off <= 1e-28 * on)
            break;
        for (int32_t p = 0; p < b; p++)
            for (int32_t r = p + 1; r < b; r++)
                if (s->t[p * b + r] * s->t[p * b + r] > 1e-32 * on)
                    rotate(s->t, s->w, b, p, r);
    }
    for (int32_t i = 0; i < b; i++) { // selection sort: b is small
        int32_t best = i;
        for (int32_t k = i + 1; k < b; k++)
            if (s->t[k * b + k] > s->t[best * b + best])
                best = k;
        double top = s->t[best * b + best];
        s->t[best * b + best] = s->t[i * b + i];
        s->t[i * b + i] = s->l[i] = top;
        for (int32_t j = 0; j < b; j++) {
            double swap = s->w[i * b + j];
            s->w[i * b + j] = s->w[best * b + j];
            s->w[best * b + j] = swap;
        }
    }
}

// v = combination i of the rows of `rows`, by the eigenvector i.
static void combine(const solver *s, const double *rows, int32_t i, double *v)
{
    memset(v, 0, (size_t)s->d * sizeof *v);
    for (int32_t k = 0; k < s->b; k++)
        for (int32_t j = 0; j < s->d; j++)
            v[j] += s->w[i * s->b + k] * rows[(size_t)k * (size_t)s->d + (size_t)j];
}

// How many of the leading vectors to keep.
static int32_t count_kept(const solver *s, double total, double share, int32_t count)
{
    int32_t most = s->b;
    if (count)
        return count < most ? count : most;
    int32_t kept = 0;
    double sum = 0;
    // A hair of tolerance, so that "keep all" is not undone by rounding.
    while (kept < most && (sum += s->l[kept]) <= (share + 1e-12) * total)
        kept++;
    return kept ? kept : 1;
}

static bool converged(const solver *s, int32_t kept, double *v, double *cv)
{
    for (int32_t i = 0; i < kept; i++) {
        combine(s, s->q, i, v);
        combine(s, s->z, i, cv);
        double sum = 0;
        for (int32_t j = 0; j < s->d; j++)
            sum += (cv[j] - s->l[i] * v[j]) * (cv[j] - s->l[i] * v[j]);
        if (sqrt(sum) > 1e-10 * s->l[0])
            return false;
    }
    return true;
}

static void finish_block(solver *s)
{
    free(s->q);
    free(s->z);
    free(s->t);
    free(s->w);
    free(s->l);
    s->q = s->z = s->t = s->w = s->l = NULL;
}

// A fresh block of b random vectors: deterministic, so that data sets hash alike.
static venn_status start_block(solver *s, int32_t b)
{
    finish_block(s);
    size_t count = (size_t)b * (size_t)s->d, square = (size_t)b * (size_t)b;
    s->b = b;
    s->q = venn_alloc(count, sizeof(double));
    s->z = venn_alloc(count, sizeof(double));
    s->t = venn_alloc(square, sizeof(double));
    s->w = venn_alloc(square, sizeof(double));
    s->l = venn_alloc((size_t)b, sizeof(double));
    if (!s->q || !s->z || !s->t || !s->w || !s->l)
        return VENN_NO_MEMORY;
    venn_rng rng = venn_rng_make(0, 0, 0x706361); // "pca"
    for (size_t i = 0; i < count; i++)
        s->z[i] = (double)venn_rng_normal(&rng);
    return VENN_OK;
}

static venn_status hand_over(const solver *s, int32_t kept, venn_eigen *out)
{
    out->count = kept;
    out->vector = venn_alloc((size_t)kept * (size_t)s->d, sizeof(double));
    out->value = venn_alloc((size_t)kept, sizeof(double));
    if (!out->vector || !out->value)
        return VENN_NO_MEMORY;
    for (int32_t i = 0; i < kept; i++) {
        combine(s, s->q, i, out->vector + (size_t)i * (size_t)s->d);
        out->value[i] = s->l[i];
    }
    return VENN_OK;
}

static venn_status iterate(solver *s, venn_eigen *out, double share, int32_t count, double *work)
{
    double total = 0;
    for (int32_t i = 0; i < s->d; i++)
        total += s->c[(size_t)i * (size_t)s->d + (size_t)i];
    int32_t kept = count, age = 0, b = count > BLOCK / 2 ? 2 * count : BLOCK;
    VENN_TRY(start_block(s, b < s->d ? b : s->d));
    for (int round = 0; round < ROUNDS; round++) {
        orthonormalise(s);
        multiply(s);
        if (++age <= WARM_UP && s->b < s->d)
            continue; // a young block's values are far too small, and too many would be kept
        solve_block(s);
        kept = count_kept(s, total, share, count);
        if (2 * kept > s->b && s->b < s->d) {
            VENN_TRY(start_block(s, 2 * s->b < s->d ? 2 * s->b : s->d));
            age = 0;
        } else if (converged(s, kept, work, work + s->d)) {
            break;
        }
    }
    return hand_over(s, kept, out);
}

venn_status venn_eigen_leading(venn_eigen *out, const double *c, int32_t d, double share,
                               int32_t count)
{
    *out = (venn_eigen){0};
    solver s = {.d = d, .c = c};
    double *work = venn_alloc(2 * (size_t)d, sizeof *work);
    venn_status status = work ? iterate(&s, out, share, count, work) : VENN_NO_MEMORY;
    free(work);
    finish_block(&s);
    if (status < 0)
        venn_eigen_finish(out);
    return status;
}

void venn_eigen_finish(venn_eigen *eigen)
{
    free(eigen->value);
    free(eigen->vector);
    *eigen = (venn_eigen){0};
}
