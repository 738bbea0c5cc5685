#include "distill/block_accuracy.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "venn/ops.h"

const char *const venn_alone_accuracy[4] = {"first_alone_accuracy", "second_alone_accuracy",
                                            "third_alone_accuracy", "fourth_alone_accuracy"};

typedef struct question {
    size_t n;
    void *user;
    void (*build)(void *user, venn_step *s, venn_tensor *logits);
} question;

static const char *const outputs[ACCURACIES_MAX] = {"class 0", "class 1", "class 2", "class 3",
                                                    "class 4", "class 5", "class 6", "class 7"};

static void build_classes(void *user, venn_step *s)
{
    const question *q = user;
    venn_tensor logits[ACCURACIES_MAX] = {{0}};
    q->build(q->user, s, logits);
    for (size_t i = 0; i < q->n; i++)
        venn_graph_output(s->g, outputs[i], venn_argmax(s->g, logits[i]));
}

venn_status venn_measure_accuracies(venn_job *job, size_t n, const char *const *names, void *user,
                                    void (*build)(void *user, venn_step *s, venn_tensor *logits))
{
    const venn_split *test = &job->data->split[VENN_TEST];
    const size_t rows = (size_t)test->n;
    struct venn_sweep_output to[ACCURACIES_MAX + 1] = {{0}};
    int32_t *classes = venn_alloc(n * rows + 1, sizeof *classes);
    if (!classes)
        return VENN_NO_MEMORY;
    question q = {n, user, build};
    for (size_t i = 0; i < n; i++)
        to[i] = (struct venn_sweep_output){outputs[i], classes + i * rows};
    const venn_sweep sweep = {
        .split = VENN_TEST, .user = &q, .build = build_classes, .outputs = to};
    venn_status status = venn_job_sweep(job, &sweep);
    for (size_t i = 0; i < n && status == VENN_OK; i++) {
        size_t right = 0;
        for (size_t row = 0; row < rows; row++)
            right += classes[i * rows + row] == test->labels[row];
        venn_job_measure(job, names[i], rows ? (double)right / (double)rows : NAN);
    }
    free(classes);
    return status;
}
