// MAT level 5: a header, then elements of a tag and its bytes; an array is an element of elements (flags, extents, name,
// numbers), packed by zlib or not. Lengths are held against what is there before anything is taken.
#include "data/mat5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/element.h"
#include "data/gunzip.h"

enum {
    HEADER = 128,
    MI_MATRIX = 14,
    MI_PACKED = 15,
    CLASS_DOUBLE = 6, // the classes of numbers: double, single, 8 to 64 bits
    CLASS_LAST = 15,
    IS_COMPLEX = 8,
    PACK_MAX = 1032 // of deflate
};

typedef struct reader {
    const char *file;
    const uint8_t *at, *end;
    bool big;
} reader;

typedef struct part {
    uint32_t type;
    const uint8_t *data;
    size_t size;
} part;

typedef struct matrix {
    int class;
    bool is_complex;
    char name[64];
    venn_shape shape; // in MATLAB's order
    part numbers;
} matrix;

static uint32_t word(const reader *r, const uint8_t *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | at[r->big ? i : 3 - i];
    return value;
}

static venn_status cut_short(const reader *r)
{
    return venn_fail(VENN_BAD_FILE,
                     "%s: an element is longer than what holds it; copy the file again", r->file);
}

// The next element; of up to four bytes it may lie in its own tag. `padded`: to a multiple of 8 bytes.
static venn_status take(reader *r, bool padded, part *out)
{
    const size_t left = (size_t)(r->end - r->at);
    if (left < 8)
        return cut_short(r);
    const uint32_t first = word(r, r->at);
    if (first >> 16) {
        *out = (part){first & 0xFFFF, r->at + 4, first >> 16};
        r->at += 8;
        return out->size <= 4 ? VENN_OK : cut_short(r);
    }
    *out = (part){first, r->at + 8, word(r, r->at + 4)};
    if (out->size > left - 8)
        return cut_short(r);
    const size_t pad = padded ? (8 - out->size % 8) % 8 : 0;
    r->at += 8 + out->size;
    r->at += pad < (size_t)(r->end - r->at) ? pad : (size_t)(r->end - r->at);
    return VENN_OK;
}

static venn_status take_extents(const reader *r, const part *p, venn_shape *shape)
{
    if (p->type != 5 || p->size % 4 || p->size / 4 < 2 || p->size / 4 > VENN_MAX_RANK)
        return venn_fail(VENN_BAD_FILE, "%s: an array of other than 2 to %d axes", r->file,
                         VENN_MAX_RANK);
    shape->rank = (int)(p->size / 4);
    for (int i = 0; i < shape->rank; i++) {
        const uint32_t extent = word(r, p->data + 4 * i);
        if (extent > INT32_MAX)
            return venn_fail(VENN_BAD_FILE, "%s: an array has an axis of negative length", r->file);
        shape->dim[i] = extent;
    }
    return VENN_OK;
}

// What stands before the numbers; of the numbers, only where they are.
static venn_status open_matrix(const reader *from, const part *p, matrix *m)
{
    reader r = {from->file, p->data, p->data + p->size, from->big};
    part flags, extents, name;
    VENN_TRY(take(&r, true, &flags));
    VENN_TRY(take(&r, true, &extents));
    VENN_TRY(take(&r, true, &name));
    if (flags.type != 6 || flags.size != 8 || name.type != 1)
        return venn_fail(VENN_BAD_FILE, "%s: an element is not the array it should be", r.file);
    const uint32_t bits = word(&r, flags.data);
    *m = (matrix){.class = (int)(bits & 0xFF), .is_complex = bits >> 8 & IS_COMPLEX};
    VENN_TRY(take_extents(&r, &extents, &m->shape));
    snprintf(m->name, sizeof m->name, "%.*s", (int)(name.size < 63 ? name.size : 63),
             (const char *)name.data);
    if (m->class >= CLASS_DOUBLE && m->class <= CLASS_LAST)
        VENN_TRY(take(&r, true, &m->numbers));
    return VENN_OK;
}

static bool element_of(uint32_t type, bool big, venn_file_element *out)
{
    static const venn_file_element of[] = {
        [1] = {'i', 1, false},  [2] = {'u', 1, false}, [3] = {'i', 2, false}, [4] = {'u', 2, false},
        [5] = {'i', 4, false},  [6] = {'u', 4, false}, [7] = {'f', 4, false}, [9] = {'f', 8, false},
        [12] = {'i', 8, false}, [13] = {'u', 8, false}};
    if (type >= sizeof of / sizeof *of || !of[type].size)
        return false;
    *out = of[type];
    out->big = big;
    return true;
}

// The numbers, axes reversed: MATLAB's first axis is its densest. MATLAB has no arrays of one axis, so that what has an
// extent of 1 besides another becomes one.
static venn_status make_array(const reader *r, const matrix *m, venn_array **out)
{
    char text[VENN_SHAPE_TEXT_MAX], name[512];
    venn_file_element type;
    venn_dtype dtype;
    venn_shape shape = {.rank = m->shape.rank};
    for (int i = 0; i < shape.rank; i++)
        shape.dim[i] = m->shape.dim[shape.rank - 1 - i];
    if (shape.rank == 2 && (shape.dim[0] == 1 || shape.dim[1] == 1))
        shape = VENN_SHAPE(shape.dim[0] * shape.dim[1]);
    snprintf(name, sizeof name, "%s:%s", r->file, m->name);
    if (m->class < CLASS_DOUBLE || m->class > CLASS_LAST || m->is_complex)
        return venn_fail(VENN_BAD_FILE,
                         "%s: is no array of real numbers (MATLAB's class %d); save a full one",
                         name, m->class);
    if (!element_of(m->numbers.type, r->big, &type) || !venn_file_element_dtype(type, &dtype))
        return venn_fail(VENN_BAD_FILE, "%s: numbers of MATLAB's type %u are not read", name,
                         m->numbers.type);
    const int64_t count = venn_shape_count(&shape);
    size_t bytes;
    if (count < 1 || __builtin_mul_overflow((size_t)count, (size_t)type.size, &bytes) ||
        bytes != m->numbers.size)
        return venn_fail(VENN_BAD_FILE, "%s: says it is %s of %d bytes each, but holds %zu bytes",
                         name, venn_shape_text(&shape, text, sizeof text), type.size,
                         m->numbers.size);
    VENN_TRY(venn_array_create(out, name, dtype, shape));
    venn_status status =
        venn_file_element_convert(name, type, m->numbers.data, (size_t)count, (*out)->data);
    if (status < 0)
        venn_array_destroy(out);
    return status;
}

// An element of the file: made into *out if it is the array wanted, else its name is put on the list.
static venn_status look_at(const reader *r, const part *p, const char *wanted, char *list,
                           size_t room, venn_array **out)
{
    matrix m;
    if (p->type != MI_MATRIX)
        return VENN_OK;
    VENN_TRY(open_matrix(r, p, &m));
    if (strcmp(m.name, wanted) == 0)
        return make_array(r, &m, out);
    const size_t used = strlen(list);
    snprintf(list + used, room - used, "%s%s", used ? ", " : "", m.name);
    return VENN_OK;
}

static venn_status unpack(const reader *r, const part *packed, const char *wanted, char *list,
                          size_t room, venn_array **out)
{
    void *data = NULL;
    size_t size = 0;
    part p;
    VENN_TRY(venn_gunzip(r->file, packed->data, packed->size, packed->size * PACK_MAX + 1, &data,
                         &size));
    reader inner = {r->file, data, (const uint8_t *)data + size, r->big};
    venn_status status = take(&inner, false, &p);
    if (status == VENN_OK)
        status = look_at(&inner, &p, wanted, list, room, out);
    free(data);
    return status;
}

bool venn_mat5_is(const uint8_t *data, size_t size)
{
    return size >= HEADER &&
           (memcmp(data + 124, "\0\1IM", 4) == 0 || memcmp(data + 124, "\1\0MI", 4) == 0);
}

venn_status venn_mat5_parse(venn_array **out, const char *file, const uint8_t *data, size_t size,
                            const char *name)
{
    char list[512] = "";
    *out = NULL;
    if (!venn_mat5_is(data, size))
        return venn_fail(VENN_BAD_FILE,
                         "%s: neither HDF5 nor a MATLAB file of level 5 (version 7 or before)",
                         file);
    reader r = {file, data + HEADER, data + size, data[126] == 'M'};
    while (!*out && r.at < r.end) {
        part p;
        VENN_TRY(take(&r, false, &p));
        VENN_TRY(p.type == MI_PACKED ? unpack(&r, &p, name, list, sizeof list, out)
                                     : look_at(&r, &p, name, list, sizeof list, out));
    }
    return *out ? VENN_OK
                : venn_fail(VENN_BAD_FILE, "%s: has no array \"%s\"; there are: %s", file, name,
                            *list ? list : "none");
}
