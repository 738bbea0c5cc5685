// Picture sheets: tiles and channels come out where they should, and bad pictures are refused.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#pragma GCC diagnostic ignored "-Wunused-function"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

#include "data/sheet.h"
#include "data_files.h"

typedef struct bytes {
    uint8_t data[16384];
    size_t size;
} bytes;

static void append(void *user, void *data, int size)
{
    bytes *out = user;
    cr_assert_leq(out->size + (size_t)size, sizeof out->data);
    memcpy(out->data + out->size, data, (size_t)size);
    out->size += (size_t)size;
}

// 4 x 6 pixels: pixel (y, x) of channel c is 40 y + 5 x + 80 c.
static bytes make_png(int channels)
{
    uint8_t pixels[4 * 6 * 4];
    for (int i = 0; i < 4 * 6; i++)
        for (int c = 0; c < channels; c++)
            pixels[i * channels + c] = (uint8_t)(40 * (i / 6) + 5 * (i % 6) + 80 * c);
    bytes out = {.size = 0};
    cr_assert(stbi_write_png_to_func(append, &out, 6, 4, channels, pixels, 6 * channels));
    return out;
}

static venn_status try_sheet(const char *name, const uint8_t *data, size_t size)
{
    venn_array *array = NULL;
    venn_sheet_params params = {.height = 2, .width = 2};
    venn_status status = venn_sheet_parse(&array, name, data, size, &params);
    venn_array_destroy(&array);
    return status;
}

// Makes every chunk's checksum good again, as far as the lengths lead.
static void mend(uint8_t *data, size_t size)
{
    for (size_t at = 8; size - at >= 12;) {
        size_t length = (size_t)data[at + 2] << 8 | data[at + 3];
        if (data[at] || data[at + 1] || length > size - at - 12)
            return;
        uLong crc = crc32(0, data + at + 4, (uInt)(4 + length));
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
}

static venn_status try_mended(const char *name, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size);
    memcpy(copy, data, size);
    mend(copy, size);
    venn_status status = try_sheet(name, copy, size);
    free(copy);
    return status;
}

static venn_array *parse(const bytes *file, venn_sheet_params params)
{
    venn_array *array = NULL;
    cr_assert_eq(venn_sheet_parse(&array, "a.png", file->data, file->size, &params), VENN_OK, "%s",
                 venn_error_message());
    return array;
}

static void refuse(const bytes *file, venn_sheet_params params, const char *part)
{
    venn_array *array = NULL;
    check_fails(venn_sheet_parse(&array, "a.png", file->data, file->size, &params), VENN_BAD_FILE,
                part);
}

Test(data_sheet, tiles)
{
    bytes file = make_png(1);
    venn_array *array = parse(&file, (venn_sheet_params){.height = 2, .width = 3, .count = 3});
    cr_assert(shape_is(array, VENN_SHAPE(3, 1, 2, 3)));
    cr_assert_eq(array->dtype, VENN_U8);
    const uint8_t expected[] = {0,  5,  10, 40, 45, 50, 15,  20,  25,
                                55, 60, 65, 80, 85, 90, 120, 125, 130};
    cr_assert_arr_eq(array->data, expected, sizeof expected);
    venn_array_destroy(&array);
    array = parse(&file, (venn_sheet_params){0});
    cr_assert(shape_is(array, VENN_SHAPE(1, 1, 4, 6)));
    venn_array_destroy(&array);
}

Test(data_sheet, channels)
{
    bytes file = make_png(3);
    venn_array *array = parse(&file, (venn_sheet_params){.height = 2, .width = 2});
    cr_assert(shape_is(array, VENN_SHAPE(6, 3, 2, 2)));
    const uint8_t second[] = {10, 15, 50, 55, 90, 95, 130, 135, 170, 175, 210, 215};
    cr_assert_arr_eq((uint8_t *)array->data + 12, second, sizeof second);
    venn_array_destroy(&array);
    array = parse(&file, (venn_sheet_params){.channels = 1});
    cr_assert(shape_is(array, VENN_SHAPE(1, 1, 4, 6)));
    cr_assert_eq(((uint8_t *)array->data)[0], (80 * 150 + 160 * 29) >> 8);
    venn_array_destroy(&array);
    check_fails(venn_sheet_parse(&array, "a.png", file.data, file.size,
                                 &(venn_sheet_params){.channels = 2}),
                VENN_BAD_ARG, "2 channels");
}

Test(data_sheet, bad_pngs)
{
    bytes file = make_png(3);
    check_truncations(try_sheet, file.data, file.size);
    check_corruptions(try_sheet, file.data, file.size);
    check_corruptions(try_mended, file.data, file.size);
    refuse(&file, (venn_sheet_params){.height = 3}, "no grid of 6 x 3 tiles");
    refuse(&file, (venn_sheet_params){.height = 2, .width = 2, .count = 7}, "holds 6 tiles, not 7");
    // A header that lies, its checksum mended: the size is refused before the decoder allocates.
    bytes lie = file;
    memcpy(lie.data + 16, "\0\0\x27\x10\0\0\x27\x10", 8);
    mend(lie.data, lie.size);
    refuse(&lie, (venn_sheet_params){0}, "10000 x 10000 pixels, too many");
    lie = file;
    lie.data[24] = 16;
    mend(lie.data, lie.size);
    refuse(&lie, (venn_sheet_params){0}, "16 bits");
    check_fails(try_sheet("a.png", (const uint8_t *)"GIF89a--", 8), VENN_BAD_FILE, "neither a PNG");
}

// 16 x 16 grey pixels of 100: four blocks, DC -28 at quantiser 8, then three times no change.
static bytes make_jpeg(void)
{
    static const char head[] = "\xff\xd8\xff\xdb\0\x43\0",
                      tail[] = "\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0"
                               "\xff\xc4\0\x15\0\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05"
                               "\xff\xc4\0\x14\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\xff\xda\0\x08\x01\x01\0\0\x3f\0\x86\x03\xff\xd9";
    bytes out = {.size = 0};
    append(&out, (void *)head, sizeof head - 1);
    memset(out.data + out.size, 8, 64);
    out.size += 64;
    append(&out, (void *)tail, sizeof tail - 1);
    return out;
}

Test(data_sheet, jpeg)
{
    bytes file = make_jpeg();
    venn_array *array = parse(&file, (venn_sheet_params){.height = 8, .width = 8});
    cr_assert(shape_is(array, VENN_SHAPE(4, 1, 8, 8)));
    for (int i = 0; i < 4 * 64; i++)
        cr_assert_eq(((uint8_t *)array->data)[i], 100);
    venn_array_destroy(&array);
    check_truncations(try_sheet, file.data, file.size);
    check_corruptions(try_sheet, file.data, file.size);
}

Test(data_sheet, embedded_digits)
{
    // Count, mean and pixels of assets/digits as its DATASET.md gives them.
    venn_array *array = NULL;
    cr_assert_eq(venn_sheet_read(&array, "embedded:digits/train-image.png",
                                 &(venn_sheet_params){.height = 28, .width = 28}),
                 VENN_OK, "%s", venn_error_message());
    cr_assert(shape_is(array, VENN_SHAPE(4000, 1, 28, 28)));
    double sum = 0;
    for (size_t i = 0; i < venn_array_bytes(array); i++)
        sum += ((uint8_t *)array->data)[i];
    cr_assert_float_eq(sum / (double)venn_array_bytes(array) / 255, 0.1316, 5e-5);
    venn_array_destroy(&array);
}
