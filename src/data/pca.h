// Principal components, for weakening a modality.
#ifndef VENN_DATA_PCA_H
#define VENN_DATA_PCA_H

#include "data/eigen.h"

typedef struct venn_pca {
    int32_t dims;
    double *mean;     // [dims]
    double total;     // variance in all
    venn_eigen basis; // the components, and the variance along each
} venn_pca;

// Fits x [n, dims] (population covariance), keeping `components` of them or, where that is 0, as
// many as together hold at most keep_variance of the total, at least 1. The same x gives the same
// bits.
venn_status venn_pca_fit(venn_pca *out, const float *x, int64_t n, int32_t dims,
                         double keep_variance, int32_t components);
// x = [mean +] the sum over the components of v (v . (x - mean)), in place; x: [n, dims].
venn_status venn_pca_project(const venn_pca *pca, float *x, int64_t n, bool drop_mean);
void venn_pca_finish(venn_pca *pca);

#endif
