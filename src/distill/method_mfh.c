// mfh: distillation by those of the teacher's features alone that the student's modality shares (Algorithm 1 of the
// paper ranks them). The run takes the others out of the teacher before it teaches (run_features.c); what is
// left is distillation from logits.
#include "distill/block_logits.h"
#include "venn/distill.h"

const venn_method venn_method_mfh = {
    .name = "mfh",
    .summary =
        "ce_weight CE(y, z) + kd_weight KL(softmax(t / T) || softmax(z / T)), t of a teacher "
        "with its general features alone",
    .reference = "Xue, Gao, Ren, Zhao: The Modality Focusing Hypothesis: Towards Understanding "
                 "Crossmodal Knowledge Distillation, ICLR 2023",
    .status = "targets met: the Gaussian experiments, pictures with sounds, ranking (venn mfh)",
    .needs = VENN_NEEDS_TEACHER | VENN_NEEDS_FEATURES,
    .places = true,
    .tags = true,
    .equations = venn_logits_equations,
    .params_size = sizeof(venn_logits_params),
    .params = venn_logits_param_table,
    .objective = {.loss = venn_logits_loss},
};
