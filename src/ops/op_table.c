// The table of ops, made from ops.def; nothing else in the library lists them.
#include <string.h>

#include "graph/op.h"

#define OP(name) extern const venn_op_desc venn_op_##name;
#include "ops/ops.def"
#undef OP

const venn_op_desc *const venn_op_table[] = {
#define OP(name) &venn_op_##name,
#include "ops/ops.def"
#undef OP
    NULL};

const venn_op_desc *venn_op_find(const char *name)
{
    for (const venn_op_desc *const *op = venn_op_table; *op; op++)
        if (strcmp((*op)->name, name) == 0)
            return *op;
    return NULL;
}
