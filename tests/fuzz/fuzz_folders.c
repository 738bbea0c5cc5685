// Readers of folders: the state of a training, as resuming finds it, and a data set by its description.
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data/dataset.h"
#include "fuzz.h"
#include "train/checkpoint.h"
#include "train/fit_internal.h"

// ---- The state of a training -----------------------------------------------------------------

enum { EPOCHS = 4, PER_EPOCH = 8 };

static void check_result(const venn_fit_result *r)
{
    if (r->n_epochs > EPOCHS || r->best_epoch > r->n_epochs)
        abort();
}

// It must be a place in the training: nothing looks at it again before it goes on.
static void check_state(const fit_state *f)
{
    check_result(f->result);
    if (f->epoch > EPOCHS || f->index > PER_EPOCH || f->steps != f->epoch * PER_EPOCH + f->index ||
        f->result->n_epochs != f->epoch)
        abort();
}

// The text as done.json, and as the state in a checkpoint, beside arrays of which some inputs lack one. No array is
// on a device.
void fuzz_state(const uint8_t *data, size_t size)
{
    static int32_t counts[3];
    static float buffer[2];
    const venn_fit_array arrays[] = {{"counts", VENN_I32, VENN_SHAPE(3), counts},
                                     {"buffer", VENN_F32, VENN_SHAPE(2), buffer}};
    const venn_named_array saved[] = {{"counts", VENN_I32, VENN_SHAPE(3), counts},
                                      {"buffer", VENN_F32, VENN_SHAPE(2), buffer}};
    venn_metrics history[EPOCHS];
    venn_fit_result result = {.history = history};
    const venn_fit fit = {
        .folder = fuzz_folder(), .seed = 3, .arrays = arrays, .n_arrays = 2, .checkpoints = 1};
    fit_state state = {.fit = &fit,
                       .result = &result,
                       .epochs = EPOCHS,
                       .batch = 5,
                       .per_epoch = PER_EPOCH,
                       .n_terms = 1,
                       .terms = {{.name = "ce"}}};
    bool found;
    fuzz_file("done.json", data, size);
    if (venn_fit_load_done(&state, &found) == VENN_OK)
        check_result(&result);
    char *text = malloc(size + 1);
    if (!text)
        return;
    memcpy(text, data, size);
    text[size] = 0;
    fuzz_file("last.safetensors", "", 0); // to be removed at the end
    result = (venn_fit_result){.history = history};
    if (venn_checkpoint_write(fit.folder, 1, saved, size % 16 ? 2 : 1, text) == VENN_OK &&
        venn_fit_load(&state, &found) == VENN_OK)
        check_state(&state);
    free(text);
}

// ---- A data set ------------------------------------------------------------------------------

static bool small(int64_t value, int64_t most)
{
    return value >= 0 && value <= most;
}

static bool small_parts(const venn_parts *parts)
{
    for (int s = 0; s < VENN_SPLITS; s++)
        if (parts->part[s] && !small(parts->part[s]->slices, 4))
            return false;
    return true;
}

static bool small_sound(const venn_modality_text *m)
{
    const venn_mel_params *mel = m->mel;
    const venn_stft_params *stft = m->stft;
    return (!mel || (small(mel->fft, 64) && small(mel->bands, 8) && small(mel->frames, 8) &&
                     mel->window_ms < 8)) &&
           (!stft || (small(stft->fft, 64) && small(stft->frames, 8)));
}

// Descriptions size things, and may make them as large as they like (SECURITY.md): not what is looked for.
static bool is_small(const venn_description *d)
{
    if (!small_parts(&d->labels) || d->modality_count > 4)
        return false;
    for (unsigned i = 0; i < d->modality_count; i++) {
        const venn_modality_text *m = &d->modalities[i];
        int64_t count = 1;
        for (unsigned k = 0; k < m->shape_count; k++)
            count = small(m->shape[k], 64) ? count * m->shape[k] : INT32_MAX;
        if (!small(count, 64) || !small_parts(&m->parts) || !small_sound(m))
            return false;
    }
    return true;
}

// Every element that the data set promises is there, and every label is of a class.
static void check_split(const venn_dataset *data, venn_split_id s)
{
    for (int64_t i = 0; i < data->split[s].n; i++) {
        const int32_t label = data->split[s].labels[i];
        if (label < 0 || label >= data->class_count)
            abort();
        for (int32_t m = 0; m < data->modality_count; m++) {
            const size_t count = (size_t)venn_shape_count(&data->modalities[m].shape);
            (void)adler32(0, (const void *)venn_dataset_item(data, s, m, i),
                          (uInt)(count * sizeof(float)));
        }
    }
}

// A description, and behind lines of "==" the files a, b, c, d and e.nii of its folder. Paths stay in the folder, and
// HDF5, whose library is another target's matter, is left out.
void fuzz_dataset(const uint8_t *data, size_t size)
{
    static const char cut[] = "\n==\n";
    static const char *const names[] = {"set.yaml", "a", "b", "c", "d", "e.nii"};
    const char *path = NULL;
    if (memmem(data, size, "\x89HDF", 4))
        return;
    for (int i = 0; i < 6; i++) {
        const uint8_t *end = memmem(data, size, cut, sizeof cut - 1);
        const size_t piece = end ? (size_t)(end - data) : size;
        const char *written = fuzz_file(names[i], data, piece);
        if (i == 0 && memchr(data, '/', piece))
            return;
        path = i ? path : written;
        data = end ? end + sizeof cut - 1 : data + size;
        size -= end ? piece + sizeof cut - 1 : size;
    }
    venn_dataset *set = NULL;
    venn_description_file file;
    if (venn_description_read(&file, path) < 0)
        return;
    if (!is_small(file.d)) {
        venn_description_finish(&file);
        return;
    }
    if (venn_dataset_load_described(&set, &file, &(venn_dataset_params){0}) < 0)
        return;
    for (int s = 0; s < VENN_SPLITS; s++)
        check_split(set, (venn_split_id)s);
    venn_dataset_destroy(&set);
}
