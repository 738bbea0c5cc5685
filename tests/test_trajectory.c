// A hundred training steps of distillation (cross entropy + KL to a frozen teacher) on the device,
// beside the same steps replayed in double precision by the ops' references; and again with the same
// seed, bit for bit.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "device_fixture.h"
#include "graph/graph_internal.h"
#include "graph/reference.h"
#include "venn/nn.h"
#include "venn/ops.h"
#include "venn/optim.h"

#define STEPS 100
#define BATCH 16
#define CLASSES 6
#define TEACHER_WIDTH 9
#define SEED 2024
#define TOLERANCE 1e-4

static const venn_layer teacher_layers[] = {{.kind = VENN_LAYER_LINEAR, .out = 16},
                                            {.kind = VENN_LAYER_GELU},
                                            {.kind = VENN_LAYER_LINEAR, .out = CLASSES}};
static const venn_layer mlp_layers[] = {{.kind = VENN_LAYER_FLATTEN},
                                        {.kind = VENN_LAYER_LINEAR, .out = 32},
                                        {.kind = VENN_LAYER_RELU},
                                        {.kind = VENN_LAYER_DROPOUT, .p = 0.2f},
                                        {.kind = VENN_LAYER_LINEAR, .out = 24},
                                        {.kind = VENN_LAYER_TANH},
                                        {.kind = VENN_LAYER_LINEAR, .out = CLASSES}};
// No bias before the batch norm: its gradient is zero but for rounding, which Adam would blow up.
static const venn_layer cnn_layers[] = {
    {.kind = VENN_LAYER_CONV, .out = 6, .kernel = {3}, .padding = {1, 1}, .no_bias = true},
    {.kind = VENN_LAYER_BATCH_NORM},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_MAX_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_CONV, .out = 8, .kernel = {3}},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_AVG_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_FLATTEN},
    {.kind = VENN_LAYER_LINEAR, .out = CLASSES}};

// One training run: nets, optimizer, program and, if wanted, its double.
typedef struct training {
    venn_device *device;
    venn_net *teacher, *student;
    venn_optim *optim;
    venn_graph *g;
    venn_program *program;
    venn_reference *reference;
    venn_tensor loss;
    float losses[STEPS];
} training;

static void require(venn_status status, const char *what)
{
    cr_assert(status == VENN_OK, "%s: %s", what, venn_error_message());
}

static venn_net *new_net(venn_device *device, const venn_layer *layers, size_t n, venn_shape input,
                         uint64_t seed)
{
    venn_net *net;
    venn_branch branch = {.layers = layers, .n_layers = n, .input = input};
    venn_net_params params = {.branches = &branch, .n_branches = 1};
    require(venn_net_create(&net, device, &params, seed), "net");
    return net;
}

static void build_step(training *t)
{
    venn_shape image = venn_net_input_shape(t->student, 0);
    require(venn_graph_create(&t->g), "graph");
    venn_tensor x = venn_graph_input(t->g, "x", VENN_F32,
                                     VENN_SHAPE(BATCH, image.dim[0], image.dim[1], image.dim[2]));
    venn_tensor sound = venn_graph_input(t->g, "sound", VENN_F32, VENN_SHAPE(BATCH, TEACHER_WIDTH));
    venn_tensor label = venn_graph_input(t->g, "label", VENN_I32, VENN_SHAPE(BATCH));
    venn_tensor teacher = venn_net_apply(t->teacher, t->g, &sound, NULL);
    venn_tensor logits = venn_net_apply(t->student, t->g, &x, &(venn_apply_params){.train = true});
    const venn_kl_div_params kd = {.temperature = 4, .t_squared = true};
    t->loss =
        venn_add(t->g, venn_cross_entropy(t->g, logits, label, NULL),
                 venn_scale(t->g, venn_kl_div(t->g, logits, teacher, VENN_NONE, &kd), 0.5f, 0));
    venn_graph_output(t->g, "loss", t->loss);
    require(venn_optim_minimize(t->optim, t->g, t->loss), "minimize");
    require(venn_graph_compile(&t->program, t->g, t->device, NULL), "compile");
}

static training begin(const venn_layer *layers, size_t n, const venn_optim_params *params)
{
    training t = {.device = open_test_device()};
    venn_var *vars[32];
    t.teacher = new_net(t.device, teacher_layers, 3, VENN_SHAPE(TEACHER_WIDTH), SEED + 1);
    t.student = new_net(t.device, layers, n, VENN_SHAPE(1, 8, 8), SEED);
    venn_optim_group group = {.vars = vars, .n = venn_net_trainable(t.student, vars)};
    require(venn_optim_create(&t.optim, t.device, params, 1, &group), "optimizer");
    build_step(&t);
    return t;
}

static void end(training *t)
{
    venn_reference_destroy(&t->reference);
    venn_program_destroy(&t->program);
    venn_graph_destroy(&t->g);
    venn_optim_destroy(&t->optim);
    venn_net_destroy(&t->student);
    venn_net_destroy(&t->teacher);
    close_test_device(&t->device);
}

// Class centres plus noise, in both modalities, from the step's own stream.
static void fill_batch(venn_program *program, int step)
{
    size_t bytes;
    float *x = venn_program_input(program, "x", &bytes);
    float *sound = venn_program_input(program, "sound", NULL);
    int32_t *label = venn_program_input(program, "label", NULL);
    const size_t width = bytes / sizeof *x / BATCH;
    venn_rng rng = venn_rng_make(SEED, (uint64_t)step, 1);
    for (size_t b = 0; b < BATCH; b++) {
        label[b] = (int32_t)venn_rng_below(&rng, CLASSES);
        venn_rng centre = venn_rng_make(SEED, 0, 100 + (uint32_t)label[b]);
        for (size_t i = 0; i < width; i++)
            x[b * width + i] = venn_rng_normal(&centre) + 0.7f * venn_rng_normal(&rng);
        for (size_t i = 0; i < TEACHER_WIDTH; i++)
            sound[b * TEACHER_WIDTH + i] = venn_rng_normal(&centre) + 0.3f * venn_rng_normal(&rng);
    }
}

// Hands what the host wrote for the device's step to the reference.
static void copy_inputs(training *t)
{
    for (uint32_t i = 0; i < t->g->n_values; i++) {
        const venn_value *value = t->g->values[i];
        if (!value->is_input)
            continue;
        const void *from = venn_program_input(t->program, value->name, NULL);
        double *to = venn_reference_value(t->reference, venn_value_tensor(value));
        for (int64_t k = 0; k < value->count; k++)
            to[k] = value->dtype == VENN_F32 ? (double)((const float *)from)[k]
                                             : ((const int32_t *)from)[k];
    }
}

static void train(training *t)
{
    for (int step = 0; step < STEPS; step++) {
        uint64_t ticket;
        require(venn_program_begin(t->program), "begin");
        fill_batch(t->program, step);
        venn_program_set_rng(t->program, SEED, (uint64_t)step);
        require(venn_optim_feed(t->optim, t->program, 0), "feed");
        if (t->reference)
            copy_inputs(t);
        require(venn_program_run(t->program, &ticket), "run");
        t->losses[step] = *(const float *)venn_program_output(t->program, ticket, "loss", NULL);
        if (!t->reference)
            continue;
        require(venn_reference_run(t->reference), "reference run");
        const double want = *venn_reference_value(t->reference, t->loss);
        cr_assert(fabs((double)t->losses[step] - want) <= TOLERANCE * fabs(want),
                  "step %d: loss %.9g, want %.9g", step, (double)t->losses[step], want);
    }
}

// || device - double || / || double || of one variable.
static double difference(const training *t, const venn_value *value)
{
    const double *want = venn_reference_value(t->reference, venn_value_tensor(value));
    float *got = malloc(venn_value_bytes(value) + 1);
    double error = 0, norm = 0;
    cr_assert(got);
    require(venn_var_read(value->var, got, venn_value_bytes(value)), "read");
    for (int64_t i = 0; i < value->count; i++) {
        error += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
        norm += want[i] * want[i];
    }
    free(got);
    return norm > 0 ? sqrt(error / norm) : sqrt(error);
}

static void compare_variables(const training *t)
{
    double worst = 0;
    for (uint32_t i = 0; i < t->g->n_values; i++) {
        const venn_value *value = t->g->values[i];
        if (!value->var)
            continue;
        double off = difference(t, value);
        worst = fmax(worst, off);
        cr_expect(off <= TOLERANCE, "%s: %.3g from the double trajectory",
                  venn_var_name(value->var), off);
    }
    if (getenv("VENN_TEST_VERBOSE"))
        fprintf(stderr, "after %d steps: loss %g -> %g, parameters within %.2g of double\n", STEPS,
                (double)t->losses[0], (double)t->losses[STEPS - 1], worst);
}

static void check_trajectory(const venn_layer *layers, size_t n, const venn_optim_params *params)
{
    char before[33], after[33], first[33], second[33];
    training t = begin(layers, n, params);
    require(venn_reference_create(&t.reference, t.g), "reference");
    require(venn_reference_read_vars(t.reference), "variables");
    require(venn_net_hash(t.teacher, before), "hash");
    train(&t);
    compare_variables(&t);
    require(venn_net_hash(t.teacher, after), "hash");
    cr_expect_str_eq(before, after, "the teacher changed");
    cr_expect(t.losses[STEPS - 1] < 0.7f * t.losses[0], "loss went from %g to %g",
              (double)t.losses[0], (double)t.losses[STEPS - 1]);
    require(venn_net_hash(t.student, first), "hash");

    training again = begin(layers, n, params);
    train(&again);
    require(venn_net_hash(again.student, second), "hash");
    cr_expect_str_eq(first, second, "another run with the same seed ends elsewhere");
    cr_expect(memcmp(t.losses, again.losses, sizeof t.losses) == 0);
    end(&again);
    end(&t);
}

#define COUNT(layers) (sizeof(layers) / sizeof *(layers))

Test(trajectory, mlp_sgd)
{
    check_trajectory(
        mlp_layers, COUNT(mlp_layers),
        &(venn_optim_params){
            .kind = VENN_OPTIM_SGD, .lr = 0.05, .momentum = 0.9f, .weight_decay = 1e-4f});
}

Test(trajectory, mlp_adam)
{
    check_trajectory(mlp_layers, COUNT(mlp_layers),
                     &(venn_optim_params){.kind = VENN_OPTIM_ADAM, .lr = 0.003, .clip_norm = 5});
}

Test(trajectory, cnn_sgd)
{
    check_trajectory(cnn_layers, COUNT(cnn_layers),
                     &(venn_optim_params){
                         .kind = VENN_OPTIM_SGD, .lr = 0.02, .momentum = 0.9f, .nesterov = true});
}

Test(trajectory, cnn_adamw)
{
    check_trajectory(
        cnn_layers, COUNT(cnn_layers),
        &(venn_optim_params){.kind = VENN_OPTIM_ADAMW,
                             .lr = 0.01,
                             .weight_decay = 0.01f,
                             .schedule = {.kind = VENN_SCHEDULE_COSINE, .total = STEPS}});
}
