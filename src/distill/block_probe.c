#include "distill/block_probe.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"

enum { STEPS = 200 };
static const double rate = 0.5, momentum = 0.9, decay = 1e-4;

typedef struct probe {
    int64_t width, classes;
    double *mean, *scale;      // [width]
    double *w, *dw, *velocity; // [classes, width + 1], the bias last
    double *p;                 // [classes]
} probe;

static void standardise(probe *s, const probe_rows *rows)
{
    for (int64_t j = 0; j < s->width; j++) {
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < rows->n; i++)
            sum += (double)rows->x[i * s->width + j] / (double)rows->n;
        for (int64_t i = 0; i < rows->n; i++)
            squares += pow((double)rows->x[i * s->width + j] - sum, 2) / (double)rows->n;
        s->mean[j] = sum;
        s->scale[j] = squares > 1e-12 ? 1 / sqrt(squares) : 0;
    }
}

static double value(const probe *s, const float *x, int64_t j)
{
    return ((double)x[j] - s->mean[j]) * s->scale[j];
}

// Logits into p.
static void decide(probe *s, const float *x)
{
    for (int64_t c = 0; c < s->classes; c++) {
        const double *w = s->w + c * (s->width + 1);
        s->p[c] = w[s->width];
        for (int64_t j = 0; j < s->width; j++)
            s->p[c] += w[j] * value(s, x, j);
    }
}

static void add_gradient(probe *s, const float *x, int32_t label, double weight)
{
    double top = -INFINITY, sum = 0;
    decide(s, x);
    for (int64_t c = 0; c < s->classes; c++)
        top = fmax(top, s->p[c]);
    for (int64_t c = 0; c < s->classes; c++)
        sum += s->p[c] = exp(s->p[c] - top);
    for (int64_t c = 0; c < s->classes; c++) {
        const double error = weight * (s->p[c] / sum - (c == label));
        double *dw = s->dw + c * (s->width + 1);
        for (int64_t j = 0; j < s->width; j++)
            dw[j] += error * value(s, x, j);
        dw[s->width] += error;
    }
}

static void train_probe(probe *s, const probe_rows *rows)
{
    const int64_t n = s->classes * (s->width + 1);
    // The curvature grows with the features' number: steps are made smaller as it does.
    const double step = rate / (1 + 0.25 * (double)s->width);
    for (int t = 0; t < STEPS; t++) {
        for (int64_t k = 0; k < n; k++)
            s->dw[k] = decay * s->w[k];
        for (int64_t i = 0; i < rows->n; i++)
            add_gradient(s, rows->x + i * s->width, rows->labels[i], 1 / (double)rows->n);
        for (int64_t k = 0; k < n; k++) {
            s->velocity[k] = momentum * s->velocity[k] + s->dw[k];
            s->w[k] -= step * s->velocity[k];
        }
    }
}

static double test_probe(probe *s, const probe_rows *rows)
{
    int64_t right = 0;
    for (int64_t i = 0; i < rows->n; i++) {
        int64_t best = 0;
        decide(s, rows->x + i * s->width);
        for (int64_t c = 1; c < s->classes; c++)
            if (s->p[c] > s->p[best])
                best = c;
        right += best == rows->labels[i];
    }
    return rows->n ? (double)right / (double)rows->n : NAN;
}

venn_status venn_linear_probe(const probe_rows *train, const probe_rows *test, int64_t width,
                              int32_t classes, double *accuracy)
{
    const int64_t n = classes * (width + 1);
    double *room = venn_alloc((size_t)(2 * width + 3 * n + classes), sizeof *room);
    *accuracy = NAN;
    if (!room)
        return VENN_NO_MEMORY;
    double *w = room + 2 * width;
    probe s = {width, classes, room, room + width, w, w + n, w + 2 * n, w + 3 * n};
    standardise(&s, train);
    train_probe(&s, train);
    *accuracy = test_probe(&s, test);
    free(room);
    return VENN_OK;
}

static double dot(const float *a, const float *b, int64_t n)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++)
        sum += (double)a[j] * (double)b[j];
    return sum;
}

void venn_nearest_neighbour(const probe_rows *train, const probe_rows *test, int64_t width,
                            double *accuracy)
{
    int64_t right = 0;
    for (int64_t i = 0; i < test->n; i++) {
        int64_t nearest = 0;
        double top = -INFINITY;
        for (int64_t k = 0; k < train->n; k++) {
            const float *row = train->x + k * width;
            // The length of the row that asks is the same for all.
            const double cosine =
                dot(test->x + i * width, row, width) / fmax(sqrt(dot(row, row, width)), 1e-12);
            if (cosine > top) {
                top = cosine;
                nearest = k;
            }
        }
        right += train->labels[nearest] == test->labels[i];
    }
    *accuracy = test->n && train->n ? (double)right / (double)test->n : NAN;
}
