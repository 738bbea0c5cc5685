// What one modality's features predict of another's: linear regression, always on pairs that it was not
// fitted to.
#ifndef VENN_MFH_CROSS_PREDICTION_H
#define VENN_MFH_CROSS_PREDICTION_H

#include "distill/mutual_information.h"

// out [n, dx]: each row of x predicted from the same row of y by least squares on the rows outside its
// fold (row i is in fold i mod folds), with an intercept and a ridge of 1e-3 times the mean variance of
// y's columns. 2 folds at least, n at least twice as many. Works with more columns than rows.
venn_status venn_cross_predict(const venn_samples *x, const venn_samples *y, int folds,
                               double *out);

#endif
