// What ops are, for people and as JSON.
#ifndef VENN_CLI_OP_H
#define VENN_CLI_OP_H

#include <stdbool.h>
#include <stddef.h>

#include "cli.h"

// All ops, one line each. Both return an exit code.
int cli_op_list(bool json);
// One op: inputs, parameters, outputs.
int cli_op_describe(const char *name, bool json);

// Runs every stride-th test case of the op and writes operands and results into `folder`, which is made
// if it is not there: arrays.npy and cases.json, as docs/op.md says.
int cli_op_cases(const cli_common *common, const char *name, size_t stride, const char *folder);

#endif
