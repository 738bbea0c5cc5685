// Algorithm 1, steps 2 to 5, for a bank of linear models with their input columns as the channels.
#ifndef VENN_MFH_BANK_SALIENCE_H
#define VENN_MFH_BANK_SALIENCE_H

#include "mfh/linear_bank.h"

// scores [M, D] in [0, 1]: how much permuting one column of x [M, rows, D] over the rows moves the
// teacher's logits away from the student's: mean over `permutations` permutations, rows and classes of
// the squared distance, then (s - min s) / (max s - min s) within each model. High: the column carries
// what the other modality knows as well. student: logits [M, rows, C]. Permutations come from `key`.
venn_status venn_bank_salience(const venn_linear_bank *teacher, int64_t rows, const float *x,
                               const float *student, uint32_t permutations, uint64_t key,
                               float *scores);

#endif
