// The stages of a job, and what its hooks may ask for.
#include <stdlib.h>
#include <string.h>

#include "distill/job_internal.h"

static job *of(venn_job *j)
{
    return (job *)j;
}

static venn_fit default_fit(const job *j)
{
    const venn_job *p = &j->public;
    return (venn_fit){.data = p->data,
                      .epochs = p->epochs,
                      .batch = p->batch,
                      .steps_per_epoch = p->steps,
                      .checkpoints = p->checkpoints,
                      .seed = p->seed,
                      .optim = p->optim,
                      .precision = p->precision,
                      .vars = j->vars,
                      .n_vars = j->n_vars,
                      .arrays = j->arrays,
                      .n_arrays = j->n_arrays};
}

venn_job_stage *venn_job_add_stage(venn_job *public, const char *name)
{
    job *j = of(public);
    job_stage *stage = j->status < 0 ? NULL : VENN_NEW(job_stage);
    if (j->status == VENN_OK && !stage)
        j->status = VENN_NO_MEMORY;
    if (j->status == VENN_OK && j->n_stages == JOB_MAX_STAGES)
        j->status = venn_fail(VENN_BAD_ARG, "a method has more than %d stages", JOB_MAX_STAGES);
    for (size_t i = 0; j->status == VENN_OK && i < j->n_stages; i++)
        if (strcmp(j->stages[i]->public.name, name) == 0)
            j->status = venn_fail(VENN_BAD_ARG, "two stages of the method are named %s", name);
    if (j->status < 0) {
        free(stage);
        return NULL;
    }
    stage->public = (venn_job_stage){.name = name,
                                     .fit = default_fit(j),
                                     .main = public->student,
                                     .objective = j->use->method->objective};
    stage->public.objective.user = public;
    memcpy(stage->nets, j->nets, sizeof stage->nets);
    stage->n_nets = j->n_nets;
    j->stages[j->n_stages++] = stage;
    return &stage->public;
}

venn_fit_net *venn_stage_net(venn_job_stage *public, const venn_net *net)
{
    job_stage *stage = (job_stage *)public;
    for (size_t i = 0; i < stage->n_nets; i++)
        if (stage->nets[i].net == net)
            return &stage->nets[i];
    return NULL;
}

const venn_fit *venn_job_stage_fit(job *j, size_t index)
{
    job_stage *stage = j->stages[index];
    venn_fit *fit = &stage->public.fit;
    fit->others = stage->others;
    fit->n_others = 0;
    for (size_t i = 0; i < stage->n_nets; i++) {
        const venn_fit_net *part = &stage->nets[i];
        if (part->net != stage->public.main) {
            stage->others[fit->n_others++] = *part;
            continue;
        }
        fit->net = part->net;
        fit->modalities = part->modalities;
        fit->role = part->role;
        if (part->optim)
            fit->optim = *part->optim;
    }
    fit->objective = &stage->public.objective;
    return fit;
}

// ---- For hooks -------------------------------------------------------------------------------

venn_status venn_job_sweep(venn_job *public, const venn_sweep *sweep)
{
    job *j = of(public);
    venn_sweep all = *sweep;
    if (!all.data)
        all.data = public->data;
    all.nets = j->nets;
    all.n_nets = j->n_nets;
    return venn_sweep_run(public->device, &all);
}

static void append_net(void *user, venn_step *s)
{
    venn_graph_output(s->g, "rows", venn_step_apply(s, user, NULL));
}

venn_status venn_job_forward(venn_job *j, const venn_net *net, const venn_dataset *data,
                             venn_split_id split, float *rows)
{
    const venn_sweep sweep = {.data = data,
                              .split = split,
                              .user = (void *)net,
                              .build = append_net,
                              .outputs = (struct venn_sweep_output[]){{"rows", rows}, {0}}};
    return venn_job_sweep(j, &sweep);
}

venn_status venn_job_evaluate(venn_job *public, const venn_net *net, const venn_dataset *data,
                              venn_split_id split, venn_evaluation *result)
{
    const job *j = of(public);
    for (size_t i = 0; i < j->n_nets; i++)
        if (j->nets[i].net == net && j->nets[i].modalities)
            return venn_evaluate(public->device, j->nets[i].net, j->nets[i].modalities, data, split,
                                 0, result, NULL, NULL);
    return venn_fail(VENN_BAD_ARG, "a network without modalities cannot be evaluated");
}

void venn_job_measure(venn_job *public, const char *name, double value)
{
    job *j = of(public);
    size_t i = 0;
    while (i < j->n_measures && strcmp(j->measures[i].name, name) != 0)
        i++;
    if (i == JOB_MAX_MEASURES)
        return;
    j->measures[i] = (job_measure){name, value};
    j->n_measures += i == j->n_measures;
}
