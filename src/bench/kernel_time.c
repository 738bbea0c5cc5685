#include "bench/kernel_time.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "bench/op_operand.h"
#include "venn/ops.h"

typedef struct kernel_bench {
    const venn_case *c;
    venn_device *device;
    venn_graph *g;
    venn_program *program;
    venn_tensor x[VENN_MAX_INPUTS];
    venn_var *var[VENN_MAX_INPUTS + VENN_MAX_OUTPUTS];
    int n_var, n_out;
} kernel_bench;

static venn_status add_variable(kernel_bench *b, venn_dtype dtype, venn_shape shape,
                                const void *data, venn_tensor *t)
{
    char name[16];
    snprintf(name, sizeof name, "v%d", b->n_var);
    venn_var **var = &b->var[b->n_var];
    VENN_TRY(venn_var_create(var, b->device, name, dtype, shape));
    b->n_var++;
    VENN_TRY(venn_var_write(*var, data, venn_var_bytes(*var)));
    *t = venn_graph_var(b->g, *var);
    return VENN_OK;
}

static venn_status add_operand(kernel_bench *b, int i)
{
    const venn_input_def *def = venn_case_input(b->c->op, i);
    if (def->domain == VENN_RNG) {
        b->x[i] = venn_graph_rng(b->g);
        return VENN_OK;
    }
    void *data = venn_alloc((size_t)venn_shape_count(&b->c->shape[i]), venn_dtype_size(def->dtype));
    if (!data)
        return VENN_NO_MEMORY;
    venn_case_data(b->c, i, data);
    venn_status status = add_variable(b, def->dtype, b->c->shape[i], data, &b->x[i]);
    free(data);
    return status;
}

// Makes t a result of the program at the price of one element's download, where it can be had alone.
static void keep(kernel_bench *b, venn_tensor t)
{
    char name[16];
    const venn_shape shape = venn_tensor_shape(b->g, t);
    const int64_t count = venn_shape_count(&shape);
    if (!t.id)
        return;
    venn_graph_phase(b->g, NULL);
    if (venn_tensor_dtype(b->g, t) == VENN_F32 && count > 0)
        t = venn_slice(b->g, venn_reshape(b->g, t, venn_shape_make(&count, 1)), 0, 0, 1);
    snprintf(name, sizeof name, "y%d", b->n_out++);
    venn_graph_output(b->g, name, t);
}

// dy is the output itself: any numbers do, and these need no memory.
static venn_status add_backward(kernel_bench *b, venn_tensor y)
{
    venn_tensor x[VENN_MAX_INPUTS], dx[VENN_MAX_INPUTS];
    size_t n = 0;
    for (int i = 0; i < b->c->n_in; i++)
        if (b->c->present[i] && venn_op_differentiable(b->c->op, i))
            x[n++] = b->x[i];
    if (n == 0 || venn_tensor_dtype(b->g, y) != VENN_F32)
        return VENN_OK;
    venn_graph_phase(b->g, VENN_PHASE_BACKWARD);
    VENN_TRY(venn_graph_gradients(b->g, y, venn_stop_gradient(b->g, y), n, x, dx));
    for (size_t k = 0; k < n; k++)
        keep(b, dx[k]);
    return VENN_OK;
}

static venn_status build(kernel_bench *b)
{
    venn_tensor y[VENN_MAX_OUTPUTS];
    VENN_TRY(venn_graph_create(&b->g));
    for (int i = 0; i < b->c->n_in; i++)
        if (b->c->present[i])
            VENN_TRY(add_operand(b, i));
    venn_graph_phase(b->g, VENN_PHASE_FORWARD);
    venn_op_apply(b->g, b->c->op, b->x, b->c->n_in, b->c->params, y);
    VENN_TRY(venn_graph_status(b->g));
    for (int o = 0; o < b->c->op->n_outputs; o++)
        keep(b, y[o]);
    if (b->c->op->n_outputs)
        VENN_TRY(add_backward(b, y[0]));
    return venn_graph_compile(&b->program, b->g, b->device,
                              &(venn_compile_params){.name = b->c->op->name, .timestamps = true});
}

venn_status venn_kernel_time(venn_device *device, const venn_case *c, const venn_sampling *sampling,
                             venn_sampled *sampled)
{
    kernel_bench b = {.c = c, .device = device};
    const venn_sampled_hooks none = {0};
    venn_status status = build(&b);
    if (status == VENN_OK)
        status = venn_sample_program(b.program, sampling, &none, sampled);
    venn_program_destroy(&b.program);
    venn_graph_destroy(&b.g);
    for (int i = 0; i < b.n_var; i++)
        venn_var_destroy(&b.var[i]);
    return status;
}
