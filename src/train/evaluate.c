// Evaluation: logits, class ids and per-sample losses come off the device; sums are taken on the host in
// double, over the rows that are real (the last batch is filled up with repeated rows).
#include <stdlib.h>
#include <string.h>

#include "train/fit_internal.h"
#include "venn/ops.h"

struct evaluator {
    venn_program *program;
    const venn_dataset *data;
    int32_t modality[FIT_MAX_FEEDS]; // per branch
    uint32_t n_branches, batch, n_classes;
};

venn_status venn_find_modality(const venn_dataset *data, const char *name, const venn_net *net,
                               uint32_t branch, int32_t *index)
{
    VENN_TRY(venn_dataset_modality(data, name, index));
    venn_shape have = data->modalities[*index].shape, want = venn_net_input_shape(net, branch);
    char a[VENN_SHAPE_TEXT_MAX], b[VENN_SHAPE_TEXT_MAX];
    if (venn_shape_count(&have) != venn_shape_count(&want))
        return venn_fail(VENN_BAD_SHAPE, "modality %s is %s per sample, the network takes %s", name,
                         venn_shape_text(&have, a, sizeof a), venn_shape_text(&want, b, sizeof b));
    return VENN_OK;
}

static venn_status build(evaluator *e, venn_graph *g, venn_net *net, const char *const *modalities,
                         bool logits)
{
    venn_tensor x[FIT_MAX_FEEDS];
    char name[16];
    if (e->n_branches > FIT_MAX_FEEDS)
        return venn_fail(VENN_BAD_ARG, "a network of %u inputs, at most %d", e->n_branches,
                         FIT_MAX_FEEDS);
    for (uint32_t b = 0; b < e->n_branches; b++) {
        venn_shape shape = venn_net_input_shape(net, b);
        int64_t dim[VENN_MAX_RANK] = {e->batch};
        VENN_TRY(venn_find_modality(e->data, modalities[b], net, b, &e->modality[b]));
        for (int i = 0; i < shape.rank && i + 1 < VENN_MAX_RANK; i++)
            dim[i + 1] = shape.dim[i];
        snprintf(name, sizeof name, "x%u", b);
        x[b] = venn_graph_input(g, name, VENN_F32, venn_shape_make(dim, shape.rank + 1));
    }
    venn_tensor labels =
        venn_graph_input(g, "labels", VENN_I32, venn_shape_make((int64_t[]){e->batch}, 1));
    venn_tensor z = venn_net_apply(net, g, x, NULL);
    venn_cross_entropy_params each = {.reduction = VENN_REDUCE_NONE};
    venn_graph_output(g, "loss", venn_cross_entropy(g, z, labels, &each));
    venn_graph_output(g, "class", venn_argmax(g, z));
    if (logits)
        venn_graph_output(g, "logits", z);
    return venn_graph_status(g);
}

venn_status venn_evaluator_create(evaluator **out, venn_device *device, venn_net *net,
                                  const char *const *modalities, const venn_dataset *data,
                                  uint32_t batch, bool logits)
{
    *out = NULL;
    evaluator *e = VENN_NEW(evaluator);
    venn_graph *g = NULL;
    if (!e)
        return VENN_NO_MEMORY;
    *e = (evaluator){.data = data,
                     .n_branches = (uint32_t)venn_net_n_branches(net),
                     .batch = batch,
                     .n_classes = (uint32_t)venn_net_output_shape(net).dim[0]};
    venn_status status = venn_graph_create(&g);
    if (status == VENN_OK)
        status = build(e, g, net, modalities, logits);
    venn_compile_params params = {.name = "evaluation", .slots = 2};
    if (status == VENN_OK)
        status = venn_graph_compile(&e->program, g, device, &params);
    venn_graph_destroy(&g);
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
    venn_program_destroy(&(*e)->program);
    free(*e);
    *e = NULL;
}

static venn_status submit(evaluator *e, venn_split_id id, int64_t first, uint64_t *ticket)
{
    const venn_split *split = &e->data->split[id];
    char name[16];
    VENN_TRY(venn_program_begin(e->program));
    for (uint32_t b = 0; b < e->n_branches; b++) {
        size_t bytes;
        snprintf(name, sizeof name, "x%u", b);
        char *to = venn_program_input(e->program, name, &bytes);
        size_t row = bytes / e->batch;
        for (int64_t i = 0; i < e->batch; i++) {
            int64_t k = first + i < split->n ? first + i : split->n - 1;
            memcpy(to + (size_t)i * row, venn_dataset_item(e->data, id, e->modality[b], k), row);
        }
    }
    int32_t *labels = venn_program_input(e->program, "labels", NULL);
    for (int64_t i = 0; i < e->batch; i++)
        labels[i] = split->labels[first + i < split->n ? first + i : split->n - 1];
    return venn_program_submit(e->program, ticket);
}

static venn_status collect(evaluator *e, const venn_split *split, int64_t first, uint64_t ticket,
                           venn_evaluation *sum, float *logits, int32_t *predictions)
{
    VENN_TRY(venn_program_wait(e->program, ticket));
    const float *loss = venn_program_output(e->program, ticket, "loss", NULL);
    const int32_t *class = venn_program_output(e->program, ticket, "class", NULL);
    const float *z = venn_program_output(e->program, ticket, "logits", NULL);
    int64_t n = split->n - first < e->batch ? split->n - first : e->batch;
    for (int64_t i = 0; i < n; i++) {
        sum->loss += loss[i];
        sum->accuracy += class[i] == split->labels[first + i];
    }
    if (predictions)
        memcpy(predictions + first, class, (size_t)n * sizeof *class);
    if (logits && z)
        memcpy(logits + first * e->n_classes, z, (size_t)n * e->n_classes * sizeof *z);
    return VENN_OK;
}

venn_status venn_evaluator_run(evaluator *e, venn_split_id id, venn_evaluation *result,
                               float *logits, int32_t *predictions)
{
    const venn_split *split = &e->data->split[id];
    uint64_t ticket = 0, before = 0;
    *result = (venn_evaluation){.n = split->n};
    // One batch is filled while the one before it runs.
    for (int64_t first = 0; first < split->n + e->batch; first += e->batch) {
        if (first < split->n)
            VENN_TRY(submit(e, id, first, &ticket));
        if (first > 0)
            VENN_TRY(collect(e, split, first - e->batch, before, result, logits, predictions));
        before = ticket;
    }
    if (split->n) {
        result->accuracy /= (double)split->n;
        result->loss /= (double)split->n;
    }
    return VENN_OK;
}

venn_status venn_evaluate(venn_device *device, venn_net *net, const char *const *modalities,
                          const venn_dataset *data, venn_split_id split, uint32_t batch,
                          venn_evaluation *result, float *logits, int32_t *predictions)
{
    evaluator *e;
    VENN_TRY(venn_evaluator_create(&e, device, net, modalities, data, batch ? batch : 256,
                                   logits != NULL));
    venn_status status = venn_evaluator_run(e, split, result, logits, predictions);
    venn_evaluator_destroy(&e);
    return status;
}
