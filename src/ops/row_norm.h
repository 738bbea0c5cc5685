// What layer_norm, rms_norm, group_norm and instance_norm share: x is cut in rows of neighbouring
// elements, every row is normalised by its own moments, and gamma and beta belong to channels, pieces of
// `area` elements; channel numbers begin anew after every `period` rows (shaders/ops/row_norm.comp).
#ifndef VENN_OPS_ROW_NORM_H
#define VENN_OPS_ROW_NORM_H

#include "ops/rows.h"

typedef struct venn_row_norm {
    int64_t period; // rows of one sample
    int64_t each;   // channels of one row
    int64_t area;   // elements of one channel
    bool rms;       // divide by the root of the mean square alone: no mean, no beta
    float eps;
    const char *misfit; // what is wrong with x or the params; NULL: nothing
} venn_row_norm;

// Checks misfit, eps, and that gamma and beta, inputs 1 and 2 where present, are [period * each]; declares y.
bool venn_row_norm_shape(venn_node *n, const venn_row_norm *norm);
void venn_row_norm_record(venn_recorder *r, const venn_node *n, const venn_row_norm *norm);
void venn_row_norm_gradient(venn_graph *g, const venn_node *n, const venn_row_norm *norm,
                            const venn_tensor *dy, uint32_t need, venn_tensor *dx);
void venn_row_norm_ref(const venn_ref *r, const venn_row_norm *norm);
void venn_row_norm_ref_grad(const venn_ref *r, const venn_row_norm *norm);
void venn_row_norm_cost(const venn_node *n, venn_cost *cost);

// The rules of an op that is nothing but `venn_row_norm norm_of(const venn_node *n)`.
#define VENN_ROW_NORM_RULES(norm_of)                                                               \
    static bool shape(venn_node *n)                                                                \
    {                                                                                              \
        const venn_row_norm norm = norm_of(n);                                                     \
        return venn_row_norm_shape(n, &norm);                                                      \
    }                                                                                              \
    static void record(venn_recorder *r, const venn_node *n)                                       \
    {                                                                                              \
        const venn_row_norm norm = norm_of(n);                                                     \
        venn_row_norm_record(r, n, &norm);                                                         \
    }                                                                                              \
    static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,  \
                         venn_tensor *dx)                                                          \
    {                                                                                              \
        const venn_row_norm norm = norm_of(n);                                                     \
        venn_row_norm_gradient(g, n, &norm, dy, need, dx);                                         \
    }                                                                                              \
    static void ref(const venn_ref *r)                                                             \
    {                                                                                              \
        const venn_row_norm norm = norm_of(r->node);                                               \
        venn_row_norm_ref(r, &norm);                                                               \
    }                                                                                              \
    static void ref_grad(const venn_ref *r)                                                        \
    {                                                                                              \
        const venn_row_norm norm = norm_of(r->node);                                               \
        venn_row_norm_ref_grad(r, &norm);                                                          \
    }

#endif
