// Items that are slices of volumes.
#ifndef VENN_DATA_VOLUME_ITEMS_H
#define VENN_DATA_VOLUME_ITEMS_H

#include "data/description.h"

// The volume that was read last, so that its slices read it once; zero-initialise, venn_volume_finish.
typedef struct venn_volume {
    char *path;
    venn_array *array; // [nz, ny, nx], with its look
} venn_volume;

// Reads the file unless it is the one held, and gives it its look (NULL: none); number: of the volume, which
// its bias field is drawn from.
venn_status venn_volume_open(venn_volume *volume, const char *path, const venn_look *look,
                             uint32_t number);
// out [height, width] = scale times slice `slice` of `slices`, cut or filled up about the middle.
void venn_volume_slice(const venn_volume *volume, int64_t slice, int64_t slices, int64_t height,
                       int64_t width, double scale, float *out);
void venn_volume_finish(venn_volume *volume);

#endif
