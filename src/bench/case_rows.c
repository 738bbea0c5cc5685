// The table of cases, made from tests/cases.def.
#include "bench/cases.h"

const venn_case_row venn_case_rows[] = {
#define CASE(op, dims, inputs, params) {#op, dims, inputs, params, false},
#define BENCH(op, dims, inputs, params) {#op, dims, inputs, params, true},
#include "../tests/cases.def"
#undef CASE
    {0}};
