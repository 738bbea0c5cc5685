// What the distances between a teacher's and a student's distributions share: rows of logits, a
// temperature, the reductions of venn_kl_div_params. An op of this family has a venn_divergence as its
// `family`, the inputs student, teacher and temperature, and the functions below in its descriptor.
#ifndef VENN_OPS_DIVERGENCE_H
#define VENN_OPS_DIVERGENCE_H

#include "ops/loss.h"
#include "venn/ops.h"

// Of one class with log p of the teacher and log q of the student; b is the op's own number.
typedef double (*venn_divergence_function)(double log_p, double log_q, double b);

typedef struct venn_divergence {
    uint32_t kind; // DIVERGENCE_* of shaders/ops/divergence.comp
    // For references: the term, whose sum over the classes is the distance, and its slopes in log q and
    // in log p. slope_p NULL: the teacher has no gradient.
    venn_divergence_function term, slope_q, slope_p;
    // Splits the params; NULL: they are a venn_kl_div_params.
    void (*split)(const void *params, venn_kl_div_params *kl, float *b);
} venn_divergence;

// The table of venn_kl_div_params, and its first entries for tables with more.
extern const venn_param_def venn_divergence_params[];
extern const char *const venn_divergence_reductions[];

bool venn_divergence_shape(venn_node *n);
void venn_divergence_record(venn_recorder *r, const venn_node *n);
uint64_t venn_divergence_workspace(const venn_profile *profile, const venn_node *n);
// If the teacher has a gradient, the distance must be the same with operands exchanged and b for 1 - b.
void venn_divergence_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                              uint32_t need, venn_tensor *dx);
void venn_divergence_cost(const venn_node *n, venn_cost *cost);
void venn_divergence_ref(const venn_ref *r);
void venn_divergence_ref_grad(const venn_ref *r);

#endif
