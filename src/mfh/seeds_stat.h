// Mean, spread and error over seeds.
#ifndef VENN_MFH_SEEDS_STAT_H
#define VENN_MFH_SEEDS_STAT_H

#include "venn/mfh.h"

// Of values[i], or of values[i] - minus[i] if minus is not NULL; n at least 1.
venn_mfh_stat venn_seeds_stat(const double *values, const double *minus, uint32_t n);

#endif
