// The optimizers of a training: one for all that train, and one for each network that has its own.
#include <stdlib.h>

#include "train/fit_internal.h"

static size_t count_vars(const fit_state *f)
{
    size_t n = f->fit->n_vars;
    for (size_t i = 0; i < f->n_nets; i++)
        n += venn_net_n_params(f->nets[i].net);
    return n;
}

static bool belongs(const fit_state *f, size_t net, int32_t own)
{
    const venn_fit_net *part = &f->nets[net];
    if (part->role != VENN_NET_TRAINS)
        return false;
    return own < 0 ? !part->optim : (size_t)own == net;
}

// Groups of the common optimizer (own < 0) or of network `own`. Returns their number.
static size_t make_groups(const fit_state *f, int32_t own, venn_var **vars, int32_t *owner,
                          venn_optim_group *groups)
{
    size_t n = 0, n_groups = 0;
    for (size_t i = 0; i < f->n_nets; i++) {
        if (!belongs(f, i, own))
            continue;
        size_t count = venn_net_trainable(f->nets[i].net, vars + n);
        groups[n_groups++] =
            (venn_optim_group){.vars = vars + n, .n = count, .lr_scale = f->nets[i].lr_scale};
        for (size_t k = 0; k < count; k++)
            owner[n++] = (int32_t)i;
    }
    for (size_t i = 0; own < 0 && i < f->fit->n_vars; i++) {
        const venn_fit_var *var = &f->fit->vars[i];
        if (!var->trains)
            continue;
        vars[n] = var->var;
        groups[n_groups++] =
            (venn_optim_group){.vars = vars + n, .n = 1, .lr_scale = var->lr_scale};
        owner[n++] = -1;
    }
    return n ? n_groups : 0;
}

static venn_status create(fit_state *f, int32_t own)
{
    const size_t room = count_vars(f), most = f->n_nets + f->fit->n_vars;
    venn_optim_params params = own < 0 ? f->fit->optim : *f->nets[own].optim;
    fit_optim *o = &f->optims[f->n_optims];
    if (f->n_optims == FIT_MAX_OPTIMS)
        return venn_fail(VENN_BAD_ARG, "more than %d optimizers in one training", FIT_MAX_OPTIMS);
    if (own >= 0)
        params.name = f->nets[own].name;
    // One scale for all losses of the training.
    if (f->storage != VENN_F16 || f->n_optims > 0)
        params.loss_scale = 0;
    else if (params.loss_scale == 0)
        params.loss_scale = 65536;
    bool decays = params.schedule.kind == VENN_SCHEDULE_LINEAR ||
                  params.schedule.kind == VENN_SCHEDULE_COSINE;
    if (decays && params.schedule.total == 0)
        params.schedule.total = (int64_t)f->epochs * f->per_epoch;
    venn_var **vars = venn_alloc(room, sizeof *vars);
    venn_optim_group *groups = venn_alloc(most, sizeof *groups);
    o->owner = venn_alloc(room, sizeof *o->owner);
    f->n_optims++;
    venn_status status = vars && groups && o->owner ? VENN_OK : VENN_NO_MEMORY;
    size_t n = status == VENN_OK ? make_groups(f, own, vars, o->owner, groups) : 0;
    if (status == VENN_OK && n)
        status = venn_optim_create(&o->optim, f->device, &params, n, groups);
    if (!o->optim) {
        free(o->owner);
        f->n_optims--;
    }
    free(vars);
    free(groups);
    return status;
}

venn_status venn_fit_optims_create(fit_state *f)
{
    VENN_TRY(create(f, -1));
    for (size_t i = 0; i < f->n_nets; i++)
        if (f->nets[i].role == VENN_NET_TRAINS && f->nets[i].optim)
            VENN_TRY(create(f, (int32_t)i));
    if (f->n_optims == 0)
        return venn_fail(VENN_BAD_ARG, "nothing trains: every network is frozen");
    return VENN_OK;
}

void venn_fit_optims_destroy(fit_state *f)
{
    for (uint32_t k = 0; k < f->n_optims; k++) {
        venn_optim_destroy(&f->optims[k].optim);
        free(f->optims[k].owner);
    }
    f->n_optims = 0;
}

venn_status venn_fit_optims_feed(fit_state *f, venn_program *program, int64_t epoch)
{
    for (uint32_t k = 0; k < f->n_optims; k++)
        VENN_TRY(venn_optim_feed(f->optims[k].optim, program, epoch));
    return VENN_OK;
}
