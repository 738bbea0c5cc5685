// An optimizer from inside.
#ifndef VENN_OPTIM_INTERNAL_H
#define VENN_OPTIM_INTERNAL_H

#include "venn/optim.h"

typedef struct optim_entry {
    venn_var *var;
    venn_var *state[2]; // SGD: velocity; Adam: m, v; NULL: none
    float lr_scale, weight_decay;
    bool frozen;
} optim_entry;

struct venn_optim {
    venn_optim_params params; // with the defaults put in; name points to `name`
    char *name, *lr_input, *step_input;
    optim_entry *entries;
    size_t n;
    venn_var **states;
    size_t n_states;
    venn_var *scale; // of the loss, among the states; NULL: none
    int64_t steps;
    const venn_graph *graph; // that has its scalars; never looked into
};

// scaling.c: the state of the loss scale, to be called where params.loss_scale is above 0; and its beginning.
venn_status venn_scaling_create(venn_optim *o, venn_device *device);
venn_status venn_scaling_reset(venn_optim *o);

#endif
