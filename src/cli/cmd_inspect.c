// venn inspect: what is in a weight file, or what a config becomes on a device.
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "venn/distill.h"
#include "venn/io.h"

typedef struct options {
    cli_common common;
    const char *path;
    bool plan;
} options;

enum { KEY_PLAN = 0x400 };

static const struct argp_option inspect_options[] = {
    {"plan", KEY_PLAN, NULL, 0, "Of a config: every dispatch, place and size in its training step",
     0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case KEY_PLAN:
        o->plan = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->path)
            argp_error(state, "one file is expected, not also \"%s\"", argument);
        o->path = argument;
        return 0;
    case ARGP_KEY_END:
        if (!o->path)
            argp_error(state, "a .safetensors file or a config is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool has_suffix(const char *text, const char *suffix)
{
    size_t a = strlen(text), b = strlen(suffix);
    return a >= b && strcmp(text + a - b, suffix) == 0;
}

static json_t *describe_array(const venn_named_array *array)
{
    json_t *shape = json_array();
    for (int i = 0; i < array->shape.rank; i++)
        json_array_append_new(shape, json_integer((json_int_t)array->shape.dim[i]));
    return json_pack("{s:s, s:s, s:o}", "name", array->name, "dtype", venn_dtype_name(array->dtype),
                     "shape", shape);
}

static int inspect_weights(const options *o)
{
    venn_safetensors *file;
    venn_status status = venn_safetensors_read(&file, o->path);
    if (status < 0)
        return cli_fail(status);
    json_t *list = json_array();
    int64_t elements = 0;
    char text[VENN_SHAPE_TEXT_MAX];
    for (size_t i = 0; i < venn_safetensors_count(file); i++) {
        const venn_named_array *array = venn_safetensors_at(file, i);
        elements += venn_shape_count(&array->shape);
        json_array_append_new(list, describe_array(array));
        if (!o->common.json)
            printf("%-32s %-5s %s\n", array->name, venn_dtype_name(array->dtype),
                   venn_shape_text(&array->shape, text, sizeof text));
    }
    if (o->common.json) {
        json_dumpf(list, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        printf("%zu arrays, %lld elements\n", venn_safetensors_count(file), (long long)elements);
    }
    json_decref(list);
    venn_safetensors_destroy(&file);
    return EXIT_OK;
}

static void print_line(void *user, const char *line)
{
    if (user)
        json_array_append_new(user, json_string(line));
    else
        printf("%s\n", line);
}

static int inspect_config(const options *o)
{
    venn_distill_config *config = NULL;
    venn_device *device = NULL;
    json_t *lines = o->common.json ? json_array() : NULL;
    venn_status status = venn_distill_config_load(&config, o->path);
    if (status == VENN_OK)
        status = cli_open_device(&o->common, &device);
    if (status == VENN_OK)
        status = venn_distill_inspect(device, config, o->plan, print_line, lines);
    int code = status < 0 ? cli_fail(status) : EXIT_OK;
    if (lines && status == VENN_OK) {
        json_dumpf(lines, stdout, JSON_INDENT(2));
        printf("\n");
    }
    json_decref(lines);
    venn_device_destroy(&device);
    venn_distill_config_destroy(&config);
    return code;
}

int cmd_inspect(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {
        inspect_options,
        parse,
        "FILE",
        "Show the arrays of a safetensors file, or the networks, sizes and memory plan "
        "of a config on the device.",
        children,
        NULL,
        NULL};
    options o = {0};
    cli_parse(&argp, argc, argv, &o, &o.common);
    return has_suffix(o.path, ".safetensors") ? inspect_weights(&o) : inspect_config(&o);
}
