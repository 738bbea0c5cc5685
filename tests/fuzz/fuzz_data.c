// Readers of data: arrays, tables, recordings, pictures, volumes, weights; descriptions of data sets.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data/array_file.h"
#include "data/csv.h"
#include "data/description.h"
#include "data/hdf5.h"
#include "data/mat5.h"
#include "data/sheet.h"
#include "data/sound.h"
#include "fuzz.h"
#include "venn/io.h"

void fuzz_safetensors(const uint8_t *data, size_t size)
{
    venn_safetensors *file;
    if (venn_safetensors_read(&file, fuzz_file("weights.safetensors", data, size)) < 0)
        return;
    for (size_t i = 0; i < venn_safetensors_count(file); i++) {
        // Every byte that the file promises is there.
        const venn_named_array *a = venn_safetensors_at(file, i);
        const size_t bytes = (size_t)venn_shape_count(&a->shape) * venn_dtype_size(a->dtype);
        if (bytes)
            (void)adler32(0, a->data, (uInt)bytes);
        venn_safetensors_find(file, a->name);
    }
    venn_safetensors_metadata(file, "format");
    venn_safetensors_destroy(&file);
}

void fuzz_npy(const uint8_t *data, size_t size)
{
    venn_array *array = NULL;
    venn_array_parse(&array, "npy", data, size); // by content, as data sets do
    venn_array_destroy(&array);
    venn_npy_parse(&array, "npy", data, size);
    venn_array_destroy(&array);
}

void fuzz_idx(const uint8_t *data, size_t size)
{
    venn_array *array = NULL;
    venn_idx_parse(&array, "idx", data, size);
    venn_array_destroy(&array);
}

void fuzz_mat5(const uint8_t *data, size_t size)
{
    venn_array *array = NULL;
    venn_mat5_parse(&array, "mat", data, size, "a");
    venn_array_destroy(&array);
}

#ifdef VENN_HAS_HDF5
void fuzz_hdf5(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "g/b"};
    const char *path = fuzz_file("arrays.hdf5", data, size);
    for (int i = 0; i < 2 && venn_hdf5_is(path); i++) {
        char named[256];
        venn_array *array = NULL;
        snprintf(named, sizeof named, "%s:%s", path, names[i]);
        venn_named_array_read(&array, named);
        venn_array_destroy(&array);
    }
}
#endif

void fuzz_csv(const uint8_t *data, size_t size)
{
    venn_csv csv = {0};
    if (venn_csv_parse(&csv, "csv", data, size) < 0)
        return;
    size_t column, count = 0;
    uint32_t *rows = NULL;
    int32_t value;
    static const char *const where[] = {"a=1", "b!=2"};
    if (venn_csv_column(&csv, "a", &column) == VENN_OK)
        for (size_t row = 0; row < csv.rows; row++)
            venn_csv_int(&csv, row, column, &value);
    venn_csv_select(&csv, where, 2, &rows, &count);
    free(rows);
    venn_csv_finish(&csv);
}

void fuzz_description(const uint8_t *data, size_t size)
{
    venn_description_file file;
    if (venn_description_read(&file, fuzz_file("set.yaml", data, size)) == VENN_OK)
        venn_description_finish(&file);
}

void fuzz_sound(const uint8_t *data, size_t size)
{
    venn_array *sound = NULL;
    int32_t rate;
    venn_sound_parse(&sound, "sound", data, size, &rate);
    venn_array_destroy(&sound);
}

// Makes the checksums of a PNG's chunks good, as far as the lengths lead: random bytes never have them.
static void mend(uint8_t *data, size_t size)
{
    for (size_t at = 8; size - at >= 12;) {
        const size_t length = (size_t)data[at + 2] << 8 | data[at + 3];
        if (data[at] || data[at + 1] || length > size - at - 12)
            return;
        const uLong crc = crc32(0, data + at + 4, (uInt)(4 + length));
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
}

static void parse_picture(const uint8_t *data, size_t size, const venn_sheet_params *params)
{
    venn_array *sheet = NULL;
    venn_sheet_parse(&sheet, "picture", data, size, params);
    venn_array_destroy(&sheet);
}

void fuzz_picture(const uint8_t *data, size_t size)
{
    if (size < 8)
        return;
    uint8_t *copy = malloc(size);
    if (!copy)
        return;
    memcpy(copy, data, size);
    if (*copy == 0x89)
        mend(copy, size);
    parse_picture(copy, size, &(venn_sheet_params){0});
    // The last byte says what is made of it, as a description would.
    parse_picture(copy, size,
                  &(venn_sheet_params){.height = 2,
                                       .width = data[size - 1] & 4 ? 2 : 0,
                                       .channels = data[size - 1] & 3});
    free(copy);
}

#ifdef VENN_HAS_NIFTI
void fuzz_nifti(const uint8_t *data, size_t size)
{
    venn_array *volume = NULL;
    venn_nifti_read(&volume, fuzz_file("volume.nii", data, size));
    venn_array_destroy(&volume);
}
#endif
