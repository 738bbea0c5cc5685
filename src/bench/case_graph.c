#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "bench/case_graph.h"
#include "bench/case_probe.h"

#define WEIGHT_STREAM 100 // of the case's seed; operands take the numbers from 0

static uint32_t differentiable_inputs(const venn_case *c)
{
    uint32_t mask = 0;
    for (int i = 0; c->op->ref_grad && i < c->n_in; i++) {
        const venn_input_def *def = venn_case_input(c->op, i);
        if (c->present[i] && def->dtype == VENN_F32 &&
            !(def->flags & (VENN_IN_NO_GRAD | VENN_IN_UPDATE)))
            mask |= 1u << i;
    }
    return mask;
}

// Which of the differentiable operands are variables.
static uint32_t variable_inputs(const op_graph *og)
{
    uint32_t first = og->differentiable & (0u - og->differentiable);
    return og->c->seed & 1 ? first : og->differentiable & ~first;
}

static venn_status add_operand(op_graph *og, int i, venn_device *device)
{
    const venn_case *c = og->c;
    const venn_input_def *def = venn_case_input(c->op, i);
    int64_t count = venn_shape_count(&c->shape[i]);
    char name[32];
    snprintf(name, sizeof name, "x%d", i);
    og->data[i] = venn_alloc((size_t)count, venn_dtype_size(c->dtype[i]));
    if (!og->data[i])
        return VENN_NO_MEMORY;
    VENN_TRY(venn_case_data(c, i, og->data[i]));
    if (def->domain == VENN_RNG)
        og->x[i] = venn_graph_rng(og->g);
    else if ((def->flags & VENN_IN_UPDATE) || (variable_inputs(og) >> i & 1)) {
        VENN_TRY(venn_var_create(&og->var[i], device, name, c->dtype[i], c->shape[i]));
        og->x[i] = venn_graph_var(og->g, og->var[i]);
    } else
        og->x[i] = venn_graph_input(og->g, name, c->dtype[i], c->shape[i]);
    return venn_graph_status(og->g);
}

static op_check *add_check(op_graph *og, venn_tensor t, const char *what, int index)
{
    op_check *check = &og->checks[og->n_checks++];
    *check = (op_check){.t = t, .of = venn_graph_value(og->g, t)};
    snprintf(check->name, sizeof check->name, "%s%d", what, index);
    if (t.id)
        venn_graph_output(og->g, check->name, t);
    return check;
}

// sum y r over all outputs that are no integers; VENN_NONE if there are none.
static venn_tensor add_loss(op_graph *og, const venn_tensor *y)
{
    venn_tensor operands[2 * VENN_MAX_OUTPUTS];
    int n = 0;
    for (int o = 0; o < og->c->op->n_outputs; o++)
        if (og->r[o].id)
            operands[n++] = y[o];
    for (int o = 0; o < og->c->op->n_outputs; o++)
        if (og->r[o].id)
            operands[n++] = og->r[o];
    return n ? venn_op_apply(og->g, &venn_probe_join, operands, n, NULL, NULL) : VENN_NONE;
}

static venn_status add_weight(op_graph *og, int o, venn_dtype dtype)
{
    char name[32];
    snprintf(name, sizeof name, "r%d", o);
    venn_shape shape = venn_tensor_shape(og->g, og->y[o]);
    size_t count = (size_t)venn_shape_count(&shape);
    og->r[o] = venn_graph_input(og->g, name, dtype, shape);
    og->weight[o] = venn_alloc(count, venn_dtype_size(dtype));
    if (!og->weight[o])
        return VENN_NO_MEMORY;
    venn_rng rng = venn_rng_make(og->c->seed, 0, WEIGHT_STREAM + (uint32_t)o);
    for (size_t i = 0; i < count; i++) {
        const float value = venn_rng_normal(&rng);
        venn_floats_convert((char *)og->weight[o] + i * venn_dtype_size(dtype), dtype, &value,
                            VENN_F32, 1);
    }
    return venn_graph_status(og->g);
}

static venn_status add_weights(op_graph *og)
{
    for (int o = 0; o < og->c->op->n_outputs; o++) {
        const venn_dtype dtype = venn_tensor_dtype(og->g, og->y[o]);
        if (venn_dtype_is_float(dtype))
            VENN_TRY(add_weight(og, o, dtype));
    }
    return VENN_OK;
}

// Gradients of loss for the operands in `mask`.
static venn_status add_gradients(op_graph *og, venn_tensor loss, uint32_t mask, const char *what)
{
    venn_tensor x[VENN_MAX_INPUTS], dx[VENN_MAX_INPUTS];
    int input[VENN_MAX_INPUTS];
    size_t n = 0;
    for (int i = 0; i < og->c->n_in; i++)
        if (mask >> i & 1) {
            input[n] = i;
            x[n++] = og->x[i];
        }
    uint32_t call = og->g->n_calls;
    if (n == 0)
        return VENN_OK;
    VENN_TRY(venn_graph_gradients(og->g, loss, VENN_NONE, n, x, dx));
    for (size_t k = 0; k < n; k++) {
        op_check *check = add_check(og, dx[k], what, input[k]);
        check->is_gradient = true;
        check->call = call;
        check->position = k;
        check->of = venn_graph_value(og->g, x[k]);
        check->must_be_none = !(og->differentiable >> input[k] & 1);
    }
    return VENN_OK;
}

static uint32_t present_inputs(const venn_case *c)
{
    uint32_t mask = 0;
    for (int i = 0; i < c->n_in; i++)
        mask |= (uint32_t)c->present[i] << i;
    return mask;
}

static venn_status add_end(op_graph *og)
{
    const venn_case *c = og->c;
    venn_op_apply(og->g, c->op, og->x, c->n_in, c->params, og->y);
    VENN_TRY(venn_graph_status(og->g));
    og->node = venn_graph_last_node(og->g);
    for (int o = 0; o < c->op->n_outputs; o++)
        add_check(og, og->y[o], "y", o);
    VENN_TRY(add_weights(og));
    venn_tensor loss = add_loss(og, og->y);
    if (!loss.id)
        return venn_graph_status(og->g);
    uint32_t variables = variable_inputs(og);
    uint32_t inputs = og->differentiable & ~variables;
    if (variables && inputs && !c->half) {
        VENN_TRY(add_gradients(og, loss, inputs, "dx, inputs only, "));
        VENN_TRY(add_gradients(og, loss, variables, "dx, variables only, "));
    }
    return add_gradients(og, loss, present_inputs(c), "dx");
}

static venn_status add_mid(op_graph *og)
{
    const venn_case *c = og->c;
    venn_tensor x[VENN_MAX_INPUTS], y[VENN_MAX_OUTPUTS];
    for (int i = 0; i < c->n_in; i++)
        x[i] = og->differentiable >> i & 1 ? venn_probe_pass_apply(og->g, og->x[i]) : og->x[i];
    venn_op_apply(og->g, c->op, x, c->n_in, c->params, y);
    for (int o = 0; o < c->op->n_outputs; o++)
        if (og->r[o].id) {
            y[o] = venn_probe_pass_apply(og->g, y[o]);
            add_check(og, y[o], "y, mid-graph, ", o);
        }
    venn_tensor loss = add_loss(og, y);
    return loss.id ? add_gradients(og, loss, og->differentiable, "dx, mid-graph, ")
                   : venn_graph_status(og->g);
}

venn_status venn_case_graph_init(op_graph *og, const venn_case *c, venn_device *device)
{
    *og = (op_graph){.c = c, .device = device, .differentiable = differentiable_inputs(c)};
    VENN_TRY(venn_graph_create(&og->g));
    for (int i = 0; i < c->n_in; i++)
        if (c->present[i])
            VENN_TRY(add_operand(og, i, device));
    VENN_TRY(add_end(og));
    return og->differentiable && !c->half ? add_mid(og) : VENN_OK;
}

void venn_case_graph_finish(op_graph *og)
{
    for (int i = 0; i < VENN_MAX_INPUTS; i++) {
        venn_var_destroy(&og->var[i]);
        free(og->data[i]);
    }
    for (int o = 0; o < VENN_MAX_OUTPUTS; o++)
        free(og->weight[o]);
    venn_graph_destroy(&og->g);
}
