// What elementwise ops of two operands share: y = f(a, b) with NumPy broadcasting.
#ifndef VENN_OPS_BINARY_H
#define VENN_OPS_BINARY_H

#include "graph/op.h"

bool venn_binary_shape(venn_node *n);
// Launch `stem` over both operands.
void venn_binary_record(venn_recorder *r, const venn_node *n, const char *stem);
void venn_binary_cost(const venn_node *n, venn_cost *cost);
// For references: elements of a and b that make element e of y.
int64_t venn_binary_index(const venn_node *n, int operand, int64_t e);

#endif
