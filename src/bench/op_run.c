// One op run on host arrays: a graph of that op alone (and of its gradients) is built, compiled and run
// once. Inputs that the op changes in place become variables, the others graph inputs. Arrays here are
// indexed by the op's input positions, those of the call by operand (see op_operand.h).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "base/status.h"
#include "bench/cases.h"
#include "bench/op_operand.h"
#include "graph/graph_internal.h"
#include "graph/params.h"
#include "venn/op_run.h"

#define DY_STREAM 100 // of dy_seed, as the tests have it; operands take the numbers from 0

// What the host writes before the run.
typedef struct source {
    char name[64]; // of the graph's input
    const void *data;
    void *owned; // data, if it had to be converted
    size_t bytes;
    venn_shape shape;
} source;

typedef struct op_run {
    const venn_op_desc *op;
    const venn_op_call *call;
    venn_device *device;
    venn_graph *g;
    venn_program *program;
    void *params;
    int n_in;
    source x[VENN_MAX_INPUTS], dy[VENN_MAX_OUTPUTS];
    venn_array *drawn[VENN_MAX_OUTPUTS]; // dy from dy_seed
    double flops;
    venn_tensor in[VENN_MAX_INPUTS], out[VENN_MAX_OUTPUTS], dx[VENN_MAX_INPUTS];
    venn_var *var[VENN_MAX_INPUTS];
} op_run;

// ---- Arrays of the type that the op wants ----------------------------------------------------

static bool store(venn_dtype dtype, void *data, int64_t i, int32_t value)
{
    switch (dtype) {
    case VENN_F32:
        ((float *)data)[i] = (float)value;
        return (double)((float *)data)[i] == (double)value;
    case VENN_I32:
        ((int32_t *)data)[i] = value;
        return true;
    case VENN_U8:
        ((uint8_t *)data)[i] = (uint8_t)value;
        return value >= 0 && value <= UINT8_MAX;
    case VENN_F16:
    case VENN_BF16:
        break;
    }
    return false;
}

static venn_status convert(const op_run *run, const char *input, venn_dtype dtype,
                           const venn_array *x, source *s)
{
    int64_t count = venn_shape_count(&x->shape);
    s->shape = x->shape;
    s->bytes = (size_t)count * venn_dtype_size(dtype);
    s->data = x->data;
    if (x->dtype == dtype)
        return VENN_OK;
    s->data = s->owned = venn_alloc((size_t)count, venn_dtype_size(dtype));
    if (!s->owned)
        return VENN_NO_MEMORY;
    bool fits = x->dtype == VENN_I32 || x->dtype == VENN_U8;
    for (int64_t i = 0; fits && i < count; i++)
        fits = store(dtype, s->owned, i,
                     x->dtype == VENN_I32 ? ((int32_t *)x->data)[i] : ((uint8_t *)x->data)[i]);
    if (!fits)
        return venn_fail(
            VENN_BAD_FILE, "%s: %s must be %s, but %s is %s%s", run->op->name, input,
            venn_dtype_name(dtype), x->name ? x->name : "the array", venn_dtype_name(x->dtype),
            x->dtype == VENN_F32 ? ": save it as integers" : " with values that do not fit");
    return VENN_OK;
}

// ---- The graph -------------------------------------------------------------------------------

static venn_status add_operand(op_run *run, int position, const venn_array *x)
{
    const venn_input_def *def = venn_case_input(run->op, position);
    source *s = &run->x[position];
    VENN_TRY(convert(run, def->name, def->dtype, x, s));
    if (position < run->op->n_inputs)
        snprintf(s->name, sizeof s->name, "%s", def->name);
    else
        snprintf(s->name, sizeof s->name, "%s.%d", def->name, position);
    if (def->flags & VENN_IN_UPDATE) {
        VENN_TRY(venn_var_create(&run->var[position], run->device, s->name, def->dtype, s->shape));
        VENN_TRY(venn_var_write(run->var[position], s->data, s->bytes));
        run->in[position] = venn_graph_var(run->g, run->var[position]);
    } else
        run->in[position] = venn_graph_input(run->g, s->name, def->dtype, s->shape);
    return venn_graph_status(run->g);
}

static venn_status add_operands(op_run *run)
{
    const venn_op_call *call = run->call;
    run->n_in = run->op->n_inputs;
    for (size_t k = 0; k < call->n_x; k++) {
        int position = k < VENN_MAX_INPUTS ? venn_op_operand(run->op, (int)k) : -1;
        if (position < 0)
            return venn_fail(VENN_BAD_ARG, "%s: %zu inputs, it takes at most %zu", run->op->name,
                             call->n_x, k);
        if (position >= run->n_in)
            run->n_in = position + 1;
        if (call->x[k])
            VENN_TRY(add_operand(run, position, call->x[k]));
    }
    for (int i = 0; i < run->op->n_inputs; i++)
        if (run->op->inputs[i].domain == VENN_RNG)
            run->in[i] = venn_graph_rng(run->g);
    return venn_graph_status(run->g);
}

static double count_flops(const venn_node *n)
{
    venn_cost cost = {0};
    if (n->op->cost)
        n->op->cost(n, &cost);
    return cost.flops;
}

static venn_status add_op(op_run *run)
{
    run->params = venn_alloc(1, run->op->params_size);
    if (!run->params)
        return VENN_NO_MEMORY;
    for (size_t k = 0; k < run->call->n_params; k++)
        VENN_TRY(venn_params_parse(run->op, run->params, run->call->params[k]));
    VENN_TRY(venn_graph_create(&run->g));
    VENN_TRY(add_operands(run));
    venn_op_apply(run->g, run->op, run->in, run->n_in, run->params, run->out);
    for (int o = 0; o < run->op->n_outputs && venn_graph_status(run->g) == VENN_OK; o++) {
        char name[16];
        snprintf(name, sizeof name, "y.%d", o);
        venn_graph_output(run->g, name, run->out[o]);
    }
    VENN_TRY(venn_graph_status(run->g));
    run->flops = count_flops(venn_graph_last_node(run->g));
    return VENN_OK;
}

// ---- Gradients -------------------------------------------------------------------------------

static venn_status add_dy(op_run *run, int o, const venn_array *dy, venn_tensor *t)
{
    source *s = &run->dy[o];
    const venn_shape shape = venn_tensor_shape(run->g, run->out[o]);
    char got[VENN_SHAPE_TEXT_MAX], want[VENN_SHAPE_TEXT_MAX];
    snprintf(s->name, sizeof s->name, "dy.%d", o);
    if (!venn_shape_equal(&dy->shape, &shape))
        return venn_fail(VENN_BAD_SHAPE,
                         "%s: the gradient of output %d must be %s as it is, got %s", run->op->name,
                         o, venn_shape_text(&shape, want, sizeof want),
                         venn_shape_text(&dy->shape, got, sizeof got));
    VENN_TRY(convert(run, s->name, VENN_F32, dy, s));
    *t = venn_graph_input(run->g, s->name, VENN_F32, shape);
    return venn_graph_status(run->g);
}

// Adds what reaches the wanted inputs, x, from output o to sum.
static venn_status add_output_gradients(op_run *run, int o, venn_tensor dy, size_t n,
                                        const venn_tensor *x, venn_tensor *sum)
{
    venn_tensor dx[VENN_MAX_INPUTS];
    if (venn_tensor_dtype(run->g, run->out[o]) != VENN_F32)
        return venn_fail(VENN_BAD_ARG, "%s: output %d is %s: no gradient goes through it",
                         run->op->name, o, venn_dtype_name(venn_tensor_dtype(run->g, run->out[o])));
    VENN_TRY(venn_graph_gradients(run->g, run->out[o], dy, n, x, dx));
    for (size_t k = 0; k < n; k++)
        if (dx[k].id)
            sum[k] = sum[k].id ? venn_autodiff_add(run->g, sum[k], dx[k]) : dx[k];
    return venn_graph_status(run->g);
}

static venn_status draw_dy(op_run *run, int o)
{
    const venn_shape shape = venn_tensor_shape(run->g, run->out[o]);
    venn_rng rng = venn_rng_make(run->call->dy_seed, 0, DY_STREAM + (uint32_t)o);
    VENN_TRY(venn_array_create(&run->drawn[o], NULL, VENN_F32, shape));
    for (int64_t i = 0; i < venn_shape_count(&shape); i++)
        ((float *)run->drawn[o]->data)[i] = venn_rng_normal(&rng);
    return VENN_OK;
}

static venn_status add_drawn_gradients(op_run *run, size_t n, const venn_tensor *x,
                                       venn_tensor *sum)
{
    for (int o = 0; o < run->op->n_outputs; o++) {
        venn_tensor dy;
        if (venn_tensor_dtype(run->g, run->out[o]) != VENN_F32)
            continue;
        VENN_TRY(draw_dy(run, o));
        VENN_TRY(add_dy(run, o, run->drawn[o], &dy));
        VENN_TRY(add_output_gradients(run, o, dy, n, x, sum));
    }
    return VENN_OK;
}

static venn_status add_all_gradients(op_run *run, size_t n, const venn_tensor *x, venn_tensor *sum)
{
    const venn_op_call *call = run->call;
    const size_t n_outputs = (size_t)run->op->n_outputs;
    if (call->n_dy > n_outputs)
        return venn_fail(VENN_BAD_ARG, "%s: %zu output gradients, but %zu outputs", run->op->name,
                         call->n_dy, n_outputs);
    if (call->n_dy == 0 && call->dy_seed)
        return add_drawn_gradients(run, n, x, sum);
    if (call->n_dy == 0)
        return add_output_gradients(run, 0, VENN_NONE, n, x, sum);
    for (size_t o = 0; o < call->n_dy; o++) {
        venn_tensor dy;
        if (!call->dy[o])
            continue;
        VENN_TRY(add_dy(run, (int)o, call->dy[o], &dy));
        VENN_TRY(add_output_gradients(run, (int)o, dy, n, x, sum));
    }
    return VENN_OK;
}

static venn_status add_gradients(op_run *run)
{
    venn_tensor x[VENN_MAX_INPUTS], sum[VENN_MAX_INPUTS] = {{0}};
    int position[VENN_MAX_INPUTS];
    size_t n = 0;
    for (int k = 0; k < 32; k++) {
        if (!(run->call->gradients >> k & 1))
            continue;
        int i = venn_op_operand(run->op, k);
        if (i < 0 || !run->in[i].id)
            return venn_fail(VENN_BAD_ARG,
                             "%s: the gradient of input %d is wanted, which is not there",
                             run->op->name, k);
        if (!venn_op_differentiable(run->op, i))
            return venn_fail(VENN_BAD_ARG, "%s: %s has no gradient", run->op->name,
                             venn_case_input(run->op, i)->name);
        position[n] = i;
        x[n++] = run->in[i];
    }
    if (n)
        VENN_TRY(add_all_gradients(run, n, x, sum));
    for (size_t k = 0; k < n; k++) {
        char name[16];
        snprintf(name, sizeof name, "dx.%d", position[k]);
        run->dx[position[k]] = sum[k];
        if (sum[k].id)
            venn_graph_output(run->g, name, sum[k]);
    }
    return venn_graph_status(run->g);
}

// ---- Running ---------------------------------------------------------------------------------

static void write_source(op_run *run, const source *s)
{
    void *staging = s->data ? venn_program_input(run->program, s->name, NULL) : NULL;
    if (staging)
        memcpy(staging, s->data, s->bytes);
}

static venn_status compute(op_run *run, uint64_t *ticket)
{
    venn_compile_params params = {.name = run->op->name, .slots = 1};
    VENN_TRY(venn_graph_compile(&run->program, run->g, run->device, &params));
    VENN_TRY(venn_program_begin(run->program));
    for (int i = 0; i < run->n_in; i++)
        if (!run->var[i])
            write_source(run, &run->x[i]);
    for (int o = 0; o < run->op->n_outputs; o++)
        write_source(run, &run->dy[o]);
    venn_program_set_rng(run->program, run->call->seed, run->call->step);
    return venn_program_run(run->program, ticket);
}

static venn_status read_output(op_run *run, uint64_t ticket, const char *what, int index,
                               venn_tensor t, venn_array **array)
{
    char name[16];
    snprintf(name, sizeof name, "%s.%d", what, index);
    const venn_dtype stored = venn_tensor_dtype(run->g, t);
    const venn_shape shape = venn_tensor_shape(run->g, t);
    // Host arrays have no 16-bit types: what is stored so is shown as f32.
    const venn_dtype shown = venn_dtype_is_float(stored) ? VENN_F32 : stored;
    VENN_TRY(venn_array_create(array, NULL, shown, shape));
    const void *got = venn_program_output(run->program, ticket, name, NULL);
    if (stored != shown)
        venn_floats_convert((*array)->data, shown, got, stored, venn_shape_count(&shape));
    else
        memcpy((*array)->data, got, venn_array_bytes(*array));
    return VENN_OK;
}

static venn_status read_operand(op_run *run, uint64_t ticket, int k, venn_op_result *result)
{
    int i = venn_op_operand(run->op, k);
    if (i < 0 || !run->in[i].id)
        return VENN_OK;
    const venn_dtype dtype = venn_case_input(run->op, i)->dtype;
    if (run->var[i]) {
        VENN_TRY(venn_array_create(&result->updated[k], NULL, dtype, run->x[i].shape));
        VENN_TRY(venn_var_read(run->var[i], result->updated[k]->data, run->x[i].bytes));
    }
    if (!(run->call->gradients >> k & 1))
        return VENN_OK;
    if (run->dx[i].id)
        return read_output(run, ticket, "dx", i, run->dx[i], &result->dx[k]);
    return venn_array_create(&result->dx[k], NULL, dtype, run->x[i].shape);
}

static venn_status read_result(op_run *run, uint64_t ticket, venn_op_result *result)
{
    for (int o = 0; o < run->op->n_outputs; o++)
        VENN_TRY(read_output(run, ticket, "y", o, run->out[o], &result->y[o]));
    for (int k = 0; k < VENN_MAX_INPUTS; k++)
        VENN_TRY(read_operand(run, ticket, k, result));
    memcpy(result->dy, run->drawn, sizeof run->drawn);
    memset(run->drawn, 0, sizeof run->drawn);
    result->flops = run->flops;
    return VENN_OK;
}

static void finish(op_run *run)
{
    venn_program_destroy(&run->program);
    venn_graph_destroy(&run->g);
    for (int i = 0; i < VENN_MAX_INPUTS; i++) {
        venn_var_destroy(&run->var[i]);
        free(run->x[i].owned);
    }
    for (int o = 0; o < VENN_MAX_OUTPUTS; o++) {
        free(run->dy[o].owned);
        venn_array_destroy(&run->drawn[o]);
    }
    free(run->params);
}

venn_status venn_op_run(venn_device *device, const venn_op_call *call, venn_op_result *result)
{
    *result = (venn_op_result){0};
    venn_op_info info;
    VENN_TRY(venn_op_get(call->op, &info));
    op_run run = {.op = venn_op_find(call->op), .call = call, .device = device};
    uint64_t ticket = 0;
    venn_status status = add_op(&run);
    if (status == VENN_OK)
        status = add_gradients(&run);
    if (status == VENN_OK)
        status = compute(&run, &ticket);
    if (status == VENN_OK)
        status = read_result(&run, ticket, result);
    finish(&run);
    if (status < 0)
        venn_op_result_finish(result);
    return status;
}

void venn_op_result_finish(venn_op_result *result)
{
    for (int i = 0; i < VENN_OP_MAX_INPUTS; i++) {
        venn_array_destroy(&result->dx[i]);
        venn_array_destroy(&result->updated[i]);
    }
    for (int o = 0; o < VENN_OP_MAX_OUTPUTS; o++) {
        venn_array_destroy(&result->y[o]);
        venn_array_destroy(&result->dy[o]);
    }
}

void venn_array_checksum(const venn_array *array, char text[33])
{
    int64_t head[2 + VENN_MAX_RANK] = {array->dtype, array->shape.rank};
    for (int i = 0; i < array->shape.rank; i++)
        head[2 + i] = array->shape.dim[i];
    venn_hash_text(venn_hash_join(venn_hash_bytes(head, sizeof head),
                                  venn_hash_bytes(array->data, venn_array_bytes(array))),
                   text);
}
