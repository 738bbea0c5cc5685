#include "data/volume_items.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"

enum { STREAM_FIELD = 0x6c6f6f6b }; // "look"

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

// Intensities of different scanners, to [0, 1].
static venn_status normalise(venn_array *volume)
{
    const size_t n = venn_array_bytes(volume) / sizeof(float);
    float *x = volume->data, *sorted = venn_alloc(n, sizeof *sorted);
    if (!sorted)
        return VENN_NO_MEMORY;
    memcpy(sorted, x, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    const double low = (double)sorted[n / 100], high = (double)sorted[n - 1 - n / 100];
    free(sorted);
    for (size_t i = 0; i < n; i++)
        x[i] = high > low ? (float)fmin(fmax(((double)x[i] - low) / (high - low), 0), 1) : 0;
    return VENN_OK;
}

static void change(venn_array *volume, const venn_look *look, uint32_t number)
{
    const double pi = acos(-1.0), gamma = look->gamma > 0 ? look->gamma : 1;
    const int64_t ny = volume->shape.dim[1], nx = volume->shape.dim[2];
    venn_rng rng = venn_rng_make(look->seed, number, STREAM_FIELD);
    const double angle = (double)venn_rng_uniform(&rng, 0, (float)(2 * pi));
    const double start = (double)venn_rng_uniform(&rng, 0, (float)(2 * pi));
    float *x = volume->data;
    for (int64_t z = 0; z < volume->shape.dim[0]; z++)
        for (int64_t i = 0; i < ny; i++)
            for (int64_t j = 0; j < nx; j++, x++) {
                const double along =
                    sin(angle) * (double)i / (double)ny + cos(angle) * (double)j / (double)nx;
                const double value = look->invert ? 1 - (double)*x : (double)*x;
                *x = (float)(pow(fmax(value, 0), gamma) *
                             (1 + look->bias * cos(pi * along + start)));
            }
}

venn_status venn_volume_open(venn_volume *volume, const char *path, const venn_look *look,
                             uint32_t number)
{
    if (volume->path && strcmp(volume->path, path) == 0)
        return VENN_OK;
    venn_volume_finish(volume);
    VENN_TRY(venn_nifti_read(&volume->array, path));
    if (look && look->normalise)
        VENN_TRY(normalise(volume->array));
    if (look && (look->invert || look->gamma > 0 || look->bias > 0))
        change(volume->array, look, number);
    volume->path = venn_strdup(path);
    return volume->path ? VENN_OK : VENN_NO_MEMORY;
}

void venn_volume_slice(const venn_volume *volume, int64_t slice, int64_t slices, int64_t height,
                       int64_t width, double scale, float *out)
{
    const int64_t *dim = volume->array->shape.dim;
    const int64_t z = (2 * slice + 1) * dim[0] / (2 * slices);
    const int64_t top = (dim[1] - height) / 2, left = (dim[2] - width) / 2;
    const float *x = (const float *)volume->array->data + z * dim[1] * dim[2];
    for (int64_t i = 0; i < height; i++)
        for (int64_t j = 0; j < width; j++) {
            const int64_t y = top + i, k = left + j;
            const bool inside = y >= 0 && y < dim[1] && k >= 0 && k < dim[2];
            out[i * width + j] = inside ? (float)(scale * (double)x[y * dim[2] + k]) : 0;
        }
}

void venn_volume_finish(venn_volume *volume)
{
    venn_array_destroy(&volume->array);
    free(volume->path);
    *volume = (venn_volume){0};
}
