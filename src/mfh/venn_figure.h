// The modality Venn diagram as a picture with areas to scale.
#ifndef VENN_MFH_VENN_FIGURE_H
#define VENN_MFH_VENN_FIGURE_H

#include <stdio.h>

#include "venn/mfh.h"

// Two circles of areas only_a + shared and only_b + shared whose common area is `shared`.
typedef struct venn_circles {
    double radius_a, radius_b, distance; // of the centres
} venn_circles;

venn_circles venn_circles_of(const venn_modality_diagram *d);
// Common area of two circles.
double venn_lens_area(const venn_circles *c);

// Writes a self-contained <svg> element in the page's colours. The texts are plain.
void venn_diagram_svg(FILE *out, const venn_modality_diagram *d, const char *name_a,
                      const char *name_b);

#endif
