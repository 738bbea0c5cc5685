// NIfTI-1 volumes through libniftiio. The library trusts a header: so what it says is held against the file before
// anything is allocated, and it is asked for the numbers alone, never for extensions or other files.
#include "base/status.h"
#include "venn/data.h"

#ifdef VENN_HAS_NIFTI
#include <math.h>
#include <nifti1_io.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "data/gunzip.h"

// What venn makes of an element of a file.
typedef double (*element_fn)(const void *data, size_t i);

#define ELEMENT(name, type)                                                                        \
    static double name(const void *data, size_t i)                                                 \
    {                                                                                              \
        return (double)((const type *)data)[i];                                                    \
    }
ELEMENT(element_u8, uint8_t)
ELEMENT(element_i8, int8_t)
ELEMENT(element_u16, uint16_t)
ELEMENT(element_i16, int16_t)
ELEMENT(element_u32, uint32_t)
ELEMENT(element_i32, int32_t)
ELEMENT(element_f32, float)
ELEMENT(element_f64, double)

static const struct kind {
    int type;
    size_t size;
    element_fn element;
} kinds[] = {
    {DT_UINT8, 1, element_u8},    {DT_INT8, 1, element_i8},     {DT_UINT16, 2, element_u16},
    {DT_INT16, 2, element_i16},   {DT_UINT32, 4, element_u32},  {DT_INT32, 4, element_i32},
    {DT_FLOAT32, 4, element_f32}, {DT_FLOAT64, 8, element_f64}, {0}};

static const struct kind *find_kind(int type)
{
    const struct kind *k = kinds;
    while (k->size && k->type != type)
        k++;
    return k->size ? k : NULL;
}

// Bytes of the file once unpacked; of gzip it is what the last four bytes say.
static venn_status unpacked_size(const char *path, uint64_t *out)
{
    uint8_t start[2] = {0}, end[4] = {0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return venn_fail(VENN_BAD_FILE, "%s: cannot be opened", path);
    struct stat info;
    bool sound = fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode) &&
                 fread(start, 1, 2, file) == 2 && fseek(file, -4, SEEK_END) == 0 &&
                 fread(end, 1, 4, file) == 4;
    fclose(file);
    if (!sound)
        return venn_fail(VENN_BAD_FILE, "%s: is no file of a volume", path);
    *out = venn_is_gzip(start, 2) ? (uint64_t)end[0] | (uint64_t)end[1] << 8 |
                                        (uint64_t)end[2] << 16 | (uint64_t)end[3] << 24
                                  : (uint64_t)info.st_size;
    // Deflate packs at most 1032 to 1, so a larger size is a lie.
    if (*out / 1032 > (uint64_t)info.st_size)
        return venn_fail(VENN_BAD_FILE, "%s: cannot hold %llu bytes", path,
                         (unsigned long long)*out);
    return VENN_OK;
}

// The header in this machine's byte order. The library's own reader writes to stderr where it fails.
static venn_status read_header(const char *path, nifti_1_header *header, bool *swapped)
{
    gzFile file = gzopen(path, "rb"); // which reads plain files, too
    const bool whole = file && gzread(file, header, sizeof *header) == (int)sizeof *header;
    if (file)
        gzclose(file);
    if (!whole)
        return venn_fail(VENN_BAD_FILE, "%s: no header can be read; copy the file again", path);
    *swapped = header->sizeof_hdr != (int)sizeof *header;
    if (*swapped)
        swap_nifti_header(header, 1);
    return header->sizeof_hdr == (int)sizeof *header
               ? VENN_OK
               : venn_fail(VENN_BAD_FILE, "%s: no NIfTI-1 header", path);
}

// The header's word held against the file.
static venn_status check(const char *path, const nifti_1_header *h, uint64_t size)
{
    const struct kind *kind = find_kind(h->datatype);
    uint64_t count = 1;
    if (memcmp(h->magic, "n+1", 4) != 0)
        return venn_fail(VENN_BAD_FILE,
                         "%s: is not NIfTI-1 with header and numbers in one file (.nii, .nii.gz)",
                         path);
    if (!kind)
        return venn_fail(VENN_BAD_FILE,
                         "%s: numbers of type %d are not read; convert them to integers of up to "
                         "32 bits or floats",
                         path, h->datatype);
    if (h->dim[0] < 1 || h->dim[0] > 7)
        return venn_fail(VENN_BAD_FILE, "%s: has %d axes", path, h->dim[0]);
    for (int i = 1; i <= h->dim[0]; i++) {
        if (h->dim[i] < 1 || (i > 3 && h->dim[i] != 1))
            return venn_fail(VENN_BAD_FILE, "%s: axis %d is %d long; a volume has three axes", path,
                             i, h->dim[i]);
        count *= (uint64_t)h->dim[i]; // at most 2^45
    }
    const double offset = (double)h->vox_offset;
    if (!(offset >= 352) || offset > (double)size || offset != floor(offset))
        return venn_fail(VENN_BAD_FILE, "%s: the numbers cannot begin at byte %g of %llu", path,
                         offset, (unsigned long long)size);
    if (count * kind->size != size - (uint64_t)offset)
        return venn_fail(VENN_BAD_FILE, "%s: holds %llu bytes of numbers, but its header says %llu",
                         path, (unsigned long long)(size - (uint64_t)offset),
                         (unsigned long long)(count * kind->size));
    return VENN_OK;
}

static venn_status convert(venn_array **out, const char *path, const nifti_image *image)
{
    const struct kind *kind = find_kind(image->datatype);
    const bool scaled =
        image->scl_slope != 0 && isfinite(image->scl_slope) && isfinite(image->scl_inter);
    const double slope = scaled ? (double)image->scl_slope : 1;
    const double inter = scaled ? (double)image->scl_inter : 0;
    VENN_TRY(venn_array_create(out, path, VENN_F32, VENN_SHAPE(image->nz, image->ny, image->nx)));
    float *to = (*out)->data;
    const size_t n = (size_t)image->nx * (size_t)image->ny * (size_t)image->nz;
    for (size_t i = 0; i < n; i++) {
        to[i] = (float)(slope * kind->element(image->data, i) + inter);
        if (!isfinite(to[i])) {
            venn_array_destroy(out);
            return venn_fail(VENN_BAD_FILE, "%s: number %zu is not finite", path, i);
        }
    }
    return VENN_OK;
}

static venn_status load(venn_array **out, const char *path, const nifti_1_header *header,
                        bool swapped)
{
    nifti_image *image = nifti_convert_nhdr2nim(*header, path);
    if (!image)
        return venn_fail(VENN_BAD_FILE, "%s: libnifti refuses the header", path);
    if (swapped) // the header was put in order when it was read, the numbers are not yet
        image->byteorder = 3 - nifti_short_order(); // 1: least significant byte first, 2: last
    venn_status status =
        nifti_image_load(image) == 0 && image->data
            ? convert(out, path, image)
            : venn_fail(VENN_BAD_FILE, "%s: the numbers cannot be read; copy the file again", path);
    nifti_image_free(image);
    return status;
}

venn_status venn_nifti_read(venn_array **out, const char *path)
{
    uint64_t size = 0;
    *out = NULL;
    const char *end = strrchr(path, '.');
    if (!end || (strcmp(end, ".nii") != 0 && strcmp(end, ".gz") != 0))
        return venn_fail(VENN_BAD_FILE, "%s: a volume's name ends in .nii or .nii.gz", path);
    VENN_TRY(unpacked_size(path, &size));
    if (size < 352)
        return venn_fail(VENN_BAD_FILE, "%s: has %llu bytes, fewer than a header", path,
                         (unsigned long long)size);
    nifti_set_debug_level(0);
    nifti_1_header header;
    bool swapped;
    VENN_TRY(read_header(path, &header, &swapped));
    VENN_TRY(check(path, &header, size));
    return load(out, path, &header, swapped);
}

#else

venn_status venn_nifti_read(venn_array **out, const char *path)
{
    *out = NULL;
    return venn_fail(
        VENN_UNSUPPORTED,
        "%s: this venn was built without NIfTI; install libnifti-dev and build it again", path);
}

#endif
