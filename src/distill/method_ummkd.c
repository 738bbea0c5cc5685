// ummkd: segmentation of two modalities that show different people, by one network. Its kernels are shared, its batch norms
// are each modality's own; and what it says on average of each class is to be the same in both.
//   loss = sum over both m of dice_m + ce_m, + kd_weight kd
//   kd = 1/C sum over c of (KL(q_c || r_c) + KL(r_c || q_c)) / 2, q_c = softmax(zbar_c / T), r_c of the other modality
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "distill/block_places.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { BOTH = 2, MOST_CLASSES = 64 };

typedef struct ummkd_params {
    double kd_weight, dice_weight, ce_weight, temperature, floor;
    int sharing;
} ummkd_params;

typedef struct ummkd_state {
    const venn_net *net[BOTH]; // one, unless each modality has its own
    const char *modality[BOTH];
    venn_stream other;
    float *kd; // [epochs + 1]: kd in each epoch, from 1
} ummkd_state;

enum { SHARE_KERNELS, SHARE_ALL, SHARE_NOTHING };
static const char *const sharings[] = {"kernels", "all", "nothing", NULL};

static const venn_method_param params[] = {
    VENN_PARAM_ENUM(ummkd_params, sharing, SHARE_KERNELS, sharings,
                    "kernels: batch norms are each modality's own; all: one network; nothing: two",
                    "paper"),
    VENN_PARAM_FLOAT(ummkd_params, kd_weight, 0.5, 0, 1e6, "weight of the distillation",
                     "official code"),
    VENN_PARAM_FLOAT(ummkd_params, dice_weight, 1, 0, 1e6, "weight of the overlaps",
                     "official code"),
    VENN_PARAM_FLOAT(ummkd_params, ce_weight, 1, 0, 1e6, "weight of the cross entropies",
                     "official code"),
    VENN_PARAM_FLOAT(ummkd_params, temperature, 2, 1e-3, 1e3, "T, of the mean answers",
                     "official code, without T^2"),
    VENN_PARAM_FLOAT(ummkd_params, floor, 0.005, 1e-6, 0.5,
                     "probabilities below it cost no more than it does", "official code"),
    {0}};

static const venn_method_equation equations[] = {
    {"dice", "sum over both modalities of 1 - 1/C sum_c 2 sum p_c g_c / (sum p_c^2 + sum g_c), "
             "sums over all "
             "places of the batch"},
    {"ce", "sum over both of mean over places of -w_c log max(p_c, floor), c the place's class, "
           "w_c = 1 - its "
           "share of the places"},
    {"kd", "1/C sum_c (KL(q_c || r_c) + KL(r_c || q_c)) / 2 over the classes that both batches "
           "have, q_c = "
           "softmax(zbar_c / T), zbar_c the mean logits of the first modality's places of class c, "
           "r_c the "
           "second's; both sides learn"},
    {"loss", "dice_weight dice + ce_weight ce + kd_weight kd"},
    {"score", "mean over both modalities and all classes but the first of 2 |said and true| / "
              "(|said| + |true|)"},
    {0}};

// ---- A step ----------------------------------------------------------------------------------

static venn_tensor answer(const venn_job *job, venn_step *s, int m, venn_tensor x)
{
    const ummkd_params *p = job->params;
    const ummkd_state *state = job->state;
    return venn_step_apply(
        s, state->net[m],
        &(venn_step_apply_params){.x = &x, .set = p->sharing == SHARE_KERNELS ? m : 0});
}

static venn_tensor kd_loss(venn_step *s, const ummkd_params *p, const venn_tensor *rows,
                           const venn_tensor *classes)
{
    const venn_kl_div_params each = {.temperature = (float)p->temperature,
                                     .reduction = VENN_KL_NONE};
    venn_tensor there[BOTH], mean[BOTH];
    for (int m = 0; m < BOTH; m++)
        mean[m] = venn_places_confusion(s, rows[m], classes[m], &there[m]);
    venn_tensor apart = venn_symmetric_kl_div(s->g, mean[0], mean[1], VENN_NONE, &each);
    // A class that is missing has a mean of 0, which says nothing.
    return venn_mean(s->g, venn_mul(s->g, apart, venn_mul(s->g, there[0], there[1])), NULL);
}

static venn_tensor loss(void *user, venn_step *s)
{
    static const char *const streams[BOTH] = {NULL, "other"};
    const venn_job *job = user;
    const ummkd_params *p = job->params;
    const ummkd_state *state = job->state;
    venn_tensor rows[BOTH], classes[BOTH], dice[BOTH], ce[BOTH];
    for (int m = 0; m < BOTH; m++) {
        venn_tensor z = answer(job, s, m, venn_step_x(s, streams[m], state->modality[m]));
        rows[m] = venn_step_place_rows(s, z);
        classes[m] = venn_step_target(s, streams[m], state->modality[m]);
        dice[m] = venn_places_dice(s, rows[m], classes[m]);
        ce[m] = venn_places_ce(s, rows[m], classes[m], (float)p->floor);
    }
    venn_tensor overlap = venn_add(s->g, dice[0], dice[1]), crossed = venn_add(s->g, ce[0], ce[1]);
    venn_tensor kd = kd_loss(s, p, rows, classes);
    venn_step_term(s, "dice", overlap);
    venn_step_term(s, "ce", crossed);
    venn_step_term(s, "kd", kd); // told without weight, too
    venn_tensor sum = venn_add(s->g, venn_scale(s->g, overlap, (float)p->dice_weight, 0),
                               venn_scale(s->g, crossed, (float)p->ce_weight, 0));
    return p->kd_weight > 0 ? venn_add(s->g, sum, venn_scale(s->g, kd, (float)p->kd_weight, 0))
                            : sum;
}

static venn_status epoch_end(void *user, venn_metrics *metrics)
{
    const venn_job *job = user;
    ummkd_state *state = job->state;
    for (int i = 0; i < metrics->n_terms; i++)
        if (strcmp(metrics->terms[i].name, "kd") == 0)
            state->kd[metrics->epoch] = (float)metrics->terms[i].value;
    return VENN_OK;
}

// ---- Overlaps --------------------------------------------------------------------------------

static void build_answers(void *user, venn_step *s)
{
    static const char *const names[BOTH] = {"first", "second"};
    const venn_job *job = user;
    const ummkd_state *state = job->state;
    for (int m = 0; m < BOTH; m++)
        venn_graph_output(s->g, names[m],
                          answer(job, s, m, venn_step_x(s, NULL, state->modality[m])));
}

typedef struct result {
    double overlap[MOST_CLASSES], confusion[MOST_CLASSES * MOST_CLASSES];
} result;

static venn_status compare(venn_job *job, venn_split_id split, int m, const float *logits,
                           result *out)
{
    const ummkd_params *p = job->params;
    const ummkd_state *state = job->state;
    const int64_t n = job->data->split[split].n;
    const float **classes = venn_alloc((size_t)n, sizeof *classes);
    int32_t own, target;
    venn_status status = classes ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_dataset_modality(job->data, state->modality[m], &own);
    if (status == VENN_OK)
        status = venn_dataset_modality(job->data, job->data->modalities[own].target, &target);
    for (int64_t i = 0; i < n && status == VENN_OK; i++)
        classes[i] = venn_dataset_item(job->data, split, target, i);
    if (status == VENN_OK)
        status = venn_places_measure(logits, classes, n, job->data->class_count,
                                     venn_shape_count(&job->data->modalities[target].shape),
                                     p->temperature, out->overlap, out->confusion);
    free(classes);
    return status;
}

static venn_status measure(venn_job *job, venn_split_id split, result of[BOTH])
{
    const ummkd_state *state = job->state;
    const venn_shape out = venn_net_output_shape(state->net[0]);
    const size_t size = (size_t)(job->data->split[split].n * venn_shape_count(&out));
    float *logits = venn_alloc(BOTH * size + 1, sizeof *logits);
    if (!logits)
        return VENN_NO_MEMORY;
    const struct venn_sweep_output to[] = {{"first", logits}, {"second", logits + size}, {0}};
    venn_status status = venn_job_sweep(job, &(venn_sweep){.split = split,
                                                           .batch = job->batch,
                                                           .user = job,
                                                           .build = build_answers,
                                                           .outputs = to});
    for (int m = 0; m < BOTH && status == VENN_OK; m++)
        status = compare(job, split, m, logits + (size_t)m * size, &of[m]);
    free(logits);
    return status;
}

// Of all classes but the first, which is the background.
static double mean_overlap(const venn_job *job, const result *of)
{
    double sum = 0;
    for (int32_t c = 1; c < job->data->class_count; c++)
        sum += isnan(of->overlap[c]) ? 1 : of->overlap[c];
    return sum / (job->data->class_count - 1);
}

static venn_status score(void *user, venn_split_id split, double *value, double *loss_value)
{
    result of[BOTH];
    (void)loss_value;
    VENN_TRY(measure(user, split, of));
    *value = (mean_overlap(user, &of[0]) + mean_overlap(user, &of[1])) / 2;
    return VENN_OK;
}

// Mean over classes of sum |q_c - r_c| / 2.
static double confusions_apart(const venn_job *job, const result of[BOTH])
{
    const int32_t n = job->data->class_count;
    double sum = 0;
    for (int32_t i = 0; i < n * n; i++)
        sum += fabs(of[0].confusion[i] - of[1].confusion[i]) / (2 * n);
    return sum;
}

static venn_status end(venn_job *job, venn_job_stage *stage)
{
    const ummkd_state *state = job->state;
    result of[BOTH];
    VENN_TRY(measure(job, VENN_TEST, of));
    venn_job_measure(job, "first_dice", mean_overlap(job, &of[0]));
    venn_job_measure(job, "second_dice", mean_overlap(job, &of[1]));
    venn_job_measure(job, "confusions_apart", confusions_apart(job, of));
    venn_job_measure(job, "kd_first", (double)state->kd[1]);
    venn_job_measure(job, "kd_last", (double)state->kd[stage->fit.epochs]);
    return VENN_OK;
}

// ---- Setup -----------------------------------------------------------------------------------

static venn_status check_modality(const venn_job *job, const char *name)
{
    int32_t index;
    VENN_TRY(venn_dataset_modality(job->data, name, &index));
    if (!job->data->modalities[index].target)
        return venn_fail(VENN_BAD_ARG,
                         "method ummkd: modality %s has no target, the class of each of its places",
                         name);
    return VENN_OK;
}

static venn_status setup(venn_job *job)
{
    const ummkd_params *p = job->params;
    ummkd_state *state = job->state;
    const venn_shape out = venn_net_output_shape(job->student);
    venn_net *second = job->student;
    void *kd;
    if (job->n_student_inputs != 1 || job->n_teacher_inputs != 1)
        return venn_fail(VENN_BAD_ARG,
                         "method ummkd: student and teacher take one modality each; the "
                         "teacher's section is the other modality");
    state->modality[0] = job->student_modalities[0];
    state->modality[1] = job->teacher_modalities[0];
    for (int m = 0; m < BOTH; m++)
        VENN_TRY(check_modality(job, state->modality[m]));
    if (out.rank < 2 || out.dim[0] != job->data->class_count || job->data->class_count < 2 ||
        job->data->class_count > MOST_CLASSES)
        return venn_fail(VENN_BAD_ARG,
                         "method ummkd: the student must give a number for each of %d "
                         "classes (2 to %d) at every place: [C, H, W]",
                         job->data->class_count, MOST_CLASSES);
    if (p->sharing == SHARE_NOTHING)
        VENN_TRY(venn_job_clone(job, "second", VENN_JOB_TEACHER, &second));
    state->net[0] = job->student;
    state->net[1] = second;
    VENN_TRY(venn_job_array(job, "kd", VENN_F32, VENN_SHAPE((int64_t)job->epochs + 1), &kd));
    state->kd = kd;
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (!stage)
        return VENN_OK; // the job keeps the error
    state->other = (venn_stream){.name = "other", .data = job->data};
    stage->fit.streams = &state->other;
    stage->fit.n_streams = 1;
    stage->end = end;
    return VENN_OK;
}

const venn_method venn_method_ummkd = {
    .name = "ummkd",
    .summary =
        "segmentation of two unpaired modalities by one network with batch norms of each, and "
        "the same mean answer to each class in both",
    .reference = "Dou, Liu, Heng, Glocker: Unpaired Multi-modal Segmentation via Knowledge "
                 "Distillation, IEEE Transactions on Medical Imaging 2020",
    .status = "target met: kd falls by half, and private batch norms are better than shared ones",
    .needs = VENN_NEEDS_SECOND_MODEL | VENN_NEEDS_NO_PAIRS,
    .equations = equations,
    .params_size = sizeof(ummkd_params),
    .params = params,
    .state_size = sizeof(ummkd_state),
    .score = "dice",
    .places = true,
    .alone = true,
    .objective = {.loss = loss, .epoch_end = epoch_end, .score = score},
    .setup = setup,
};
