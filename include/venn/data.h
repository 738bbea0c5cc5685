// venn/data.h: arrays on the host and the files they come from.
#ifndef VENN_DATA_H
#define VENN_DATA_H

#include "venn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Arrays on the host ----------------------------------------------------------------------

// A dense, row-major array in host memory. dtype is VENN_F32, VENN_I32 or VENN_U8.
typedef struct venn_array {
    venn_dtype dtype;
    venn_shape shape;
    void *data; // owned; aligned for its type; never NULL, even with no elements
    char *name; // owned; the file it came from, or NULL
} venn_array;

// Zero-filled. name (copied, may be NULL) shows in messages. VENN_BAD_SHAPE if the number of bytes
// overflows, VENN_BAD_ARG for another dtype, VENN_NO_MEMORY.
venn_status venn_array_create(venn_array **out, const char *name, venn_dtype dtype,
                              venn_shape shape);
// Takes the handle's address; NULL and a NULL handle are fine.
void venn_array_destroy(venn_array **array);
size_t venn_array_bytes(const venn_array *array);

// ---- Array files -----------------------------------------------------------------------------

// Every reader checks all sizes before it allocates, allocates no more than a small multiple of what
// the file really holds, and refuses a file that is shorter or longer than its header says:
// VENN_BAD_FILE, with a message that names the file, what is wrong and, where there is one, the fix.
// A path may be "embedded:NAME", a file compiled into the library (see below).

// Reads an array file of either kind below, told apart by its content.
venn_status venn_array_read(venn_array **out, const char *path);

// IDX, the format of MNIST, plain or gzip: big-endian; the bytes 0 0, a type, the rank, one u32 per
// extent, then the elements. Unsigned bytes stay u8; signed bytes, 16 and 32-bit integers become
// i32; f32 and f64 become f32 (a finite f64 beyond f32's range is an error). Rank 1 to 6.
venn_status venn_idx_read(venn_array **out, const char *path);

// NumPy's npy, formats 1.0 to 3.0, either byte order; Fortran order is transposed into C order.
// u1 and bool become u8; the other integers i32 (a value that does not fit is an error); f2, f4 and
// f8 become f32 as above. Structured, complex and text arrays are refused. Rank 0 to 6.
venn_status venn_npy_read(venn_array **out, const char *path);

// Writes npy format 1.0 ('<f4', '<i4' or '|u1'); an old file at `path` survives a crash whole.
venn_status venn_npy_write(const venn_array *array, const char *path);

// ---- Files compiled in -----------------------------------------------------------------------

// The library carries its default data set and example configs, so that an installed program needs
// no other file. Wherever a path to data is expected, "embedded:NAME" names one of them.

// The NAME of embedded file number index, such as "digits/train-image.png"; NULL past the last.
const char *venn_embedded_name(size_t index);
// Its bytes, in static storage, with a zero byte behind them; false if there is no such file.
bool venn_embedded_find(const char *name, const void **data, size_t *size);

#ifdef __cplusplus
}
#endif
#endif
