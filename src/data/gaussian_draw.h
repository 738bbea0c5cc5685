// Data of the Gaussian experiments of the Modality Focusing Hypothesis: decisive features xs ~ N(0, 1), label 1 where xs . a > 0. Modality a
// and modality b are rows of N(0, 1) noise in which some columns are the decisive features of the same
// number. Everything is named by (key, seed, split): designs that differ only in which columns are
// decisive share all other numbers.
#ifndef VENN_DATA_GAUSSIAN_DRAW_H
#define VENN_DATA_GAUSSIAN_DRAW_H

#include "venn/base.h"

// Columns [from, to) of a modality are decisive features.
typedef struct venn_gaussian_side {
    int64_t width, from, to;
} venn_gaussian_side;

typedef struct venn_gaussian_design {
    int64_t decisive;  // features that the label depends on
    bool unit_weights; // a is all ones; else N(0, 1), drawn per seed
    venn_gaussian_side a, b;
} venn_gaussian_design;

typedef enum venn_gaussian_split {
    VENN_GAUSSIAN_TRAIN,
    VENN_GAUSSIAN_TEST,
    VENN_GAUSSIAN_FRESH // a second training set
} venn_gaussian_split;

// xa [rows, a.width], xb [rows, b.width], labels [rows]; any may be NULL. VENN_NO_MEMORY.
venn_status venn_gaussian_draw(const venn_gaussian_design *design, uint64_t key, uint64_t seed,
                               venn_gaussian_split split, int64_t rows, float *xa, float *xb,
                               int32_t *labels);

#endif
