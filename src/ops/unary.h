// What all elementwise ops of one operand share: y has x's shape and type; the forward kernel binds
// (x, y), the backward kernel (x, dy, dx); the push block of both begins with `count`.
#ifndef VENN_OPS_UNARY_H
#define VENN_OPS_UNARY_H

#include "graph/op.h"

// Must equal UNARY_VEC of shaders/lib/unary.glsl: groups of four elements per invocation.
#define VENN_UNARY_VEC 4

bool venn_unary_shape(venn_node *n);
bool venn_unary_backward_shape(venn_node *n);
// Launch `stem` (plus ".texel" where the profile wants it) over n's inputs and output 0.
void venn_unary_record(venn_recorder *r, const venn_node *n, const char *stem);
// The same with more than `count` to push.
void venn_unary_record_push(venn_recorder *r, const venn_node *n, const char *stem,
                            const void *push, uint32_t push_size);
void venn_unary_cost(const venn_node *n, venn_cost *cost);
// The function `function` of a shader that ends in unary.glsl and takes no params: an `element` of one line.
bool venn_unary_element(venn_element *e, const char *shader, const char *function,
                        const char *define);

// ---- Functions -------------------------------------------------------------------------------

// A function with shaders/lib/unary_function.glsl for kernels. Its op is VENN_UNARY_OP and nothing else.
typedef struct venn_unary {
    double flops; // per element
    // c: the op's params as the kernel gets them, a and b.
    double (*value)(const float c[2], double x);
    double (*slope)(const float c[2], double x); // NULL: no gradient
    // From the op's params to c; NULL: they are no more than two floats, taken as they are.
    void (*constants)(const void *params, float c[2]);
} venn_unary;

// For `family` = a venn_unary: what descriptors are filled with.
bool venn_unary_function_element(const venn_node *n, venn_element *e);
void venn_unary_function_record(venn_recorder *r, const venn_node *n);
void venn_unary_function_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                                  uint32_t need, venn_tensor *dx);
void venn_unary_function_ref(const venn_ref *r);
void venn_unary_function_ref_grad(const venn_ref *r);
void venn_unary_function_cost(const venn_node *n, venn_cost *cost);

// Members of the descriptor of an op of one operand `x`, whose test values come from `domain`; of one that
// is not differentiable, and of one that is.
#define VENN_UNARY_FLAT_OP(unary, domain)                                                          \
    .inputs = {{"x", VENN_F32, domain, 0}}, .n_inputs = 1, .n_outputs = 1,                         \
    .shape = venn_unary_shape, .record = venn_unary_function_record,                               \
    .ref = venn_unary_function_ref, .cost = venn_unary_function_cost, .family = &(unary),          \
    .half = VENN_HALF_LIKE_FIRST, .element = venn_unary_function_element
#define VENN_UNARY_OP(unary, domain)                                                               \
    VENN_UNARY_FLAT_OP(unary, domain), .gradient = venn_unary_function_gradient,                   \
                                       .ref_grad = venn_unary_function_ref_grad

#endif
