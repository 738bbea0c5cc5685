// The test cases of ops as others get them: `venn op NAME --cases`, and the walk behind it.
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "op_files.h"
#include "venn/op_run.h"

static json_t *manifest(const char *folder)
{
    char path[64];
    snprintf(path, sizeof path, "%s/cases.json", folder);
    json_error_t error;
    json_t *json = json_load_file(scratch_path(path), 0, &error);
    cr_assert(json, "%s: %s", path, error.text);
    return json;
}

// The number of elements of array `index` of a case's list, read from arrays.npy into `values`.
static size_t read_case_array(const char *folder, json_t *c, const char *list, size_t index,
                              float *values, size_t most)
{
    char path[64], magic[6];
    size_t count = 1;
    json_t *entry = json_array_get(json_object_get(c, list), index), *dim;
    snprintf(path, sizeof path, "%s/arrays.npy", folder);
    for (size_t i = 0; i < json_array_size(json_object_get(entry, "shape")); i++) {
        dim = json_array_get(json_object_get(entry, "shape"), i);
        count *= (size_t)json_integer_value(dim);
    }
    long offset = (long)json_integer_value(json_object_get(entry, "offset"));
    FILE *file = fopen(scratch_path(path), "rb");
    cr_assert(file && count <= most && fseek(file, offset, SEEK_SET) == 0);
    cr_assert(fread(magic, sizeof magic, 1, file) == 1 && memcmp(magic, "\x93NUMPY", 6) == 0);
    uint16_t header;
    cr_assert(fseek(file, offset + 8, SEEK_SET) == 0 && fread(&header, 2, 1, file) == 1);
    cr_assert(fseek(file, offset + 10 + header, SEEK_SET) == 0);
    cr_assert_eq(fread(values, sizeof *values, count, file), count);
    fclose(file);
    return count;
}

Test(op_cases, cases_hold_operands_results_and_gradients)
{
    static float x[8192], y[8192], dy[8192], dx[8192];
    RUNS("relu --cases all");
    RUNS("relu --cases some --stride 4");
    json_t *all = manifest("all"), *some = manifest("some");
    json_t *cases = json_object_get(some, "cases"), *every = json_object_get(all, "cases");
    cr_assert_eq(json_array_size(cases), (json_array_size(every) + 3) / 4);
    double moved = 0;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        json_t *c = json_array_get(cases, i);
        const char *name = json_string_value(json_object_get(c, "name"));
        cr_assert_eq(json_integer_value(json_object_get(c, "number")), (json_int_t)(4 * i));
        cr_assert_str_eq(name,
                         json_string_value(json_object_get(json_array_get(every, 4 * i), "name")));
        if (strstr(name, "70001"))
            continue;
        size_t n = read_case_array("some", c, "x", 0, x, 8192);
        cr_assert_eq(read_case_array("some", c, "y", 0, y, 8192), n);
        cr_assert_eq(read_case_array("some", c, "dy", 0, dy, 8192), n);
        cr_assert_eq(read_case_array("some", c, "dx", 0, dx, 8192), n);
        for (size_t k = 0; k < n; k++) {
            cr_assert(y[k] == fmaxf(x[k], 0) && dx[k] == (x[k] > 0 ? dy[k] : 0), "%s[%zu]", name,
                      k);
            moved += (double)fabsf(dy[k] - 1);
        }
    }
    cr_assert(moved > 0, "all gradients that arrive are 1");
    json_decref(all), json_decref(some);
}

Test(op_cases, cases_tell_params_seeds_and_updates)
{
    RUNS("dropout --cases dropout --stride 7");
    json_t *dropout = manifest("dropout"), *sgd;
    json_t *c = json_array_get(json_object_get(dropout, "cases"), 0);
    cr_assert(json_is_string(json_object_get(c, "seed")) &&
              json_is_string(json_object_get(c, "step")));
    cr_assert_eq(json_array_size(json_object_get(c, "x")), 1, "the generator is no operand");
    json_decref(dropout);

    RUNS("sgd --cases sgd");
    sgd = manifest("sgd");
    c = json_array_get(json_object_get(sgd, "cases"), 0);
    cr_assert(json_is_object(json_array_get(json_object_get(c, "updated"), 0)), "w is updated");
    cr_assert(json_is_null(json_array_get(json_object_get(c, "updated"), 1)), "dw is not");
    cr_assert(json_is_null(json_array_get(json_object_get(c, "x"), 2)), "no velocity");
    json_t *params = json_object_get(c, "params");
    cr_assert(json_is_real(json_object_get(params, "weight_decay")) &&
              json_is_false(json_object_get(params, "nesterov")));
    json_decref(sgd);

    RUNS("slice --cases slice --stride 11");
    json_t *slice = manifest("slice");
    params = json_object_get(json_array_get(json_object_get(slice, "cases"), 1), "params");
    cr_assert(json_is_integer(json_object_get(params, "axis")));
    json_decref(slice);
}

Test(op_cases, refuses_operands)
{
    free(numbers("a.npy", VENN_SHAPE(3), 0, 1));
    refused(venn_op("relu a.npy --cases out"), 2, "--cases", "give none", NULL);
    refused(venn_op("relu --cases out --seed 1"), 2, "--cases", "give none", NULL);
    refused(venn_op("relu --stride 2"), 2, "--stride", "--cases", NULL);
    refused(venn_op("relu --cases out --stride 0"), 2, "--stride", "1 or more", NULL);
    refused(venn_op("relu --cases out --stride two"), 2, "two", NULL);
    refused(venn_op("rely --cases out"), 2, "rely", "relu", NULL);
    refused(venn_op("relu --cases a.npy"), 3, "a.npy/arrays.npy", NULL);
    refused(venn_op("relu --cases none/out"), 3, "none/out", NULL);
}

// ---- The walk --------------------------------------------------------------------------------

typedef struct seen {
    size_t n, last, most;
} seen;

static bool look(void *user, const venn_op_case *c)
{
    seen *s = user;
    cr_assert(c->name[0] && c->call.n_x == 2 && c->call.x[0] && c->call.x[1]);
    cr_assert_str_eq(c->call.op, "mse");
    cr_assert_eq(c->call.gradients, 3);
    s->last = c->number;
    return ++s->n < s->most;
}

Test(op_cases, walk)
{
    seen all = {.most = SIZE_MAX}, some = all, first = {.most = 1};
    cr_assert_eq(venn_op_cases("mse", 1, look, &all), VENN_OK);
    cr_assert_eq(venn_op_cases("mse", 5, look, &some), VENN_OK);
    cr_assert_eq(venn_op_cases("mse", 1, look, &first), VENN_OK);
    cr_assert_eq(all.n, all.last + 1);
    cr_assert(some.n == (all.n + 4) / 5 && some.last == 5 * (some.n - 1));
    cr_assert_eq(first.n, 1);
    cr_assert_eq(venn_op_cases("mse", 0, look, &all), VENN_BAD_ARG);
    cr_assert_eq(venn_op_cases("mean_square", 1, look, &all), VENN_BAD_ARG);
}
