#include "distill/block_places.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "venn/ops.h"

static int classes_of(venn_step *s, venn_tensor rows)
{
    return (int)venn_tensor_shape(s->g, rows).dim[1];
}

venn_tensor venn_places_ce(venn_step *s, venn_tensor rows, venn_tensor classes, float floor)
{
    venn_tensor truth = venn_one_hot(s->g, classes, classes_of(s, rows));
    venn_tensor share = venn_mean(s->g, truth, &(venn_reduce_params){.axes = 1, .keepdims = true});
    venn_tensor weighted = venn_mul(s->g, truth, venn_scale(s->g, share, -1, 1));
    // Where the floor is reached no gradient passes.
    venn_tensor said = venn_clamp(s->g, venn_log_softmax(s->g, rows), logf(floor), 0);
    const float places = (float)venn_tensor_shape(s->g, rows).dim[0];
    return venn_scale(s->g, venn_sum(s->g, venn_mul(s->g, weighted, said), NULL), -1 / places, 0);
}

venn_tensor venn_places_dice(venn_step *s, venn_tensor rows, venn_tensor classes)
{
    return venn_dice(s->g, venn_softmax(s->g, rows),
                     venn_one_hot(s->g, classes, classes_of(s, rows)), NULL);
}

venn_tensor venn_places_confusion(venn_step *s, venn_tensor rows, venn_tensor classes,
                                  venn_tensor *there)
{
    venn_tensor count;
    venn_tensor mean = venn_segment_mean(s->g, rows, classes, classes_of(s, rows), &count);
    *there = venn_clamp(s->g, count, 0, 1);
    return mean;
}

// ---- On the host -----------------------------------------------------------------------------

typedef struct sums {
    double *said, *truth, *both; // [C]
    double *logits;              // [C, C]
} sums;

static void add_item(const sums *of, const float *z, const float *classes, int64_t n_classes,
                     int64_t places)
{
    for (int64_t p = 0; p < places; p++) {
        const int64_t c = (int64_t)classes[p];
        int64_t best = 0;
        for (int64_t k = 0; k < n_classes; k++) {
            of->logits[c * n_classes + k] += (double)z[k * places + p];
            if (z[k * places + p] > z[best * places + p])
                best = k;
        }
        of->said[best]++;
        of->truth[c]++;
        of->both[c] += best == c;
    }
}

static void softmax_of_mean(const double *sum, double count, int64_t n, double temperature,
                            double *out)
{
    double top = -INFINITY, all = 0;
    for (int64_t k = 0; k < n; k++)
        top = fmax(top, sum[k] / count / temperature);
    for (int64_t k = 0; k < n; k++)
        all += out[k] = exp(sum[k] / count / temperature - top);
    for (int64_t k = 0; k < n; k++)
        out[k] = count > 0 ? out[k] / all : NAN;
}

venn_status venn_places_measure(const float *logits, const float *const *classes, int64_t n,
                                int64_t n_classes, int64_t places, double temperature,
                                double *overlap, double *confusion)
{
    double *room = venn_alloc((size_t)(n_classes * (n_classes + 3)), sizeof *room);
    if (!room)
        return VENN_NO_MEMORY;
    const sums of = {room, room + n_classes, room + 2 * n_classes, room + 3 * n_classes};
    for (int64_t i = 0; i < n; i++)
        add_item(&of, logits + i * n_classes * places, classes[i], n_classes, places);
    for (int64_t c = 0; c < n_classes; c++) {
        overlap[c] = 2 * of.both[c] / (of.said[c] + of.truth[c]);
        softmax_of_mean(of.logits + c * n_classes, of.truth[c], n_classes, temperature,
                        confusion + c * n_classes);
    }
    free(room);
    return VENN_OK;
}
