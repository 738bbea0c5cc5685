// The training step as a graph: network, objective, gradients, optimizer; and the data that feeds it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/fit_internal.h"
#include "venn/ops.h"

static venn_tensor cross_entropy(void *user, venn_objective_context *c)
{
    (void)user;
    venn_tensor loss = venn_cross_entropy(c->g, c->logits, c->labels, NULL);
    c->terms[c->n_terms].name = "ce";
    c->terms[c->n_terms++].value = loss;
    return loss;
}

const venn_objective venn_objective_ce = {NULL, cross_entropy};

// ---- Feeds -----------------------------------------------------------------------------------

static venn_status find_source(fit_state *f, int32_t modality, uint32_t *out)
{
    for (uint32_t i = 0; i < f->n_sources; i++)
        if (f->sources[i] == modality) {
            *out = i;
            return VENN_OK;
        }
    if (f->n_sources == FIT_MAX_FEEDS)
        return venn_fail(VENN_BAD_ARG, "more than %d modalities in one training", FIT_MAX_FEEDS);
    *out = f->n_sources;
    f->sources[f->n_sources++] = modality;
    return VENN_OK;
}

// One feed per branch of `net`, named prefix0, prefix1, ...
static venn_status plan_net(fit_state *f, venn_net *net, const char *const *modalities,
                            const char *prefix)
{
    for (uint32_t b = 0; b < venn_net_n_branches(net); b++) {
        if (f->n_feeds == FIT_MAX_FEEDS)
            return venn_fail(VENN_BAD_ARG, "more than %d network inputs in one training",
                             FIT_MAX_FEEDS);
        fit_feed *feed = &f->feeds[f->n_feeds++];
        snprintf(feed->name, sizeof feed->name, "%s%u", prefix, b);
        feed->shape = venn_net_input_shape(net, b);
        int32_t modality;
        VENN_TRY(venn_find_modality(f->fit->data, modalities[b], net, b, &modality));
        VENN_TRY(find_source(f, modality, &feed->source));
    }
    return VENN_OK;
}

venn_status venn_fit_plan_feeds(fit_state *f)
{
    const venn_teacher *teacher = f->fit->teacher;
    VENN_TRY(plan_net(f, f->fit->net, f->fit->modalities, "x"));
    if (teacher && !teacher->cache)
        VENN_TRY(plan_net(f, teacher->net, teacher->modalities, "t"));
    return VENN_OK;
}

void venn_fit_feed_batch(fit_state *f, venn_program *program, const venn_batch *batch)
{
    size_t bytes;
    for (uint32_t i = 0; i < f->n_feeds; i++) {
        void *input = venn_program_input(program, f->feeds[i].name, &bytes);
        if (input)
            memcpy(input, batch->x[f->feeds[i].source], bytes);
    }
    int32_t *labels = venn_program_input(program, "labels", &bytes);
    if (labels)
        memcpy(labels, batch->labels, bytes);
    float *teacher = venn_program_input(program, "teacher", NULL);
    for (uint32_t i = 0; teacher && f->teacher_logits && i < f->batch; i++)
        memcpy(teacher + (size_t)i * f->n_classes,
               f->teacher_logits + (size_t)batch->pair[i] * f->n_classes,
               f->n_classes * sizeof(float));
}

// ---- Graph -----------------------------------------------------------------------------------

static venn_shape batched(uint32_t batch, const venn_shape *sample)
{
    int64_t dim[VENN_MAX_RANK] = {batch};
    for (int i = 0; i < sample->rank && i + 1 < VENN_MAX_RANK; i++)
        dim[i + 1] = sample->dim[i];
    return venn_shape_make(dim, sample->rank + 1);
}

static venn_tensor apply(fit_state *f, venn_graph *g, const venn_net *net, const char *prefix,
                         bool train)
{
    venn_tensor x[FIT_MAX_FEEDS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_feeds; i++)
        if (f->feeds[i].name[0] == prefix[0])
            x[n++] = venn_graph_input(g, f->feeds[i].name, VENN_F32,
                                      batched(f->batch, &f->feeds[i].shape));
    venn_apply_params params = {.train = train};
    return venn_net_apply(net, g, x, &params);
}

static venn_tensor teacher_logits(fit_state *f, venn_graph *g)
{
    const venn_teacher *teacher = f->fit->teacher;
    if (!teacher)
        return VENN_NONE;
    if (teacher->cache)
        return venn_graph_input(g, "teacher", VENN_F32,
                                venn_shape_make((int64_t[]){f->batch, f->n_classes}, 2));
    return venn_stop_gradient(g, apply(f, g, teacher->net, "t", false));
}

venn_status venn_fit_build(fit_state *f, venn_graph *g)
{
    const venn_objective *objective = f->fit->objective ? f->fit->objective : &venn_objective_ce;
    venn_objective_context c = {.g = g};
    c.labels = venn_graph_input(g, "labels", VENN_I32, venn_shape_make((int64_t[]){f->batch}, 1));
    c.teacher = teacher_logits(f, g);
    c.logits = apply(f, g, f->fit->net, "x", true);
    venn_graph_name(g, c.logits, "logits");
    venn_tensor loss = objective->loss(objective->user, &c);
    venn_graph_output(g, "loss", loss);
    for (int i = 0; i < c.n_terms; i++) {
        venn_graph_output(g, c.terms[i].name, c.terms[i].value);
        f->term_names[i] = c.terms[i].name;
    }
    f->n_terms = c.n_terms;
    venn_graph_output(g, "correct", venn_accuracy(g, c.logits, c.labels));
    VENN_TRY(venn_graph_status(g));
    return venn_optim_minimize(f->optim, g, loss);
}

venn_status venn_fit_optim_create(fit_state *f)
{
    venn_net *net = f->fit->net;
    venn_var **vars = venn_alloc(venn_net_n_params(net), sizeof *vars);
    if (!vars)
        return VENN_NO_MEMORY;
    size_t n = venn_net_trainable(net, vars);
    venn_optim_params params = f->fit->optim;
    bool decays = params.schedule.kind == VENN_SCHEDULE_LINEAR ||
                  params.schedule.kind == VENN_SCHEDULE_COSINE;
    if (decays && params.schedule.total == 0)
        params.schedule.total = (int64_t)f->epochs * f->per_epoch;
    venn_optim_group group = {.vars = vars, .n = n};
    venn_status status = venn_optim_create(&f->optim, f->device, &params, 1, &group);
    free(vars);
    return status;
}
