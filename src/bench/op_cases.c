// The op's rows of cases.def as calls of venn_op_run.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "bench/cases.h"
#include "bench/op_operand.h"
#include "graph/params.h"
#include "venn/op_run.h"

typedef struct case_walk {
    size_t stride, number;
    venn_op_case_fn fn;
    void *user;
    venn_status status;
    bool ended; // by fn
} case_walk;

// The operands of one case.
typedef struct case_call {
    venn_op_call call;
    venn_array *x[VENN_OP_MAX_INPUTS];
} case_call;

// The generator's state is no operand: venn_op_run makes it of key and step.
static void take_generator(const venn_case *c, int position, venn_op_call *call)
{
    uint32_t state[4];
    venn_case_data(c, position, state);
    call->seed = state[0] | (uint64_t)state[1] << 32;
    call->step = state[2] | (uint64_t)state[3] << 32;
}

static venn_status make_operands(const venn_case *c, case_call *made)
{
    for (int i = 0; i < c->n_in; i++) {
        const venn_input_def *def = venn_case_input(c->op, i);
        if (def->domain == VENN_RNG) {
            take_generator(c, i, &made->call);
            continue;
        }
        const size_t k = made->call.n_x++;
        if (!c->present[i])
            continue;
        VENN_TRY(venn_array_create(&made->x[k], NULL, def->dtype, c->shape[i]));
        venn_case_data(c, i, made->x[k]->data);
        made->call.gradients |= (uint32_t)venn_op_differentiable(c->op, i) << k;
    }
    return VENN_OK;
}

static venn_status call_fn(case_walk *walk, const venn_case *c, case_call *made)
{
    char params[512];
    const char *list[] = {venn_params_text(c->op, c->params, params, sizeof params)};
    VENN_TRY(make_operands(c, made));
    made->call.op = c->op->name;
    made->call.params = list;
    made->call.n_params = 1;
    made->call.x = (const venn_array *const *)made->x;
    made->call.dy_seed = c->seed;
    walk->ended = !walk->fn(walk->user, &(venn_op_case){.name = c->name,
                                                        .number = walk->number,
                                                        .params = params,
                                                        .call = made->call});
    return VENN_OK;
}

static bool take_case(void *user, const venn_case *c)
{
    case_walk *walk = user;
    if (walk->number % walk->stride == 0) {
        case_call made = {0};
        walk->status = call_fn(walk, c, &made);
        for (int i = 0; i < VENN_OP_MAX_INPUTS; i++)
            venn_array_destroy(&made.x[i]);
    }
    walk->number++;
    return walk->status == VENN_OK && !walk->ended;
}

venn_status venn_op_cases(const char *name, size_t stride, venn_op_case_fn fn, void *user)
{
    venn_op_info info;
    VENN_TRY(venn_op_get(name, &info));
    if (stride == 0)
        return venn_fail(VENN_BAD_ARG, "cases of %s: a stride of 0", name);
    const venn_op_desc *op = venn_op_find(name);
    case_walk walk = {.stride = stride, .fn = fn, .user = user};
    for (const venn_case_row *row = venn_case_rows; row->op && !walk.ended; row++) {
        if (row->kind != VENN_CASE_PLAIN || strcmp(row->op, name) != 0)
            continue;
        VENN_TRY(venn_case_each(op, row, take_case, &walk));
        VENN_TRY(walk.status);
    }
    return VENN_OK;
}
