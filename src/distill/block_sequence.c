#include "distill/block_sequence.h"

#include <math.h>
#include <string.h>

typedef double matrix[SEQUENCE_COORDINATES_MAX][SEQUENCE_COORDINATES_MAX];

static double between(venn_rng *rng, double low, double high)
{
    return low + (high - low) * (double)venn_rng_uniform(rng, 0, 1);
}

static void turn(matrix m, int n, int a, int b, double angle)
{
    for (int j = 0; j < n; j++) {
        const double x = m[a][j], y = m[b][j];
        m[a][j] = cos(angle) * x - sin(angle) * y;
        m[b][j] = sin(angle) * x + cos(angle) * y;
    }
}

static void draw_pose(const sequence_law *law, venn_rng *rng, matrix m)
{
    const int n = law->coordinates;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (i != j)
                m[i][j] = between(rng, -law->shear, law->shear);
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++)
            turn(m, n, a, b, between(rng, -law->rotation, law->rotation));
}

sequence_change venn_sequence_draw(const sequence_law *law, venn_rng *rng)
{
    sequence_change c = {.coordinates = law->coordinates};
    c.length = between(rng, law->crop, 1);
    c.start = between(rng, 0, 1 - c.length);
    for (int i = 0; i < SEQUENCE_COORDINATES_MAX; i++)
        c.pose[i][i] = 1;
    if (venn_rng_bernoulli(rng, 0.5f))
        draw_pose(law, rng, c.pose);
    else
        for (int p = 0; p < 64; p++)
            c.lost |= (uint64_t)venn_rng_bernoulli(rng, (float)law->corrupt) << p;
    return c;
}

static void resample(const sequence_change *c, int64_t steps, const float *x, float *y)
{
    const double last = (double)(steps - 1);
    for (int64_t t = 0; t < steps; t++) {
        const double at = c->start * last + c->length * (double)t;
        const int64_t low = at < last ? (int64_t)at : steps - 1;
        const int64_t high = low + 1 < steps ? low + 1 : low;
        const double share = fmin(at - (double)low, 1);
        y[t] = (float)((1 - share) * (double)x[low] + share * (double)x[high]);
    }
}

static void pose(const sequence_change *c, int64_t steps, float *y)
{
    const int n = c->coordinates;
    for (int64_t t = 0; t < steps; t++) {
        double from[SEQUENCE_COORDINATES_MAX];
        for (int i = 0; i < n; i++)
            from[i] = (double)y[i * steps + t];
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < n; j++)
                sum += c->pose[i][j] * from[j];
            y[i * steps + t] = (float)sum;
        }
    }
}

void venn_sequence_apply(const sequence_change *c, int64_t channels, int64_t steps, const float *x,
                         float *y)
{
    for (int64_t i = 0; i < channels; i++)
        resample(c, steps, x + i * steps, y + i * steps);
    for (int64_t p = 0; (p + 1) * c->coordinates <= channels; p++) {
        float *point = y + p * c->coordinates * steps;
        if (c->lost >> (p % 64) & 1)
            memset(point, 0, (size_t)(c->coordinates * steps) * sizeof *y);
        else
            pose(c, steps, point);
    }
}
