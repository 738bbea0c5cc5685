// Late fusion taken apart: a network whose branches (encoders) are fused and then decided on by one linear
// layer, seen modality by modality.
#ifndef VENN_DISTILL_BLOCK_LATE_FUSION_H
#define VENN_DISTILL_BLOCK_LATE_FUSION_H

#include "venn/distill_method.h"

enum { LATE_FUSION_MAX = 4 };

typedef struct late_fusion {
    const venn_net *net;
    size_t n; // branches, 2 to LATE_FUSION_MAX
    const char *end[LATE_FUSION_MAX];
    int64_t width[LATE_FUSION_MAX]; // of their features
    venn_var *weight, *bias;        // of the head; bias may be NULL
    bool shared;                    // fusion mean: one W [C, D] for all; concat: W [C, sum of D]
} late_fusion;

// VENN_BAD_ARG, naming the method, unless the network has that fusion (concat or mean) and a head of one
// linear layer.
venn_status venn_late_fusion_of(late_fusion *out, const venn_net *net, venn_fusion fusion,
                                const char *method);

// Applies any network of up to LATE_FUSION_MAX branches to the main data; gives what it gives, and what its
// branches do, [B, D_m].
venn_tensor venn_late_fusion_apply(const venn_net *net, venn_step *s, venn_tensor *features);

// What the head makes of modality m's features alone, [B, C]: W h + b where it is shared, so that the
// fused logits are the mean; else W_m h + b / n, which add up to the fused logits.
venn_tensor venn_late_fusion_alone(const late_fusion *f, venn_step *s, size_t m,
                                   venn_tensor features);

// The branch that a parameter belongs to, or n for the head's and others.
size_t venn_late_fusion_branch(const late_fusion *f, const venn_var *var);

#endif
