// Distillation from a frozen teacher's logits, with its parameters: what kd and mfh share.
//   loss = ce_weight CE(y, z) + kd_weight KL(softmax(t / T) || softmax(z / T))
// at every place of a map alike; of data with tags with sigmoid for softmax, summed over the classes.
#ifndef VENN_DISTILL_BLOCK_LOGITS_H
#define VENN_DISTILL_BLOCK_LOGITS_H

#include "venn/distill_method.h"

typedef struct venn_logits_params {
    double temperature, ce_weight, kd_weight;
    int reduction;
    bool t_squared;
} venn_logits_params;

// The table of the above, and the equations "ce", "kd" and "loss".
extern const venn_method_param venn_logits_param_table[];
extern const venn_method_equation venn_logits_equations[];

// Hook `loss` of an objective whose user is a job with such params and a teacher. Reports the term "kd".
venn_tensor venn_logits_loss(void *job, venn_step *s);

#endif
