// venn/io.h: files that training leaves behind. Weights are safetensors, so that every framework's
// tools read them; a run folder holds everything else that is to be known of a run.
#ifndef VENN_IO_H
#define VENN_IO_H

#include "venn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- safetensors -----------------------------------------------------------------------------

// One named array. In files that are read, name and data belong to the venn_safetensors.
typedef struct venn_named_array {
    const char *name;
    venn_dtype dtype; // written and read as F32, F16, BF16, I32, U8
    venn_shape shape;
    const void *data; // dense, row-major
} venn_named_array;

// Text that goes with the arrays ("__metadata__" in the file).
typedef struct venn_metadata {
    const char *key, *value;
} venn_metadata;

// The entry of the metadata that holds a file's checksum.
#define VENN_CHECKSUM_KEY "xxh3"

// Writes the arrays in the order given and, in the metadata, a checksum of names, types, shapes,
// bytes and texts, replacing `path` so that a crash or a full disk leaves the former file whole. Names must
// differ. VENN_BAD_FILE (with the reason) if it cannot be written.
venn_status venn_safetensors_write(const char *path, const venn_named_array *arrays, size_t n,
                                   const venn_metadata *metadata, size_t n_metadata);

// A file that was read.
typedef struct venn_safetensors venn_safetensors;

// Reads and checks a whole file: the header's size (at most 100 MB), its JSON, every offset against
// the file's size, no holes, overlaps or duplicates, the checksum if there is one. VENN_BAD_FILE names the
// file and what is wrong.
// Types other than those above are refused.
venn_status venn_safetensors_read(venn_safetensors **out, const char *path);
// Takes the handle's address, sets it to NULL, accepts NULL.
void venn_safetensors_destroy(venn_safetensors **file);
// The arrays in the file's order, and how many they are.
size_t venn_safetensors_count(const venn_safetensors *file);
const venn_named_array *venn_safetensors_at(const venn_safetensors *file, size_t index);
// NULL if there is none.
const venn_named_array *venn_safetensors_find(const venn_safetensors *file, const char *name);
// A text of the metadata; NULL if there is none.
const char *venn_safetensors_metadata(const venn_safetensors *file, const char *key);

// ---- Timeline --------------------------------------------------------------------------------

// What happened when, as trace events that chrome://tracing and Perfetto show.
typedef struct venn_timeline venn_timeline;

// An empty one.
venn_status venn_timeline_create(venn_timeline **out);
// Takes the handle's address, sets it to NULL, accepts NULL.
void venn_timeline_destroy(venn_timeline **timeline);
// One slice: name and category are copied; track is "host" or "device". start_ns is of the monotonic
// clock (CLOCK_MONOTONIC). detail, a line of text, may be NULL. What memory has no room for is left out.
void venn_timeline_slice(venn_timeline *timeline, const char *track, const char *category,
                         const char *name, uint64_t start_ns, double us, const char *detail);
// Slices so far.
size_t venn_timeline_count(const venn_timeline *timeline);
// VENN_BAD_FILE with the reason if it cannot be written.
venn_status venn_timeline_write(const venn_timeline *timeline, const char *path);

// ---- Run report ------------------------------------------------------------------------------

// A run folder holds, as training wrote them:
//   config.yaml       the resolved configuration, shown as it is.
//   environment.json  {"venn", "shaders", "device": {"name", "driver", "uuid", "kind", "api_version"},
//                     "data": {"name", "hash", "train", "valid", "test"},
//                     "host": {"system", "cpu", "cores"}, "started", "command"}
//   metrics.jsonl     one object per line: {"stage", "seed", "epoch" (from 1), "ce" (or else "loss"),
//                     "kd", "train_accuracy", "valid_loss", "valid_accuracy"}; an epoch that stands
//                     twice (after a resume) counts as its last line says. Lines with a "phase", what
//                     a method trained before its last stage, are passed over.
//   summary.json      {"name", "epochs", "batch", "seconds", "memory_peak", "seeds": [..],
//                     "stages": [{"stage", "modality", "network", "parameters", "mean", "std",
//                                 "measures": [{"name", "mean", "std"}], "step" (as below), "memory",
//                                 "method": {"name", "parameters"} (of a distilled student),
//                                 "runs": [{"seed", "best_epoch", "test_accuracy", "seconds"}]}],
//                     "paired": [{"stage", "baseline", "mean", "half", "per_seed": [one per seed]}],
//                     "method": {"name", "score" (what stands for accuracy), "parameters": {..}},
//                     "teacher": {"cached", "hash_before", "hash_after", "features": {"mode",
//                                 "semantics", "place", "channels", "removed"}} or null,
//                     "step": {"dispatches", "submissions", "barriers", "device_us",
//                              "transient_bytes", "lower_bytes"}}
//                     Of several methods compared, "method" is {"score"} and "step" stands in the stages
//                     alone, where "method" says which one each stage is.
// Accuracies and their differences are fractions, 0 to 1. "half" is the half width of the 95 %
// confidence interval. Required: all four files, "seeds", "stages" and in each of them "stage" and
// "runs", "seed" in each run, "per_seed" in each pair, "stage", "seed", "epoch" in each line. All else
// may be absent or null and then shows as a dash, or as a gap in a curve. Members not named here are
// left alone. Stages named "teacher" and "student" have colours of their own.

// Writes run_folder/report.html: what the run shows in one sentence, the table, the curves, the method,
// the device and the configuration, in one file that loads nothing else. An old report survives a
// crash whole. The curves are drawn by the program gnuplot, looked up in PATH; where it is missing or
// fails, the page says so and how to get them, and the call succeeds.
// VENN_BAD_FILE, naming the file and the line or the member, if a file is missing or broken, or if the
// page cannot be written; VENN_BAD_ARG if run_folder is NULL; VENN_NO_MEMORY.
venn_status venn_report_write(const char *run_folder);

// The table of the same run with the sentence below it, as lines of UTF-8 text for a terminal:
//   model               test accuracy   vs student          best epoch   parameters   time per seed
//   teacher (audio)     96.1 %                              7               104,938   12 s
// *text is malloc'd, to be freed by the caller; NULL on failure. Statuses as above; the folder is only
// read.
venn_status venn_summary_table(const char *run_folder, char **text);

// A JSON file of a run's folder, as "summary.json", as text, with the folder's name as "folder" behind its members.
// *text is malloc'd; NULL on failure. VENN_BAD_FILE, naming the file, if it is missing or no JSON object.
venn_status venn_run_json(const char *run_folder, const char *name, char **text);

#ifdef __cplusplus
}
#endif
#endif
