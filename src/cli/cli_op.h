// What ops are, for people and as JSON.
#ifndef VENN_CLI_OP_H
#define VENN_CLI_OP_H

#include <stdbool.h>

// All ops, one line each. Both return an exit code.
int cli_op_list(bool json);
// One op: inputs, parameters, outputs.
int cli_op_describe(const char *name, bool json);

#endif
