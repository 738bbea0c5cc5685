// What elementwise ops of two operands share: y = f(a, b) with NumPy broadcasting.
#ifndef VENN_OPS_BINARY_H
#define VENN_OPS_BINARY_H

#include "graph/op.h"

bool venn_binary_shape(venn_node *n);
// Launch `stem` over both operands.
void venn_binary_record(venn_recorder *r, const venn_node *n, const char *stem);
void venn_binary_cost(const venn_node *n, venn_cost *cost);
// Of ops whose shader is named after them and defines `combine`: what descriptors are filled with.
bool venn_binary_element(const venn_node *n, venn_element *e);
// For references: elements of a and b that make element e of y.
int64_t venn_binary_index(const venn_node *n, int operand, int64_t e);

// ---- Functions -------------------------------------------------------------------------------

// A function with shaders/lib/binary_function.glsl for kernels. Its op is VENN_BINARY_OP and nothing else.
typedef struct venn_binary {
    double flops; // per element
    double (*value)(double a, double b);
    double (*slope[2])(double a, double b); // by a, by b
} venn_binary;

// For `family` = a venn_binary: what descriptors are filled with.
void venn_binary_function_record(venn_recorder *r, const venn_node *n);
void venn_binary_function_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                                   uint32_t need, venn_tensor *dx);
void venn_binary_function_ref(const venn_ref *r);
void venn_binary_function_ref_grad(const venn_ref *r);
void venn_binary_function_cost(const venn_node *n, venn_cost *cost);

// Members of the descriptor of an op of two operands, whose test values come from `domain`; of one that
// is differentiable in both, and of one in neither.
#define VENN_BINARY_FLAT_OP(binary, domain)                                                        \
    .inputs = {{"a", VENN_F32, domain, 0}, {"b", VENN_F32, domain, 0}}, .n_inputs = 2,             \
    .n_outputs = 1, .shape = venn_binary_shape, .record = venn_binary_function_record,             \
    .ref = venn_binary_function_ref, .cost = venn_binary_function_cost, .family = &(binary),       \
    .half = VENN_HALF_LIKE_FIRST, .element = venn_binary_element
#define VENN_BINARY_OP(binary, domain)                                                             \
    VENN_BINARY_FLAT_OP(binary, domain), .gradient = venn_binary_function_gradient,                \
                                         .ref_grad = venn_binary_function_ref_grad

#endif
