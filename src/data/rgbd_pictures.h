// A data set of pictures with depth and a map of each, drawn item by item: what generators of such have in common.
#ifndef VENN_DATA_RGBD_PICTURES_H
#define VENN_DATA_RGBD_PICTURES_H

#include "data/rgbd_object.h"
#include "venn/data.h"

typedef struct rgbd_pictures {
    const char *map;        // the third modality's name, beside "rgb" and "depth"
    int32_t classes, size;  // height and width
    int64_t n[VENN_SPLITS]; // items; 0: no such split
    uint64_t seed;
    uint32_t stream; // of the first split; the others have those that follow
    void *user;
    // Draws item i of a split and its map, [size, size], zero at first; returns its label.
    int32_t (*draw)(void *user, venn_rng *rng, venn_split_id split, int64_t i,
                    rgbd_picture *picture, float *map);
} rgbd_pictures;

venn_status venn_rgbd_pictures_make(venn_dataset **out, const char *name,
                                    const rgbd_pictures *pictures);

#endif
