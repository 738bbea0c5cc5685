// How well scores tell what is out of the ordinary, of pictures and of their pixels.
#ifndef VENN_DISTILL_BLOCK_ANOMALY_H
#define VENN_DISTILL_BLOCK_ANOMALY_H

#include <stdbool.h>
#include <stdint.h>

#include "venn/base.h"

// Probability that a positive has a higher score than a negative, equal ones counting half. NaN if
// there are not both, or without memory.
double venn_auroc(const float *score, const bool *positive, int64_t n);
// Mean over the positives of the precision among all scores that are at least theirs. NaN alike.
double venn_average_precision(const float *score, const bool *positive, int64_t n);
// The mean share of a defect that is above a threshold, over the defects (8-connected regions of
// `positive` in n pictures [height, width]), as a function of the share of other pixels above it:
// its mean where that is 0 to limit. NaN alike.
double venn_region_overlap(const float *score, const bool *positive, int64_t n, int64_t height,
                           int64_t width, double limit);

#endif
