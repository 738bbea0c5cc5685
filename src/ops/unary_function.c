// Ops that are a function of each element (see unary.h), by shaders/lib/unary_function.glsl.
#define VENN_HOST
#include <stdio.h>
#include <string.h>

#include "ops/unary.h"
#include "exp.comp" // the push block of all

// Of the backward op, which all functions share.
typedef struct slope_params {
    const venn_op_desc *op; // the function's
    float c[2];
} slope_params;

static const venn_unary *unary_of(const venn_op_desc *op)
{
    return op->family;
}

static void constants(const venn_node *n, float c[2])
{
    const venn_unary *unary = unary_of(n->op);
    c[0] = c[1] = 0;
    if (unary->constants)
        unary->constants(n->params, c);
    else if (n->op->params_size)
        memcpy(c, n->params, n->op->params_size);
}

static void launch(venn_recorder *r, const venn_node *n, const venn_op_desc *op, const char *pass,
                   const float c[2])
{
    const venn_push_unary push = {(uint32_t)n->in[0]->count, c[0], c[1]};
    char stem[48];
    snprintf(stem, sizeof stem, "%s.%s", op->name, pass);
    venn_unary_record_push(r, n, stem, &push, sizeof push);
}

void venn_unary_function_record(venn_recorder *r, const venn_node *n)
{
    float c[2];
    constants(n, c);
    launch(r, n, n->op, "forward", c);
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const slope_params *p = n->params;
    launch(r, n, p->op, "backward", p->c);
}

static void cost_backward(const venn_node *n, venn_cost *cost)
{
    venn_unary_cost(n, cost);
    cost->flops *= unary_of(((const slope_params *)n->params)->op)->flops;
}

// Functions without params read none.
static void constant_element(venn_element *e, const venn_op_desc *op, const float c[2])
{
    e->shader = op->name;
    e->n_constants = op->params_size || unary_of(op)->constants ? 2 : 0;
    memcpy(e->constant, c, sizeof e->constant);
}

bool venn_unary_function_element(const venn_node *n, venn_element *e)
{
    float c[2];
    *e = (venn_element){.function = "forward"};
    constants(n, c);
    constant_element(e, n->op, c);
    return true;
}

static bool backward_element(const venn_node *n, venn_element *e)
{
    const slope_params *p = n->params;
    *e = (venn_element){.function = "backward", .define = "BACKWARD"};
    constant_element(e, p->op, p->c);
    return true;
}

static const venn_op_desc unary_backward = {
    .name = "unary.backward",
    .summary = "dx = f'(x) dy",
    .inputs = {{"x"}, {"dy"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(slope_params),
    .shape = venn_unary_backward_shape,
    .record = record_backward,
    .cost = cost_backward,
    .element = backward_element,
};

void venn_unary_function_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                                  uint32_t need, venn_tensor *dx)
{
    (void)need;
    slope_params p = {.op = n->op};
    constants(n, p.c);
    dx[0] = venn_op_apply(g, &unary_backward, (venn_tensor[]){venn_in(n, 0), dy[0]}, 2, &p, NULL);
}

void venn_unary_function_ref(const venn_ref *r)
{
    float c[2];
    constants(r->node, c);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = unary_of(r->node->op)->value(c, r->x[0][i]);
}

void venn_unary_function_ref_grad(const venn_ref *r)
{
    float c[2];
    constants(r->node, c);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->dx[0][i] = unary_of(r->node->op)->slope(c, r->x[0][i]) * r->dy[0][i];
}

void venn_unary_function_cost(const venn_node *n, venn_cost *cost)
{
    venn_unary_cost(n, cost);
    cost->flops *= unary_of(n->op)->flops;
}
