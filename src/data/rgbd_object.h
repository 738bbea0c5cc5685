// Objects in pictures with depth: textured discs and rounded boxes that bulge or are hollow.
#ifndef VENN_DATA_RGBD_OBJECT_H
#define VENN_DATA_RGBD_OBJECT_H

#include <stdbool.h>

#include "base/rng.h"

enum { RGBD_WAVES = 3 };

typedef struct rgbd_picture {
    int height, width;
    float *rgb, *depth; // [3, height, width] and [height, width], owned by the caller
} rgbd_picture;

// colour + sum over waves of share sin(2 pi (wave . place) + phase), places in units of the object's size
typedef struct rgbd_texture {
    double colour[3], share[3][RGBD_WAVES], wave[RGBD_WAVES][2], phase[RGBD_WAVES];
} rgbd_texture;

typedef struct rgbd_object {
    bool box, hollow;
    const rgbd_texture *texture;
    double x, y, radius; // in pixels
} rgbd_object;

void venn_rgbd_draw_texture(rgbd_texture *texture, venn_rng *rng);
// A wall of even grey that leans: its depth falls from top to bottom.
void venn_rgbd_clear(rgbd_picture *picture);
// Paints the object over what is there, and mark, if not NULL, over [height, width] numbers.
void venn_rgbd_draw(rgbd_picture *picture, const rgbd_object *object, float mark, float *marks);
// 0 at the object's middle, 1 at its rim.
double venn_rgbd_distance(const rgbd_object *object, double x, double y);
// Adds N(0, std^2) to every number.
void venn_rgbd_add_noise(rgbd_picture *picture, double rgb, double depth, venn_rng *rng);

#endif
