#include "distill/block_anomaly.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"

// hit: what finding it adds to the share that is found; 0: it should not be found.
typedef struct point {
    float score, hit;
} point;

static int compare_descending(const void *a, const void *b)
{
    const float x = ((const point *)a)->score, y = ((const point *)b)->score;
    return (x < y) - (x > y);
}

// Area below (share of the others found, share found) from 0 to limit, over limit. Sorts the points.
static double area(point *p, int64_t n, double limit)
{
    int64_t others = 0;
    for (int64_t i = 0; i < n; i++)
        others += p[i].hit == 0;
    if (others == 0 || others == n)
        return NAN;
    qsort(p, (size_t)n, sizeof *p, compare_descending);
    double x = 0, y = 0, sum = 0;
    for (int64_t i = 0, missed = 0; i < n && x < limit;) {
        const double x0 = x, y0 = y;
        const float score = p[i].score;
        for (; i < n && p[i].score == score; i++) {
            y += (double)p[i].hit;
            missed += p[i].hit == 0;
        }
        x = (double)missed / (double)others;
        const double end = fmin(x, limit);
        const double y_end = x > x0 ? y0 + (y - y0) * (end - x0) / (x - x0) : y;
        sum += (end - x0) * (y0 + y_end) / 2;
    }
    return sum / limit;
}

static point *make_points(const float *score, const bool *positive, int64_t n)
{
    int64_t found = 0;
    point *p = venn_alloc((size_t)n + 1, sizeof *p);
    for (int64_t i = 0; i < n; i++)
        found += positive[i];
    for (int64_t i = 0; p && i < n; i++)
        p[i] = (point){score[i], positive[i] ? 1 / (float)found : 0};
    return p;
}

double venn_auroc(const float *score, const bool *positive, int64_t n)
{
    point *p = make_points(score, positive, n);
    const double result = p ? area(p, n, 1) : NAN;
    free(p);
    return result;
}

double venn_average_precision(const float *score, const bool *positive, int64_t n)
{
    point *p = make_points(score, positive, n);
    int64_t found = 0;
    double sum = 0;
    if (p)
        qsort(p, (size_t)n, sizeof *p, compare_descending);
    for (int64_t i = 0; p && i < n;) {
        const int64_t before = found;
        const float at = p[i].score;
        for (; i < n && p[i].score == at; i++)
            found += p[i].hit > 0;
        sum += (double)(found - before) * (double)found / (double)i;
    }
    free(p);
    return found && found < n ? sum / (double)found : NAN;
}

// ---- Regions ---------------------------------------------------------------------------------

typedef struct picture {
    const bool *positive;
    int32_t *region; // 0: none yet
    int64_t *stack;
    int64_t height, width;
} picture;

// Gives the region that holds pixel `start` its number; returns how many pixels it has.
static int64_t fill(const picture *p, int64_t start, int32_t number)
{
    int64_t n = 1, size = 0;
    p->stack[0] = start;
    p->region[start] = number;
    while (n) {
        const int64_t at = p->stack[--n], y = at / p->width, x = at % p->width;
        size++;
        for (int64_t k = 0; k < 9; k++) {
            const int64_t row = y + k / 3 - 1, column = x + k % 3 - 1;
            const int64_t next = row * p->width + column;
            if (row < 0 || row >= p->height || column < 0 || column >= p->width ||
                !p->positive[next] || p->region[next])
                continue;
            p->region[next] = number;
            p->stack[n++] = next;
        }
    }
    return size;
}

// Regions of one picture: hit becomes one over the size of each pixel's. Returns how many.
static int64_t weigh_regions(const picture *p, point *points)
{
    int32_t n = 0;
    const int64_t pixels = p->height * p->width;
    for (int64_t i = 0; i < pixels; i++) {
        if (!p->positive[i] || p->region[i])
            continue;
        const int64_t size = fill(p, i, ++n);
        for (int64_t k = i; k < pixels; k++)
            if (p->region[k] == n)
                points[k].hit = 1 / (float)size;
    }
    return n;
}

double venn_region_overlap(const float *score, const bool *positive, int64_t n, int64_t height,
                           int64_t width, double limit)
{
    const int64_t pixels = height * width;
    point *points = make_points(score, positive, n * pixels);
    int32_t *region = venn_alloc((size_t)(n * pixels) + 1, sizeof *region);
    int64_t *stack = venn_alloc((size_t)pixels + 1, sizeof *stack), regions = 0;
    double result = NAN;
    if (points && region && stack) {
        for (int64_t i = 0; i < n; i++) {
            const int64_t at = i * pixels;
            const picture p = {positive + at, region + at, stack, height, width};
            regions += weigh_regions(&p, points + at);
        }
        result = area(points, n * pixels, limit) / (double)(regions ? regions : 1);
    }
    free(points);
    free(region);
    free(stack);
    return result;
}
