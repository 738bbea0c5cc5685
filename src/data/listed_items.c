// One file per item (see listed_items.h).
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "data/items.h"
#include "data/listed_items.h"
#include "data/log_mel.h"
#include "data/volume_items.h"

typedef struct reader {
    const venn_modality_text *text;
    venn_mel *mel;      // of recordings, if not their stft
    venn_volume volume; // of slices
    double scale;
    size_t size; // numbers of an item
} reader;

// Samples: of an npy file, all its numbers, at the rate that is wanted.
static venn_status read_samples(venn_array **sound, const char *path, int32_t *rate)
{
    const char *ending = strrchr(path, '.');
    if (!ending || strcmp(ending, ".npy") != 0)
        return venn_sound_read(sound, path, rate);
    VENN_TRY(venn_npy_read(sound, path));
    if ((*sound)->dtype == VENN_F32)
        return VENN_OK;
    venn_array_destroy(sound);
    return venn_fail(VENN_BAD_FILE, "%s: samples are floating-point numbers", path);
}

static venn_status read_recording(const reader *r, const char *path, float *out)
{
    venn_array *sound = NULL;
    const venn_stft_params *stft = r->text->stft;
    const int32_t wanted = stft ? stft->rate : venn_mel_resolved(r->mel)->rate;
    int32_t rate = wanted;
    VENN_TRY(read_samples(&sound, path, &rate));
    const size_t count = venn_array_bytes(sound) / sizeof(float);
    venn_status status = VENN_OK;
    if (rate != wanted)
        status = venn_fail(VENN_BAD_FILE, "%s: is %d Hz, but the %s's rate is %d; resample it",
                           path, rate, stft ? "stft" : "mel", wanted);
    else if (stft)
        status = venn_stft_apply(stft, path, sound->data, count, out);
    else
        venn_mel_apply(r->mel, sound->data, count, out);
    for (size_t i = 0; status == VENN_OK && i < r->size; i++)
        out[i] = (float)((double)out[i] * r->scale);
    venn_array_destroy(&sound);
    return status;
}

// An array of as many numbers as `shape` has: an npy file, or a picture, which may be cut into tiles.
static venn_status read_array(const reader *r, const char *path, float *out)
{
    venn_array *array = NULL;
    VENN_TRY(r->text->parts.kind == VENN_KIND_NPYS ? venn_npy_read(&array, path)
                                                   : venn_sheet_read(&array, path, r->text->tile));
    const size_t size = venn_array_bytes(array) / venn_dtype_size(array->dtype);
    char shape[VENN_SHAPE_TEXT_MAX];
    venn_status status =
        size == r->size
            ? venn_array_floats(array, 0, size, r->scale, out)
            : venn_fail(VENN_BAD_SHAPE, "%s: is %s, %zu numbers, but `shape` has %zu", path,
                        venn_shape_text(&array->shape, shape, sizeof shape), size, r->size);
    venn_array_destroy(&array);
    return status;
}

static venn_status read_slice(reader *r, const char *path, uint32_t row, size_t slice,
                              size_t slices, float *out)
{
    const int64_t *last = r->text->shape + r->text->shape_count - 2;
    if ((size_t)(last[0] * last[1]) != r->size)
        return venn_fail(VENN_BAD_SHAPE, "a slice has one channel: `shape` is [1, height, width]");
    VENN_TRY(venn_volume_open(&r->volume, path, r->text->look, row));
    venn_volume_slice(&r->volume, (int64_t)slice, (int64_t)slices, last[0], last[1], r->scale, out);
    return VENN_OK;
}

static char *make_path(const char *root, const char *name, const char *ending)
{
    char *full = venn_format("%s%s", name, ending ? ending : "");
    char *path = full ? venn_path_join(root, full) : NULL;
    free(full);
    return path;
}

static venn_status read_all(reader *r, const char *root, venn_array *out, const uint32_t *origin,
                            const venn_listing *listing, const venn_part *part)
{
    const size_t count = (size_t)out->shape.dim[0];
    venn_status status = VENN_OK;
    for (size_t i = 0; i < count && status == VENN_OK; i++) {
        const uint32_t row = listing->chosen[origin[i] / listing->slices];
        const char *name = venn_csv_cell(listing->csv, row, listing->column);
        char *path = make_path(root, name, part->ending);
        float *to = (float *)out->data + i * r->size;
        status = !path                                  ? VENN_NO_MEMORY
                 : r->text->parts.kind == VENN_KIND_WAV ? read_recording(r, path, to)
                 : r->text->parts.kind == VENN_KIND_VOLUMES
                     ? read_slice(r, path, row, origin[i] % listing->slices, listing->slices, to)
                     : read_array(r, path, to);
        free(path);
    }
    return status;
}

static venn_status make_mel(reader *r)
{
    const venn_stft_params *stft = r->text->stft;
    if (stft) {
        VENN_TRY(venn_stft_check(stft));
        const size_t made = ((size_t)stft->fft / 2 + 1) * (size_t)stft->frames;
        return made == r->size ? VENN_OK
                               : venn_fail(VENN_BAD_SHAPE,
                                           "the stft makes %d bands of %d frames, but `shape` has "
                                           "%zu",
                                           stft->fft / 2 + 1, stft->frames, r->size);
    }
    VENN_TRY(venn_mel_create(&r->mel, r->text->mel));
    const venn_mel_params *p = venn_mel_resolved(r->mel);
    if ((size_t)p->bands * (size_t)p->frames != r->size)
        return venn_fail(VENN_BAD_SHAPE, "the mel makes %d bands of %d frames, but `shape` has %zu",
                         p->bands, p->frames, r->size);
    return VENN_OK;
}

venn_status venn_listed_items_read(venn_array *out, const uint32_t *origin,
                                   const venn_sources *sources, const venn_listing *listing,
                                   const venn_modality_text *text, const venn_part *part)
{
    reader r = {.text = text,
                .scale = text->scale != 0 ? text->scale : 1,
                .size = venn_array_bytes(out) / sizeof(float) / (size_t)out->shape.dim[0]};
    char *root = venn_sources_path(sources, part->folder ? part->folder : ".");
    venn_status status = !root ? VENN_NO_MEMORY : text->mel || text->stft ? make_mel(&r) : VENN_OK;
    if (status == VENN_OK)
        status = read_all(&r, root, out, origin, listing, part);
    if (r.mel)
        venn_mel_destroy(&r.mel);
    venn_volume_finish(&r.volume);
    free(root);
    return status;
}
