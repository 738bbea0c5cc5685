// Statistics of small samples: what tables of several seeds need.
#ifndef VENN_TRAIN_STATS_H
#define VENN_TRAIN_STATS_H

#include <stddef.h>

typedef struct venn_summary {
    size_t n;
    double mean;
    double std; // sample standard deviation (n - 1); 0 for n < 2
    double
        half; // half width of the 95 % confidence interval of the mean (Student's t); NaN for n < 2
} venn_summary;

venn_summary venn_summarize(const double *x, size_t n);

// The p-quantile of Student's t distribution with `freedom` degrees of freedom, 0 < p < 1.
double venn_student_quantile(double p, double freedom);

#endif
