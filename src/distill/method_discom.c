// discom: crossmodal distillation without a teacher, by disentanglement and an adversary (DisCoM-KD). Classifiers of
// two modalities train at once, on data that need not be paired. What each knows is split into a part that does
// not tell the modality (s), one that does and helps (i), and one that does and does not help (u).
//   L = L_cl + w_aux L_aux + w_mod L_mod + w_adv L_adv + w_perp L_perp
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "distill/block_probe.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { BOTH = 2 };

typedef struct discom_params {
    double aux, mod, adv, perp, lambda;
    int cosine;
    bool paired, published;
} discom_params;

// Of one modality.
typedef struct discom_side {
    const venn_net *invariant, *specific; // encoders: what they give before their last layer
    venn_net *projection, *classifier;    // of s; of [s; i]
    const char *invariant_end, *specific_end;
    const char *modality;
} discom_side;

typedef struct discom_state {
    discom_side side[BOTH];
    venn_net *shared;           // class from s, or from i, of either modality
    venn_net *told, *told_rest; // modality from i, from u
    venn_net *adversary;        // modality from s
    int64_t half;               // width of s, i and u
    venn_stream other;
} discom_state;

typedef struct parts {
    venn_tensor s, i, u, z;
} parts;

enum { COSINE_SIGNED, COSINE_ABSOLUTE, COSINE_SQUARED };
static const char *const cosines[] = {"signed", "absolute", "squared", NULL};

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(discom_params, aux, 1, 0, 1e6, "weight of classes from s and from i alone",
                     "official code: all weights 1"),
    VENN_PARAM_FLOAT(discom_params, mod, 1, 0, 1e6, "weight of the modality from i and from u",
                     "official code"),
    VENN_PARAM_FLOAT(discom_params, adv, 1, 0, 1e6, "weight of the adversary on s",
                     "official code"),
    VENN_PARAM_FLOAT(discom_params, perp, 1, 0, 1e6, "weight of the cosines", "official code"),
    VENN_PARAM_FLOAT(discom_params, lambda, 1, 0, 1e6,
                     "factor of the reversed gradient that s gets from the adversary",
                     "official code"),
    VENN_PARAM_ENUM(discom_params, cosine, COSINE_SIGNED, cosines,
                    "what is minimised of cos(i, u) and cos(i, s)",
                    "official code: the cosines as they are"),
    VENN_PARAM_BOOL(discom_params, paired, 0, "take both modalities of the same pairs in each step",
                    "official code: each modality is shuffled by itself"),
    VENN_PARAM_BOOL(discom_params, published, 0,
                    "modality labels as the released code gives them to its loss: probabilities "
                    "(1, 1) for the first and (0, 0) for the second",
                    "off: what was meant"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, classifier_m([s; i])), mean of both modalities"},
    {"aux", "CE(y, shared(s)) + CE(y, shared(i)), means of both"},
    {"mod", "CE(m, told(i)) / 2 + CE(m, told_rest(u)) / 2, means of both"},
    {"adv", "CE(m, adversary(reverse_lambda(s))), mean of both"},
    {"perp", "mean cos(i, u) + mean cos(i, s), means of both"},
    {"loss", "ce + aux aux + mod mod + adv adv + perp perp"},
    {"parts", "s = relu(BN(linear(E_inv(x)))), i and u: first and second half of E_spec(x)"},
    {0}};

// ---- The parts -------------------------------------------------------------------------------

static venn_tensor features(venn_step *s, const venn_net *net, const char *place, venn_tensor x)
{
    venn_tap tap = {.layer = place};
    venn_step_apply(s, net, &(venn_step_apply_params){.x = &x, .taps = &tap, .n_taps = 1});
    return tap.y;
}

static venn_tensor apply(venn_step *s, const venn_net *net, venn_tensor x)
{
    return venn_step_apply(s, net, &(venn_step_apply_params){.x = &x});
}

static parts take_apart(const discom_state *state, venn_step *s, int m, const char *stream)
{
    const discom_side *side = &state->side[m];
    venn_tensor x = venn_step_x(s, stream, side->modality);
    venn_tensor own = features(s, side->specific, side->specific_end, x);
    parts p = {.s =
                   apply(s, side->projection, features(s, side->invariant, side->invariant_end, x)),
               .i = venn_slice(s->g, own, 1, 0, state->half),
               .u = venn_slice(s->g, own, 1, state->half, state->half)};
    p.z = apply(s, side->classifier, venn_concat(s->g, 2, (venn_tensor[]){p.s, p.i}, 1));
    return p;
}

// ---- Losses ----------------------------------------------------------------------------------

static venn_tensor mean_of_two(venn_step *s, venn_tensor a, venn_tensor b)
{
    return venn_scale(s->g, venn_add(s->g, a, b), 0.5f, 0);
}

// CE of the modality: the first is class 1, the second class 0.
static venn_tensor told_by(venn_step *s, const discom_params *p, const venn_tensor z[BOTH])
{
    const venn_shape column = VENN_SHAPE(venn_tensor_shape(s->g, z[0]).dim[0], 1);
    venn_tensor one = venn_fill(s->g, column, 1);
    venn_tensor zero = p->published ? one : venn_fill(s->g, column, 0);
    venn_tensor first = venn_soft_cross_entropy(
        s->g, z[0], venn_concat(s->g, 2, (venn_tensor[]){zero, one}, 1), NULL);
    if (p->published) // (0, 0) costs nothing
        return venn_scale(s->g, first, 0.5f, 0);
    venn_tensor second = venn_soft_cross_entropy(
        s->g, z[1], venn_concat(s->g, 2, (venn_tensor[]){one, zero}, 1), NULL);
    return mean_of_two(s, first, second);
}

static venn_tensor likeness(venn_step *s, const discom_params *p, venn_tensor a, venn_tensor b)
{
    venn_tensor c = venn_cosine_similarity(s->g, a, b, &(venn_reduce_params){.axes = 2}, 0);
    if (p->cosine != COSINE_SIGNED)
        c = p->cosine == COSINE_SQUARED ? venn_square(s->g, c) : venn_abs(s->g, c);
    return venn_mean(s->g, c, NULL);
}

static venn_tensor class_loss(venn_step *s, const venn_net *net, venn_tensor x, venn_tensor labels)
{
    return venn_cross_entropy(s->g, net ? apply(s, net, x) : x, labels, NULL);
}

static venn_tensor modality_loss(venn_step *s, const discom_params *p, const discom_state *state,
                                 const parts *of)
{
    const venn_tensor told[] = {apply(s, state->told, of[0].i), apply(s, state->told, of[1].i)};
    const venn_tensor rest[] = {apply(s, state->told_rest, of[0].u),
                                apply(s, state->told_rest, of[1].u)};
    return mean_of_two(s, told_by(s, p, told), told_by(s, p, rest));
}

static venn_tensor adversary_loss(venn_step *s, const discom_params *p, const discom_state *state,
                                  const parts *of)
{
    venn_tensor z[BOTH];
    for (int m = 0; m < BOTH; m++) {
        // A factor of exactly 0 stands for 1 there: such an s is a constant to the adversary.
        venn_tensor x = p->lambda > 0
                            ? venn_gradient_reversal(s->g, of[m].s, VENN_NONE, (float)p->lambda)
                            : venn_stop_gradient(s->g, of[m].s);
        z[m] = apply(s, state->adversary, x);
    }
    return told_by(s, p, z);
}

static venn_tensor add_term(venn_step *s, venn_tensor sum, const char *name, double weight,
                            venn_tensor value)
{
    venn_step_term(s, name, value);
    return weight > 0 ? venn_add(s->g, sum, venn_scale(s->g, value, (float)weight, 0)) : sum;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const discom_params *p = job->params;
    const discom_state *state = job->state;
    const char *const streams[BOTH] = {NULL, p->paired ? NULL : "other"};
    parts of[BOTH];
    venn_tensor ce[BOTH], aux[BOTH], perp[BOTH];
    for (int m = 0; m < BOTH; m++) {
        venn_tensor y = venn_step_labels(s, streams[m]);
        of[m] = take_apart(state, s, m, streams[m]);
        ce[m] = class_loss(s, NULL, of[m].z, y);
        aux[m] = venn_add(s->g, class_loss(s, state->shared, of[m].s, y),
                          class_loss(s, state->shared, of[m].i, y));
        perp[m] =
            venn_add(s->g, likeness(s, p, of[m].i, of[m].u), likeness(s, p, of[m].i, of[m].s));
    }
    venn_step_count(s, of[0].z);
    venn_tensor sum = mean_of_two(s, ce[0], ce[1]);
    venn_step_term(s, "ce", sum);
    sum = add_term(s, sum, "aux", p->aux, mean_of_two(s, aux[0], aux[1]));
    sum = add_term(s, sum, "mod", p->mod, modality_loss(s, p, state, of));
    sum = add_term(s, sum, "adv", p->adv, adversary_loss(s, p, state, of));
    return add_term(s, sum, "perp", p->perp, mean_of_two(s, perp[0], perp[1]));
}

static venn_tensor predict(void *user, venn_step *s)
{
    const venn_job *job = user;
    return take_apart(job->state, s, 0, NULL).z;
}

// ---- What the parts say ----------------------------------------------------------------------

static void build_parts(void *user, venn_step *s)
{
    const venn_job *job = user;
    const parts first = take_apart(job->state, s, 0, NULL);
    const parts second = take_apart(job->state, s, 1, NULL);
    venn_graph_output(s->g, "s0", first.s);
    venn_graph_output(s->g, "s1", second.s);
    venn_graph_output(s->g, "i0", first.i);
    venn_graph_output(s->g, "i1", second.i);
    venn_graph_output(s->g, "u0", first.u);
    venn_graph_output(s->g, "u1", second.u);
    venn_graph_output(s->g, "class", venn_argmax(s->g, second.z));
}

typedef struct gathered {
    float *rows[3];   // s, i, u: [2 n, half], the first modality's rows first
    int32_t *labels;  // [2 n]: the modality
    int32_t *classes; // [n], as the second modality has them
    int64_t n;
} gathered;

static void release(gathered *g)
{
    for (int k = 0; k < 3; k++)
        free(g->rows[k]);
    free(g->labels);
    free(g->classes);
}

static venn_status gather(venn_job *job, venn_split_id split, gathered *g)
{
    const int64_t n = job->data->split[split].n;
    const size_t size = (size_t)(n * ((const discom_state *)job->state)->half);
    static const char *const names[] = {"s0", "i0", "u0", "s1", "i1", "u1", "class"};
    struct venn_sweep_output to[8] = {{0}};
    *g = (gathered){.n = n};
    g->labels = venn_alloc(2 * (size_t)n + 1, sizeof *g->labels);
    g->classes = venn_alloc((size_t)n + 1, sizeof *g->classes);
    if (!g->labels || !g->classes)
        return VENN_NO_MEMORY;
    for (int k = 0; k < 3; k++) {
        g->rows[k] = venn_alloc(2 * size + 1, sizeof **g->rows);
        if (!g->rows[k])
            return VENN_NO_MEMORY;
        to[k] = (struct venn_sweep_output){names[k], g->rows[k]};
        to[3 + k] = (struct venn_sweep_output){names[3 + k], g->rows[k] + size};
    }
    to[6] = (struct venn_sweep_output){names[6], g->classes};
    for (int64_t i = 0; i < n; i++)
        g->labels[n + i] = 1;
    return venn_job_sweep(
        job, &(venn_sweep){.split = split, .user = job, .build = build_parts, .outputs = to});
}

static venn_status probe_parts(venn_job *job, const gathered *train, const gathered *test)
{
    static const char *const names[] = {"invariant_probe", "informative_probe", "irrelevant_probe"};
    const int64_t half = ((const discom_state *)job->state)->half;
    for (int k = 0; k < 3; k++) {
        const probe_rows learnt = {train->rows[k], train->labels, 2 * train->n};
        const probe_rows asked = {test->rows[k], test->labels, 2 * test->n};
        double accuracy;
        VENN_TRY(venn_linear_probe(&learnt, &asked, half, BOTH, &accuracy));
        venn_job_measure(job, names[k], accuracy);
    }
    return VENN_OK;
}

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    const venn_split *split = &job->data->split[VENN_TEST];
    gathered train, test = {{0}};
    int64_t right = 0;
    (void)stage;
    venn_status status = gather(job, VENN_TRAIN, &train);
    if (status == VENN_OK)
        status = gather(job, VENN_TEST, &test);
    if (status == VENN_OK)
        status = probe_parts(job, &train, &test);
    for (int64_t i = 0; i < test.n && status == VENN_OK; i++)
        right += test.classes[i] == split->labels[i];
    venn_job_measure(job, "other_accuracy", test.n ? (double)right / (double)test.n : NAN);
    release(&train);
    release(&test);
    return status;
}

// ---- Setup -----------------------------------------------------------------------------------

static venn_status create_side(venn_job *job, int m, int64_t *width)
{
    static const char *const projections[] = {"projection-1", "projection-2"};
    static const char *const classifiers[] = {"classifier-1", "classifier-2"};
    discom_state *state = job->state;
    discom_side *side = &state->side[m];
    venn_shape sample;
    side->invariant_end = venn_net_last_features(side->invariant);
    side->specific_end = venn_net_last_features(side->specific);
    VENN_TRY(venn_net_place(side->invariant, side->invariant_end, &sample));
    if (sample.rank != 1 || sample.dim[0] % 2 || (*width && sample.dim[0] != *width))
        return venn_fail(VENN_BAD_ARG,
                         "method discom: before their last layers student and teacher must give "
                         "vectors of the same even length");
    *width = sample.dim[0];
    const int64_t half = state->half = *width / 2;
    const venn_layer layers[] = {{.kind = VENN_LAYER_LINEAR, .out = (int32_t)half},
                                 {.kind = VENN_LAYER_BATCH_NORM},
                                 {.kind = VENN_LAYER_RELU}};
    const venn_branch branch = {.layers = layers, .n_layers = 3, .input = sample};
    const venn_net_params projection = {.branches = &branch, .n_branches = 1};
    VENN_TRY(venn_job_net(job, projections[m], &projection, NULL, &side->projection));
    return venn_job_linear(job, classifiers[m], *width, job->data->class_count, &side->classifier);
}

static venn_status create_heads(venn_job *job)
{
    discom_state *state = job->state;
    VENN_TRY(venn_job_linear(job, "shared", state->half, job->data->class_count, &state->shared));
    VENN_TRY(venn_job_linear(job, "told", state->half, BOTH, &state->told));
    VENN_TRY(venn_job_linear(job, "told-rest", state->half, BOTH, &state->told_rest));
    return venn_job_linear(job, "adversary", state->half, BOTH, &state->adversary);
}

static venn_status setup(venn_job *job)
{
    const discom_params *p = job->params;
    discom_state *state = job->state;
    venn_net *mine, *invariant, *specific;
    int64_t width = 0;
    if (job->n_student_inputs != 1 || job->n_teacher_inputs != 1 ||
        strcmp(job->student_modalities[0], job->teacher_modalities[0]) == 0)
        return venn_fail(VENN_BAD_ARG, "method discom: student and teacher take one modality each, "
                                       "not the same; the teacher's section is the other modality");
    VENN_TRY(venn_job_clone(job, "specific-1", VENN_JOB_STUDENT, &mine));
    VENN_TRY(venn_job_clone(job, "invariant-2", VENN_JOB_TEACHER, &invariant));
    VENN_TRY(venn_job_clone(job, "specific-2", VENN_JOB_TEACHER, &specific));
    state->side[0] = (discom_side){
        .invariant = job->student, .specific = mine, .modality = job->student_modalities[0]};
    state->side[1] = (discom_side){
        .invariant = invariant, .specific = specific, .modality = job->teacher_modalities[0]};
    for (int m = 0; m < BOTH; m++)
        VENN_TRY(create_side(job, m, &width));
    VENN_TRY(create_heads(job));
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (!stage)
        return VENN_OK; // the job keeps the error
    stage->end = measure;
    if (!p->paired) {
        state->other = (venn_stream){.name = "other", .data = job->data};
        stage->fit.streams = &state->other;
        stage->fit.n_streams = 1;
    }
    return VENN_OK;
}

const venn_method venn_method_discom = {
    .name = "discom",
    .summary = "no teacher: classifiers of two modalities, unpaired, whose features are split into "
               "invariant, informative and irrelevant parts by an adversary and cosines",
    .reference = "Ienco, Dantas: DisCoM-KD: Cross-Modal Knowledge Distillation via Disentanglement "
                 "Representation and Adversarial Learning, BMVC 2024",
    .status = "target met: s hides the modality from a linear probe, i tells it",
    .needs = VENN_NEEDS_SECOND_MODEL | VENN_NEEDS_NO_PAIRS,
    .equations = equations,
    .params_size = sizeof(discom_params),
    .params = params,
    .state_size = sizeof(discom_state),
    .objective = {.loss = loss, .predict = predict},
    .setup = setup,
};
