// `venn op NAME --cases DIR`: the arrays of all cases one behind the other in DIR/arrays.npy, and in
// DIR/cases.json what they are and where each begins (docs/op.md).
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "cli_op.h"

typedef struct case_writer {
    venn_device *device;
    FILE *arrays;
    json_t *cases;
    size_t n;
    venn_status status;
    char name[512]; // of the case that failed
} case_writer;

// ---- Params ----------------------------------------------------------------------------------

static json_t *list_json(const char *text, int count)
{
    json_t *list = json_array();
    char *at = (char *)text;
    for (int i = 0; i < count; i++) {
        json_array_append_new(list, json_integer(strtoll(at, &at, 10)));
        at += *at == ',';
    }
    return list;
}

// text: the value as venn_op_case has it, "0" or the first choice by default.
static json_t *value_json(const venn_op_param *param, const char *text)
{
    if (param->names)
        return json_string(text);
    if (strcmp(param->type, "bool") == 0)
        return json_boolean(text[0] == '1');
    if (strcmp(param->type, "float") == 0)
        return json_real((double)strtof(text, NULL)); // of the f32 that the op gets
    if (strcmp(param->type, "ints") == 0)
        return list_json(text, param->count);
    return json_integer(strtoll(text, NULL, 10));
}

// The value of `name` in "name=value name=value ...", or the default.
static const char *find_value(const char *params, const venn_op_param *param, char *value,
                              size_t size)
{
    const size_t length = strlen(param->name);
    for (const char *at = params; *at; at += strspn(at, " ")) {
        const size_t word = strcspn(at, " ");
        if (strncmp(at, param->name, length) == 0 && at[length] == '=') {
            snprintf(value, size, "%.*s", (int)(word - length - 1), at + length + 1);
            return value;
        }
        at += word;
    }
    return param->names ? param->names[0] : "0";
}

static json_t *params_json(const venn_op_case *c)
{
    json_t *params = json_object();
    venn_op_param param;
    for (int i = 0; venn_op_get_param(c->call.op, i, &param); i++) {
        char value[256];
        json_object_set_new(params, param.name,
                            value_json(&param, find_value(c->params, &param, value, sizeof value)));
    }
    return params;
}

// ---- Arrays ----------------------------------------------------------------------------------

// null for an array that is not there.
static venn_status put_array(case_writer *w, json_t *list, const venn_array *array)
{
    if (!array) {
        json_array_append_new(list, json_null());
        return VENN_OK;
    }
    const long offset = ftell(w->arrays);
    json_t *dims = json_array();
    for (int i = 0; i < array->shape.rank; i++)
        json_array_append_new(dims, json_integer((json_int_t)array->shape.dim[i]));
    json_array_append_new(list, json_pack("{s:s, s:o, s:I}", "dtype", venn_dtype_name(array->dtype),
                                          "shape", dims, "offset", (json_int_t)offset));
    return venn_npy_put(array, w->arrays);
}

static venn_status put_arrays(case_writer *w, json_t *object, const char *key, size_t n,
                              venn_array *const *arrays)
{
    json_t *list = json_array();
    json_object_set_new(object, key, list);
    for (size_t i = 0; i < n; i++) {
        venn_status status = put_array(w, list, arrays[i]);
        if (status < 0)
            return status;
    }
    return VENN_OK;
}

static venn_status put_case(case_writer *w, const venn_op_case *c, const venn_op_result *result,
                            json_t *object)
{
    venn_op_info op;
    venn_status status = venn_op_get(c->call.op, &op);
    const size_t n_x = c->call.n_x, n_y = (size_t)op.n_outputs;
    if (op.random) { // 64 bits are too many for JSON's numbers
        char seed[24], step[24];
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)c->call.seed);
        snprintf(step, sizeof step, "%llu", (unsigned long long)c->call.step);
        json_object_set_new(object, "seed", json_string(seed));
        json_object_set_new(object, "step", json_string(step));
    }
    if (status == VENN_OK)
        status = put_arrays(w, object, "x", n_x, (venn_array *const *)c->call.x);
    if (status == VENN_OK)
        status = put_arrays(w, object, "y", n_y, result->y);
    if (status == VENN_OK)
        status = put_arrays(w, object, "updated", n_x, result->updated);
    if (status == VENN_OK)
        status = put_arrays(w, object, "dy", n_y, result->dy);
    if (status == VENN_OK)
        status = put_arrays(w, object, "dx", n_x, result->dx);
    return status;
}

// ---- Running ---------------------------------------------------------------------------------

static bool run_case(void *user, const venn_op_case *c)
{
    case_writer *w = user;
    venn_op_result result;
    w->status = venn_op_run(w->device, &c->call, &result);
    if (w->status == VENN_OK) {
        json_t *object =
            json_pack("{s:s, s:I, s:o, s:f}", "name", c->name, "number", (json_int_t)c->number,
                      "params", params_json(c), "flops", result.flops);
        json_array_append_new(w->cases, object);
        w->status = put_case(w, c, &result, object);
    }
    if (w->status < 0)
        snprintf(w->name, sizeof w->name, "%s", c->name);
    venn_op_result_finish(&result);
    w->n++;
    return w->status == VENN_OK;
}

static int cannot_write(const char *path)
{
    fprintf(stderr, "venn: %s: %s\n", path, strerror(errno));
    return EXIT_INPUT;
}

static int write_manifest(const case_writer *w, const char *op, const char *path)
{
    json_t *manifest = json_pack("{s:s, s:s, s:s, s:O}", "venn", venn_version(), "op", op, "device",
                                 venn_device_get_info(w->device)->name, "cases", w->cases);
    const bool written = json_dump_file(manifest, path, JSON_COMPACT) == 0;
    json_decref(manifest);
    return written ? EXIT_OK : cannot_write(path);
}

static int run_cases(case_writer *w, const char *op, size_t stride, const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/arrays.npy", folder);
    if (!(w->arrays = fopen(path, "wb")))
        return cannot_write(path);
    venn_status status = venn_op_cases(op, stride, run_case, w);
    const bool closed = fclose(w->arrays) == 0;
    if (w->status < 0) {
        fprintf(stderr, "venn: case %s, into %s:\n", w->name, folder);
        return cli_fail(w->status);
    }
    if (status < 0)
        return cli_fail(status);
    if (!closed)
        return cannot_write(path);
    snprintf(path, sizeof path, "%s/cases.json", folder);
    return write_manifest(w, op, path);
}

int cli_op_cases(const cli_common *common, const char *op, size_t stride, const char *folder)
{
    case_writer w = {0};
    venn_op_info info;
    venn_status status = venn_op_get(op, &info);
    if (status == VENN_OK && mkdir(folder, 0777) != 0 && errno != EEXIST)
        return cannot_write(folder);
    if (status == VENN_OK)
        status = cli_open_device(common, &w.device);
    if (status < 0)
        return cli_fail(status);
    w.cases = json_array();
    int code = run_cases(&w, op, stride, folder);
    if (code == EXIT_OK && common->json)
        printf("{\"op\": \"%s\", \"cases\": %zu}\n", op, w.n);
    else if (code == EXIT_OK)
        printf("%s: %zu cases\n", op, w.n);
    json_decref(w.cases);
    venn_device_destroy(&w.device);
    return code;
}
