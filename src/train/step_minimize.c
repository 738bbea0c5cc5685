// Gradients and optimizer steps. All gradients are taken before anything is updated.
#include <stdlib.h>

#include "graph/graph_internal.h"
#include "train/fit_internal.h"
#include "venn/ops.h"

// Does variable `index` of an optimizer belong to one of these networks (none given: always)?
static bool wanted(const fit_state *f, const fit_optim *o, size_t index, size_t n_nets,
                   const venn_net *const *nets)
{
    int32_t owner = o->owner[index];
    for (size_t i = 0; i < n_nets; i++)
        if (owner >= 0 && f->nets[owner].net == nets[i])
            return true;
    return n_nets == 0;
}

static venn_tensor hooked(fit_state *f, venn_step *s, const venn_var *var, venn_tensor gradient)
{
    const venn_objective *objective = f->objective;
    return objective->gradient && gradient.id
               ? objective->gradient(objective->user, s, var, gradient)
               : gradient;
}

typedef struct work {
    size_t n;            // of x and dx
    venn_tensor *x, *dx; // of the wanted variables of all optimizers, one after the other
    venn_tensor *grads;  // of one optimizer
} work;

static venn_status differentiate(fit_state *f, venn_step *s, venn_tensor loss, venn_tensor scale,
                                 size_t n_nets, const venn_net *const *nets, work *w)
{
    size_t n = 0;
    for (uint32_t k = 0; k < f->n_optims; k++)
        for (size_t i = 0; i < venn_optim_n_vars(f->optims[k].optim); i++)
            if (wanted(f, &f->optims[k], i, n_nets, nets))
                w->x[n++] = venn_graph_var(s->g, venn_optim_var(f->optims[k].optim, i));
    w->n = n;
    return venn_graph_gradients(s->g, loss, scale, n, w->x, w->dx);
}

static venn_status update(fit_state *f, venn_step *s, venn_tensor guard, size_t n_nets,
                          const venn_net *const *nets, work *w)
{
    size_t n = 0, total = 0;
    for (uint32_t k = 0; k < f->n_optims; k++) {
        fit_optim *o = &f->optims[k];
        size_t moving = 0;
        for (size_t i = 0; i < venn_optim_n_vars(o->optim); i++) {
            w->grads[i] = VENN_NONE;
            if (wanted(f, o, i, n_nets, nets))
                w->grads[i] = hooked(f, s, venn_optim_var(o->optim, i), w->dx[n++]);
            moving += w->grads[i].id != 0;
        }
        if (moving)
            VENN_TRY(venn_optim_step(o->optim, s->g, w->grads, guard));
        o->stepped |= moving > 0;
        total += moving;
    }
    if (!total)
        return venn_fail(VENN_BAD_ARG, "the loss depends on no parameter that trains");
    return venn_graph_status(s->g);
}

static venn_status minimize(fit_state *f, venn_step *s, venn_tensor loss, size_t n_nets,
                            const venn_net *const *nets)
{
    size_t n = 0;
    for (uint32_t k = 0; k < f->n_optims; k++)
        n += venn_optim_n_vars(f->optims[k].optim);
    venn_tensor *room = venn_alloc(3 * n + 1, sizeof *room);
    if (!room)
        return VENN_NO_MEMORY;
    work w = {.x = room, .dx = room + n, .grads = room + 2 * n};
    venn_optim *first = f->optims[0].optim;
    const venn_tensor scale = venn_optim_loss_scale(first, s->g);
    venn_graph_phase(s->g, "backward");
    venn_status status = differentiate(f, s, loss, scale, n_nets, nets, &w);
    venn_graph_phase(s->g, "optimizer");
    if (status == VENN_OK)
        status =
            update(f, s, venn_optim_unscale(first, s->g, scale, loss, w.n, w.dx), n_nets, nets, &w);
    venn_graph_phase(s->g, "loss");
    free(room);
    return status;
}

void venn_step_minimize(venn_step *s, venn_tensor loss, size_t n_nets, const venn_net *const *nets)
{
    step_build *b = (step_build *)s;
    if (venn_graph_status(s->g) < 0)
        return;
    if (!b->fit) {
        venn_graph_fail(s->g, venn_fail(VENN_BAD_ARG, "an evaluation minimises nothing"));
        return;
    }
    venn_status status = minimize(b->fit, s, loss, n_nets, nets);
    if (status < 0)
        venn_graph_fail(s->g, status);
    b->loss = b->loss.id ? venn_add(s->g, b->loss, loss) : loss;
}
