// Nearest-neighbour and Gaussian estimators (see mutual_information.h).
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "distill/mutual_information.h"

double venn_digamma(double x)
{
    double shift = 0;
    while (x < 6) {
        shift -= 1 / x;
        x++;
    }
    const double r = 1 / (x * x);
    return shift + log(x) - 0.5 / x - r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r / 240)));
}

// ---- Neighbours ------------------------------------------------------------------------------

// Distance by the largest coordinate.
static double distance(const venn_samples *s, int64_t i, int64_t j)
{
    const double *a = s->values + i * s->width, *b = s->values + j * s->width;
    double most = fabs(a[0] - b[0]);
    for (int64_t c = 1; c < s->width; c++) {
        const double d = fabs(a[c] - b[c]);
        most = d > most ? d : most;
    }
    return most;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

// Keeps the k smallest of what it is given, the largest of them last.
static void keep_smallest(double *kept, int k, int64_t seen, double value)
{
    int64_t at = seen < k ? seen : k - 1;
    if (seen >= k && value >= kept[k - 1])
        return;
    for (; at > 0 && kept[at - 1] > value; at--)
        kept[at] = kept[at - 1];
    kept[at] = value;
}

static venn_status check(const venn_samples *x, int64_t n, int k)
{
    if (n != x->n || x->width < 1)
        return venn_fail(VENN_BAD_ARG, "mutual information needs equally many samples of both "
                                       "variables, each at least one wide");
    if (k < 1 || k >= x->n)
        return venn_fail(VENN_BAD_ARG,
                         "mutual information: k = %d must be from 1 to %lld, one "
                         "less than the samples",
                         k, (long long)x->n - 1);
    return VENN_OK;
}

// Points other than i that are nearer than `radius`; with `ties` those at the radius too.
static int64_t count_within(const venn_samples *s, int64_t i, double radius, bool ties)
{
    int64_t count = 0;
    for (int64_t j = 0; j < s->n; j++) {
        if (j == i)
            continue;
        const double d = distance(s, i, j);
        count += d < radius || (ties && d == radius);
    }
    return count;
}

venn_status venn_mi_ksg(const venn_samples *x, const venn_samples *y, int k, double *nats)
{
    VENN_TRY(check(x, y->n, k));
    double *nearest = venn_alloc((size_t)k, sizeof *nearest), sum = 0;
    if (!nearest)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < x->n; i++) {
        int64_t seen = 0;
        for (int64_t j = 0; j < x->n; j++)
            if (j != i)
                keep_smallest(nearest, k, seen++, larger(distance(x, i, j), distance(y, i, j)));
        const double radius = nearest[k - 1];
        sum += venn_digamma((double)count_within(x, i, radius, false) + 1) +
               venn_digamma((double)count_within(y, i, radius, false) + 1);
    }
    free(nearest);
    *nats = fmax(0, venn_digamma(k) + venn_digamma((double)x->n) - sum / (double)x->n);
    return VENN_OK;
}

// Fills the radius of i: the distance to its k-th neighbour of the same label, or the farthest there is.
// Returns how many others have the label.
static int64_t same_label(const venn_samples *x, const int32_t *labels, int k, int64_t i,
                          double *nearest, double *radius)
{
    int64_t others = 0;
    for (int64_t j = 0; j < x->n; j++)
        if (j != i && labels[j] == labels[i])
            keep_smallest(nearest, k, others++, distance(x, i, j));
    if (others)
        *radius = nearest[(others < k ? others : k) - 1];
    return others;
}

venn_status venn_mi_ross(const venn_samples *x, const int32_t *labels, int k, double *nats)
{
    VENN_TRY(check(x, x->n, k));
    double *nearest = venn_alloc((size_t)k, sizeof *nearest), sum = 0, radius = 0;
    int64_t used = 0;
    if (!nearest)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < x->n; i++) {
        const int64_t others = same_label(x, labels, k, i, nearest, &radius);
        if (!others)
            continue;
        used++;
        sum += venn_digamma((double)(others < k ? others : k)) - venn_digamma((double)others + 1) -
               venn_digamma((double)count_within(x, i, radius, true));
    }
    free(nearest);
    *nats = used ? fmax(0, venn_digamma((double)used) + sum / (double)used) : 0;
    return VENN_OK;
}

// ---- Gaussian --------------------------------------------------------------------------------

static double mean_of(const venn_samples *s, int64_t column)
{
    double sum = 0;
    for (int64_t i = 0; i < s->n; i++)
        sum += s->values[i * s->width + column];
    return sum / (double)s->n;
}

// Centres s into columns [at, at + width) of joint [n, stride].
static void centre(const venn_samples *s, double *joint, int64_t stride, int64_t at)
{
    for (int64_t c = 0; c < s->width; c++) {
        const double mean = mean_of(s, c);
        for (int64_t i = 0; i < s->n; i++)
            joint[i * stride + at + c] = s->values[i * s->width + c] - mean;
    }
}

static void covariance(const double *joint, int64_t n, int64_t d, double *s)
{
    for (int64_t a = 0; a < d; a++)
        for (int64_t b = 0; b < d; b++) {
            double sum = 0;
            for (int64_t i = 0; i < n; i++)
                sum += joint[i * d + a] * joint[i * d + b];
            s[a * d + b] = sum / (double)(n - 1) + (a == b ? 1e-6 : 0);
        }
}

// ln det of rows and columns [from, to) of the symmetric s [d, d], by Cholesky into l [d, d].
static double log_determinant(const double *s, int64_t d, int64_t from, int64_t to, double *l)
{
    double sum = 0;
    for (int64_t i = from; i < to; i++)
        for (int64_t j = from; j <= i; j++) {
            double rest = s[i * d + j];
            for (int64_t k = from; k < j; k++)
                rest -= l[i * d + k] * l[j * d + k];
            l[i * d + j] = i == j ? sqrt(fmax(rest, 1e-300)) : rest / l[j * d + j];
            if (i == j)
                sum += 2 * log(l[i * d + i]);
        }
    return sum;
}

venn_status venn_mi_gaussian(const venn_samples *x, const venn_samples *y, double *nats)
{
    const int64_t d = x->width + y->width;
    VENN_TRY(check(x, y->n, 1));
    if (x->n <= d)
        return venn_fail(VENN_BAD_ARG,
                         "mutual information of %lld columns needs more than %lld "
                         "samples",
                         (long long)d, (long long)x->n);
    double *joint = venn_alloc((size_t)(x->n * d), sizeof *joint);
    double *s = venn_alloc((size_t)(d * d), sizeof *s), *l = venn_alloc((size_t)(d * d), sizeof *l);
    venn_status status = joint && s && l ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        centre(x, joint, d, 0);
        centre(y, joint, d, x->width);
        covariance(joint, x->n, d, s);
        *nats =
            fmax(0, 0.5 * (log_determinant(s, d, 0, x->width, l) +
                           log_determinant(s, d, x->width, d, l) - log_determinant(s, d, 0, d, l)));
    }
    free(joint);
    free(s);
    free(l);
    return status;
}
