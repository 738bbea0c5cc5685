#include "bench/kernel_time.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "bench/op_operand.h"
#include "venn/ops.h"

typedef struct venn_kernel_program kernel_bench;

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
    if (!b->whole && venn_tensor_dtype(b->g, t) == VENN_F32 && count > 0)
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

// dy is a variable, so that a gradient that does not need y leaves the forward pass out.
static venn_status add_gradient(kernel_bench *b, venn_tensor y, int input)
{
    const venn_shape shape = venn_tensor_shape(b->g, y);
    const int64_t count = venn_shape_count(&shape);
    if (!b->c->present[input] || !venn_op_differentiable(b->c->op, input) ||
        venn_tensor_dtype(b->g, y) != VENN_F32)
        return venn_fail(VENN_BAD_ARG, "%s has no gradient for %s here", b->c->op->name,
                         venn_case_input(b->c->op, input)->name);
    float *data = venn_alloc((size_t)count, sizeof *data);
    if (!data)
        return VENN_NO_MEMORY;
    venn_rng rng = venn_rng_make(b->c->seed, 0, 1);
    for (int64_t i = 0; i < count; i++)
        data[i] = venn_rng_normal(&rng);
    venn_tensor dy, dx;
    venn_status status = add_variable(b, VENN_F32, shape, data, &dy);
    free(data);
    VENN_TRY(status);
    venn_graph_phase(b->g, VENN_PHASE_BACKWARD);
    VENN_TRY(venn_graph_gradients(b->g, y, dy, 1, &b->x[input], &dx));
    keep(b, dx);
    return VENN_OK;
}

static venn_status build(kernel_bench *b, int part)
{
    venn_tensor y[VENN_MAX_OUTPUTS];
    VENN_TRY(venn_graph_create(&b->g));
    for (int i = 0; i < b->c->n_in; i++)
        if (b->c->present[i])
            VENN_TRY(add_operand(b, i));
    venn_graph_phase(b->g, VENN_PHASE_FORWARD);
    venn_op_apply(b->g, b->c->op, b->x, b->c->n_in, b->c->params, y);
    VENN_TRY(venn_graph_status(b->g));
    for (int o = 0; part < 0 && o < b->c->op->n_outputs; o++)
        keep(b, y[o]);
    if (part >= 0)
        VENN_TRY(add_gradient(b, y[0], part));
    else if (part == VENN_KERNEL_ALL && b->c->op->n_outputs)
        VENN_TRY(add_backward(b, y[0]));
    return venn_graph_compile(&b->program, b->g, b->device,
                              &(venn_compile_params){.name = b->c->op->name, .timestamps = true});
}

venn_status venn_kernel_program_create(venn_kernel_program *b, venn_device *device,
                                       const venn_case *c, int part)
{
    *b = (venn_kernel_program){.c = c, .device = device, .whole = b->whole};
    return build(b, part);
}

void venn_kernel_program_finish(venn_kernel_program *b)
{
    venn_program_destroy(&b->program);
    venn_graph_destroy(&b->g);
    for (int i = 0; i < b->n_var; i++)
        venn_var_destroy(&b->var[i]);
}

venn_status venn_kernel_time(venn_device *device, const venn_case *c, const venn_sampling *sampling,
                             venn_sampled *sampled)
{
    venn_kernel_program b = {0};
    const venn_sampled_hooks none = {0};
    venn_status status = venn_kernel_program_create(&b, device, c, VENN_KERNEL_ALL);
    if (status == VENN_OK)
        status = venn_sample_program(b.program, sampling, &none, sampled);
    venn_kernel_program_finish(&b);
    return status;
}
