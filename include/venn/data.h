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

// ---- Pictures --------------------------------------------------------------------------------

// How a picture is cut; zero everywhere means one tile, the whole picture, as it is.
typedef struct venn_sheet_params {
    int32_t height, width; // of a tile in pixels; 0: the picture's. They must divide the picture's
    int64_t count;         // tiles taken, row after row; 0: every place of the grid
    int32_t channels;      // 0: the file's own; 1 grey, 3 RGB, 4 RGBA: converted to that
} venn_sheet_params;

// Reads a PNG (up to 8 bits per channel) or a JPEG, a grid of equal tiles without gaps, as u8
// [count, channels, height, width]. RGB becomes grey by (77 R + 150 G + 29 B) / 256; a dropped alpha
// is not blended. params may be NULL. VENN_BAD_FILE also if the picture is not such a grid.
venn_status venn_sheet_read(venn_array **out, const char *path, const venn_sheet_params *params);

// ---- Sound -----------------------------------------------------------------------------------

// Reads a WAV or FLAC file as f32 [samples] in [-1, 1], the mean of its channels. *rate gets its
// sample rate in Hz. An empty sound is VENN_BAD_FILE.
venn_status venn_sound_read(venn_array **out, const char *path, int32_t *rate);

// A log-mel picture's measures. Zero is the default, except for rate.
typedef struct venn_mel_params {
    int32_t rate;    // Hz, of the sound; required
    float window_ms; // default 25
    float hop_ms;    // default 10
    int32_t fft;     // points, even, at least the window; default: the next power of two
    int32_t bands;   // default 40
    int32_t frames;  // default: as many as cover the sound
    float low_hz;    // default 0
    float high_hz;   // default rate / 2
    float floor_db;  // nothing is below it; default -80
    bool peak;       // the sound is first divided by its largest |sample| (silence is not)
} venn_mel_params;

// *out = f32 [bands, frames], band 0 lowest, in dB. With W = window, H = hop in samples (rounded):
//   x_t[i]  = h[i] x[s + t H + i], i in [0, W), h[i] = (1 - cos(2 pi i / W)) / 2, silence outside x,
//             s such that the (frames - 1) H + W samples that the frames span lie centred on the
//             sound: it is cut or padded alike at both ends (the odd sample at the end)
//   P_t[k]  = |fft(x_t)[k]|^2 * 4 / (sum h)^2      a full-scale sine has 1, that is 0 dB
//   band b  = sum_k P_t[k] max(0, min((f_k - l) / (m - l), (r - f_k) / (r - m))), f_k = k rate / fft,
//             l, m, r three neighbours of bands + 2 points equally spaced in 2595 log10(1 + f / 700)
//   out     = max(10 log10(band), floor_db)
// VENN_BAD_ARG if the measures do not fit each other, e.g. a band that holds no f_k.
venn_status venn_log_mel(venn_array **out, const venn_array *sound, const venn_mel_params *params);

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
