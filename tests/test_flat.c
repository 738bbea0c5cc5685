// One launch for neighbouring updates: the same bits as one each, and nothing that lies between is touched.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "device_fixture.h"
#include "graph/graph_internal.h"
#include "venn/venn.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())
enum { VARS = 5, STEPS = 4, MOST = 300, ELEMENTS = 5 + 64 + 1 + MOST + 7 };

static const int64_t extent[VARS] = {5, 64, 1, MOST, 7};

// loss = k sum over all of w^4, trained by one optimizer; every second place in memory is a spacer's.
typedef struct training {
    venn_device *device;
    venn_var *w[VARS], *spacer[VARS];
    venn_optim *optim;
    venn_graph *g;
    venn_program *program;
} training;

static void create_vars(training *t)
{
    float start[MOST];
    t->device = open_test_device();
    for (int i = 0; i < VARS; i++) {
        OK(venn_var_create(&t->w[i], t->device, "w", VENN_F32, VENN_SHAPE(extent[i])));
        OK(venn_var_create(&t->spacer[i], t->device, "spacer", VENN_F32, VENN_SHAPE(3)));
        for (int k = 0; k < extent[i]; k++)
            start[k] = (float)sin(1 + k + 100 * i);
        OK(venn_var_write(t->w[i], start, (size_t)extent[i] * sizeof *start));
        OK(venn_var_write(t->spacer[i], (float[]){1, 2, 3}, 3 * sizeof *start));
    }
}

static void create(training *t, const venn_optim_params *params, bool side_by_side)
{
    create_vars(t);
    if (side_by_side)
        OK(venn_vars_gather(VARS, t->w));
    const venn_optim_group group = {.vars = t->w, .n = VARS};
    OK(venn_optim_create(&t->optim, t->device, params, 1, &group));
    OK(venn_graph_create(&t->g));
    venn_tensor loss = VENN_NONE;
    for (int i = 0; i < VARS; i++) {
        venn_tensor square = venn_square(t->g, venn_graph_var(t->g, t->w[i]));
        venn_tensor sum = venn_sum(t->g, venn_square(t->g, square), NULL);
        loss = loss.id ? venn_add(t->g, loss, sum) : sum;
    }
    loss = venn_mul(t->g, loss, venn_graph_input(t->g, "k", VENN_F32, VENN_SCALAR));
    OK(venn_optim_minimize(t->optim, t->g, loss));
    OK(venn_graph_compile(&t->program, t->g, t->device, NULL));
}

static void step(training *t, float k)
{
    OK(venn_program_begin(t->program));
    memcpy(venn_program_input(t->program, "k", NULL), &k, sizeof k);
    OK(venn_optim_feed(t->optim, t->program, 0));
    OK(venn_program_run(t->program, NULL));
}

static uint32_t dispatches(const training *t)
{
    venn_program_info info;
    venn_program_get_info(t->program, &info);
    return info.dispatches;
}

static void read_all(const training *t, float *values)
{
    for (int i = 0; i < VARS; values += extent[i++])
        OK(venn_var_read(t->w[i], values, (size_t)extent[i] * sizeof *values));
}

static void destroy(training *t)
{
    venn_program_destroy(&t->program);
    venn_graph_destroy(&t->g);
    venn_optim_destroy(&t->optim);
    for (int i = 0; i < VARS; i++) {
        venn_var_destroy(&t->w[i]);
        venn_var_destroy(&t->spacer[i]);
    }
    close_test_device(&t->device);
}

static void compare(const venn_optim_params *params)
{
    static float apart[ELEMENTS], together[ELEMENTS];
    uint32_t n[2];
    for (int k = 0; k < 2; k++) {
        training t = {0};
        create(&t, params, k);
        for (int i = 0; i < STEPS; i++)
            step(&t, i == 2 ? NAN : 0.125f);
        n[k] = dispatches(&t);
        read_all(&t, k ? together : apart);
        destroy(&t);
    }
    cr_assert_eq(n[0] - n[1], VARS - 1, "%u launches become %u", n[0], n[1]);
    cr_assert(memcmp(apart, together, sizeof apart) == 0);
    for (int i = 0; i < ELEMENTS; i++)
        cr_assert(isfinite(together[i]));
}

Test(flat, adam)
{
    compare(&(venn_optim_params){.kind = VENN_OPTIM_ADAMW, .weight_decay = 0.1f, .clip_norm = 2});
}

Test(flat, sgd)
{
    compare(&(venn_optim_params){.kind = VENN_OPTIM_SGD});
    compare(&(venn_optim_params){.kind = VENN_OPTIM_SGD, .momentum = 0.9f, .nesterov = true});
}

// What lies between two that train is no part of a launch over both.
Test(flat, spares_what_lies_between)
{
    training t = {0};
    float kept[3];
    create(&t, NULL, false);
    for (int i = 0; i < VARS; i++) {
        step(&t, 1);
        OK(venn_var_read(t.spacer[i], kept, sizeof kept));
        cr_assert(kept[0] == 1 && kept[1] == 2 && kept[2] == 3);
    }
    destroy(&t);
}

// A gradient that two parameters share has one place only.
Test(flat, one_gradient_for_two)
{
    training t = {0};
    float a[5], b[5];
    create_vars(&t);
    venn_var *pair[2] = {t.w[0], NULL};
    OK(venn_var_create(&pair[1], t.device, "twin", VENN_F32, VENN_SHAPE(5)));
    OK(venn_var_read(pair[0], a, sizeof a));
    OK(venn_var_write(pair[1], a, sizeof a));
    OK(venn_vars_gather(2, pair));
    OK(venn_graph_create(&t.g));
    venn_tensor x = venn_graph_var(t.g, pair[0]), y = venn_graph_var(t.g, pair[1]);
    venn_tensor dw = venn_square(t.g, venn_graph_var(t.g, pair[0]));
    venn_tensor lr = venn_fill(t.g, VENN_SCALAR, 0.5f);
    venn_sgd(t.g, x, dw, VENN_NONE, lr, VENN_NONE, VENN_NONE, NULL);
    venn_sgd(t.g, y, dw, VENN_NONE, lr, VENN_NONE, VENN_NONE, NULL);
    OK(venn_graph_compile(&t.program, t.g, t.device, NULL));
    OK(venn_program_begin(t.program));
    OK(venn_program_run(t.program, NULL));
    OK(venn_var_read(pair[0], a, sizeof a));
    OK(venn_var_read(pair[1], b, sizeof b));
    cr_assert(memcmp(a, b, sizeof a) == 0);
    venn_var_destroy(&pair[1]);
    t.w[0] = pair[0];
    destroy(&t);
}

// Networks put what trains side by side, whatever else they hold.
Test(flat, one_launch_for_a_net)
{
    const venn_layer layers[] = {
        {.kind = VENN_LAYER_CONV, .out = 3, .kernel = {3}},
        {.kind = VENN_LAYER_BATCH_NORM},
        {.kind = VENN_LAYER_FLATTEN},
        {.kind = VENN_LAYER_LINEAR, .out = 2},
    };
    const venn_branch branch = {.layers = layers, .n_layers = 4, .input = VENN_SHAPE(1, 5, 5)};
    training t = {.device = open_test_device()};
    venn_net *net;
    OK(venn_net_create(&net, t.device, &(venn_net_params){.branches = &branch, .n_branches = 1},
                       1));
    venn_var *vars[8];
    const size_t n = venn_net_trainable(net, vars);
    cr_assert_eq(n, 6);
    for (size_t i = 1; i < n; i++)
        cr_assert_eq(vars[i]->memory.offset, vars[i - 1]->memory.offset + vars[i - 1]->memory.size);
    venn_net_destroy(&net);
    destroy(&t);
}
