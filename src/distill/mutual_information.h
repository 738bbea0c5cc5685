// Estimators of mutual information from samples, in nats, on the host. All are symmetric in what they
// estimate and may come out slightly negative before clipping at 0.
#ifndef VENN_DISTILL_MUTUAL_INFORMATION_H
#define VENN_DISTILL_MUTUAL_INFORMATION_H

#include "venn/base.h"

// psi(x) = d/dx ln Gamma(x) for x > 0.
double venn_digamma(double x);

// x [n, dx], y [n, dy], row-major. O(n^2 (dx + dy)).
typedef struct venn_samples {
    const double *values;
    int64_t n, width;
} venn_samples;

// Kraskov, Stoegbauer, Grassberger: "Estimating mutual information", Phys. Rev. E 69, 2004, estimator 1:
//   psi(k) + psi(n) - <psi(n_x + 1) + psi(n_y + 1)>
// with n_x, n_y the points nearer than the k-th neighbour in the joint space (maximum norm). Continuous
// variables; ties make it unreliable. k from 1 to n - 1. VENN_BAD_ARG, VENN_NO_MEMORY.
venn_status venn_mi_ksg(const venn_samples *x, const venn_samples *y, int k, double *nats);

// Ross: "Mutual information between discrete and continuous data sets", PLoS ONE 9(2), 2014:
//   psi(n) - <psi(n_label)> + psi(k) - <psi(m)>
// with m the points of any label within the distance of the k-th neighbour of the same label. Labels seen
// fewer than k + 1 times take all their neighbours; those seen once are left out.
venn_status venn_mi_ross(const venn_samples *x, const int32_t *labels, int k, double *nats);

// 1/2 ln(det S_x det S_y / det S_xy) of the sample covariances, each with 1e-6 on the diagonal: exact for
// jointly Gaussian variables. Needs n > dx + dy.
venn_status venn_mi_gaussian(const venn_samples *x, const venn_samples *y, double *nats);

#endif
