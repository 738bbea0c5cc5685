// The points of each synthetic sweep: which columns are decisive, and what the paper reports there.
#ifndef VENN_MFH_SWEEP_POINTS_H
#define VENN_MFH_SWEEP_POINTS_H

#include "data/gaussian_draw.h"
#include "venn/mfh.h"

typedef struct venn_sweep_point {
    venn_gaussian_design design;
    double paper[VENN_MFH_MODELS]; // NaN: not reported
} venn_sweep_point;

// Decisive features that only a, only b and both see.
venn_modality_diagram venn_gaussian_diagram(const venn_gaussian_design *design);
// Fills at most VENN_MFH_MAX_POINTS points and returns their number.
size_t venn_sweep_points(const venn_mfh_gaussian_params *params, venn_sweep_point *points);

#endif
