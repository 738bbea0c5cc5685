// venn op: any op of the table on the user's own arrays, forward and backward.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cli_op.h"

#define MAX_PARAMS 32

// Files named on the command line, in order; NULL for "-".
typedef struct file_list {
    const char *path[VENN_OP_MAX_INPUTS];
    size_t n;
} file_list;

typedef struct op_options {
    cli_common common;
    const char *name;
    bool list;
    file_list x, y, dy, dx, updated;
    const char *params[MAX_PARAMS];
    size_t n_params;
    uint64_t seed, step, stride;
    const char *cases; // folder
} op_options;

enum { KEY_GRAD = 0x200, KEY_GRAD_OUT, KEY_UPDATED, KEY_SEED, KEY_STEP, KEY_CASES, KEY_STRIDE };

static const struct argp_option options[] = {
    {"list", 'l', NULL, 0, "List the ops", 0},
    {"output", 'o', "FILE", 0, "Write an output; repeat for the second and so on", 0},
    {"param", 'p', "NAME=VALUE", 0, "Set a parameter of the op; may be repeated", 0},
    {"grad", KEY_GRAD, "FILE", 0,
     "What arrives at an output for the gradients; repeat for the second output and so on. Without "
     "any: ones at the first output",
     0},
    {"grad-out", KEY_GRAD_OUT, "FILE", 0,
     "Write an input's gradient; repeat for the second input and so on", 0},
    {"updated", KEY_UPDATED, "FILE", 0,
     "Write the new content of an input changed in place; repeat for the second such input and so "
     "on",
     0},
    {"seed", KEY_SEED, "N", 0, "Key of the generator for ops that draw numbers; default 0", 0},
    {"step", KEY_STEP, "N", 0, "Step of the generator; default 0", 0},
    {"cases", KEY_CASES, "DIR", 0,
     "Run the op's own test cases instead and write their operands, results and gradients to "
     "DIR/arrays.npy and DIR/cases.json",
     1},
    {"stride", KEY_STRIDE, "K", 0, "Of the cases, only every K-th; a prime meets every value", 1},
    {0}};

static void add_file(struct argp_state *state, file_list *list, const char *path)
{
    if (list->n == VENN_OP_MAX_INPUTS)
        argp_error(state, "%s: at most %d files of a kind", path, VENN_OP_MAX_INPUTS);
    list->path[list->n++] = strcmp(path, "-") ? path : NULL;
}

static uint64_t read_number(struct argp_state *state, const char *text)
{
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 0);
    if (errno || end == text || *end || strchr(text, '-'))
        argp_error(state, "\"%s\" is not a whole number of 64 bits", text);
    return value;
}

// Files, parameters or a place in the generator's numbers were given.
static bool has_operands(const op_options *o)
{
    return o->x.n + o->y.n + o->dy.n + o->dx.n + o->updated.n + o->n_params + o->seed + o->step > 0;
}

static void check_combination(struct argp_state *state, const op_options *o)
{
    if (!o->name && !o->list)
        argp_error(state, "which op? `venn op --list` lists them");
    if (o->dy.n && !o->dx.n)
        argp_error(state, "--grad without --grad-out: nothing to compute from it");
    if (o->stride && !o->cases)
        argp_error(state, "--stride is for --cases");
    if (o->cases && has_operands(o))
        argp_error(state, "--cases brings operands, parameters and seeds of its own: give none");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    op_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case ARGP_KEY_ARG:
        if (o->name)
            add_file(state, &o->x, argument);
        else
            o->name = argument;
        return 0;
    case 'l':
        o->list = true;
        return 0;
    case 'o':
        add_file(state, &o->y, argument);
        return 0;
    case 'p':
        if (o->n_params == MAX_PARAMS)
            argp_error(state, "at most %d parameters", MAX_PARAMS);
        o->params[o->n_params++] = argument;
        return 0;
    case KEY_GRAD:
        add_file(state, &o->dy, argument);
        return 0;
    case KEY_GRAD_OUT:
        add_file(state, &o->dx, argument);
        return 0;
    case KEY_UPDATED:
        add_file(state, &o->updated, argument);
        return 0;
    case KEY_SEED:
        o->seed = read_number(state, argument);
        return 0;
    case KEY_STEP:
        o->step = read_number(state, argument);
        return 0;
    case KEY_CASES:
        o->cases = argument;
        return 0;
    case KEY_STRIDE:
        if ((o->stride = read_number(state, argument)) == 0)
            argp_error(state, "--stride must be 1 or more");
        return 0;
    case ARGP_KEY_END:
        check_combination(state, o);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// ---- Results ---------------------------------------------------------------------------------

// Writes and prints one array; appends to `list` instead of printing if it is not NULL.
static venn_status put_array(const venn_array *array, const char *name, const char *path,
                             json_t *list)
{
    char shape[VENN_SHAPE_TEXT_MAX], checksum[33];
    if (path) {
        venn_status status = venn_npy_write(array, path);
        if (status < 0)
            return status;
    }
    venn_array_checksum(array, checksum);
    if (!list) {
        printf("%-14s %-4s %-16s %s%s%s\n", name, venn_dtype_name(array->dtype),
               venn_shape_text(&array->shape, shape, sizeof shape), checksum, path ? "  " : "",
               path ? path : "");
        return VENN_OK;
    }
    json_t *dims = json_array();
    for (int i = 0; i < array->shape.rank; i++)
        json_array_append_new(dims, json_integer((json_int_t)array->shape.dim[i]));
    json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s, s:s?}", "name", name, "dtype",
                                          venn_dtype_name(array->dtype), "shape", dims, "checksum",
                                          checksum, "file", path));
    return VENN_OK;
}

static const char *file_at(const file_list *list, size_t i)
{
    return i < list->n ? list->path[i] : NULL;
}

static venn_status put_result(const op_options *o, const venn_op_info *op,
                              const venn_op_result *result, json_t *json)
{
    venn_status status = VENN_OK;
    char name[80];
    size_t n_updated = 0;
    for (int i = 0; i < op->n_outputs && status == VENN_OK; i++) {
        snprintf(name, sizeof name, op->n_outputs > 1 ? "y%d" : "y", i);
        status = put_array(result->y[i], name, file_at(&o->y, (size_t)i),
                           json_object_get(json, "outputs"));
    }
    venn_op_input in;
    for (int i = 0; status == VENN_OK && venn_op_get_input(o->name, i, &in); i++) {
        if (in.repeats)
            snprintf(name, sizeof name, "d%s%d", in.name, i);
        else
            snprintf(name, sizeof name, "d%s", in.name);
        if (result->dx[i])
            status = put_array(result->dx[i], name, file_at(&o->dx, (size_t)i),
                               json_object_get(json, "gradients"));
        const char *updated = in.updated ? file_at(&o->updated, n_updated++) : NULL;
        if (result->updated[i] && status == VENN_OK)
            status =
                put_array(result->updated[i], in.name, updated, json_object_get(json, "updated"));
    }
    return status;
}

static venn_status put_all(const op_options *o, const venn_op_info *op, const venn_device *device,
                           const venn_op_result *result)
{
    json_t *json = NULL;
    if (o->common.json)
        json = json_pack("{s:s, s:s, s:[], s:[], s:[]}", "op", op->name, "device",
                         venn_device_get_info(device)->name, "outputs", "gradients", "updated");
    venn_status status = put_result(o, op, result, json);
    if (json && status == VENN_OK) {
        json_dumpf(json, stdout, JSON_INDENT(2));
        printf("\n");
    }
    json_decref(json);
    return status;
}

// ---- Running ---------------------------------------------------------------------------------

static venn_status read_files(const file_list *list, venn_array **arrays)
{
    for (size_t i = 0; i < list->n; i++) {
        venn_status status = list->path[i] ? venn_array_read(&arrays[i], list->path[i]) : VENN_OK;
        if (status < 0)
            return status;
    }
    return VENN_OK;
}

static uint32_t wanted_gradients(const file_list *dx)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < dx->n; i++)
        mask |= (uint32_t)(dx->path[i] != NULL) << i;
    return mask;
}

static venn_status run_op(const op_options *o, const venn_op_info *op, venn_array **x,
                          venn_array **dy)
{
    const venn_op_call call = {.op = o->name,
                               .params = o->params,
                               .n_params = o->n_params,
                               .x = (const venn_array *const *)x,
                               .n_x = o->x.n,
                               .dy = (const venn_array *const *)dy,
                               .n_dy = o->dy.n,
                               .gradients = wanted_gradients(&o->dx),
                               .seed = o->seed,
                               .step = o->step};
    venn_device *device = NULL;
    venn_op_result result = {0};
    venn_status status = cli_open_device(&o->common, &device);
    if (status == VENN_OK)
        status = venn_op_run(device, &call, &result);
    if (status == VENN_OK)
        status = put_all(o, op, device, &result);
    venn_op_result_finish(&result);
    venn_device_destroy(&device);
    return status;
}

static int too_many(const char *option, size_t got, int most, const char *op, const char *what)
{
    fprintf(stderr, "venn: %s: %s is given %zu times, but the op has %d %s\n", op, option, got,
            most, what);
    return EXIT_USAGE;
}

static int check_counts(const op_options *o, const venn_op_info *op)
{
    venn_op_input in;
    int n_updated = 0;
    for (int i = 0; i < op->n_inputs && venn_op_get_input(o->name, i, &in); i++)
        n_updated += in.updated;
    if (o->y.n > (size_t)op->n_outputs)
        return too_many("--output", o->y.n, op->n_outputs, op->name, "outputs");
    if (o->updated.n > (size_t)n_updated)
        return too_many("--updated", o->updated.n, n_updated, op->name, "inputs changed in place");
    return EXIT_OK;
}

static int run_command(const op_options *o)
{
    venn_op_info op;
    venn_array *x[VENN_OP_MAX_INPUTS] = {NULL}, *dy[VENN_OP_MAX_INPUTS] = {NULL};
    venn_status status = venn_op_get(o->name, &op);
    if (status < 0)
        return cli_fail(status);
    int code = check_counts(o, &op);
    if (code != EXIT_OK)
        return code;
    status = read_files(&o->x, x);
    if (status == VENN_OK)
        status = read_files(&o->dy, dy);
    if (status == VENN_OK)
        status = run_op(o, &op, x, dy);
    for (int i = 0; i < VENN_OP_MAX_INPUTS; i++) {
        venn_array_destroy(&x[i]);
        venn_array_destroy(&dy[i]);
    }
    return status < 0 ? cli_fail(status) : EXIT_OK;
}

// argp's own --help knows no op.
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-?") == 0)
            return argv[1][0] != '-';
    return false;
}

int cmd_op(int argc, char **argv)
{
    static const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        options,
        parse,
        "--list\nNAME\nNAME [X.npy...]\nNAME --cases DIR",
        "Run one op, forward and backward, on arrays in npy or IDX files.\v"
        "An op without arrays prints what it takes. \"-\" in place of a file leaves an optional "
        "input "
        "out, an output unwritten, or a gradient aside. Every result's type, shape and checksum is "
        "printed.",
        children,
        NULL,
        NULL};
    op_options o = {0};
    if (asks_for_help(argc, argv))
        return cli_op_describe(argv[1], false);
    cli_parse(&argp, argc, argv, &o, &o.common);
    if (o.list)
        return cli_op_list(o.common.json);
    if (o.cases)
        return cli_op_cases(&o.common, o.name, o.stride ? o.stride : 1, o.cases);
    if (o.x.n + o.y.n + o.dx.n + o.updated.n + o.n_params == 0)
        return cli_op_describe(o.name, o.common.json);
    return run_command(&o);
}
