// Judging maps of how far each pixel is out of the ordinary, against masks of what is there.
#ifndef VENN_DISTILL_BLOCK_NORMALITY_H
#define VENN_DISTILL_BLOCK_NORMALITY_H

#include "venn/distill_method.h"

enum { NORMALITY_MAPS = 2, NORMALITY_KINDS = 3 };

typedef struct venn_normality_params {
    const char
        *mask; // modality [1, H, W] or [H, W]: greater than `normal` where a pixel is anomalous
    int normal;
    bool two;     // maps, not one
    double sigma; // of the Gaussian that smooths them, in pixels
    void *user;
    void (*build)(void *user, venn_step *s, venn_tensor *maps); // one or two maps [B, 1, H, W]
} venn_normality_params;

// A picture's score is the greatest of its map. Maps are standardised by the normal validation
// pictures (without a validation split: training pictures) before they are added and smoothed.
typedef struct venn_normality {
    double auroc, average_precision, pixel_auroc, region_overlap; // up to 0.3
    double map_auroc[NORMALITY_MAPS];                             // by one map alone
    // Of pictures whose greatest number in the mask is normal + 1 + kind, against the normal ones; NaN
    // where there are none: by all maps, and by one alone.
    double kind_auroc[NORMALITY_KINDS], kind_map_auroc[NORMALITY_KINDS][NORMALITY_MAPS];
    bool two; // maps, not one
} venn_normality;

venn_status venn_judge_normality(venn_job *job, const venn_normality_params *params,
                                 venn_normality *out);
// Reports all but auroc, which is for the score.
void venn_measure_normality(venn_job *job, const venn_normality *found);

// The data with the anomalous pairs of training and validation split left out; destroy it before `data`.
venn_status venn_select_normal(const venn_dataset *data, const char *mask, int normal,
                               venn_dataset **out);

#endif
