// A data set's YAML description in memory. Fields are as venn_dataset_load's comment has them; what
// is optional is NULL or 0 where the file leaves it out.
#ifndef VENN_DATA_DESCRIPTION_H
#define VENN_DATA_DESCRIPTION_H

#include "data/blob.h"
#include "data/grams.h"
#include "data/spectrum.h"
#include "venn/data.h"

typedef enum venn_kind {
    VENN_KIND_IDX,
    VENN_KIND_NPY,
    VENN_KIND_SHEET,
    VENN_KIND_WAV,
    VENN_KIND_CSV,
    VENN_KIND_TEXT,
    VENN_KIND_NPYS,
    VENN_KIND_PICTURES,
    VENN_KIND_VOLUMES,
    VENN_KIND_HDF5, // and MATLAB files: "FILE:NAME"
    VENN_KIND_NONE, // of labels: there are none, every pair has 0
    VENN_KIND_ARRAY // IDX or npy, told apart by content: of files that are no part
} venn_kind;

// Kinds whose part is a CSV index: of labels, or of files that are an item each.
static inline bool venn_kind_listed(venn_kind kind)
{
    return kind == VENN_KIND_WAV || kind == VENN_KIND_CSV || kind == VENN_KIND_NPYS ||
           kind == VENN_KIND_PICTURES || kind == VENN_KIND_VOLUMES || kind == VENN_KIND_NONE;
}

typedef enum venn_grouping {
    VENN_GROUP_NONE,
    VENN_GROUP_ALL,
    VENN_GROUP_CHANNEL,
    VENN_GROUP_ELEMENT
} venn_grouping;

typedef struct venn_part {
    char *file, *column, *folder, *ending, *index;
    int64_t count;
    char **where;
    unsigned where_count;
    int64_t pick, base;
    int64_t slices; // 0: 1
    int64_t *rows;
    unsigned rows_count;
} venn_part;

typedef struct venn_parts {
    char *name; // of the modality; NULL for the labels
    venn_kind kind;
    bool greatest;                // of the labels: of several numbers per item the greatest counts
    bool first;                   // or the place of the first that is not 0
    venn_part *part[VENN_SPLITS]; // NULL where there is none
} venn_parts;

typedef struct venn_weaken {
    double keep_variance;
    int32_t keep_components;
    bool fit_each, drop_mean;
} venn_weaken;

typedef struct venn_noise {
    double std;
    uint64_t seed;
} venn_noise;

typedef struct venn_look {
    bool normalise, invert;
    double gamma, bias; // gamma 0: 1
    uint64_t seed;
} venn_look;

typedef struct venn_modality_text {
    venn_parts parts; // first, so that the labels can share the code of the parts
    int64_t *shape;
    unsigned shape_count;
    int64_t *axes; // NULL: as the file has them; else [shape_count]
    unsigned axes_count;
    venn_sheet_params *tile; // its count is the part's
    venn_mel_params *mel;
    venn_grams_params *grams;
    venn_stft_params *stft;
    struct venn_class_map {
        char *file;    // NULL: none
        int64_t *then; // NULL: none
        unsigned then_count;
    } * map;
    venn_look *look;
    char *target; // NULL, or the modality that has the class of each place
    double scale; // 0: 1
    venn_weaken *weaken;
    venn_grouping standardise;
    double *mean, *std;
    unsigned mean_count, std_count;
    venn_noise *noise;
} venn_modality_text;

typedef struct venn_description {
    char *name, *about, *root;
    char **classes; // or, NULL, those of class_file
    char *class_file;
    unsigned class_count;
    venn_score score;
    char *tags; // NULL, or a modality
    venn_parts labels;
    venn_modality_text *modalities;
    unsigned modality_count;
    struct venn_validation {
        double fraction;
        uint64_t seed;
        bool plain; // not stratified
    } * validation;
    struct venn_limit {
        int64_t pairs[VENN_SPLITS];
        uint64_t seed;
    } * limit;
} venn_description;

// The file behind a description, which outlives it for the sake of messages.
typedef struct venn_description_file {
    char *path; // or "embedded:NAME.yaml"
    venn_blob text;
    venn_description *d;
} venn_description_file;

// Reads and checks everything that needs no other file. `source` as in venn_dataset_load.
venn_status venn_description_read(venn_description_file *out, const char *source);
void venn_description_finish(venn_description_file *file);

// Puts "path:line: " before the message set, the line being the first that holds `value` from where
// the modality of that name begins (NULL: from the top). Returns status.
venn_status venn_description_fail(const venn_description_file *file, const char *modality,
                                  const char *value, venn_status status);

#endif
