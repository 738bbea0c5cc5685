// Params structs from text and back (graph/params.h).
#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#include "graph/params.h"

typedef struct params {
    bool flag;
    int32_t number;
    float real;
    int kind;
    int32_t list[3];
} params;

static const char *const kinds[] = {"none", "relu", "gelu", NULL};
static const venn_param_def defs[] = {
    {"flag", VENN_PARAM_BOOL, offsetof(params, flag)},
    {"number", VENN_PARAM_INT, offsetof(params, number)},
    {"real", VENN_PARAM_FLOAT, offsetof(params, real)},
    {"kind", VENN_PARAM_ENUM, offsetof(params, kind), .names = kinds},
    {"list", VENN_PARAM_INTS, offsetof(params, list), .count = 3},
    {0},
};
static const venn_op_desc op = {.name = "op", .params_size = sizeof(params), .params = defs};

Test(params, every_type)
{
    params p = {0};
    char text[128];
    const char *all = "flag=1 number=-7 real=0.25 kind=gelu list=1,-2,3";
    cr_assert(venn_params_parse(&op, &p, all) == VENN_OK, "%s", venn_error_message());
    cr_expect(p.flag && p.number == -7 && p.real == 0.25f && p.kind == 2);
    cr_expect(p.list[0] == 1 && p.list[1] == -2 && p.list[2] == 3);
    cr_expect_str_eq(venn_params_text(&op, &p, text, sizeof text), all);
    cr_expect(venn_params_parse(&op, &p, "  flag=no   number=0 ") == VENN_OK);
    cr_expect_str_eq(venn_params_text(&op, &p, text, sizeof text),
                     "real=0.25 kind=gelu list=1,-2,3");
}

Test(params, lists)
{
    params p = {0};
    cr_expect(venn_params_parse(&op, &p, "list=4") == VENN_OK);
    cr_expect(p.list[0] == 4 && p.list[1] == 4 && p.list[2] == 4, "one number sets all");
    cr_expect(venn_params_parse(&op, &p, "list=5,") == VENN_OK);
    cr_expect(p.list[0] == 5 && p.list[1] == 4, "a comma ends the list");
    cr_expect(venn_params_parse(&op, &p, "list=6,7") == VENN_OK);
    cr_expect(p.list[0] == 6 && p.list[1] == 7 && p.list[2] == 4);
}

Test(params, text_fits)
{
    const params p = {.flag = true, .number = 123456789};
    char text[8];
    cr_expect_str_eq(venn_params_text(&op, &p, text, sizeof text), "flag=1 ");
    cr_expect_str_eq(venn_params_text(&op, NULL, text, sizeof text), "");
}

static void expect_error(const char *text, const char *want)
{
    params p, before;
    memset(&p, 0, sizeof p);
    p.number = 3;
    before = p;
    cr_expect(venn_params_parse(&op, &p, text) == VENN_BAD_ARG, "\"%s\" was taken", text);
    cr_expect(strstr(venn_error_message(), want), "\"%s\": %s", text, venn_error_message());
    cr_expect(memcmp(&p, &before, sizeof p) == 0, "\"%s\" changed something", text);
}

Test(params, errors)
{
    expect_error("colour=1", "op: no parameter \"colour\"; there are: flag number real kind list");
    expect_error("number", "write name=value");
    expect_error("flag=2", "flag=2: must be 0 or 1");
    expect_error("number=1.5", "op: number=1.5: must be a whole number");
    expect_error("number=99999999999", "whole number of 32 bits");
    expect_error("number=", "whole number");
    expect_error("real=nan", "finite");
    expect_error("real=1e999", "finite");
    expect_error("kind=tanh", "must be one of none relu gelu");
    expect_error("list=1,2,3,4", "1 to 3 whole numbers");
    expect_error("list=a", "1 to 3 whole numbers");
    expect_error("list=", "1 to 3 whole numbers as in 2,1");
    const venn_op_desc bare = {.name = "bare"};
    cr_expect(venn_params_parse(&bare, NULL, "a=1") == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "the op has none"));
}
