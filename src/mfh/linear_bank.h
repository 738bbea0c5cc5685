// A bank of linear classifiers, each with data of its own, trained side by side as one batched program
// by full-batch SGD. z[m] = x[m] w[m]^T + b[m] for x [M, N, D], w [M, C, D], b [M, 1, C].
#ifndef VENN_MFH_LINEAR_BANK_H
#define VENN_MFH_LINEAR_BANK_H

#include "venn/tensor.h"

typedef struct venn_linear_bank {
    venn_device *device;
    int64_t models, width, classes;
    venn_var *w, *b;
} venn_linear_bank;

// Draws w and b of model m from U(-1, 1) / sqrt(width), keyed by seed[m].
venn_status venn_linear_bank_init(venn_linear_bank *bank, venn_device *device, int64_t models,
                                  int64_t width, int64_t classes, const uint64_t *seeds);
void venn_linear_bank_finish(venn_linear_bank *bank);

// What one bank learns from. Host arrays, used during the call only.
typedef struct venn_bank_data {
    int64_t rows;
    const float *x;        // [M, rows, D]
    const int32_t *labels; // [M, rows]
    const float *teacher;  // [M, rows, C] logits to distil from, or NULL
} venn_bank_data;

typedef struct venn_bank_training {
    uint32_t steps;
    double lr, momentum;
    double kd_weight;                            // of the KL term, for banks with a teacher
    bool batchmean;                              // KL over rows; else over rows and classes
    bool (*progress)(void *user, uint32_t done); // NULL: none; false cancels
    void *user;
} venn_bank_training;

// Trains n banks on their data in one program, each on the mean cross entropy, plus kd_weight KL(softmax
// teacher || softmax z) where it has a teacher. agree: two banks of equal M, rows and C, with the mean
// squared difference of their logits added, gradients into both (the joint training of Algorithm 1).
venn_status venn_linear_bank_train(venn_linear_bank *const *banks, const venn_bank_data *data,
                                   size_t n, bool agree, const venn_bank_training *training);

// z [M, rows, C] of x [M, rows, D], both host arrays.
venn_status venn_linear_bank_logits(const venn_linear_bank *bank, int64_t rows, const float *x,
                                    float *z);

#endif
