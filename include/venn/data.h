// venn/data.h: arrays on the host, the files they come from, paired multimodal data sets, and the
// loader that feeds training from them.
#ifndef VENN_DATA_H
#define VENN_DATA_H

#include <stdio.h>

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
// Of its elements, all together.
size_t venn_array_bytes(const venn_array *array);

// ---- Array files -----------------------------------------------------------------------------

// Every reader checks all sizes before it allocates, allocates no more than a small multiple of
// what the file really holds, and refuses a file that is shorter or longer than its header says:
// VENN_BAD_FILE, with a message that names the file, what is wrong and, where there is one, the
// fix. A path may be "embedded:NAME", a file compiled into the library (see below).

// Reads an array file of either kind below, told apart by its content; "FILE:NAME" (a path where no file is): the array
// NAME of an HDF5 or MATLAB file.
//   HDF5    NAME may lie in groups ("group/name"). Numbers of 1 to 8 bytes, of 1 to 6 axes, whole or packed by deflate,
//           with shuffle and checksums. Links, plugins and parts in other files are not followed. VENN_UNSUPPORTED in a
//           venn that was built without libhdf5
//   MATLAB  7.3 is HDF5; earlier files (level 5) are read as well: arrays of real numbers, packed or not. Axes come in the
//           reverse of MATLAB's order, the last the densest, and [1, n] and [n, 1] as [n]
// Types become u8, i32 and f32 as below.
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

// Writes the same bytes to an open file. Arrays may follow each other in one: NumPy's np.load(file)
// reads one after the other. VENN_BAD_FILE if they could not be written; the message lacks a name.
venn_status venn_npy_put(const venn_array *array, FILE *file);

// ---- Pictures --------------------------------------------------------------------------------

// How a picture is cut; zero everywhere means one tile, the whole picture, as it is.
typedef struct venn_sheet_params {
    int32_t height, width; // of a tile in pixels; 0: the picture's. They must divide the picture's
    int64_t count;         // tiles taken, row after row; 0: every place of the grid
    int32_t channels;      // 0: the file's own; 1 grey, 3 RGB, 4 RGBA: converted to that
} venn_sheet_params;

// Reads a PNG (up to 8 bits per channel) or a JPEG, a grid of equal tiles without gaps, as u8
// [count, channels, height, width]. RGB becomes grey by (77 R + 150 G + 29 B) / 256; a dropped
// alpha is not blended. params may be NULL. VENN_BAD_FILE also if the picture is not such a grid.
venn_status venn_sheet_read(venn_array **out, const char *path, const venn_sheet_params *params);

// ---- Volumes ---------------------------------------------------------------------------------

// Reads a NIfTI-1 file of one volume, plain or gzip (.nii, .nii.gz), either byte order, as f32 [nz, ny, nx]:
// slope x + intercept where the header gives them. Integers of up to 32 bits and floats. VENN_UNSUPPORTED in
// a venn that was built without libnifti. No "embedded:".
venn_status venn_nifti_read(venn_array **out, const char *path);

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
//   x_t[i]  = h[i] x[s + t H + i], i in [0, W), h[i] = (1 - cos(2 pi i / W)) / 2; silence outside
//             x; s such that the (frames - 1) H + W samples that the frames span lie centred on the
//             sound: it is cut or padded alike at both ends (the odd sample at the end)
//   P_t[k]  = |fft(x_t)[k]|^2 * 4 / (sum h)^2      a full-scale sine has 1, that is 0 dB
//   band b  = sum_k P_t[k] max(0, min((f_k - l) / (m - l), (r - f_k) / (r - m))), with
//             f_k = k rate / fft and l, m, r points b, b + 1, b + 2 of bands + 2 that are equally
//             spaced in 2595 log10(1 + f / 700) from low_hz to high_hz
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

// ---- Paired data sets ------------------------------------------------------------------------

// The parts of a data set; VENN_SPLITS is their number.
typedef enum venn_split_id { VENN_TRAIN, VENN_VALID, VENN_TEST, VENN_SPLITS } venn_split_id;

// "train", "valid", "test".
const char *venn_split_name(venn_split_id id);

// What answers are scored by: the share that is right; the mean over the classes that occur of |said and true| / |said or
// true|; F1 of all answers together, as the mean over the classes, over the classes by how often they are true, and
// over the items. F1 is 2 |said and true| / (|said| + |true|), 0 where both are 0.
typedef enum venn_score {
    VENN_SCORE_ACCURACY,
    VENN_SCORE_MEAN_IOU,
    VENN_SCORE_F1_MICRO,
    VENN_SCORE_F1_MACRO,
    VENN_SCORE_F1_WEIGHTED,
    VENN_SCORE_F1_SAMPLES
} venn_score;

// "accuracy", "mean_iou", "f1_micro", ...
const char *venn_score_name(venn_score score);

// One modality: what each of its items looks like, and how its values came about.
typedef struct venn_modality {
    char *name;
    venn_shape shape;   // of one item, e.g. [1, 28, 28]
    int32_t components; // principal components kept by `weaken`; 0: not weakened
    // Values v (scaled, weakened) became (v - mean) / std, with stat_count means and standard
    // deviations, each for an equal run of an item's elements; 0: they stayed as they were.
    int64_t stat_count;
    float *mean, *std;
    char *target; // NULL, or the modality whose items say which class each place of this one's has
    bool void_places; // of the target: some places have no class, -1
} venn_modality;

// One modality's part of a split. Items that several pairs share are held once.
typedef struct venn_items {
    venn_array *array; // f32 [items, shape...]
    uint32_t *row;     // [n]: pair i has item row[i]
    bool borrowed;     // the array is another data set's
} venn_items;

// Pairs for one purpose: labels, and an item of each modality.
typedef struct venn_split {
    int64_t n;         // pairs; 0 if the data set has no such split
    int32_t *labels;   // [n], each in [0, class_count)
    venn_items *items; // [modality_count]
} venn_split;

// A data set in memory. Read it freely, and change nothing; several loaders may use it at once.
typedef struct venn_dataset {
    char *name;
    int32_t class_count;
    char **classes; // [class_count]
    int32_t modality_count;
    venn_modality *modalities;
    char *
        tags; // NULL, or the modality that says which of all classes each pair is of: [class_count], 1 or 0
    venn_score score; // what networks are scored by
    venn_split split[VENN_SPLITS];
    char hash[33]; // of the content: labels, items and pairing, as 32 hexadecimal digits
} venn_dataset;

// What to load; zero means everything, as the description says.
typedef struct venn_dataset_params {
    const char *const *modalities; // names, in the order wanted; NULL: all, in the description's
    int32_t modality_count;
    const char *root;           // the folder under which a description's `root` lies; see below
    int64_t limit[VENN_SPLITS]; // at most so many pairs of each split; 0: the description's limit
} venn_dataset_params;

// Loads a data set. `source` "synthetic:NAME,key=value,..." is computed (key `seed` in all of them):
//   avd    pictures ("image", [1, 12, 12]) and sound pictures ("sound", [1, 8, 16]) of four classes, whose
//          hidden causes are partly common: shared (0 to 8 of the 8 that each sees, default 4), train (400),
//          valid (0), test (4000), image_noise and sound_noise (0.1), complete (1: both see all causes)
//   competition  sparse codes in two modalities ("first" and "second", [40]) of ten classes, each of which
//          lacks some pairs' class: train (600), valid (0), test (3000), first_lacks (0.15), second_lacks
//          (0.25), classes, width, noise
//   contexts  numbers ("context", [12]) and a teacher's logits for the 60 words that may follow ("teacher",
//          [60]); the label is the likeliest: train (300), valid (0), test (1000), words, spread (2.5)
//   crossmodal  numbers ("seen", [50]), a quantity that they explain in part ("quantity", [1]), and a teacher's
//          two logits that differ by what it says of it ("teacher", [2]); class 1: the quantity is above 0:
//          train (200), valid (0), test (4000), width, own (0.3, the variance explained), said (0.3, the
//          teacher's), kappa (0.5, its part of the student's best prediction)
//   moons  two interleaved half circles, a coordinate per modality ("a" and "b", [1]): train (300),
//          valid (0), test (200), noise (0.1)
//   cml    three modalities ("v", "t", "a", [32]) of a hidden vector in four tasks, the classes, that show
//          parts of it: train (400), valid (0), test (200), of each task; noise (0.09)
//   skeleton  ten kinds of motion of eight joints in the plane, in three views ("joint", "motion" and "bone",
//          [16, 32], coordinates over frames): train (2000), valid (0), test (500), noise (0.02), offset (1),
//          posture (0.4), turn (0.5)
//   defects  objects in colours ("rgb", [3, S, S]) and depth ("depth", [1, S, S]) of four classes, and which
//          pixels are defective ("mask", [1, S, S]: 0, or 1 where the colours, 2 where the depth, 3 where both show
//          it): train (200) and valid (50) whole ones, test (40 of each of the four kinds), size (64), noise
//          (0.02), stain (0.3), dent (0.15), jitter (1)
//   scenes  pictures of several objects ("rgb", "depth") with the class of every pixel ("label"), five classes
//          of which each modality tells apart some: train (200), valid (0), test (100), size (32), objects (3),
//          noise (0.05)
//   organs  slices with two organs drawn in, of different people in two looks ("first" and "second", [1, 32, 32]),
//          whose targets are "first-mask" and "second-mask": train (160), valid (0), test (80), noise (0.1), bias
//          (0.3)
// Otherwise it is the data set that the YAML description `source` tells of: a path, or the name of an
// embedded description ("digits" is the default data set) where no such file exists. params may be NULL.
//
// A description, all keys:
//   name: digits                      # required
//   about: text                       # for people
//   root: avdigits                    # see "paths"
//   classes: [zero, one, ...]         # label c is classes[c]; required, or
//   class_file: label.json            # a JSON object of the names and their numbers from 0 on
//   score: accuracy                   # what networks are scored by: accuracy, mean_iou, f1_micro, f1_macro,
//                                     # f1_weighted, f1_samples (venn_score)
//   tags: genres                      # the modality that says which of all classes each pair is of, where that may
//                                     # be several: venn_dataset_set_tags
//   labels:                           # required
//     kind: idx | npy | hdf5 | mat | csv | none    # one whole number per pair; none: all have 0, as many as the index has rows
//     greatest: true                  # idx, npy, hdf5, mat: of arrays of several numbers per item the greatest one
//     first: true                     # the same: the place of the first that is not 0 (0 if all are), as of tags
//     train: {file: ...}              # a part, see below; valid and test are optional
//   modalities:                       # required, at least one
//     - name: image                   # (labels in a CSV may be the names of classes, too; of kind none without a
//                                     # column there are as many as an array, `file`, is long)
//       kind: idx | npy | sheet | wav | text | npys | pictures | volumes | hdf5 | mat
//       shape: [1, 28, 28]            # of one item; the file's own elements in this shape
//       axes: [2, 0, 1]               # the file's axis that each extent of shape is: here the file has
//                                     # channels last. Default: as the file has them
//       tile: {height: 28, width: 28, channels: 1}     # sheet, pictures: as venn_sheet_params
//       mel: {rate: 8000, window_ms: 25, hop_ms: 10, fft: 256, bands: 40, frames: 64, low_hz: 0,
//             high_hz: 4000, floor_db: -80, peak: true}           # wav: as venn_mel_params
//       stft: {rate: 16000, fft: 1024, hop: 512, frames: 313, peak: 1.1}      # wav, instead of mel: magnitudes of
//                                     # [1, fft / 2 + 1, frames]; see below
//       map: {file: "m.mat:map", then: [2, 1, 1]}     # numbers become classes: v from 1 on the v-th of an array, then
//                                     # the one of a list, counted from 0; 0 becomes -1, no class. Either may be left out
//       grams: {column: 1, shortest: 1, longest: 3}              # text: lines of columns divided by
//                                     # tabs; the n-grams of one, counted at shape's many places by hash
//       train: {file: ...}            # a part; valid and test where the labels have them
//       look: {normalise: true, invert: false, gamma: 1, bias: 0, seed: 0}   # volumes; see below
//       target: mask                  # the modality that has the class of each place of this one's items:
//                                     # venn_dataset_set_target
//       scale: 0.5                    # 1. multiplies what the file holds; default 1
//       weaken: {keep_variance: 0.25, keep_components: 3, fit: train | each, drop_mean: false}
//                                     # 2. with one of the two keeps; see below
//       standardise: none | all | channel | element               # 3. or mean and std
//       mean: [0.1307]                #    one number, or one per channel (shape's first extent)
//       std: [0.3081]
//       noise: {std: 0.1, seed: 1}    # 4. adds N(0, std^2), the same each time it is loaded
//   validation: {fraction: 0.1, seed: 1, stratified: true}       # where no part is called valid
//   limit: {train: 1000, valid: 100, test: 100, seed: 1}         # keep so many pairs at random
// A part:
//   file: path       # idx, npy: an array [items, ...]; sheet: a picture; text: lines; wav, npys, pictures,
//                    # csv: a CSV index; hdf5, mat: FILE:NAME, an array of a file of several (venn_array_read)
//   count: 4000      # sheet: tiles; default all
//   column: file     # the index's column with the name of each item's file (wav: a recording, npys: an npy
//                    # file, pictures: a PNG or JPEG, whose tiles are the item, volumes: a NIfTI file), or with
//                    # the label
//                    # `file` may be a folder: an index of its files, by name, with columns file, stem (without the
//                    # ending) and "-1", "-2", "-3", the last parts of the stem between underscores
//   folder: path     # wav, npys, pictures, volumes: where those files are
//   ending: .npy     # the same: what is put behind the names. Recordings may be npy arrays of samples
//   slices: 8        # each row counts so many times, one after the other; volumes: each time another slice of
//                    # the volume across its last axis, evenly apart. Default 1
//   where: [split=train, speaker!=theo]     # of an index: the rows that count, in order; default all
//   where: [split.npy=0]                    # idx, npy, sheet, text: the items whose number in that array,
//                                           # IDX or npy, is this (or, with !=, is not)
//   index: pairs.npy # integers, [n] or [n, k]: the item of each pair. Default: pair i has item i
//   base: 1          # the number of the first item in an index: 0 (default) or, as in MATLAB, 1
//   pick: 1          # the column of a two-dimensional index; default 0
//   rows: [0, 3500]  # of the pairs so far, those from the first number up to, without, the second
// Every modality and the labels must end with the same number of pairs in each split; pairs are
// matched by position.
//
// Paths are relative to the description's folder or, with `root`, to a folder of that name under
// params->root, else under $VENN_DATA, else in the description's folder (the present folder for an
// embedded description).
//
// weaken: x becomes its projection on the leading principal components (of the items of train; with
//   `fit: each`, of test itself for test, as AV-MNIST has it): keep_components of them, or as many
//   as hold no more than keep_variance of the variance, at least 1. drop_mean leaves out the mean
//   that is otherwise added back.
// standardise: (x - mean) / std over all elements, per channel (shape's first extent) or per
//   element: population statistics of the items of train; a std of 0 counts as 1.
// stft: frames of fft samples under a Hann window, centred on 0, hop, 2 hop, ..., the sound mirrored at both ends and, with
//   `peak`, divided by that times its largest |sample|. If these are not as many as `frames`, each band is interpolated
//   linearly between the middles of frames.
// look: a slice [ny, nx] is cut or filled up with 0 about its middle to shape's last two extents. Before,
//   normalise: the volume's values become (x - low) / (high - low), within [0, 1], low and high being its 1st
//   and 99th of 100 parts; then invert: 1 - x; x^gamma; and times 1 + bias cos(a y + b x + c), half a period
//   of a smooth field drawn for each volume from the seed.
// validation: takes that fraction of train's pairs, drawn by Philox from the seed, of each class
//   alike if stratified (the default). Pairs that share an item may fall on both sides.
//
// VENN_BAD_FILE for anything wrong in the description or a file, with path, line, modality and
// split: unknown keys, missing or broken files, wrong shapes, labels out of range, modalities of
// different length. VENN_BAD_ARG for a modality in params that the description lacks.
venn_status venn_dataset_load(venn_dataset **out, const char *source,
                              const venn_dataset_params *params);
// After everything that reads it. Takes the handle's address, sets it to NULL, accepts NULL.
void venn_dataset_destroy(venn_dataset **dataset);

// A data set of the caller's own arrays, without any split yet. names and shapes: modality_count;
// classes: class_count names, or NULL for "0", "1", ... All are copied.
venn_status venn_dataset_create(venn_dataset **out, const char *name, int32_t class_count,
                                const char *const *classes, int32_t modality_count,
                                const char *const *names, const venn_shape *shapes);
// Gives it a split of n pairs: labels [n], x[m] = [n, shapes[m]...]; copied. VENN_BAD_ARG if a
// label is out of range or the split is there already.
venn_status venn_dataset_set_split(venn_dataset *dataset, venn_split_id id, int64_t n,
                                   const int32_t *labels, const float *const *x);

// Writes pair i of a split: its label, and for each modality m the elements of its item into x[m] (zeros
// before). Anything but VENN_OK ends the filling.
typedef venn_status (*venn_pair_fn)(void *user, venn_split_id id, int64_t i, int32_t *label,
                                    float *const *x);

// Gives it a split of n pairs that `fill` makes, called once for each in order, before this returns. Errors
// as of venn_dataset_set_split, also for an element that is not finite; what `fill` returned, if that ended
// it. After an error the split is not there.
venn_status venn_dataset_fill_split(venn_dataset *dataset, venn_split_id id, int64_t n,
                                    venn_pair_fn fill, void *user);

// Says that modality `target` (of shape [X..]) has the class of each place of modality `name` (of shape [C, X..]
// or [X..]), in all splits that are set: whole numbers from 0 to class_count - 1, or -1 for a place that has no class
// and counts in no loss and no score; else VENN_BAD_ARG.
venn_status venn_dataset_set_target(venn_dataset *dataset, const char *name, const char *target);

// Says that modality `name` (of class_count numbers) tells which classes each pair is of, 1, and which it is not, 0, in
// all splits that are set; else VENN_BAD_ARG. Networks of such data answer yes or no to each class: their loss is
// the binary cross-entropy, and a pair's own label says no more than the description has it say.
venn_status venn_dataset_set_tags(venn_dataset *dataset, const char *name);

// The pairs of a split that venn_dataset_select takes.
typedef struct venn_selection {
    bool none;             // leave the split out
    const int64_t *rows;   // their numbers, in order, repeats allowed; NULL: all
    int64_t n;             // of rows
    const int32_t *labels; // other labels, one per row (pseudo labels); NULL: their own
} venn_selection;

// A data set of some of another's pairs. It shares the items, so `from` must outlive it. select: one per
// split, NULL: everything. VENN_BAD_ARG if a row or label is out of range.
venn_status venn_dataset_select(venn_dataset **out, const venn_dataset *from,
                                const venn_selection select[VENN_SPLITS]);

// *index = the modality of that name; VENN_BAD_ARG, naming those there are, if there is none.
venn_status venn_dataset_modality(const venn_dataset *dataset, const char *name, int32_t *index);
// Item of pair i of a split: a pointer to the modality's shape of floats.
const float *venn_dataset_item(const venn_dataset *dataset, venn_split_id id, int32_t modality,
                               int64_t i);

// ---- Loader ----------------------------------------------------------------------------------

// Gathers batches in a thread of its own and keeps a queue of them ready. What it delivers depends
// on its parameters and position alone, never on timing. One thread at a time may call it.
typedef struct venn_loader venn_loader;

// Which batches, in which order.
typedef struct venn_loader_params {
    int64_t batch;             // pairs per batch; required
    venn_split_id split;       // default VENN_TRAIN
    const int32_t *modalities; // indices of those wanted, in order, perhaps none; NULL: all
    int32_t modality_count;
    bool keep_order; // pairs in the data set's order; default: a new permutation in every epoch
    bool keep_last;  // deliver the last, short batch of an epoch, padded; default: drop it
    uint64_t seed;   // of the permutations: epoch e has the Philox permutation of (seed, e)
    int64_t epochs;  // end after so many; default: never
    int32_t queue;   // batches in memory, those held by the caller included; default 4, at least 2
} venn_loader_params;

// Valid until it is released. Rows past `count` repeat the row before them.
typedef struct venn_batch {
    int64_t epoch, index;  // its position: batch `index` of epoch `epoch`, both from 0
    int64_t count;         // pairs in it; 0: the epochs are over, and nothing is to be released
    const uint32_t *pair;  // [batch]: their numbers in the split
    const int32_t *labels; // [batch]
    const float *const *x; // [modality_count]: each [batch, shape...]
} venn_batch;

// The data set must outlive the loader. VENN_BAD_ARG if the split is missing, or the batch is
// larger than the split and the last batch is to be dropped.
venn_status venn_loader_create(venn_loader **out, const venn_dataset *dataset,
                               const venn_loader_params *params);
// Stops it first. Takes the handle's address, sets it to NULL, accepts NULL.
void venn_loader_destroy(venn_loader **loader);

// Batches per epoch.
int64_t venn_loader_batches(const venn_loader *loader);

// Starts, or starts again, at batch `index` (0 to venn_loader_batches) of an epoch, so that a
// training run can go on where it was left. Batches held from before are no longer valid.
venn_status venn_loader_start(venn_loader *loader, int64_t epoch, int64_t index);
// Waits for the next batch. VENN_BAD_ARG if the loader is not started, or if the caller holds as
// many batches as the queue has.
venn_status venn_loader_next(venn_loader *loader, venn_batch *batch);
// Gives the oldest batch that the caller holds back to the queue.
void venn_loader_release(venn_loader *loader);
// Ends the thread. The loader can be started again.
void venn_loader_stop(venn_loader *loader);

#ifdef __cplusplus
}
#endif
#endif
