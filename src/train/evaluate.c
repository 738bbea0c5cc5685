// Evaluation: logits, class ids and per-sample losses come off the device; sums are taken on the host in
// double, over the rows that are real (the last batch is filled up with repeated rows).
#include <stdlib.h>
#include <string.h>

#include "train/fit_internal.h"
#include "train/step_places.h"
#include "train/sweep.h"
#include "venn/ops.h"

struct evaluator {
    sweep sweep;
    const venn_net *net;
    const venn_objective *objective;
    bool wants_logits;
    // Of the run in progress.
    const venn_split *split;
    venn_evaluation *sum;
    float *logits;
    int32_t *predictions;
};

// [B X..] -> [B].
static venn_tensor mean_of_places(venn_step *s, venn_tensor x)
{
    const int64_t n = venn_tensor_shape(s->g, x).dim[0];
    venn_tensor items = venn_reshape(s->g, x, VENN_SHAPE(s->batch, n / s->batch));
    return venn_mean(s->g, items, &(venn_reduce_params){.axes = 2});
}

// 1 where the greatest of a row is its class, else 0.
static venn_tensor answers_right(venn_step *s, venn_tensor rows, venn_tensor classes)
{
    const int c = (int)venn_tensor_shape(s->g, rows).dim[1];
    venn_tensor said = venn_one_hot(s->g, venn_argmax(s->g, rows), c);
    return venn_sum(s->g, venn_mul(s->g, said, venn_one_hot(s->g, classes, c)),
                    &(venn_reduce_params){.axes = 2});
}

static void build(void *user, venn_step *s)
{
    const evaluator *e = user;
    venn_tensor z = e->objective->predict ? e->objective->predict(e->objective->user, s)
                                          : venn_step_apply(s, e->net, NULL);
    const venn_cross_entropy_params each = {.reduction = VENN_REDUCE_NONE};
    venn_tensor rows, classes;
    if (venn_step_questions(s, z, &rows, &classes)) {
        venn_tensor loss = venn_cross_entropy(s->g, rows, classes, &each);
        venn_graph_output(s->g, "loss", mean_of_places(s, loss));
        venn_graph_output(s->g, "right", mean_of_places(s, answers_right(s, rows, classes)));
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
    *e = (evaluator){.net = nets[0].net, .objective = objective, .wants_logits = logits};
    venn_status status = venn_sweep_open(&e->sweep, device, data, batch, nets, n_nets, build, e);
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
    free(*e);
    *e = NULL;
}

static venn_status take(void *user, venn_program *program, uint64_t ticket, int64_t first,
                        int64_t n)
{
    evaluator *e = user;
    const float *loss = venn_program_output(program, ticket, "loss", NULL);
    const int32_t *class = venn_program_output(program, ticket, "class", NULL);
    size_t bytes;
    const char *z = venn_program_output(program, ticket, "logits", &bytes);
    const float *right = class ? NULL : venn_program_output(program, ticket, "right", NULL);
    for (int64_t i = 0; i < n; i++) {
        e->sum->loss += loss[i];
        e->sum->accuracy += right ? (double)right[i] : class[i] == e->split->labels[first + i];
    }
    if (e->predictions && right)
        return venn_fail(VENN_UNSUPPORTED,
                         "predictions are of whole items, and this network answers "
                         "place by place");
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
    e->split = &e->sweep.stream.data->split[id];
    e->sum = result;
    e->logits = logits;
    e->predictions = predictions;
    *result = (venn_evaluation){.n = e->split->n};
    VENN_TRY(venn_sweep_each(&e->sweep, id, take, e));
    if (result->n) {
        result->accuracy /= (double)result->n;
        result->loss /= (double)result->n;
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
