// Expansion of rows of cases.def, and the data made for them.
#include <criterion/criterion.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "bench/cases.h"

typedef struct params {
    int act;
    int32_t size;
} params;

static const char *const acts[] = {"none", "relu", NULL};
static const venn_param_def defs[] = {
    {"act", VENN_PARAM_ENUM, offsetof(params, act), .names = acts},
    {"size", VENN_PARAM_INT, offsetof(params, size)},
    {0},
};
static const venn_op_desc op = {
    .name = "op",
    .inputs = {{"x"},
               {"t", .domain = VENN_PROBABILITY, .flags = VENN_IN_NO_GRAD | VENN_IN_OPTIONAL},
               {"label", VENN_I32, VENN_CLASS, VENN_IN_NO_GRAD | VENN_IN_VARIADIC}},
    .n_inputs = 3,
    .params_size = sizeof(params),
    .params = defs,
};

typedef struct seen {
    int n, stop_after;
    venn_case last;
    params last_params;
    uint64_t seeds[64];
} seen;

static bool see(void *user, const venn_case *c)
{
    seen *s = user;
    s->last = *c;
    s->last_params = *(const params *)c->params;
    s->seeds[s->n++] = c->seed;
    return s->n != s->stop_after;
}

static seen walk(const char *dims, const char *inputs, const char *text)
{
    seen s = {0};
    venn_case_row row = {"op", dims, inputs, text, VENN_CASE_PLAIN};
    cr_assert(venn_case_each(&op, &row, see, &s) == VENN_OK, "%s", venn_error_message());
    return s;
}

Test(cases, all_combinations)
{
    seen s = walk("M=1,7 K=0,33", "MxK 2*Mx3 - . K", "act=none|relu size=5");
    cr_expect(s.n == 8);
    cr_expect_str_eq(s.last.name, "op M=7 K=33 act=relu size=5");
    cr_expect(s.last.n_in == 5 && s.last.present[0] && !s.last.present[2] && s.last.present[3]);
    const venn_shape first = VENN_SHAPE(7, 33), second = VENN_SHAPE(14, 3);
    cr_expect(venn_shape_equal(&s.last.shape[0], &first));
    cr_expect(venn_shape_equal(&s.last.shape[1], &second));
    cr_expect(s.last.shape[3].rank == 0);
    cr_expect(s.last_params.act == 1 && s.last_params.size == 5);
    for (int i = 1; i < s.n; i++)
        cr_expect(s.seeds[i] != s.seeds[0]);
}

Test(cases, defaults_and_names_in_values)
{
    cr_expect(walk("", "4x5", "").n == 1);
    seen s = walk("N=3,8", "N", "size=$N");
    cr_expect(s.last_params.size == 8 && s.last_params.act == 0);
    cr_expect(walk("N=3", "N", "").seeds[0] != walk("N=3", "N", "size=1").seeds[0]);
}

Test(cases, stops)
{
    seen s = {.stop_after = 2};
    venn_case_row row = {"op", "N=1,2,3", "N", "", VENN_CASE_PLAIN};
    cr_expect(venn_case_each(&op, &row, see, &s) == VENN_OK && s.n == 2);
}

static void expect_error(const char *dims, const char *inputs, const char *text, const char *want)
{
    seen s = {0};
    venn_case_row row = {"op", dims, inputs, text, VENN_CASE_PLAIN};
    cr_expect(venn_case_each(&op, &row, see, &s) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), want), "wanted \"%s\": %s", want, venn_error_message());
}

Test(cases, errors)
{
    expect_error("N", "N", "", "name=values instead of: \"N\"");
    expect_error("N=1", "M", "", "no such name or number: \"M\"");
    expect_error("N=one", "N", "", "no such name or number");
    expect_error("N=1", "NxNxNxNxNxNxN", "", "too many extents");
    expect_error("N=1", "N", "act=tanh", "act=tanh: must be one of none relu");
    expect_error("N=1", "N", "size=$M", "no such name: \"$M\"");
    expect_error("N=1", ". . . . . . . . . . . . .", "", "too many inputs");
}

// ---- Data ------------------------------------------------------------------------------------

Test(cases, data_follows_domains)
{
    static float x[600], t[600], again[600];
    static int32_t label[50];
    seen s = walk("B=50 C=12", "BxC BxC B", "");
    venn_case_data(&s.last, 0, x);
    venn_case_data(&s.last, 1, t);
    venn_case_data(&s.last, 2, label);
    venn_case_data(&s.last, 0, again);
    cr_expect(memcmp(x, again, sizeof x) == 0, "the same case gives the same data");
    bool zeros = false;
    for (int b = 0; b < 50; b++) {
        double sum = 0;
        for (int c = 0; c < 12; c++) {
            cr_expect(fabsf(x[12 * b + c]) >= 1.0f / 1024 && fabsf(x[12 * b + c]) < 8);
            cr_expect(t[12 * b + c] >= 0 && t[12 * b + c] <= 1);
            zeros |= t[12 * b + c] == 0;
            sum += (double)t[12 * b + c];
        }
        cr_expect(fabs(sum - 1) < 1e-6);
        cr_expect(label[b] >= 0 && label[b] < 12);
    }
    cr_expect(zeros, "operands without gradient see exact zeros");
}
