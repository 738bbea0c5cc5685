// The files of a description, each read once, and which of its items each pair of a split has.
#ifndef VENN_DATA_SOURCE_H
#define VENN_DATA_SOURCE_H

#include "data/csv.h"
#include "data/description.h"
#include "data/hdf5.h"

typedef struct venn_source venn_source;

// Everything read so far; zero-initialise.
typedef struct venn_sources {
    char *root; // the folder of relative paths, or "embedded:"
    venn_source *head;
} venn_sources;

void venn_sources_finish(venn_sources *sources);

// "root/path", or path if it is absolute. malloc'd.
char *venn_sources_path(const venn_sources *sources, const char *path);

// What a part says, looked up: the source's items, and the item of each pair.
typedef struct venn_listing {
    const venn_array *array; // idx, npy, sheet, text, hdf5: [items, ...]
    venn_hdf5 *hdf5;         // hdf5, of a modality: the same in its file
    const venn_csv *csv;     // wav, npys, pictures, volumes, csv, none
    size_t column;           // of csv
    uint32_t *chosen;        // the rows of csv that count, in order; owned
    size_t slices;           // items per row of csv: item i is of row chosen[i / slices]
    size_t item_count;       // rows of array, or of chosen times slices
    uint32_t *item;          // [n], each below item_count; owned
    size_t n;                // pairs
} venn_listing;

// text: of the modality; NULL for the labels. Messages name the file that is wrong.
venn_status venn_listing_make(venn_listing *out, venn_sources *sources, venn_kind kind,
                              const venn_part *part, const venn_modality_text *text);
venn_status venn_listing_copy(venn_listing *out, const venn_listing *listing);
void venn_listing_finish(venn_listing *listing);

// Keeps of the pairs only those that `keep` names, in order; keep: [count], ascending, each below
// n.
void venn_listing_keep(venn_listing *listing, const uint32_t *keep, size_t count);

#endif
