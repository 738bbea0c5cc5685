// Numbers of an op's operands as its users count them: without the generator's state, which the program
// fills by itself.
#ifndef VENN_BENCH_OP_OPERAND_H
#define VENN_BENCH_OP_OPERAND_H

#include "graph/op.h"

// Position among the op's inputs of operand number `index`, or -1 if there is no such operand.
int venn_op_operand(const venn_op_desc *op, int index);
// Has a gradient for its input at this position.
bool venn_op_differentiable(const venn_op_desc *op, int position);

#endif
