// Evaluation: logits, class ids and per-sample losses come off the device; sums are taken on the host in
// double, over the rows that are real (the last batch is filled up with repeated rows).
#include <stdlib.h>
#include <string.h>

#include "train/fit_internal.h"
#include "train/judge.h"
#include "train/step_places.h"
#include "train/sweep.h"
#include "venn/ops.h"

struct evaluator {
    sweep sweep;
    const venn_net *net;
    const venn_objective *objective;
    bool wants_logits;
    int32_t answers; // the modality of tags or of places' classes; -1: labels
    bool tags;
    judge judge;
    // Of the run in progress.
    venn_split_id id;
    const venn_split *split;
    venn_evaluation *sum;
    float *logits;
    int32_t *predictions;
};

// [B X..] -> [B].
static venn_tensor sum_of_places(venn_step *s, venn_tensor x)
{
    const int64_t n = venn_tensor_shape(s->g, x).dim[0];
    venn_tensor items = venn_reshape(s->g, x, VENN_SHAPE(s->batch, n / s->batch));
    return venn_sum(s->g, items, &(venn_reduce_params){.axes = 2});
}

// Sets what answers are held against; data without it gave an error before.
static void find_answers(evaluator *e, const venn_step *s)
{
    const step_build *b = (const step_build *)s;
    const venn_dataset *d = b->streams[0].data;
    int32_t m;
    const char *name = e->tags ? d->tags : NULL;
    if (!e->tags && venn_dataset_modality(d, b->nets[0].modalities[0], &m) == VENN_OK)
        name = d->modalities[m].target;
    if (name && venn_dataset_modality(d, name, &m) == VENN_OK)
        e->answers = m;
}

static void build_places(evaluator *e, venn_step *s, venn_tensor rows, venn_tensor classes)
{
    const venn_cross_entropy_params each = {.reduction = VENN_REDUCE_NONE,
                                            .ignore_index = venn_step_void(s)};
    find_answers(e, s);
    venn_graph_output(s->g, "loss",
                      sum_of_places(s, venn_cross_entropy(s->g, rows, classes, &each)));
    venn_graph_output(s->g, "said", venn_argmax(s->g, rows));
}

static void build_tags(evaluator *e, venn_step *s, venn_tensor z, venn_tensor tags)
{
    const venn_bce_with_logits_params each = {.reduction = VENN_REDUCE_NONE};
    e->tags = true;
    find_answers(e, s);
    venn_tensor loss = venn_bce_with_logits(s->g, z, tags, VENN_NONE, &each);
    venn_graph_output(s->g, "loss", venn_mean(s->g, loss, &(venn_reduce_params){.axes = 2}));
    venn_graph_output(s->g, "logits", z);
}

static void build(void *user, venn_step *s)
{
    evaluator *e = user;
    venn_tensor z = e->objective->predict ? e->objective->predict(e->objective->user, s)
                                          : venn_step_apply(s, e->net, NULL);
    const venn_cross_entropy_params each = {.reduction = VENN_REDUCE_NONE};
    venn_tensor rows, classes;
    const venn_tensor tags = venn_step_tags(s, NULL);
    if (tags.id) {
        build_tags(e, s, z, tags);
        return;
    }
    if (venn_step_questions(s, z, &rows, &classes)) {
        build_places(e, s, rows, classes);
    } else {
        venn_graph_output(s->g, "loss", venn_cross_entropy(s->g, z, classes, &each));
        venn_graph_output(s->g, "class", venn_argmax(s->g, z));
    }
    if (e->wants_logits)
        venn_graph_output(s->g, "logits", z);
}

venn_status venn_evaluator_create(evaluator **out, venn_device *device, const venn_fit_net *nets,
                                  size_t n_nets, const venn_objective *objective,
                                  const venn_dataset *data, uint32_t batch, bool logits)
{
    *out = NULL;
    evaluator *e = VENN_NEW(evaluator);
    if (!e)
        return VENN_NO_MEMORY;
    *e = (evaluator){
        .net = nets[0].net, .objective = objective, .wants_logits = logits, .answers = -1};
    venn_status status = venn_judge_open(&e->judge, data->class_count);
    if (status == VENN_OK)
        status = venn_sweep_open(&e->sweep, device, data, batch, nets, n_nets, build, e);
    if (status < 0) {
        venn_evaluator_destroy(&e);
        return status;
    }
    *out = e;
    return VENN_OK;
}

void venn_evaluator_destroy(evaluator **e)
{
    if (!*e)
        return;
    venn_sweep_close(&(*e)->sweep);
    venn_judge_close(&(*e)->judge);
    free(*e);
    *e = NULL;
}

static const float *answers_of(const evaluator *e, int64_t pair)
{
    return venn_dataset_item(e->sweep.stream.data, e->id, e->answers, pair);
}

static void judge_places(evaluator *e, venn_program *program, uint64_t ticket, int64_t first,
                         int64_t i)
{
    const int32_t *said = venn_program_output(program, ticket, "said", NULL);
    const venn_modality *of = &e->sweep.stream.data->modalities[e->answers];
    const int64_t places = venn_shape_count(&of->shape);
    const float *truth = answers_of(e, first + i);
    for (int64_t p = 0; p < places; p++)
        venn_judge_class(&e->judge, said[i * places + p], (int32_t)truth[p]);
}

static venn_status take(void *user, venn_program *program, uint64_t ticket, int64_t first,
                        int64_t n)
{
    evaluator *e = user;
    const float *loss = venn_program_output(program, ticket, "loss", NULL);
    const int32_t *class = venn_program_output(program, ticket, "class", NULL);
    size_t bytes = 0;
    const char *z = venn_program_output(program, ticket, "logits", &bytes);
    for (int64_t i = 0; i < n; i++) {
        e->sum->loss += (double)loss[i];
        if (class)
            venn_judge_class(&e->judge, class[i], e -> split -> labels[first + i]);
        else if (e->tags)
            venn_judge_tags(&e->judge, (const float *)z + i * e->judge.classes,
                            answers_of(e, first + i));
        else
            judge_places(e, program, ticket, first, i);
    }
    if (e->predictions && !class)
        return venn_fail(VENN_UNSUPPORTED,
                         "predictions are of one class per item, and this "
                         "network answers %s",
                         e->tags ? "yes or no to each" : "place by place");
    if (e->predictions)
        memcpy(e->predictions + first, class, (size_t)n * sizeof *class);
    if (e->logits && z) {
        const size_t row = bytes / e->sweep.stream.batch;
        memcpy((char *)e->logits + (size_t)first * row, z, (size_t)n * row);
    }
    return VENN_OK;
}

venn_status venn_evaluator_run(evaluator *e, venn_split_id id, venn_evaluation *result,
                               float *logits, int32_t *predictions)
{
    e->id = id;
    e->split = &e->sweep.stream.data->split[id];
    e->sum = result;
    e->logits = logits;
    e->predictions = predictions;
    *result = (venn_evaluation){.n = e->split->n, .score = e->sweep.stream.data->score};
    venn_judge_clear(&e->judge);
    VENN_TRY(venn_sweep_each(&e->sweep, id, take, e));
    if (result->n) {
        // Of places, all that have a class count alike.
        const bool places = e->answers >= 0 && !e->tags;
        result->accuracy = venn_judge_score(&e->judge, result->score);
        result->loss /= (double)(places ? e->judge.all : result->n);
    }
    return VENN_OK;
}

venn_status venn_evaluate(venn_device *device, venn_net *net, const char *const *modalities,
                          const venn_dataset *data, venn_split_id split, uint32_t batch,
                          venn_evaluation *result, float *logits, int32_t *predictions)
{
    evaluator *e;
    const venn_fit_net part = {.net = net, .modalities = modalities};
    VENN_TRY(venn_evaluator_create(&e, device, &part, 1, &venn_objective_ce, data, batch,
                                   logits != NULL));
    venn_status status = venn_evaluator_run(e, split, result, logits, predictions);
    venn_evaluator_destroy(&e);
    return status;
}
