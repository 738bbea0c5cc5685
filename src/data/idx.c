// IDX (LeCun's format of MNIST), plain or gzip. The header is read first; what it promises is held
// against the real length before anything is allocated for it.
#include <stdlib.h>

#include "base/status.h"
#include "data/array_file.h"
#include "data/element.h"
#include "data/gunzip.h"

enum { IDX_HEADER_MAX = 4 + 4 * VENN_MAX_RANK };

typedef struct idx_header {
    venn_file_element type;
    venn_dtype dtype;
    venn_shape shape;
    size_t offset, bytes; // where the elements start, and how many bytes they are
} idx_header;

static bool idx_element(uint8_t code, venn_file_element *type)
{
    static const struct {
        uint8_t code;
        venn_file_element type;
    } known[] = {{0x08, {'u', 1, true}}, {0x09, {'i', 1, true}}, {0x0B, {'i', 2, true}},
                 {0x0C, {'i', 4, true}}, {0x0D, {'f', 4, true}}, {0x0E, {'f', 8, true}}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].code == code) {
            *type = known[i].type;
            return true;
        }
    return false;
}

static venn_status parse_header(const char *name, const uint8_t *data, size_t size,
                                idx_header *header)
{
    if (size < 4 || data[0] != 0 || data[1] != 0)
        return venn_fail(VENN_BAD_FILE, "%s: not an IDX file (it does not begin with 0 0)", name);
    if (!idx_element(data[2], &header->type) ||
        !venn_file_element_dtype(header->type, &header->dtype))
        return venn_fail(VENN_BAD_FILE, "%s: IDX type 0x%02x is unknown", name, data[2]);
    int rank = data[3];
    if (rank < 1 || rank > VENN_MAX_RANK)
        return venn_fail(VENN_BAD_FILE, "%s: IDX rank %d; 1 to %d are read", name, rank,
                         VENN_MAX_RANK);
    header->offset = 4 + 4 * (size_t)rank;
    if (size < header->offset)
        return venn_fail(VENN_BAD_FILE, "%s: truncated in the IDX header (%zu of %zu bytes)", name,
                         size, header->offset);
    header->shape.rank = rank;
    for (int i = 0; i < rank; i++) {
        const uint8_t *p = data + 4 + 4 * i;
        header->shape.dim[i] =
            (int64_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
    }
    int64_t count = venn_shape_count(&header->shape);
    if (count < 0 ||
        __builtin_mul_overflow((size_t)count, (size_t)header->type.size, &header->bytes) ||
        header->bytes > SIZE_MAX / 8)
        return venn_fail(VENN_BAD_FILE, "%s: the extents in the IDX header overflow", name);
    return VENN_OK;
}

static venn_status parse_plain(venn_array **out, const char *name, const uint8_t *data, size_t size)
{
    idx_header header;
    VENN_TRY(parse_header(name, data, size, &header));
    if (size - header.offset != header.bytes) {
        char text[VENN_SHAPE_TEXT_MAX];
        return venn_fail(VENN_BAD_FILE,
                         "%s: the IDX header says %s, %zu bytes, but %s%zu follow; copy it again",
                         name, venn_shape_text(&header.shape, text, sizeof text), header.bytes,
                         size - header.offset > header.bytes ? "more than " : "only ",
                         size - header.offset > header.bytes ? header.bytes : size - header.offset);
    }
    venn_array *array;
    VENN_TRY(venn_array_create(&array, name, header.dtype, header.shape));
    size_t count = (size_t)venn_shape_count(&header.shape);
    venn_status status =
        venn_file_element_convert(name, header.type, data + header.offset, count, array->data);
    if (status < 0)
        venn_array_destroy(&array);
    else
        *out = array;
    return status;
}

venn_status venn_idx_parse(venn_array **out, const char *name, const uint8_t *data, size_t size)
{
    if (!venn_is_gzip(data, size))
        return parse_plain(out, name, data, size);
    void *plain;
    size_t plain_size;
    idx_header header;
    VENN_TRY(venn_gunzip(name, data, size, IDX_HEADER_MAX, &plain, &plain_size));
    venn_status status = parse_header(name, plain, plain_size, &header);
    free(plain);
    VENN_TRY(status);
    // One byte more than promised, so that a longer stream shows and the checksum is reached.
    size_t limit = header.offset + header.bytes + 1;
    VENN_TRY(venn_gunzip(name, data, size, limit, &plain, &plain_size));
    status = parse_plain(out, name, plain, plain_size);
    free(plain);
    return status;
}
