// The training step as a graph: the objective's nodes, gradients, optimizers, metrics.
#include "graph/graph_internal.h"
#include "train/fit_internal.h"
#include "train/step_places.h"
#include "venn/ops.h"

static venn_tensor cross_entropy(void *user, venn_step *s)
{
    return venn_step_ce(s, venn_step_apply(s, user, NULL));
}

const venn_objective venn_objective_ce = {.loss = cross_entropy};

static venn_status check_stepped(const fit_state *f)
{
    for (uint32_t k = 0; k < f->n_optims; k++)
        if (!f->optims[k].stepped)
            return venn_fail(VENN_BAD_ARG,
                             "network %s is to be trained, but nothing that is minimised depends "
                             "on it: make it FOLLOWS or FROZEN",
                             f->nets[f->optims[k].owner[0] < 0 ? 0 : f->optims[k].owner[0]].name);
    return VENN_OK;
}

static void append(step_build *b, const venn_objective *objective)
{
    venn_step *s = &b->public;
    // The standard objective is of the main network, whichever that is.
    void *user = objective == &venn_objective_ce ? b->nets[0].net : objective->user;
    if (objective->build)
        objective->build(user, s);
    else
        venn_step_minimize(s, objective->loss(user, s), 0, NULL);
    if (objective->after)
        objective->after(user, s, b->loss);
}

venn_status venn_fit_build(fit_state *f, venn_graph *g)
{
    step_build b = {.public = {.g = g, .batch = f->batch, .training = true},
                    .streams = f->streams,
                    .n_streams = f->n_streams,
                    .nets = f->nets,
                    .n_nets = f->n_nets,
                    .fit = f};
    for (uint32_t i = 0; i < f->n_streams; i++)
        f->streams[i].n = 0;
    for (uint32_t k = 0; k < f->n_optims; k++)
        f->optims[k].stepped = false;
    f->n_terms = 0;
    venn_graph_phase(g, "loss");
    const venn_tensor scale = venn_optim_loss_scale(f->optims[0].optim, g);
    if (scale.id)
        venn_step_term(&b.public, "loss_scale", scale);
    append(&b, f->objective);
    VENN_TRY(venn_graph_status(g));
    if (!b.loss.id)
        return venn_fail(VENN_BAD_ARG, "the objective minimises nothing");
    VENN_TRY(check_stepped(f));
    venn_graph_output(g, "loss", b.loss);
    f->counts = 0;
    if (b.counted.id && venn_step_can_count(&b.public, b.counted)) {
        venn_tensor rows, classes;
        venn_step_questions(&b.public, b.counted, &rows, &classes);
        venn_graph_output(g, "correct", venn_accuracy(g, rows, classes));
        f->counts = venn_tensor_shape(g, rows).dim[0];
    }
    return venn_graph_status(g);
}
