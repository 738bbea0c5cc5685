// The table of cases, made from tests/cases.def.
#include "bench/cases.h"

const venn_case_row venn_case_rows[] = {
#define CASE(op, dims, inputs, params) {#op, dims, inputs, params, VENN_CASE_PLAIN},
#define LONG(op, dims, inputs, params) {#op, dims, inputs, params, VENN_CASE_LONG},
#define HALF(op, dims, inputs, params) {#op, dims, inputs, params, VENN_CASE_HALF},
#define BENCH(op, dims, inputs, params) {#op, dims, inputs, params, VENN_CASE_BENCH},
#include "../tests/cases.def"
#undef CASE
#undef LONG
#undef HALF
    {0}};
