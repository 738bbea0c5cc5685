// The leading eigenvectors of a symmetric matrix whose eigenvalues are not negative.
#ifndef VENN_DATA_EIGEN_H
#define VENN_DATA_EIGEN_H

#include "venn/base.h"

typedef struct venn_eigen {
    int32_t count;
    double *value;  // [count], falling
    double *vector; // [count, d], orthonormal
} venn_eigen;

// Of c [d, d]: `count` of them or, where that is 0, as many as together hold at most `share` of the
// trace, at least 1. The same c gives the same bits.
venn_status venn_eigen_leading(venn_eigen *out, const double *c, int32_t d, double share,
                               int32_t count);
void venn_eigen_finish(venn_eigen *eigen);

#endif
