// Params structs as text, by the op's own table of fields: "stride=2 pad=1,0 act=relu". What cases.def,
// `venn op --param` and messages about a case are written in.
#ifndef VENN_GRAPH_PARAMS_H
#define VENN_GRAPH_PARAMS_H

#include "graph/op.h"

// Sets one field from text; fields not named keep what they hold.
//   bool   0 1 false true no yes      int, float   a number, the whole text
//   enum   one of the field's names   ints         "2,1"; one number sets all; fewer than all leave
//                                                  the rest ("3," sets the first only)
// VENN_BAD_ARG names the op, the key and what is allowed.
venn_status venn_params_set(const venn_op_desc *op, void *params, const char *key,
                            const char *value);
// Any number of key=value separated by blanks. On failure params is as the keys before left it.
venn_status venn_params_parse(const venn_op_desc *op, void *params, const char *text);
// Writes every field that is not zero, in the form that venn_params_parse reads, into text (at most
// size bytes with the terminator) and returns text. params NULL: "".
char *venn_params_text(const venn_op_desc *op, const void *params, char *text, size_t size);

#endif
