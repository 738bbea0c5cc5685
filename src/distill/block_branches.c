#include "distill/block_branches.h"

#include <stdlib.h>

#include "base/status.h"
#include "distill/block_probe.h"
#include "venn/ops.h"

typedef struct question {
    const venn_net *net;
    size_t n;
    int64_t width[BRANCHES_MAX];
} question;

static const char *const outputs[BRANCHES_MAX] = {"branch 0", "branch 1", "branch 2", "branch 3"};

static void build(void *user, venn_step *s)
{
    const question *q = user;
    venn_tap taps[BRANCHES_MAX] = {{0}};
    for (size_t m = 0; m < q->n; m++)
        taps[m].layer = venn_net_branch_end(q->net, m);
    venn_step_apply(s, q->net, &(venn_step_apply_params){.taps = taps, .n_taps = q->n});
    for (size_t m = 0; m < q->n; m++)
        venn_graph_output(s->g, outputs[m], taps[m].y);
}

// Rows of a split, branch after branch; the caller frees them.
static venn_status gather(venn_job *job, question *q, venn_split_id split, float **rows)
{
    const int64_t n = job->data->split[split].n;
    struct venn_sweep_output to[BRANCHES_MAX + 1] = {{0}};
    int64_t width = 0;
    for (size_t m = 0; m < q->n; m++)
        width += q->width[m];
    float *at = *rows = venn_alloc((size_t)(n * width), sizeof **rows);
    if (!at)
        return VENN_NO_MEMORY;
    for (size_t m = 0; m < q->n; at += n * q->width[m++])
        to[m] = (struct venn_sweep_output){outputs[m], at};
    return venn_job_sweep(job,
                          &(venn_sweep){.split = split, .user = q, .build = build, .outputs = to});
}

static venn_status probe(venn_job *job, const question *q, const float *learnt, const float *asked,
                         venn_split_id split, branch_answers *out)
{
    const venn_split *own = &job->data->split[VENN_TRAIN], *other = &job->data->split[split];
    int64_t skip = 0;
    for (size_t m = 0; m < q->n; skip += q->width[m++]) {
        const probe_rows train = {learnt + own->n * skip, own->labels, own->n};
        const probe_rows test = {asked + other->n * skip, other->labels, other->n};
        VENN_TRY(
            venn_linear_probe(&train, &test, q->width[m], job->data->class_count, &out->probe[m]));
        if (m == 0)
            venn_nearest_neighbour(&train, &test, q->width[m], &out->nearest);
    }
    return VENN_OK;
}

venn_status venn_branches_ask(venn_job *job, size_t n, venn_split_id split, branch_answers *out)
{
    question q = {.net = job->student, .n = n};
    float *learnt = NULL, *asked = NULL;
    for (size_t m = 0; m < n; m++) {
        venn_shape sample;
        VENN_TRY(venn_net_place(job->student, venn_net_branch_end(job->student, m), &sample));
        q.width[m] = venn_shape_count(&sample);
    }
    venn_status status = gather(job, &q, VENN_TRAIN, &learnt);
    if (status == VENN_OK)
        status = gather(job, &q, split, &asked);
    if (status == VENN_OK)
        status = probe(job, &q, learnt, asked, split, out);
    free(learnt);
    free(asked);
    return status;
}
