#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "base/thread.h"
#include "bench/case_error.h"
#include "bench/case_run.h"
#include "bench/finite_difference.h"
#include "graph/reference.h"
#include "kernel/kernel.h"

#define RUNS 2
#define SHIFT_STREAM 300 // of the case's seed
#define SLOTS (VENN_MAX_CHECKS + VENN_MAX_INPUTS)

// One case under way.
typedef struct op_run {
    op_graph og;
    venn_reference *reference;
    venn_case_report *report;
    venn_case_type_report *type; // of the report, of the case's type
    void *first[SLOTS];          // what the first run gave, then the variables
    double sensitivity[SLOTS];   // in units of 2^-24
    double *shifted[SLOTS];
    venn_hash hash; // of what the first run gave
    bool failed;
} op_run;

__attribute__((format(printf, 2, 3))) static void fail(op_run *run, const char *format, ...)
{
    run->failed = true;
    if (run->report->first[0])
        return;
    char text[640];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    int used =
        snprintf(run->report->first, sizeof run->report->first, "%s, operands", run->og.c->name);
    for (int i = 0; i < run->og.c->n_in; i++) {
        char shape[VENN_SHAPE_TEXT_MAX] = "-";
        if (run->og.c->present[i])
            venn_shape_text(&run->og.c->shape[i], shape, sizeof shape);
        used += snprintf(run->report->first + used, sizeof run->report->first - (size_t)used, " %s",
                         shape);
        if (used >= (int)sizeof run->report->first)
            return;
    }
    snprintf(run->report->first + used, sizeof run->report->first - (size_t)used, ": %s", text);
}

// ---- Comparison ------------------------------------------------------------------------------

static void note_worst(venn_case_worst *worst, double error, const venn_case *c)
{
    if (error <= worst->error)
        return;
    worst->error = error;
    snprintf(worst->where, sizeof worst->where, "%s", c->name);
}

static void note_error(op_run *run, bool is_gradient, double error)
{
    venn_case_report *report = run->report;
    note_worst(is_gradient ? &report->gradient : &report->value, error, run->og.c);
    double *of_type = is_gradient ? &run->type->gradient : &run->type->value;
    *of_type = fmax(*of_type, error);
}

static void compare(op_run *run, const char *name, bool is_gradient, const venn_value *value,
                    const void *got, const double *want, double sensitivity)
{
    const venn_error_bound bound =
        venn_error_bound_of(&run->og, is_gradient, value, want, sensitivity);
    double worst = 0;
    for (int64_t i = 0; i < value->count; i++) {
        double g = got ? venn_element_get(got, value->dtype, (size_t)i) : 0;
        double error = venn_error_in(&bound, g, want[i]);
        worst = fmax(worst, error);
        if (!(error <= 1)) {
            fail(run, "%s[%lld] is %.9g, want %.9g, %.3g times the tolerance", name, (long long)i,
                 g, want[i], error);
            break;
        }
    }
    note_error(run, is_gradient, worst);
}

static const double *expected(const op_run *run, const op_check *check)
{
    return check->is_gradient
               ? venn_reference_gradient(run->reference, check->call, check->position)
               : venn_reference_value(run->reference, check->t);
}

static void compare_check(op_run *run, int k, const void *got)
{
    const op_check *check = &run->og.checks[k];
    const venn_value *value = venn_graph_value(run->og.g, check->t);
    if (check->must_be_none && value)
        fail(run, "%s: a gradient where the operand has none", check->name);
    else if (value && value->dtype != check->of->dtype)
        fail(run, "%s is stored as %s, not as %s", check->name, venn_dtype_name(value->dtype),
             venn_dtype_name(check->of->dtype));
    else
        compare(run, check->name, check->is_gradient, check->of, got, expected(run, check),
                run->sensitivity[k]);
}

// ---- Runs ------------------------------------------------------------------------------------

static bool is_updated(const op_graph *og, int i)
{
    return og->var[i] && (venn_node_updates(og->node) >> i & 1);
}

// Variables that the op leaves alone need writing once only.
static venn_status write_operands(op_run *run, venn_program *program, bool is_first)
{
    const op_graph *og = &run->og;
    for (int i = 0; i < og->c->n_in; i++) {
        const venn_value *value = venn_graph_value(og->g, og->x[i]);
        if (!value)
            continue;
        size_t bytes = venn_value_bytes(value);
        if (og->var[i] && (is_first || is_updated(og, i)))
            VENN_TRY(venn_var_write(og->var[i], og->data[i], bytes));
        else if (!og->var[i])
            memcpy(venn_program_input(program, value->name, NULL), og->data[i], bytes);
    }
    for (int o = 0; o < VENN_MAX_OUTPUTS; o++) {
        const venn_value *value = venn_graph_value(og->g, og->r[o]);
        if (value)
            memcpy(venn_program_input(program, value->name, NULL), og->weight[o],
                   venn_value_bytes(value));
    }
    return VENN_OK;
}

// Keeps what the first run gave; later ones must give the same bits.
static void keep_or_match(op_run *run, int slot, const char *name, const void *got, size_t bytes)
{
    if (!run->first[slot]) {
        run->first[slot] = venn_alloc(1, bytes);
        memcpy(run->first[slot], got, bytes);
        run->hash = venn_hash_join(run->hash, venn_hash_bytes(got, bytes));
    } else if (memcmp(run->first[slot], got, bytes) != 0)
        fail(run, "%s differs from run to run", name);
}

// Those that the op leaves alone must be unharmed after the last run.
static venn_status check_variables(op_run *run, bool compare_too, bool is_last)
{
    const op_graph *og = &run->og;
    for (int i = 0; i < og->c->n_in; i++) {
        if (!og->var[i] || !(is_last || is_updated(og, i)))
            continue;
        char name[48];
        snprintf(name, sizeof name, "x%d, after the run,", i);
        size_t bytes = venn_var_bytes(og->var[i]);
        void *got = venn_alloc(1, bytes);
        venn_status status = got ? venn_var_read(og->var[i], got, bytes) : VENN_NO_MEMORY;
        if (status == VENN_OK && compare_too)
            compare(run, name, false, venn_graph_value(og->g, og->x[i]), got,
                    venn_reference_value(run->reference, og->x[i]),
                    run->sensitivity[VENN_MAX_CHECKS + i]);
        if (status == VENN_OK)
            keep_or_match(run, VENN_MAX_CHECKS + i, name, got, bytes);
        free(got);
        VENN_TRY(status);
    }
    return VENN_OK;
}

static venn_status run_once(op_run *run, venn_program *program, bool compare_too, int index, int n)
{
    uint64_t ticket;
    VENN_TRY(venn_program_begin(program));
    VENN_TRY(write_operands(run, program, index == 0));
    VENN_TRY(venn_program_run(program, &ticket));
    for (int k = 0; k < run->og.n_checks; k++) {
        const op_check *check = &run->og.checks[k];
        size_t bytes = 0;
        const void *got =
            check->t.id ? venn_program_output(program, ticket, check->name, &bytes) : NULL;
        if (check->t.id && !got)
            return venn_fail(VENN_BAD_ARG, "no output %s", check->name);
        if (compare_too)
            compare_check(run, k, got);
        if (got)
            keep_or_match(run, k, check->name, got, bytes);
    }
    return check_variables(run, compare_too, index == n - 1);
}

static venn_status run_program(op_run *run, venn_device *device, bool guard)
{
    venn_program *program = NULL;
    const int n = guard ? 1 : RUNS;
    venn_compile_params params = {
        .name = run->og.c->op->name, .slots = (uint32_t)n, .poison = true, .guard = guard};
    venn_status status = venn_graph_compile(&program, run->og.g, device, &params);
    for (int i = 0; status == VENN_OK && i < n; i++)
        status = run_once(run, program, guard, i, n);
    if (status == VENN_OK && guard)
        status = venn_program_check_guards(program);
    venn_program_destroy(&program);
    return status;
}

// ---- Reference ---------------------------------------------------------------------------------

// Sets an operand of the reference; with `rng`, every number is off by a relative 2^-24 up or down.
static void set_reference(op_run *run, venn_tensor t, const void *data, venn_rng *rng)
{
    const venn_value *value = venn_graph_value(run->og.g, t);
    if (!value)
        return;
    double *to = venn_reference_value(run->reference, t);
    for (int64_t k = 0; k < value->count; k++) {
        to[k] = venn_element_get(data, value->dtype, (size_t)k);
        if (rng && venn_dtype_is_float(value->dtype))
            to[k] *= 1 + (venn_rng_u32(rng) & 1 ? ldexp(1, -24) : -ldexp(1, -24));
    }
}

static venn_status run_reference(op_run *run, venn_rng *rng)
{
    const op_graph *og = &run->og;
    for (int i = 0; i < og->c->n_in; i++)
        set_reference(run, og->x[i], og->data[i], rng);
    for (int o = 0; o < VENN_MAX_OUTPUTS; o++)
        set_reference(run, og->r[o], og->weight[o], rng);
    return venn_reference_run(run->reference);
}

// Calls fn for all that is compared: checks, then the variables.
static void each_expected(op_run *run,
                          void (*fn)(op_run *run, int slot, const double *values, int64_t count))
{
    const op_graph *og = &run->og;
    for (int k = 0; k < og->n_checks; k++)
        fn(run, k, expected(run, &og->checks[k]), og->checks[k].of->count);
    for (int i = 0; i < og->c->n_in; i++)
        if (og->var[i])
            fn(run, VENN_MAX_CHECKS + i, venn_reference_value(run->reference, og->x[i]),
               venn_graph_value(og->g, og->x[i])->count);
}

static void keep_shifted(op_run *run, int slot, const double *values, int64_t count)
{
    run->shifted[slot] = malloc(((size_t)count + 1) * sizeof *values);
    memcpy(run->shifted[slot], values, (size_t)count * sizeof *values);
}

static void measure_shift(op_run *run, int slot, const double *values, int64_t count)
{
    double *shifted = run->shifted[slot];
    for (int64_t i = 0; i < count; i++)
        shifted[i] -= values[i];
    double shift = venn_error_rms(shifted, count);
    run->sensitivity[slot] = isfinite(shift) ? ldexp(shift, 24) : 0;
    free(shifted);
}

// Runs the reference twice, to see how much rounded operands alone move each result: what no device
// can be blamed for, and the only measure of size where sums cancel.
static venn_status run_references(op_run *run)
{
    venn_rng rng = venn_rng_make(run->og.c->seed, 0, SHIFT_STREAM);
    VENN_TRY(venn_reference_create(&run->reference, run->og.g));
    VENN_TRY(run_reference(run, &rng));
    each_expected(run, keep_shifted);
    venn_status status = run_reference(run, NULL);
    each_expected(run, measure_shift);
    return status;
}

static venn_status check_finite_differences(op_run *run)
{
    fd_result result;
    // ref knows no types: what holds for f32 need not be shown again.
    if (!run->og.differentiable || run->og.c->half || run->og.node->op->surrogate_gradient)
        return VENN_OK;
    VENN_TRY(venn_finite_difference(&run->og, &result));
    run->report->worst_ref = fmax(run->report->worst_ref, result.worst);
    if (result.failed)
        fail(run, "%s", result.message);
    return VENN_OK;
}

static venn_status run_case(op_run *run, const venn_case *c, venn_device *device)
{
    VENN_TRY(venn_case_graph_init(&run->og, c, device));
    VENN_TRY(run_references(run));
    VENN_TRY(check_finite_differences(run));
    VENN_TRY(run_program(run, device, true));
    return run_program(run, device, false);
}

static void note_time(venn_case_report *report, const venn_case *c, double seconds)
{
    report->cpu_seconds += seconds;
    if (seconds <= report->slowest)
        return;
    report->slowest = seconds;
    snprintf(report->slowest_case, sizeof report->slowest_case, "%s", c->name);
}

static bool is_restricted(venn_device *device)
{
    venn_kernels *kernels;
    return venn_kernels_of(device, &kernels) == VENN_OK &&
           venn_kernels_profile(kernels)->restricted;
}

void venn_case_run(venn_device *device, const venn_case *c, venn_case_report *report)
{
    op_run run = {.report = report, .type = &report->type[venn_case_type(c)]};
    const uint64_t start = venn_cpu_ns();
    venn_status status = run_case(&run, c, device);
    note_time(report, c, (double)(venn_cpu_ns() - start) * 1e-9);
    const bool unsupported = status == VENN_UNSUPPORTED;
    const bool refused = unsupported && is_restricted(device);
    if (unsupported && run.type->unsupported++ == 0)
        snprintf(run.type->why, sizeof run.type->why, "%s", venn_error_message());
    if (status < 0 && !refused)
        fail(&run, "%s: %s", venn_status_name(status), venn_error_message());
    report->refused += refused;
    report->cases += !refused;
    report->failures += run.failed;
    run.type->cases += !unsupported;
    run.type->failures += run.failed && !unsupported;
    report->last = run.hash;
    report->hash = venn_hash_join(report->hash, run.hash);
    for (size_t k = 0; k < sizeof run.first / sizeof run.first[0]; k++)
        free(run.first[k]);
    venn_reference_destroy(&run.reference);
    venn_case_graph_finish(&run.og);
}
