// rkd: relational distillation. The student's samples are to lie to each other as the teacher's do.
//   loss = ce_weight CE(y, z) + distance_weight D(h, g) + angle_weight A(h, g), h and g features of both
#include <string.h>

#include "base/status.h"
#include "distill/block_features.h"
#include "venn/ops.h"

typedef struct rkd_params {
    double ce_weight, distance_weight, angle_weight;
    const char *student_layer, *teacher_layer;
    bool normalise, whole_mean;
} rkd_params;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(rkd_params, ce_weight, 1, 0, 1e6, "weight of the labels' cross-entropy",
                     "Park et al."),
    VENN_PARAM_FLOAT(rkd_params, distance_weight, 25, 0, 1e6, "weight of the distances",
                     "Park et al."),
    VENN_PARAM_FLOAT(rkd_params, angle_weight, 50, 0, 1e6, "weight of the angles", "Park et al."),
    VENN_PARAM_TEXT(rkd_params, student_layer, NULL, "layer of the student that gives h",
                    "chosen here: the one before the last"),
    VENN_PARAM_TEXT(rkd_params, teacher_layer, NULL, "layer of the teacher that gives g",
                    "as student_layer"),
    VENN_PARAM_BOOL(rkd_params, normalise, 0, "make samples of h and g unit vectors first",
                    "Park et al. do not, for classes"),
    VENN_PARAM_BOOL(rkd_params, whole_mean, 0, "mu counts the zeros of i = j too",
                    "no as in the paper; some published code does"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z)"},
    {"distance", "mean over i, j of smooth L1 of |h_i - h_j| / mu(h) - |g_i - g_j| / mu(g), mu the "
                 "mean over i != j"},
    {"angle", "mean over i, j, k of smooth L1 of cos(h)_ijk - cos(g)_ijk, at i of the triangle "
              "i, j, k"},
    {"loss", "ce_weight ce + distance_weight distance + angle_weight angle"},
    {0}};

static venn_status choose(const venn_net *net, const char *who, const char *wanted,
                          const char **layer)
{
    *layer = wanted && *wanted ? wanted : venn_block_features(net);
    if (!*layer)
        return venn_fail(VENN_BAD_ARG, "method rkd: the %s has one layer, and no features", who);
    return venn_net_place(net, *layer, NULL);
}

typedef struct rkd_state {
    const char *student, *teacher; // layers
} rkd_state;

static venn_status setup(venn_job *job)
{
    const rkd_params *p = job->params;
    rkd_state *state = job->state;
    VENN_TRY(choose(job->student, "student", p->student_layer, &state->student));
    VENN_TRY(choose(job->teacher, "teacher", p->teacher_layer, &state->teacher));
    venn_job_add_stage(job, "distilled");
    return VENN_OK;
}

// Rows of what a layer gave.
static venn_tensor samples(venn_step *s, const rkd_params *p, venn_tensor features)
{
    if (!p->normalise)
        return features;
    const venn_shape shape = venn_tensor_shape(s->g, features);
    return venn_l2_normalize(s->g, features, (1 << shape.rank) - 2, 0);
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const rkd_params *p = job->params;
    const rkd_state *state = job->state;
    const venn_rkd_distance_params mean = {.whole_mean = p->whole_mean};
    venn_tap student = {.layer = state->student}, teacher = {.layer = state->teacher};
    venn_tensor z =
        venn_step_apply(s, job->student, &(venn_step_apply_params){.taps = &student, .n_taps = 1});
    venn_step_apply(s, job->teacher, &(venn_step_apply_params){.taps = &teacher, .n_taps = 1});
    const venn_tensor h = samples(s, p, student.y), g = samples(s, p, teacher.y);
    venn_tensor sum = venn_scale(s->g, venn_step_ce(s, z), (float)p->ce_weight, 0);
    if (p->distance_weight > 0) {
        const venn_tensor distance = venn_rkd_distance(s->g, h, g, &mean);
        venn_step_term(s, "distance", distance);
        sum = venn_add(s->g, sum, venn_scale(s->g, distance, (float)p->distance_weight, 0));
    }
    if (p->angle_weight > 0) {
        const venn_tensor angle = venn_rkd_angle(s->g, h, g);
        venn_step_term(s, "angle", angle);
        sum = venn_add(s->g, sum, venn_scale(s->g, angle, (float)p->angle_weight, 0));
    }
    return sum;
}

const venn_method venn_method_rkd = {
    .name = "rkd",
    .summary = "ce_weight CE(y, z) + distance_weight D + angle_weight A: relations among the "
               "samples as the teacher has them",
    .reference = "Park, Kim, Lu, Cho: Relational Knowledge Distillation, CVPR 2019",
    .status = "baseline",
    .needs = VENN_NEEDS_TEACHER,
    .equations = equations,
    .params_size = sizeof(rkd_params),
    .params = params,
    .state_size = sizeof(rkd_state),
    .objective = {.loss = loss},
    .setup = setup,
};
