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

// A histogram of n scores in [0, 1], 20 bins, as a self-contained <svg> in colour `color` of the page's
// palette. `axis` (plain text) stands below it.
void venn_histogram_svg(FILE *out, const double *scores, int64_t n, int color, const char *axis);

// What every way of training gains over row 0: a dot with a bar of one standard error each.
void venn_gains_svg(FILE *out, const venn_mfh_comparison *c);

#endif
