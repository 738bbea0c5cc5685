// Sheets: a picture decoded by stb_image, cut into tiles, channels first. The picture's own header
// is held against the file's size before the decoder allocates for it.
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 32768
// The formats left out are declared all the same; the compiler says so at the end of this file.
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image.h>

#include "base/status.h"
#include "data/blob.h"
#include "data/sheet.h"

typedef struct picture {
    int width, height, channels;
    uint8_t *pixels; // height x width x channels, of stbi
} picture;

// Neither deflate nor JPEG packs better than this many pixels' bytes into one.
enum { PACK_MAX = 1100, PACK_SLACK = 1 << 16 };

static venn_status decode(const char *name, const uint8_t *data, size_t size, int channels,
                          picture *out)
{
    VENN_TRY(venn_picture_check(name, data, size));
    int found;
    if (size > INT_MAX ||
        !stbi_info_from_memory(data, (int)size, &out->width, &out->height, &found))
        return venn_fail(VENN_BAD_FILE, "%s: the picture's header is bad (%s)", name,
                         size > INT_MAX ? "over 2 GiB" : stbi_failure_reason());
    size_t bytes = (size_t)out->width * (size_t)out->height * (size_t)found;
    if (bytes / PACK_MAX > size + PACK_SLACK / PACK_MAX)
        return venn_fail(VENN_BAD_FILE, "%s: says it is %d x %d pixels, too many for %zu bytes",
                         name, out->width, out->height, size);
    out->pixels =
        stbi_load_from_memory(data, (int)size, &out->width, &out->height, &found, channels);
    if (!out->pixels)
        return venn_fail(VENN_BAD_FILE, "%s: cannot decode the picture: %s", name,
                         stbi_failure_reason());
    out->channels = channels ? channels : found;
    return VENN_OK;
}

// The grid of tiles that the picture must be; fills in the defaults of params.
static venn_status lay_grid(const char *name, const picture *sheet, venn_sheet_params *params)
{
    if (!params->height)
        params->height = sheet->height;
    if (!params->width)
        params->width = sheet->width;
    if (params->height <= 0 || params->width <= 0 || sheet->height % params->height ||
        sheet->width % params->width)
        return venn_fail(VENN_BAD_FILE, "%s: %d x %d pixels are no grid of %d x %d tiles", name,
                         sheet->width, sheet->height, params->width, params->height);
    int64_t places =
        (int64_t)(sheet->height / params->height) * (int64_t)(sheet->width / params->width);
    if (!params->count)
        params->count = places;
    if (params->count < 0 || params->count > places)
        return venn_fail(VENN_BAD_FILE, "%s: holds %lld tiles, not %lld; correct the count", name,
                         (long long)places, (long long)params->count);
    return VENN_OK;
}

static void cut_tile(const picture *sheet, const venn_sheet_params *params, int64_t tile,
                     uint8_t *out)
{
    int64_t columns = sheet->width / params->width;
    size_t top = (size_t)(tile / columns) * (size_t)params->height;
    size_t left = (size_t)(tile % columns) * (size_t)params->width;
    size_t channels = (size_t)sheet->channels;
    for (size_t c = 0; c < channels; c++)
        for (size_t y = 0; y < (size_t)params->height; y++) {
            const uint8_t *row =
                sheet->pixels + ((top + y) * (size_t)sheet->width + left) * channels + c;
            for (size_t x = 0; x < (size_t)params->width; x++)
                *out++ = row[x * channels];
        }
}

static venn_status cut(venn_array **out, const char *name, const picture *sheet,
                       venn_sheet_params params)
{
    VENN_TRY(lay_grid(name, sheet, &params));
    venn_array *array;
    VENN_TRY(
        venn_array_create(&array, name, VENN_U8,
                          VENN_SHAPE(params.count, sheet->channels, params.height, params.width)));
    size_t tile = (size_t)sheet->channels * (size_t)params.height * (size_t)params.width;
    for (int64_t i = 0; i < params.count; i++)
        cut_tile(sheet, &params, i, (uint8_t *)array->data + (size_t)i * tile);
    *out = array;
    return VENN_OK;
}

venn_status venn_sheet_parse(venn_array **out, const char *name, const uint8_t *data, size_t size,
                             const venn_sheet_params *params)
{
    picture sheet = {0};
    if (params->channels < 0 || params->channels > 4 || params->channels == 2)
        return venn_fail(VENN_BAD_ARG, "%s: %d channels asked for; 1, 3 and 4 are possible", name,
                         params->channels);
    VENN_TRY(decode(name, data, size, params->channels, &sheet));
    venn_status status = cut(out, name, &sheet, *params);
    stbi_image_free(sheet.pixels);
    return status;
}

venn_status venn_sheet_read(venn_array **out, const char *path, const venn_sheet_params *params)
{
    venn_blob blob;
    VENN_TRY(venn_blob_read(path, &blob));
    venn_status status = venn_sheet_parse(out, path, blob.data, blob.size,
                                          params ? params : &(venn_sheet_params){0});
    venn_blob_finish(&blob);
    return status;
}
