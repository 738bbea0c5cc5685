// The device arrays of a training's checkpoints: the main network's under their plain names, the others
// under "<network>/<name>", the objective's variables, then the optimizers' state.
#include <stdlib.h>
#include <string.h>

#include "train/fit_internal.h"
#include "train/weights.h"

static venn_status add_slot(fit_state *f, const char *prefix, venn_var *var)
{
    const char *name = venn_var_name(var);
    char *full = prefix ? venn_format("%s/%s", prefix, name) : venn_strdup(name);
    if (!full)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < f->n_slots; i++)
        if (strcmp(f->slots[i].name, full) == 0) {
            venn_fail(VENN_BAD_ARG, "two arrays of the training are named %s", full);
            free(full);
            return VENN_BAD_ARG;
        }
    f->slots[f->n_slots++] = (fit_slot){full, var};
    return VENN_OK;
}

static const char *prefix_of(const fit_state *f, size_t net)
{
    return net == 0 ? NULL : f->nets[net].name;
}

static venn_status add_optim(fit_state *f, const fit_optim *o)
{
    for (size_t i = 0; i < venn_optim_n_states(o->optim); i++) {
        const venn_var *of = venn_optim_state_of(o->optim, i);
        int32_t owner = -1;
        for (size_t k = 0; k < venn_optim_n_vars(o->optim); k++)
            if (venn_optim_var(o->optim, k) == of)
                owner = o->owner[k];
        VENN_TRY(add_slot(f, owner < 0 ? NULL : prefix_of(f, (size_t)owner),
                          venn_optim_state(o->optim, i)));
    }
    return VENN_OK;
}

static size_t count(const fit_state *f)
{
    size_t n = f->fit->n_vars;
    for (size_t i = 0; i < f->n_nets; i++)
        n += venn_net_n_params(f->nets[i].net);
    for (uint32_t k = 0; k < f->n_optims; k++)
        n += venn_optim_n_states(f->optims[k].optim);
    return n;
}

venn_status venn_fit_slots_create(fit_state *f)
{
    f->slots = venn_alloc(count(f), sizeof *f->slots);
    if (!f->slots)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < f->n_nets; i++) {
        const venn_net *net = f->nets[i].net;
        if (i > 0 && f->nets[i].role == VENN_NET_FROZEN)
            continue;
        for (size_t k = 0; k < venn_net_n_params(net); k++)
            VENN_TRY(add_slot(f, prefix_of(f, i), venn_net_param_at(net, k)->var));
    }
    for (size_t i = 0; i < f->fit->n_vars; i++)
        VENN_TRY(add_slot(f, NULL, f->fit->vars[i].var));
    f->n_weights = f->n_slots;
    for (uint32_t k = 0; k < f->n_optims; k++)
        VENN_TRY(add_optim(f, &f->optims[k]));
    return VENN_OK;
}

void venn_fit_slots_destroy(fit_state *f)
{
    for (size_t i = 0; i < f->n_slots; i++)
        free(f->slots[i].name);
    free(f->slots);
}

// The first n, as *arrays (venn_weights_free), also after a failure.
venn_status venn_fit_slots_read(const fit_state *f, size_t n, venn_named_array **arrays)
{
    venn_var **vars = venn_alloc(n, sizeof *vars);
    *arrays = venn_alloc(n, sizeof **arrays);
    for (size_t i = 0; vars && i < n; i++)
        vars[i] = f->slots[i].var;
    venn_status status = vars && *arrays ? venn_weights_read(vars, n, *arrays) : VENN_NO_MEMORY;
    for (size_t i = 0; status == VENN_OK && i < n; i++)
        (*arrays)[i].name = f->slots[i].name;
    free(vars);
    return status;
}

venn_status venn_fit_slots_write(fit_state *f, size_t n, const char *path,
                                 const venn_safetensors *file)
{
    for (size_t i = 0; i < n; i++)
        VENN_TRY(venn_weights_write_var(path, file, f->slots[i].name, f->slots[i].var));
    return VENN_OK;
}
