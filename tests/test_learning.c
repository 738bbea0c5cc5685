// The parts together: small networks learn toy problems on the device, and do so bit for bit alike
// every time.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "device_fixture.h"
#include "venn/venn.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())
#define COUNT(array) (sizeof(array) / sizeof *(array))

// A problem draws sample number i of a batch: its values and its class.
typedef struct problem {
    venn_shape sample;
    int32_t (*draw)(venn_rng *rng, float *x);
    const venn_layer *layers;
    size_t n_layers;
    venn_optim_params optim;
    int32_t batch;
    int steps;
} problem;

typedef struct outcome {
    double accuracy;
    float loss;
    char hash[33];
} outcome;

typedef struct lesson {
    const problem *p;
    venn_device *device;
    venn_net *net;
    venn_optim *optim;
    venn_program *train, *eval;
} lesson;

static venn_shape batch_shape(const problem *p)
{
    venn_shape shape = {.rank = p->sample.rank + 1, .dim = {p->batch}};
    for (int i = 0; i < p->sample.rank; i++)
        shape.dim[i + 1] = p->sample.dim[i];
    return shape;
}

// One step of training, or evaluation.
static venn_program *build(lesson *l, bool train)
{
    venn_graph *g;
    venn_program *program;
    OK(venn_graph_create(&g));
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, batch_shape(l->p));
    venn_tensor label = venn_graph_input(g, "label", VENN_I32, VENN_SHAPE(l->p->batch));
    venn_tensor logits = venn_net_apply(l->net, g, &x, &(venn_apply_params){.train = train});
    if (train) {
        venn_tensor loss = venn_cross_entropy(g, logits, label, NULL);
        venn_graph_output(g, "loss", loss);
        venn_optim_minimize(l->optim, g, loss);
    } else {
        venn_graph_output(g, "right", venn_accuracy(g, logits, label));
    }
    venn_status status = venn_graph_compile(&program, g, l->device, NULL);
    cr_assert_eq(status, VENN_OK, "%s", venn_error_message());
    venn_graph_destroy(&g);
    return program;
}

static void fill_batch(const lesson *l, venn_program *program, uint64_t key, uint64_t step)
{
    float *x = venn_program_input(program, "x", NULL);
    int32_t *label = venn_program_input(program, "label", NULL);
    int64_t each = venn_shape_count(&l->p->sample);
    venn_rng rng = venn_rng_make(key, step, 0);
    for (int32_t i = 0; i < l->p->batch; i++)
        label[i] = l->p->draw(&rng, x + i * each);
}

static float train(lesson *l)
{
    uint64_t ticket = 0;
    for (int step = 0; step < l->p->steps; step++) {
        OK(venn_program_begin(l->train));
        fill_batch(l, l->train, 100, (uint64_t)step);
        venn_program_set_rng(l->train, 7, (uint64_t)step);
        OK(venn_optim_feed(l->optim, l->train, 0));
        OK(venn_program_submit(l->train, &ticket));
    }
    OK(venn_program_wait(l->train, ticket));
    return *(const float *)venn_program_output(l->train, ticket, "loss", NULL);
}

static double evaluate(lesson *l)
{
    const int batches = 4;
    int64_t right = 0;
    for (int i = 0; i < batches; i++) {
        uint64_t ticket;
        OK(venn_program_begin(l->eval));
        fill_batch(l, l->eval, 200, (uint64_t)i);
        OK(venn_program_run(l->eval, &ticket));
        right += *(const int32_t *)venn_program_output(l->eval, ticket, "right", NULL);
    }
    return (double)right / (batches * l->p->batch);
}

static outcome learn(const problem *p)
{
    lesson l = {.p = p, .device = open_test_device()};
    venn_branch branch = {.layers = p->layers, .n_layers = p->n_layers, .input = p->sample};
    venn_var *vars[64];
    outcome result;
    OK(venn_net_create(&l.net, l.device, &(venn_net_params){.branches = &branch, .n_branches = 1},
                       1));
    cr_assert(venn_net_n_params(l.net) <= COUNT(vars));
    venn_optim_group group = {.vars = vars, .n = venn_net_trainable(l.net, vars)};
    OK(venn_optim_create(&l.optim, l.device, &p->optim, 1, &group));
    l.train = build(&l, true);
    l.eval = build(&l, false);
    result.loss = train(&l);
    result.accuracy = evaluate(&l);
    OK(venn_net_hash(l.net, result.hash));
    venn_program_destroy(&l.train);
    venn_program_destroy(&l.eval);
    venn_optim_destroy(&l.optim);
    venn_net_destroy(&l.net);
    close_test_device(&l.device);
    return result;
}

// ---- Three spiral arms -----------------------------------------------------------------------

static int32_t draw_spiral(venn_rng *rng, float *x)
{
    int32_t arm = (int32_t)venn_rng_below(rng, 3);
    double r = sqrt(venn_rng_uniform(rng, 0.02f, 1));
    double angle = 4 * r + arm * 2.0943951 + 0.1 * venn_rng_normal(rng);
    x[0] = (float)(r * cos(angle));
    x[1] = (float)(r * sin(angle));
    return arm;
}

static const venn_layer spiral_layers[] = {
    {.kind = VENN_LAYER_LINEAR, .out = 32}, {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_LINEAR, .out = 32}, {.kind = VENN_LAYER_TANH},
    {.kind = VENN_LAYER_LINEAR, .out = 3},
};

static problem spiral(void)
{
    return (problem){.sample = VENN_SHAPE(2),
                     .draw = draw_spiral,
                     .layers = spiral_layers,
                     .n_layers = COUNT(spiral_layers),
                     .optim = {.kind = VENN_OPTIM_ADAM,
                               .lr = 0.02,
                               .schedule = {VENN_SCHEDULE_COSINE, .total = 120, .warmup = 10}},
                     .batch = 128,
                     .steps = 120};
}

Test(learning, an_mlp_separates_three_spirals)
{
    problem p = spiral();
    outcome result = learn(&p);
    cr_assert(result.accuracy > 0.95, "accuracy %g, loss %g", result.accuracy, (double)result.loss);
}

Test(learning, two_runs_are_equal_bit_for_bit)
{
    problem p = spiral();
    p.steps = 20;
    outcome a = learn(&p), b = learn(&p);
    cr_assert_str_eq(a.hash, b.hash);
    cr_assert_eq(memcmp(&a.loss, &b.loss, sizeof a.loss), 0);
}

// ---- Bars in noise ---------------------------------------------------------------------------

// A bright bar in an 8 x 8 picture: horizontal, vertical, or one of the two diagonals.
static int32_t draw_bar(venn_rng *rng, float *x)
{
    int32_t kind = (int32_t)venn_rng_below(rng, 4), at = (int32_t)venn_rng_below(rng, 8);
    for (int32_t i = 0; i < 8; i++)
        for (int32_t k = 0; k < 8; k++) {
            const bool lit[] = {i == at, k == at, (i + at) % 8 == k, (i + k) % 8 == at};
            x[8 * i + k] = (lit[kind] ? 1.5f : 0) + 0.3f * venn_rng_normal(rng);
        }
    return kind;
}

static const venn_layer bar_layers[] = {
    {.kind = VENN_LAYER_CONV, .out = 8, .kernel = {3}, .padding = {1, 1}, .no_bias = true},
    {.kind = VENN_LAYER_BATCH_NORM},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_MAX_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_CONV, .out = 12, .kernel = {3}},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_GLOBAL_AVG_POOL},
    {.kind = VENN_LAYER_DROPOUT, .p = 0.1f},
    {.kind = VENN_LAYER_LINEAR, .out = 4},
};

Test(learning, a_convolutional_net_tells_bars_apart)
{
    problem p = {.sample = VENN_SHAPE(1, 8, 8),
                 .draw = draw_bar,
                 .layers = bar_layers,
                 .n_layers = COUNT(bar_layers),
                 .optim = {.kind = VENN_OPTIM_SGD,
                           .lr = 0.2,
                           .momentum = 0.9f,
                           .nesterov = true,
                           .weight_decay = 1e-4f,
                           .clip_norm = 1},
                 .batch = 32,
                 .steps = 75};
    outcome result = learn(&p);
    cr_assert(result.accuracy > 0.95, "accuracy %g, loss %g", result.accuracy, (double)result.loss);
}

// ---- Sequences -------------------------------------------------------------------------------

enum { STEPS = 10, MEMORY = 6, LETTERS = 6, MARK = LETTERS };

// Letters, and a mark somewhere between them: the class is the letter behind the mark.
static int32_t draw_marked(venn_rng *rng, float *x)
{
    const uint32_t mark = venn_rng_below(rng, STEPS - 1);
    for (uint32_t t = 0; t < STEPS; t++)
        x[t] = t == mark ? MARK : (float)venn_rng_below(rng, LETTERS);
    return (int32_t)x[mark + 1];
}

static const venn_layer transformer_layers[] = {
    {.kind = VENN_LAYER_EMBEDDING, .tokens = LETTERS + 1, .out = 32},
    {.kind = VENN_LAYER_POSITIONS, .sinusoidal = true},
    {.kind = VENN_LAYER_TRANSFORMER_BLOCK, .heads = 2, .width = 64, .causal = true},
    {.kind = VENN_LAYER_TRANSFORMER_BLOCK, .heads = 2, .width = 64},
    {.kind = VENN_LAYER_LAYER_NORM},
    {.kind = VENN_LAYER_MEAN_POOL},
    {.kind = VENN_LAYER_LINEAR, .out = LETTERS},
};

Test(learning, a_transformer_finds_the_letter_behind_the_mark)
{
    problem p = {.sample = VENN_SHAPE(STEPS),
                 .draw = draw_marked,
                 .layers = transformer_layers,
                 .n_layers = COUNT(transformer_layers),
                 .optim = {.kind = VENN_OPTIM_ADAM,
                           .lr = 0.003,
                           .schedule = {VENN_SCHEDULE_COSINE, .total = 200, .warmup = 20}},
                 .batch = 64,
                 .steps = 200};
    outcome result = learn(&p);
    cr_assert(result.accuracy > 0.95, "accuracy %g, loss %g", result.accuracy, (double)result.loss);
}

// The class is the first of six letters; five others follow.
static int32_t draw_first(venn_rng *rng, float *x)
{
    for (int t = 0; t < MEMORY; t++)
        x[t] = (float)venn_rng_below(rng, LETTERS);
    return (int32_t)x[0];
}

static const venn_layer recurrent_layers[] = {
    {.kind = VENN_LAYER_EMBEDDING, .tokens = LETTERS, .out = 8},
    {.kind = VENN_LAYER_GRU, .out = 16},
    {.kind = VENN_LAYER_LSTM, .out = 16, .bidirectional = true, .last = true},
    {.kind = VENN_LAYER_LINEAR, .out = LETTERS},
};

Test(learning, recurrent_layers_remember_the_first_letter)
{
    problem p = {.sample = VENN_SHAPE(MEMORY),
                 .draw = draw_first,
                 .layers = recurrent_layers,
                 .n_layers = COUNT(recurrent_layers),
                 .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.02, .clip_norm = 1},
                 .batch = 64,
                 .steps = 80};
    outcome result = learn(&p);
    cr_assert(result.accuracy > 0.95, "accuracy %g, loss %g", result.accuracy, (double)result.loss);
}
