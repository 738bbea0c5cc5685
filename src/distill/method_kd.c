// kd: knowledge distillation from logits.
#include "distill/block_logits.h"
#include "venn/distill.h"

const venn_method venn_method_kd = {
    .name = "kd",
    .summary = "ce_weight CE(y, z) + kd_weight KL(softmax(teacher / T) || softmax(z / T))",
    .reference = "Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015; "
                 "crossmodal as in Xue et al.: The Modality Focusing Hypothesis, ICLR 2023",
    .status = "baseline",
    .needs = VENN_NEEDS_TEACHER,
    .places = true,
    .tags = true,
    .equations = venn_logits_equations,
    .params_size = sizeof(venn_logits_params),
    .params = venn_logits_param_table,
    .objective = {.loss = venn_logits_loss},
};
