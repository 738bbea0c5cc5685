#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "graph/graph_internal.h"
#include "graph/reference.h"
#include "graph_check.h"

static void require(venn_status status, const char *what)
{
    cr_assert(status == VENN_OK, "%s: %s", what, venn_error_message());
}

void fill_graph_operand(uint64_t seed, uint32_t index, venn_dtype dtype, int64_t count, void *data)
{
    venn_rng rng = venn_rng_make(seed, 0, index);
    for (int64_t i = 0; i < count; i++)
        if (dtype == VENN_F32)
            ((float *)data)[i] = venn_rng_normal(&rng);
        else if (dtype == VENN_I32)
            ((int32_t *)data)[i] = (int32_t)venn_rng_below(&rng, 8);
        else
            ((uint8_t *)data)[i] = (uint8_t)venn_rng_below(&rng, 256);
}

static void set_operands(venn_graph *g, venn_program *program, venn_reference *reference,
                         uint64_t seed)
{
    for (uint32_t i = 0; i < g->n_values; i++) {
        const venn_value *value = g->values[i];
        if (!value->is_input && !value->var)
            continue;
        size_t bytes = venn_value_bytes(value);
        void *data = malloc(bytes + 1);
        cr_assert(data);
        fill_graph_operand(seed, i, value->dtype, value->count, data);
        double *wide = venn_reference_value(reference, venn_value_tensor(value));
        for (int64_t k = 0; k < value->count; k++)
            wide[k] = venn_element_get(data, value->dtype, (size_t)k);
        if (value->var)
            require(venn_var_write(value->var, data, bytes), "writing a variable");
        else
            memcpy(venn_program_input(program, value->name, NULL), data, bytes);
        free(data);
    }
}

static void compare(const char *name, const venn_value *value, const void *got, const double *want,
                    double tolerance)
{
    double sum = 0;
    for (int64_t i = 0; i < value->count; i++)
        sum += want[i] * want[i];
    const double rms = value->count ? sqrt(sum / (double)value->count) : 0;
    for (int64_t i = 0; i < value->count; i++) {
        double g = got ? venn_element_get(got, value->dtype, (size_t)i) : 0;
        cr_assert(fabs(g - want[i]) <= tolerance * (fabs(want[i]) + rms),
                  "%s[%lld] is %.9g, want %.9g", name, (long long)i, g, want[i]);
    }
}

static void gradient_name(char name[48], uint32_t call, size_t i)
{
    snprintf(name, 48, "dx%zu, call %u", i, call);
}

static void declare_gradients(venn_graph *g)
{
    char name[48];
    for (uint32_t k = 0; k < g->n_calls; k++)
        for (size_t i = 0; i < g->calls[k].n; i++)
            if (g->calls[k].dx[i]) {
                gradient_name(name, k, i);
                venn_graph_output(g, name, venn_value_tensor(g->calls[k].dx[i]));
            }
}

static void compare_gradients(const venn_graph *g, venn_program *program, uint64_t ticket,
                              const venn_reference *reference, double tolerance)
{
    char name[48];
    for (uint32_t k = 0; k < g->n_calls; k++)
        for (size_t i = 0; i < g->calls[k].n; i++) {
            gradient_name(name, k, i);
            compare(name, g->calls[k].x[i], venn_program_output(program, ticket, name, NULL),
                    venn_reference_gradient(reference, k, i), tolerance);
        }
}

static void compare_variables(const venn_graph *g, venn_reference *reference, double tolerance)
{
    for (uint32_t i = 0; i < g->n_values; i++) {
        const venn_value *value = g->values[i];
        if (!value->var)
            continue;
        void *data = malloc(venn_value_bytes(value) + 1);
        cr_assert(data);
        require(venn_var_read(value->var, data, venn_value_bytes(value)), "reading a variable");
        compare(venn_var_name(value->var), value, data,
                venn_reference_value(reference, venn_value_tensor(value)), tolerance);
        free(data);
    }
}

void check_graph(venn_graph *g, venn_device *device, const venn_compile_params *params,
                 uint64_t seed, double tolerance)
{
    static const venn_compile_params poisoned = {.poison = true};
    venn_program *program;
    venn_reference *reference;
    uint64_t ticket;
    const uint32_t n_outputs = g->n_outputs; // the caller's
    declare_gradients(g);
    require(venn_graph_compile(&program, g, device, params ? params : &poisoned), "compile");
    require(venn_reference_create(&reference, g), "reference");
    require(venn_program_begin(program), "begin");
    set_operands(g, program, reference, seed);
    require(venn_program_run(program, &ticket), "run");
    require(venn_reference_run(reference), "reference run");
    for (uint32_t i = 0; i < n_outputs; i++) {
        const venn_graph_output_entry *out = &g->outputs[i];
        compare(out->name, out->value, venn_program_output(program, ticket, out->name, NULL),
                venn_reference_value(reference, venn_value_tensor(out->value)), tolerance);
    }
    compare_gradients(g, program, ticket, reference, tolerance);
    compare_variables(g, reference, tolerance);
    venn_reference_destroy(&reference);
    venn_program_destroy(&program);
}
