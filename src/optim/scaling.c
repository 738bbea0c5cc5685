// Dynamic loss scaling: a state variable {scale, finite steps in a row}, and what a step does with it.
#include <stdlib.h>

#include "base/status.h"
#include "graph/graph_internal.h"
#include "optim/optim_internal.h"
#include "venn/ops.h"

venn_status venn_scaling_reset(venn_optim *o)
{
    const float values[] = {o->params.loss_scale, 0};
    return venn_var_write(o->scale, values, sizeof values);
}

venn_status venn_scaling_create(venn_optim *o, venn_device *device)
{
    char *name = venn_format("%s.loss_scale", o->name);
    if (!name)
        return VENN_NO_MEMORY;
    venn_status status = venn_var_create(&o->scale, device, name, VENN_F32, VENN_SHAPE(2));
    free(name);
    VENN_TRY(status);
    o->states[o->n_states++] = o->scale;
    return venn_scaling_reset(o);
}

venn_tensor venn_optim_loss_scale(const venn_optim *o, venn_graph *g)
{
    if (!o->scale)
        return VENN_NONE;
    return venn_reshape(g, venn_slice(g, venn_graph_var(g, o->scale), 0, 0, 1), VENN_SCALAR);
}

// `loss` and the squares of the gradients that are there; finite if all of them are.
static venn_tensor make_guard(venn_graph *g, venn_tensor loss, size_t n, const venn_tensor *grads)
{
    venn_tensor *present = venn_alloc(n + 1, sizeof *present);
    size_t n_present = 0;
    for (size_t i = 0; present && i < n; i++)
        if (grads[i].id)
            present[n_present++] = grads[i];
    if (n_present)
        loss = venn_add(g, loss, venn_sum_squares(g, VENN_NONE, n_present, present));
    if (!present)
        venn_graph_fail(g, VENN_NO_MEMORY);
    free(present);
    return loss;
}

venn_tensor venn_optim_unscale(venn_optim *o, venn_graph *g, venn_tensor scale, venn_tensor loss,
                               size_t n, venn_tensor *grads)
{
    if (!o->scale)
        return loss;
    const venn_tensor inverse = venn_reciprocal(g, scale);
    for (size_t i = 0; i < n; i++)
        if (grads[i].id)
            grads[i] = venn_mul(g, grads[i], inverse);
    const venn_tensor guard = make_guard(g, loss, n, grads);
    venn_loss_scale(g, venn_graph_var(g, o->scale), guard, NULL);
    return guard;
}
