// kd: knowledge distillation from logits.
//   loss = ce_weight CE(y, softmax(z)) + kd_weight KL(softmax(t / T) || softmax(z / T))
#include <stddef.h>

#include "venn/distill.h"
#include "venn/ops.h"

typedef struct kd_params {
    double temperature, ce_weight, kd_weight;
    int reduction;
    bool t_squared;
} kd_params;

static const char *const reductions[] = {"batchmean", "mean", "sum", NULL};

static const venn_method_param params[] = {
    {"temperature", VENN_METHOD_FLOAT, offsetof(kd_params, temperature), 1, 1e-3, 1e3, NULL,
     "T, softens both sides; 1 as in the Modality Focusing Hypothesis"},
    {"ce_weight", VENN_METHOD_FLOAT, offsetof(kd_params, ce_weight), 1, 0, 1e6, NULL,
     "weight of the labels' cross-entropy"},
    {"kd_weight", VENN_METHOD_FLOAT, offsetof(kd_params, kd_weight), 1, 0, 1e6, NULL,
     "weight of the divergence from the teacher"},
    {"reduction", VENN_METHOD_ENUM, offsetof(kd_params, reduction), 0, 0, 0, reductions,
     "of the divergence: sum over the batch and classes over B, over B C, or not divided"},
    {"t_squared", VENN_METHOD_BOOL, offsetof(kd_params, t_squared), 0, 0, 1, NULL,
     "multiply the divergence by T^2, so that its gradient keeps its size (Hinton's convention)"},
    {0}};

static void report(venn_objective_context *c, const char *name, venn_tensor value)
{
    c->terms[c->n_terms].name = name;
    c->terms[c->n_terms++].value = value;
}

static venn_tensor loss(const void *values, venn_objective_context *c)
{
    static const venn_kl_reduction reduction[] = {VENN_KL_BATCHMEAN, VENN_KL_MEAN, VENN_KL_SUM};
    const kd_params *p = values;
    venn_kl_div_params kl = {.temperature = (float)p->temperature,
                             .reduction = reduction[p->reduction],
                             .t_squared = p->t_squared};
    venn_tensor ce = venn_cross_entropy(c->g, c->logits, c->labels, NULL);
    venn_tensor kd = venn_kl_div(c->g, c->logits, c->teacher, VENN_NONE, &kl);
    report(c, "ce", ce);
    report(c, "kd", kd);
    return venn_add(c->g, venn_scale(c->g, ce, (float)p->ce_weight, 0),
                    venn_scale(c->g, kd, (float)p->kd_weight, 0));
}

const venn_method venn_method_kd = {
    .name = "kd",
    .summary = "ce_weight CE(y, z) + kd_weight KL(softmax(teacher / T) || softmax(z / T))",
    .reference = "Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, 2015; "
                 "crossmodal as in Xue et al.: The Modality Focusing Hypothesis, ICLR 2023",
    .params_size = sizeof(kd_params),
    .params = params,
    .loss = loss,
};
