// venn/base.h: statuses, messages, element types and shapes. Every other header builds on this one.
#ifndef VENN_BASE_H
#define VENN_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Version ---------------------------------------------------------------------------------

// Of these headers.
#define VENN_VERSION_MAJOR 0
#define VENN_VERSION_MINOR 1
#define VENN_VERSION_PATCH 0
#define VENN_VERSION "0.1.0"

// The version of the library that is linked, as "major.minor.patch"; compare with VENN_VERSION.
const char *venn_version(void);

// ---- Status ----------------------------------------------------------------------------------

// Every fallible function returns one of these. VENN_OK is 0, failures are negative, so that
// `if (venn_x(...) < 0)` reads well. X(name, value, what it means).
#define VENN_STATUS_LIST(X)                                                                        \
    X(OK, 0, "success")                                                                            \
    X(NO_MEMORY, -1, "out of host memory")                                                         \
    X(NO_DEVICE_MEMORY, -2, "out of device memory")                                                \
    X(NO_DEVICE, -3, "no such Vulkan device")                                                      \
    X(UNSUPPORTED, -4, "not supported on this device")                                             \
    X(BAD_ARG, -5, "bad argument")                                                                 \
    X(BAD_SHAPE, -6, "shapes do not fit")                                                          \
    X(BAD_FILE, -7, "bad or missing file")                                                         \
    X(DEVICE_LOST, -8, "the device was lost")                                                      \
    X(CANCELLED, -9, "cancelled")                                                                  \
    X(NOT_FINITE, -10, "a value is not finite")                                                    \
    X(INTERNAL, -11, "a fault of venn itself")

// VENN_OK, VENN_NO_MEMORY and so on: the list as an enum.
typedef enum venn_status {
#define VENN_STATUS_ENUM(name, value, text) VENN_##name = (value),
    VENN_STATUS_LIST(VENN_STATUS_ENUM)
#undef VENN_STATUS_ENUM
} venn_status;

// The status's name without prefix ("BAD_FILE"), or "UNKNOWN". Static storage.
const char *venn_status_name(venn_status status);

// One line that says what went wrong in the last failing call of this thread, naming the thing
// and, where there is one, the fix; "" if nothing failed yet. Valid until the next failing call of
// the same thread.
const char *venn_error_message(void);

// ---- Log -------------------------------------------------------------------------------------

// From the gravest downwards.
typedef enum venn_log_level {
    VENN_LOG_ERROR,
    VENN_LOG_WARN,
    VENN_LOG_INFO,
    VENN_LOG_DEBUG
} venn_log_level;

// Receives one line without its newline. May be called from any thread.
typedef void (*venn_log_fn)(void *user, venn_log_level level, const char *line);

// The library never prints by itself: it hands its messages to `fn`, from `level` downwards.
// fn NULL (the default) drops them. Set it before any other thread uses venn.
void venn_log_set(venn_log_fn fn, void *user, venn_log_level level);

// ---- Element types and shapes ----------------------------------------------------------------

// F32 is 0 so that a zeroed params struct means single precision.
typedef enum venn_dtype { VENN_F32, VENN_F16, VENN_BF16, VENN_I32, VENN_U8 } venn_dtype;

// Bytes of one element: 4, 2, 2, 4, 1.
size_t venn_dtype_size(venn_dtype dtype);
// "f32", "f16", "bf16", "i32", "u8".
const char *venn_dtype_name(venn_dtype dtype);
// f32, f16 or bf16: what can be differentiated.
bool venn_dtype_is_float(venn_dtype dtype);

// The 16-bit types are storage: kernels compute in f32 and round what they store. f16 is IEEE 754
// binary16 (11 bits of precision, up to 65504, subnormals down to 2^-24), bf16 the upper half of an f32
// (8 bits of precision, f32's range). Both travel as uint16_t.
// To 16 bits: to nearest, ties to even; beyond the range to infinity; NaN stays NaN, with its sign.
uint16_t venn_f16_from_f32(float value);
uint16_t venn_bf16_from_f32(float value);
// Exact.
float venn_f16_to_f32(uint16_t bits);
float venn_bf16_to_f32(uint16_t bits);
// Element `index` of an array of any type, as a number; exact.
double venn_element_get(const void *data, venn_dtype dtype, size_t index);
// Converts count elements between f32, f16 and bf16; the arrays do not overlap.
void venn_floats_convert(void *to, venn_dtype to_type, const void *from, venn_dtype from_type,
                         size_t count);

// Axes that a shape can have.
#define VENN_MAX_RANK 6

// Row-major extents, outermost first; rank 0 is a scalar (one element). An extent may be 0.
typedef struct venn_shape {
    int rank;
    int64_t dim[VENN_MAX_RANK];
} venn_shape;

// VENN_SHAPE(2, 3) is the shape [2, 3] (C only: C++ has no compound literals); VENN_SCALAR is [].
#ifndef __cplusplus
#define VENN_SHAPE(...)                                                                            \
    venn_shape_make((const int64_t[]){__VA_ARGS__},                                                \
                    (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))
#endif
#define VENN_SCALAR venn_shape_make(NULL, 0)

// From an array of `rank` extents.
venn_shape venn_shape_make(const int64_t *dim, int rank);
// Number of elements (1 for rank 0), or -1 if an extent is negative or the product overflows.
int64_t venn_shape_count(const venn_shape *shape);
// Whether rank and extents are the same.
bool venn_shape_equal(const venn_shape *a, const venn_shape *b);
// Writes "[2, 3]" into text (at most size bytes with the terminator) and returns text.
char *venn_shape_text(const venn_shape *shape, char *text, size_t size);
// Enough for any shape.
#define VENN_SHAPE_TEXT_MAX 128

#ifdef __cplusplus
}
#endif
#endif
