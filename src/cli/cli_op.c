#include <jansson.h>
#include <stdio.h>

#include "cli.h"
#include "cli_op.h"

static int print_json(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(json);
    return EXIT_OK;
}

int cli_op_list(bool json)
{
    venn_op_info op;
    json_t *array = json_array();
    for (size_t i = 0; venn_op_at(i, &op); i++)
        if (json)
            json_array_append_new(array, json_pack("{s:s, s:s, s:b, s:b}", "name", op.name,
                                                   "summary", op.summary, "differentiable",
                                                   op.differentiable, "half", op.half));
        else
            printf("%-20s %s\n", op.name, op.summary);
    if (json)
        return print_json(array);
    json_decref(array);
    return EXIT_OK;
}

// ---- One op as JSON --------------------------------------------------------------------------

static json_t *inputs_json(const char *op)
{
    json_t *array = json_array();
    venn_op_input in;
    for (int i = 0; venn_op_get_input(op, i, &in); i++) {
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:b}", "name", in.name,
                                        "dtype", venn_dtype_name(in.dtype), "domain", in.domain,
                                        "optional", in.optional, "repeats", in.repeats, "updated",
                                        in.updated, "differentiable", in.differentiable));
        if (in.repeats)
            break;
    }
    return array;
}

static json_t *params_json(const char *op)
{
    json_t *array = json_array();
    venn_op_param param;
    for (int i = 0; venn_op_get_param(op, i, &param); i++) {
        json_t *object = json_pack("{s:s, s:s, s:i, s:s}", "name", param.name, "type", param.type,
                                   "count", param.count, "doc", param.doc);
        json_t *names = json_array();
        for (int k = 0; param.names && param.names[k]; k++)
            json_array_append_new(names, json_string(param.names[k]));
        if (param.names)
            json_object_set(object, "choices", names);
        json_decref(names);
        json_array_append_new(array, object);
    }
    return array;
}

// ---- One op as text --------------------------------------------------------------------------

static void print_usage(const venn_op_info *op)
{
    venn_op_input in;
    printf("\n  venn op %s", op->name);
    for (int i = 0; i < op->n_inputs && venn_op_get_input(op->name, i, &in); i++)
        printf(in.optional ? " [%s.npy]%s" : " %s.npy%s", in.name, in.repeats ? "..." : "");
    if (op->n_params)
        printf(" [--param name=value]...");
    for (int o = 0; o < op->n_outputs; o++)
        printf(op->n_outputs > 1 ? " -o y%d.npy" : " -o y.npy", o);
    for (int i = 0; i < op->n_inputs && venn_op_get_input(op->name, i, &in); i++)
        if (in.updated)
            printf(" --updated %s.npy", in.name);
    printf("\n");
}

static void print_inputs(const venn_op_info *op)
{
    venn_op_input in;
    if (op->n_inputs)
        printf("\nInputs:\n");
    for (int i = 0; i < op->n_inputs && venn_op_get_input(op->name, i, &in); i++)
        printf("  %-14s %-4s %s%s%s%s%s\n", in.name, venn_dtype_name(in.dtype), in.domain,
               in.optional ? "; optional, - leaves it out" : "", in.repeats ? "; may repeat" : "",
               in.updated ? "; changed in place" : "", in.differentiable ? "; has a gradient" : "");
    if (op->half)
        printf("  f16 and bf16 are taken for f32\n");
    if (op->random)
        printf("  and the generator's state, by --seed and --step\n");
}

static void print_params(const venn_op_info *op)
{
    venn_op_param param;
    if (op->n_params)
        printf("\nParameters:\n");
    for (int i = 0; venn_op_get_param(op->name, i, &param); i++) {
        printf("  %-14s ", param.name);
        if (!param.names)
            printf("%s", param.type);
        for (int k = 0; param.names && param.names[k]; k++)
            printf("%s%s", k ? "|" : "", param.names[k]);
        if (param.count > 1)
            printf(" (%d)", param.count);
        printf("\n                 %s\n", param.doc);
    }
}

int cli_op_describe(const char *name, bool json)
{
    venn_op_info op;
    venn_status status = venn_op_get(name, &op);
    if (status < 0)
        return cli_fail(status);
    if (json)
        return print_json(json_pack("{s:s, s:s, s:o, s:o, s:i, s:b, s:b}", "name", op.name,
                                    "summary", op.summary, "inputs", inputs_json(name), "params",
                                    params_json(name), "outputs", op.n_outputs, "random", op.random,
                                    "half", op.half));
    printf("%s: %s\n", op.name, op.summary);
    print_usage(&op);
    print_inputs(&op);
    print_params(&op);
    printf("\nOutputs: %d. `venn op --help` tells the options.\n", op.n_outputs);
    return EXIT_OK;
}
