// venn ops: what every op does on this device: its test cases, by type, run and compared.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

enum { KEY_STRIDE = 0x300, DEFAULT_STRIDE = 16 };

typedef struct ops_options {
    cli_common common;
    char **names; // NULL: all
    size_t n;
    uint32_t stride;
} ops_options;

// What came of all of them.
typedef struct ops_total {
    int ops, cases, unsupported, wrong;
} ops_total;

// ---- Text ------------------------------------------------------------------------------------

static void print_head(const venn_device *device, const venn_op_proof *proof, uint32_t stride)
{
    printf("%s, subgroups of %u, %s kernels", venn_device_get_info(device)->name,
           proof->subgroup_size, proof->family);
    if (stride > 1)
        printf("; one case in %u", stride);
    printf("\n%-20s %-8s", "op", "gradient");
    for (int k = 0; k < VENN_OP_TYPES; k++)
        printf("  %12s", proof->types[k].type);
    printf("\n");
}

static void print_type(const venn_op_type_proof *t)
{
    char text[32];
    if (!t->taken)
        snprintf(text, sizeof text, "-");
    else if (t->failures)
        snprintf(text, sizeof text, "WRONG");
    else if (t->unsupported && !t->cases)
        snprintf(text, sizeof text, "unsupported");
    else
        snprintf(text, sizeof text, "%d %6.2f", t->cases, fmax(t->value, t->gradient));
    printf("  %12s", text);
}

static void print_proof(const venn_op_proof *p)
{
    venn_op_info op;
    bool differentiable = venn_op_get(p->op, &op) == VENN_OK && op.differentiable;
    printf("%-20s %-8s", p->op, differentiable ? "yes" : "no");
    for (int k = 0; k < VENN_OP_TYPES; k++)
        print_type(&p->types[k]);
    printf("\n");
    for (int k = 0; k < VENN_OP_TYPES; k++)
        if (p->types[k].unsupported)
            printf("    %s: %d cases unsupported: %s\n", p->types[k].type, p->types[k].unsupported,
                   p->types[k].why);
    if (p->first_failure[0])
        printf("    first failure: %s\n", p->first_failure);
}

static void print_end(const ops_total *total)
{
    printf("%d ops, %d cases: %d wrong", total->ops, total->cases, total->wrong);
    if (total->unsupported)
        printf(", %d unsupported on this device", total->unsupported);
    printf(
        "\nNumbers: cases run, and the worst error of outputs and gradients in units of what is\n"
        "allowed: up to 1 is right.\n");
}

// ---- Running ---------------------------------------------------------------------------------

static void add_up(ops_total *total, const venn_op_proof *p)
{
    total->ops++;
    total->cases += p->cases;
    int unsupported = 0;
    for (int k = 0; k < VENN_OP_TYPES; k++)
        unsupported += p->types[k].unsupported;
    total->unsupported += unsupported;
    total->wrong += p->failures - (unsupported - p->refused); // a failure unless a limit is faked
}

static venn_status prove(const ops_options *o, venn_device *device, const char *name,
                         ops_total *total)
{
    venn_op_proof proof;
    venn_status status = venn_op_prove(device, name, o->stride, &proof);
    if (status < 0)
        return status;
    if (o->common.json) {
        char *line = venn_op_proof_json(&proof, device);
        if (!line)
            return VENN_NO_MEMORY;
        printf("%s%s", total->ops ? ",\n" : "", line);
        free(line);
    } else {
        if (total->ops == 0)
            print_head(device, &proof, o->stride);
        print_proof(&proof);
    }
    fflush(stdout);
    add_up(total, &proof);
    return VENN_OK;
}

static venn_status prove_all(const ops_options *o, venn_device *device, ops_total *total)
{
    venn_op_info op;
    venn_status status = VENN_OK;
    for (size_t i = 0; i < o->n && status == VENN_OK; i++)
        status = prove(o, device, o->names[i], total);
    for (size_t i = 0; !o->n && status == VENN_OK && venn_op_at(i, &op); i++)
        status = prove(o, device, op.name, total);
    return status;
}

static int run_ops(const ops_options *o)
{
    venn_op_info op;
    venn_device *device = NULL;
    ops_total total = {0};
    venn_status status = VENN_OK;
    for (size_t i = 0; i < o->n && status == VENN_OK; i++)
        status = venn_op_get(o->names[i], &op);
    if (status == VENN_OK)
        status = cli_open_device(&o->common, &device);
    if (status < 0)
        return cli_fail(status);
    printf(o->common.json ? "[" : "");
    status = prove_all(o, device, &total);
    if (o->common.json)
        printf("]\n");
    else if (status == VENN_OK)
        print_end(&total);
    venn_device_destroy(&device);
    if (status < 0)
        return cli_fail(status);
    return total.wrong ? EXIT_FAILED : EXIT_OK;
}

// ---- Options ---------------------------------------------------------------------------------

static error_t parse(int key, char *argument, struct argp_state *state)
{
    ops_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case KEY_STRIDE:
        o->stride = cli_count(argument, "--stride", 1000000, state);
        return 0;
    case ARGP_KEY_ARGS:
        o->names = state->argv + state->next;
        o->n = (size_t)(state->argc - state->next);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cmd_ops(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"stride", KEY_STRIDE, "K", 0, "One case in K (default 16); 1 runs all of them", 0}, {0}};
    static const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        options,
        parse,
        "[OP...]",
        "Run the test cases of ops (default: of all) on the device and print, for each type of its "
        "operands, how many ran and how far the worst result was from the formula in double "
        "precision, in units of what is allowed; or why the device cannot. Exits with 1 if an op "
        "computes wrongly.",
        children,
        NULL,
        NULL};
    ops_options o = {.stride = DEFAULT_STRIDE};
    cli_parse(&argp, argc, argv, &o, &o.common);
    return run_ops(&o);
}
