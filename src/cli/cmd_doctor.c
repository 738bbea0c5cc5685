// venn doctor: runs a part of every op's cases and the training steps' numerics on a device, and says in
// plain words what works, what is switched off and why, and what to report to whom.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "venn/bench.h"
#include "venn/op_run.h"
#include "venn/tune.h"

// Of the loss, as the tests have it.
#define LOSS_TOLERANCE 1e-4

typedef struct options {
    cli_common common;
    uint32_t stride;
    const char *op;
} options;

typedef struct verdict {
    int ops, cases, failed_ops, failed_steps;
    uint64_t messages; // of the validation layer
    json_t *findings, *traits;
    bool json;
} verdict;

enum { KEY_ALL = 0x720, KEY_OP };

static const struct argp_option doctor_options[] = {
    {"all", KEY_ALL, NULL, 0,
     "Every case instead of about one in sixteen: minutes instead of seconds", 0},
    {"op", KEY_OP, "NAME", 0, "Only this op, and no training steps", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case KEY_ALL:
        o->stride = 1;
        return 0;
    case KEY_OP:
        o->op = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void find(verdict *v, const char *what, const char *how)
{
    json_array_append_new(v->findings, json_pack("{s:s, s:s}", "what", what, "how", how));
    if (!v->json)
        printf("WRONG   %s: %s\n", what, how);
}

static void note_trait(void *user, const venn_trait *t)
{
    verdict *v = user;
    json_array_append_new(v->traits, json_pack("{s:s, s:b, s:s, s:s}", "name", t->name, "used",
                                               t->used, "value", t->value, "why", t->why));
    if (!v->json)
        printf("%-8s%s%s%s: %s\n", t->used ? "used" : "unused", t->name, *t->value ? " " : "",
               t->value, t->why);
}

static venn_status check_op(verdict *v, venn_device *device, const char *op, uint32_t stride)
{
    venn_op_proof proof;
    const venn_status status = venn_op_prove(device, op, stride, &proof);
    if (status < 0)
        return status;
    v->ops++;
    v->cases += proof.cases;
    v->failed_ops += proof.failures > 0;
    if (proof.failures)
        find(v, op, proof.first_failure);
    return VENN_OK;
}

static venn_status check_ops(verdict *v, venn_device *device, const options *o)
{
    venn_op_info info;
    venn_status status = VENN_OK;
    if (o->op)
        return check_op(v, device, o->op, o->stride);
    for (size_t i = 0; status == VENN_OK && venn_op_at(i, &info); i++)
        status = check_op(v, device, info.name, o->stride);
    return status;
}

static venn_status check_steps(verdict *v, venn_device *device)
{
    static const char *const steps[] = {"lenet-kd", "mlp-kd"};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        double error;
        char text[128];
        const venn_status status = venn_bench_step_error(device, steps[i], &error);
        if (status < 0)
            return status;
        snprintf(text, sizeof text, "its losses are off by %.2g, allowed is %g", error,
                 LOSS_TOLERANCE);
        if (!(error <= LOSS_TOLERANCE)) {
            v->failed_steps++;
            find(v, steps[i], text);
        } else if (!v->json)
            printf("right   training step %s: losses within %.2g of double precision\n", steps[i],
                   error);
    }
    return VENN_OK;
}

static venn_status examine(verdict *v, venn_device *device, const options *o)
{
    venn_status status = venn_device_traits(device, note_trait, v);
    if (status == VENN_OK)
        status = check_ops(v, device, o);
    if (status == VENN_OK && !v->json)
        printf("%s   %d of %d ops, %d cases: outputs, gradients, memory, repeatability\n",
               v->failed_ops ? "WRONG" : "right", v->ops - v->failed_ops, v->ops, v->cases);
    if (status == VENN_OK && !o->op)
        status = check_steps(v, device);
    v->messages = venn_device_validation_messages(device);
    return status;
}

// A driver whose numbers are wrong is its maker's business, and ours.
static void print_advice(const verdict *v, const venn_device_info *d)
{
    const bool healthy = !v->failed_ops && !v->failed_steps && !v->messages;
    if (healthy) {
        printf("\n%s is fit for training.\n", d->name);
        return;
    }
    printf(
        "\n%s computes wrong numbers with this driver: do not train on it.\n"
        "Update the driver (%s) and run this again. If it stays, report it to the driver's maker "
        "and to venn,\nwith the output of `venn doctor --json`.\n",
        d->name, d->driver);
    if (v->messages)
        printf("%llu messages of the validation layer: a fault of venn's, report it.\n",
               (unsigned long long)v->messages);
}

// For `venn devices`. Only what was tested as a whole counts.
static void keep(const verdict *v, const venn_device_info *d, const options *o)
{
    const venn_verdict kept = {.fit = !v->failed_ops && !v->failed_steps && !v->messages,
                               .ops = v->ops,
                               .cases = v->cases,
                               .failed_ops = v->failed_ops};
    if (!o->op && venn_verdict_save(d, &kept) < 0)
        fprintf(stderr, "venn: the verdict is not kept: %s\n", venn_error_message());
}

static void print_json(const verdict *v, const venn_device_info *d)
{
    json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:I, s:O, s:O}",
                            "device", d->name, "driver", d->driver, "uuid", d->uuid_text, "venn",
                            venn_version(), "shaders", venn_shader_hash(), "fit",
                            !v->failed_ops && !v->failed_steps && !v->messages, "ops", v->ops,
                            "cases", v->cases, "failed_ops", v->failed_ops, "failed_steps",
                            v->failed_steps, "validation_messages", (json_int_t)v->messages,
                            "findings", v->findings, "traits", v->traits);
    json_dumpf(all, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(all);
}

int cmd_doctor(int argc, char **argv)
{
    static const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        doctor_options,
        parse,
        NULL,
        "Test a device: a part of every op's cases, and training steps.",
        children,
        NULL,
        NULL};
    options o = {.stride = 16};
    venn_device *device = NULL;
    cli_parse(&argp, argc, argv, &o, &o.common);
    venn_op_info op;
    venn_status status = o.op ? venn_op_get(o.op, &op) : VENN_OK;
    if (status == VENN_OK)
        status = cli_open_device(&o.common, &device);
    if (status < 0)
        return cli_fail(status);
    const venn_device_info *info = venn_device_get_info(device);
    verdict v = {.findings = json_array(), .traits = json_array(), .json = o.common.json};
    if (!v.json)
        printf("%s, driver %s\n", info->name, info->driver);
    status = examine(&v, device, &o);
    if (status == VENN_OK && v.json)
        print_json(&v, info);
    else if (status == VENN_OK)
        print_advice(&v, info);
    if (status == VENN_OK)
        keep(&v, info, &o);
    const bool fit = !v.failed_ops && !v.failed_steps && !v.messages;
    json_decref(v.findings);
    json_decref(v.traits);
    venn_device_destroy(&device);
    if (status < 0)
        return cli_fail(status);
    return fit ? EXIT_OK : EXIT_FAILED;
}
