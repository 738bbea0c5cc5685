// cch: when does a teacher of another modality help? A student is trained without it; on held-out pairs the
// mutual information of teacher and student, I(H1; H2), is compared with that of student and label, I(H2; Y).
// The criterion says that distillation helps where the gap I(H1; H2) - I(H2; Y) is positive. Then the same
// student is trained with the teacher, and what it gained is reported beside the gap.
//   loss = (1 - lambda) L_task + lambda L_KD
// Classes: cross-entropy and T^2 KL. A quantity, f = z_2 - z_1: squared errors.
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "distill/block_accuracy.h"
#include "distill/mutual_information.h"
#include "venn/distill.h"
#include "venn/ops.h"

typedef enum estimator { NEAREST, GAUSSIAN } estimator;

typedef struct cch_params {
    double lambda, temperature;
    const char *target;
    int estimator, neighbours;
} cch_params;

typedef struct cch_state {
    venn_net *plain;
    double correlation; // of the plain student
} cch_state;

static const char *const estimators[] = {"nearest", "gaussian", NULL};

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(cch_params, lambda, 0.5, 0, 1, "share of the teacher in the loss",
                     "the middle of the reference run's; the paper's theorem wants it small"),
    VENN_PARAM_FLOAT(cch_params, temperature, 1, 1e-3, 1e3, "T, softens both sides; of classes",
                     "chosen here"),
    VENN_PARAM_TEXT(cch_params, target, NULL,
                    "modality of one number that is to be predicted by the difference of the two "
                    "logits, instead of the class",
                    "the theorem is about squared errors"),
    VENN_PARAM_ENUM(cch_params, estimator, NEAREST, estimators,
                    "of mutual information: nearest neighbours (Kraskov et al.; Ross for labels), "
                    "or gaussian, exact for Gaussian predictions of a target",
                    "the paper checks its estimates by nearest neighbours"),
    VENN_PARAM_INT(cch_params, neighbours, 3, 1, 1000, "k of nearest", "usual: 3 to 5"),
    {0}};

static const venn_method_equation equations[] = {
    {"task", "CE(y, z), or mean (f - y)^2 with f = z_2 - z_1"},
    {"kd", "T^2 KL(softmax(t / T) || softmax(z / T)), or mean (f - f_teacher)^2"},
    {"gap", "I(H1; H2) - I(H2; Y) in nats, H1 of the teacher, H2 of the student without it"},
    {"loss", "(1 - lambda) task + lambda kd"},
    {0}};

// ---- Loss ------------------------------------------------------------------------------------

// What is said: logits [B, C], or the prediction [B, 1].
static venn_tensor said(const venn_job *job, venn_step *s, venn_tensor z)
{
    const cch_params *p = job->params;
    if (!p->target)
        return z;
    return venn_sub(s->g, venn_slice(s->g, z, 1, 1, 1), venn_slice(s->g, z, 1, 0, 1));
}

static venn_tensor wanted(const venn_job *job, venn_step *s)
{
    const cch_params *p = job->params;
    venn_tensor y = venn_step_x(s, NULL, p->target);
    return venn_reshape(s->g, y, VENN_SHAPE(venn_tensor_shape(s->g, y).dim[0], 1));
}

static venn_tensor task(const venn_job *job, venn_step *s, venn_tensor z)
{
    const cch_params *p = job->params;
    venn_tensor loss = p->target ? venn_mse(s->g, said(job, s, z), wanted(job, s), NULL)
                                 : venn_cross_entropy(s->g, z, venn_step_labels(s, NULL), NULL);
    venn_step_term(s, "task", loss);
    return loss;
}

static venn_tensor plain_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    return task(job, s, venn_step_apply(s, ((const cch_state *)job->state)->plain, NULL));
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const cch_params *p = job->params;
    const venn_kl_div_params kl = {.temperature = (float)p->temperature, .t_squared = true};
    venn_tensor z = venn_step_apply(s, job->student, NULL);
    venn_tensor t = venn_stop_gradient(s->g, venn_step_apply(s, job->teacher, NULL));
    venn_tensor kd = p->target ? venn_mse(s->g, said(job, s, z), said(job, s, t), NULL)
                               : venn_kl_div(s->g, z, t, VENN_NONE, &kl);
    venn_step_term(s, "kd", kd);
    return venn_add(s->g, venn_scale(s->g, task(job, s, z), (float)(1 - p->lambda), 0),
                    venn_scale(s->g, kd, (float)p->lambda, 0));
}

// ---- What was said of held-out pairs ---------------------------------------------------------

typedef struct answers {
    const venn_job *job;
    const venn_net *net;
    int64_t n, width;
    float *rows;                       // [3 n width]: the sweep's
    double *student, *teacher, *label; // [n, width], label [n, 1]
} answers;

static void append_answers(void *user, venn_step *s)
{
    const answers *a = user;
    const cch_params *p = a->job->params;
    venn_graph_output(s->g, "student", said(a->job, s, venn_step_apply(s, a->net, NULL)));
    venn_graph_output(s->g, "teacher", said(a->job, s, venn_step_apply(s, a->job->teacher, NULL)));
    if (p->target)
        venn_graph_output(s->g, "label", wanted(a->job, s));
}

static void finish_answers(answers *a)
{
    free(a->rows);
    free(a->student);
}

static venn_status read_answers(answers *a, venn_job *job, const venn_net *net)
{
    const cch_params *p = job->params;
    *a = (answers){.job = job,
                   .net = net,
                   .n = job->data->split[VENN_TEST].n,
                   .width = p->target ? 1 : job->data->class_count};
    const size_t size = (size_t)(a->n * a->width);
    a->rows = venn_alloc(3 * size + 1, sizeof *a->rows);
    a->student = venn_alloc(3 * size + 1, sizeof *a->student);
    if (!a->rows || !a->student)
        return VENN_NO_MEMORY;
    a->teacher = a->student + size;
    a->label = a->teacher + size;
    const struct venn_sweep_output outputs[] = {{"student", a->rows},
                                                {"teacher", a->rows + size},
                                                {p->target ? "label" : NULL, a->rows + 2 * size},
                                                {0}};
    venn_sweep sweep = {.split = VENN_TEST, .user = a, .build = append_answers, .outputs = outputs};
    VENN_TRY(venn_job_sweep(job, &sweep));
    for (size_t i = 0; i < 3 * size; i++)
        a->student[i] = (double)a->rows[i];
    return VENN_OK;
}

static double correlation(const double *a, const double *b, int64_t n)
{
    double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < n; i++) {
        ma += a[i] / (double)n;
        mb += b[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        ab += (a[i] - ma) * (b[i] - mb);
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

static venn_status measure_gap(venn_job *job, const answers *a)
{
    const cch_params *p = job->params;
    const venn_samples teacher = {a->teacher, a->n, a->width}, label = {a->label, a->n, 1};
    const venn_samples student = {a->student, a->n, a->width};
    double shared, own;
    if (p->estimator == GAUSSIAN) {
        VENN_TRY(venn_mi_gaussian(&teacher, &student, &shared));
        VENN_TRY(venn_mi_gaussian(&student, &label, &own));
    } else {
        VENN_TRY(venn_mi_ksg(&teacher, &student, p->neighbours, &shared));
        VENN_TRY(p->target ? venn_mi_ksg(&student, &label, p->neighbours, &own)
                           : venn_mi_ross(&student, job->data->split[VENN_TEST].labels,
                                          p->neighbours, &own));
    }
    venn_job_measure(job, "teacher_information", shared);
    venn_job_measure(job, "label_information", own);
    venn_job_measure(job, "gap", shared - own);
    return VENN_OK;
}

static void build_plain(void *user, venn_step *s, venn_tensor *z)
{
    const venn_job *job = user;
    z[0] = venn_step_apply(s, ((const cch_state *)job->state)->plain, NULL);
}

static venn_status end_plain(venn_job *job, venn_job_stage *stage)
{
    static const char *const names[] = {"plain_accuracy"};
    const cch_params *p = job->params;
    cch_state *state = job->state;
    answers a;
    venn_status status = read_answers(&a, job, stage->main);
    if (status == VENN_OK)
        status = measure_gap(job, &a);
    if (status == VENN_OK && p->target) {
        state->correlation = correlation(a.student, a.label, a.n);
        venn_job_measure(job, "plain_correlation", state->correlation);
    }
    finish_answers(&a);
    return status < 0 ? status : venn_measure_accuracies(job, 1, names, job, build_plain);
}

static venn_status end_distilled(venn_job *job, venn_job_stage *stage)
{
    const cch_params *p = job->params;
    const cch_state *state = job->state;
    if (!p->target)
        return VENN_OK;
    answers a;
    venn_status status = read_answers(&a, job, stage->main);
    if (status == VENN_OK) {
        const double r = correlation(a.student, a.label, a.n);
        venn_job_measure(job, "correlation", r);
        venn_job_measure(job, "gain", r - state->correlation);
    }
    finish_answers(&a);
    return status;
}

// ---- Stages ----------------------------------------------------------------------------------

static venn_status begin_plain(venn_job *job, venn_job_stage *stage)
{
    return venn_net_copy(stage->main, job->student);
}

static venn_status check(const venn_job *job)
{
    const cch_params *p = job->params;
    int32_t index;
    if (!p->target)
        return p->estimator == NEAREST
                   ? VENN_OK
                   : venn_fail(VENN_BAD_ARG, "estimator gaussian needs a target; "
                                             "classes are not Gaussian");
    VENN_TRY(venn_dataset_modality(job->data, p->target, &index));
    if (venn_shape_count(&job->data->modalities[index].shape) != 1 || job->data->class_count != 2)
        return venn_fail(VENN_BAD_ARG,
                         "target %s must be one number per pair, in data of two "
                         "classes",
                         p->target);
    return VENN_OK;
}

static venn_status setup(venn_job *job)
{
    cch_state *state = job->state;
    VENN_TRY(check(job));
    VENN_TRY(venn_job_clone(job, "plain", VENN_JOB_STUDENT, &state->plain));
    venn_job_stage *plain = venn_job_add_stage(job, "plain");
    if (!plain)
        return VENN_OK; // the job keeps the error
    plain->main = state->plain;
    venn_stage_net(plain, job->student)->role = VENN_NET_FROZEN;
    plain->objective.loss = plain_loss;
    plain->begin = begin_plain;
    plain->end = end_plain;
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (!stage)
        return VENN_OK;
    venn_stage_net(stage, state->plain)->role = VENN_NET_FROZEN;
    stage->end = end_distilled;
    return VENN_OK;
}

const venn_method venn_method_cch = {
    .name = "cch",
    .summary = "a criterion: distil where I(teacher; student) exceeds I(student; label); both "
               "measured, and (1 - lambda) L_task + lambda L_KD trained",
    .reference = "Xie, Xu, Sanguinetti: Information-theoretic criteria for knowledge distillation "
                 "in multimodal learning, arXiv 2510.13182, 2025",
    .status = "target met: wherever the gap is positive, so is the gain",
    .needs = VENN_NEEDS_TEACHER | VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(cch_params),
    .params = params,
    .state_size = sizeof(cch_state),
    .objective = {.loss = loss},
    .setup = setup,
};
