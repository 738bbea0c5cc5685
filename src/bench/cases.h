// Cases of ops: the rows of tests/cases.def, whose head explains the text form, expanded to concrete
// shapes, params and input data. Tests and bench run the same ones.
#ifndef VENN_BENCH_CASES_H
#define VENN_BENCH_CASES_H

#include "graph/op.h"

typedef enum venn_case_kind {
    VENN_CASE_PLAIN,
    VENN_CASE_LONG,
    VENN_CASE_BENCH,
    VENN_CASE_HALF
} venn_case_kind;

typedef struct venn_case_row {
    const char *op, *dims, *inputs, *params;
    venn_case_kind kind; // CASE, LONG, BENCH or HALF
} venn_case_row;

// All rows of cases.def in order, ended by op NULL.
extern const venn_case_row venn_case_rows[];

typedef struct venn_case {
    const venn_op_desc *op;
    int n_in;
    bool present[VENN_MAX_INPUTS];
    venn_shape shape[VENN_MAX_INPUTS];
    venn_dtype dtype[VENN_MAX_INPUTS]; // as the op's table says, or a 16-bit type instead of f32
    bool half;                         // of a HALF row
    const void *params;                // NULL if the op has none
    uint64_t seed;                     // of the input data, made of the row's text
    char name[512];                    // "matmul M=7 K=33 act=relu", for messages
} venn_case;

// The type that a case is counted with: that of its 16-bit operands, else f32.
enum { VENN_CASE_TYPES = VENN_BF16 + 1 };
venn_dtype venn_case_type(const venn_case *c);

// false stops the walk.
typedef bool (*venn_case_fn)(void *user, const venn_case *c);

// Calls fn for every combination of the row's extents and params, the last named varying fastest, and, of
// a HALF row, for every choice of types: all f16, all bf16, and where there are two operands, f16 the
// first alone and all but the first.
// VENN_BAD_ARG, naming the row, if its text does not make sense for the op.
venn_status venn_case_each(const venn_op_desc *op, const venn_case_row *row, venn_case_fn fn,
                           void *user);

// Fills `data` (of the case's type for it, its shape's count of elements) from input i's domain: always
// the same for one case; rounded where the type is 16 bits. VENN_ANY keeps away from 0, where many ops have a kink.
venn_status venn_case_data(const venn_case *c, int i, void *data);
// Definition of input i (variadic ones share the last).
const venn_input_def *venn_case_input(const venn_op_desc *op, int i);

#endif
