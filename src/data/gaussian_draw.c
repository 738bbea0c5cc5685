#include "data/gaussian_draw.h"

#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"

enum { WEIGHTS, DECISIVE, NOISE_A, NOISE_B, STREAMS };
enum { FIRST_STREAM = 16 }; // of a seed; below are those of the models

static venn_rng stream(uint64_t key, uint64_t seed, int split, int which)
{
    return venn_rng_make(key, seed, (uint32_t)(FIRST_STREAM + split * STREAMS + which));
}

static void draw_side(const venn_gaussian_side *side, venn_rng rng, const float *decisive,
                      int64_t n_decisive, int64_t rows, float *x)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t c = 0; c < side->width; c++) {
            const float noise = venn_rng_normal(&rng);
            x[r * side->width + c] =
                c >= side->from && c < side->to ? decisive[r * n_decisive + c] : noise;
        }
}

static void label(const venn_gaussian_design *design, venn_rng rng, const float *decisive,
                  int64_t rows, int32_t *labels)
{
    const int64_t n = design->decisive;
    for (int64_t r = 0; r < rows; r++) {
        venn_rng weights = rng;
        double sum = 0;
        for (int64_t c = 0; c < n; c++)
            sum += (double)decisive[r * n + c] *
                   (design->unit_weights ? 1 : (double)venn_rng_normal(&weights));
        labels[r] = sum > 0;
    }
}

venn_status venn_gaussian_draw(const venn_gaussian_design *design, uint64_t key, uint64_t seed,
                               venn_gaussian_split split, int64_t rows, float *xa, float *xb,
                               int32_t *labels)
{
    const int64_t n = design->decisive;
    float *decisive = venn_alloc((size_t)(rows * n), sizeof *decisive);
    if (!decisive)
        return VENN_NO_MEMORY;
    venn_rng rng = stream(key, seed, split, DECISIVE);
    for (int64_t i = 0; i < rows * n; i++)
        decisive[i] = venn_rng_normal(&rng);
    if (labels)
        label(design, stream(key, seed, VENN_GAUSSIAN_TRAIN, WEIGHTS), decisive, rows, labels);
    if (xa)
        draw_side(&design->a, stream(key, seed, split, NOISE_A), decisive, n, rows, xa);
    if (xb)
        draw_side(&design->b, stream(key, seed, split, NOISE_B), decisive, n, rows, xb);
    free(decisive);
    return VENN_OK;
}
