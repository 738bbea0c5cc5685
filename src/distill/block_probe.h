// What given features tell: to a linear classifier, and to the nearest neighbour.
#ifndef VENN_DISTILL_BLOCK_PROBE_H
#define VENN_DISTILL_BLOCK_PROBE_H

#include "venn/base.h"

typedef struct probe_rows {
    const float *x;        // [n, width]
    const int32_t *labels; // [n], 0 to classes - 1
    int64_t n;
} probe_rows;

// Softmax regression on features brought to mean 0 and deviation 1 over `train`, by gradient descent on all
// of them, from 0, for a fixed number of steps: the same rows give the same bits. *accuracy: share of `test`
// that it gets right. VENN_NO_MEMORY.
venn_status venn_linear_probe(const probe_rows *train, const probe_rows *test, int64_t width,
                              int32_t classes, double *accuracy);

// *accuracy: share of `test` whose label is that of the row of `train` with the greatest cosine, the first of equals.
void venn_nearest_neighbour(const probe_rows *train, const probe_rows *test, int64_t width,
                            double *accuracy);

#endif
