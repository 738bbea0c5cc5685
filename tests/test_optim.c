// Optimizers on the device: trajectories against a reference in double, clipping, groups, the guard
// against bad losses, several optimizers in one graph, resuming.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "device_fixture.h"
#include "venn/venn.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())
#define STEPS 25
#define N0 5
#define N1 12
#define N (N0 + N1)

// The problem: loss = k sum c w^2 over two parameters w0 [5] and w1 [3, 4], so that dw = 2 k c w.
typedef struct problem {
    venn_device *device;
    venn_var *w[2], *c[2];
    venn_graph *g;
    venn_program *program;
    venn_tensor loss;
    double start[N], curve[N];
} problem;

static const int64_t count[2] = {N0, N1};
static const int64_t begin[2] = {0, N0};

static void write_doubles(venn_var *var, const double *values, int64_t n)
{
    float narrow[N];
    for (int64_t i = 0; i < n; i++)
        narrow[i] = (float)values[i];
    OK(venn_var_write(var, narrow, (size_t)n * sizeof *narrow));
}

static void write_start(problem *p)
{
    for (int i = 0; i < 2; i++)
        write_doubles(p->w[i], p->start + begin[i], count[i]);
}

static void setup(problem *p)
{
    *p = (problem){.device = open_test_device()};
    const venn_shape shape[2] = {VENN_SHAPE(N0), VENN_SHAPE(3, 4)};
    venn_tensor part[2];
    for (int i = 0; i < N; i++) {
        p->start[i] = (float)sin(1 + 3.7 * i);
        p->curve[i] = (float)(0.1 + 0.25 * (i % 7));
    }
    OK(venn_graph_create(&p->g));
    for (int i = 0; i < 2; i++) {
        OK(venn_var_create(&p->w[i], p->device, i ? "w1" : "w0", VENN_F32, shape[i]));
        OK(venn_var_create(&p->c[i], p->device, "c", VENN_F32, shape[i]));
        write_doubles(p->c[i], p->curve + begin[i], count[i]);
        venn_tensor w = venn_graph_var(p->g, p->w[i]), c = venn_graph_var(p->g, p->c[i]);
        part[i] = venn_sum(p->g, venn_mul(p->g, c, venn_mul(p->g, w, w)), NULL);
    }
    write_start(p);
    venn_tensor k = venn_graph_input(p->g, "k", VENN_F32, VENN_SCALAR);
    p->loss = venn_mul(p->g, k, venn_add(p->g, part[0], part[1]));
}

static void teardown(problem *p, size_t n, venn_optim **optim)
{
    venn_program_destroy(&p->program);
    for (size_t i = 0; i < n; i++)
        venn_optim_destroy(&optim[i]);
    venn_graph_destroy(&p->g);
    for (int i = 0; i < 2; i++) {
        venn_var_destroy(&p->w[i]);
        venn_var_destroy(&p->c[i]);
    }
    close_test_device(&p->device);
}

static void compile(problem *p)
{
    OK(venn_graph_compile(&p->program, p->g, p->device, NULL));
}

static void run(problem *p, size_t n, venn_optim **optim, float k)
{
    OK(venn_program_begin(p->program));
    memcpy(venn_program_input(p->program, "k", NULL), &k, sizeof k);
    for (size_t i = 0; i < n; i++)
        OK(venn_optim_feed(optim[i], p->program, 0));
    OK(venn_program_run(p->program, NULL));
}

static void read_all(problem *p, float values[N])
{
    for (int i = 0; i < 2; i++)
        OK(venn_var_read(p->w[i], values + begin[i], (size_t)count[i] * sizeof(float)));
}

static void expect_near(problem *p, const double want[N], double tolerance)
{
    float got[N];
    read_all(p, got);
    for (int i = 0; i < N; i++)
        cr_assert(fabs(got[i] - want[i]) <= tolerance, "element %d is %.9g, not %.9g", i,
                  (double)got[i], want[i]);
}

// ---- Against the formulas --------------------------------------------------------------------

// What the whole test compares with: the textbook in double, element by element.
typedef struct textbook {
    double w[N], m[N], v[N];
    int t;
} textbook;

static double clip_scale(const venn_optim_params *o, const double g[N])
{
    double squares = 0;
    for (int i = 0; i < N; i++)
        squares += g[i] * g[i];
    double scale = o->clip_norm / (sqrt(squares) + 1e-6);
    return o->clip_norm > 0 && scale < 1 ? scale : 1;
}

static double adam_move(const venn_optim_params *o, textbook *b, int i, double g)
{
    const double beta1 = 0.9f, beta2 = 0.999f;
    b->m[i] = beta1 * b->m[i] + (1 - beta1) * g;
    b->v[i] = beta2 * b->v[i] + (1 - beta2) * g * g;
    double m = b->m[i] / (1 - pow(beta1, b->t)), v = b->v[i] / (1 - pow(beta2, b->t));
    double move = m / (sqrt(v) + 1e-8);
    return o->kind == VENN_OPTIM_ADAMW ? move + o->weight_decay * b->w[i] : move;
}

static double sgd_move(const venn_optim_params *o, textbook *b, int i, double g)
{
    b->m[i] = o->momentum * b->m[i] + g;
    return o->nesterov ? g + o->momentum * b->m[i] : b->m[i];
}

static void textbook_step(const venn_optim_params *o, textbook *b, const double *curve, double lr)
{
    double g[N], scale;
    b->t++;
    for (int i = 0; i < N; i++)
        g[i] = 2 * curve[i] * b->w[i];
    scale = clip_scale(o, g);
    for (int i = 0; i < N; i++) {
        double d = g[i] * scale;
        if (o->clip_value > 0)
            d = fmin(fmax(d, -o->clip_value), o->clip_value);
        if (o->kind != VENN_OPTIM_ADAMW)
            d += o->weight_decay * b->w[i];
        b->w[i] -= lr * (o->kind == VENN_OPTIM_SGD ? sgd_move(o, b, i, d) : adam_move(o, b, i, d));
    }
}

static const venn_optim_params kinds[] = {
    {.kind = VENN_OPTIM_SGD, .lr = 0.05},
    {.kind = VENN_OPTIM_SGD, .lr = 0.02, .momentum = 0.9f, .weight_decay = 0.01f},
    {.kind = VENN_OPTIM_SGD, .lr = 0.02, .momentum = 0.9f, .nesterov = true},
    {.kind = VENN_OPTIM_SGD, .lr = 0.05, .clip_norm = 0.5f},
    {.kind = VENN_OPTIM_SGD, .lr = 0.05, .clip_value = 0.2f, .momentum = 0.5f},
    {.kind = VENN_OPTIM_ADAM, .lr = 0.01},
    {.kind = VENN_OPTIM_ADAM, .lr = 0.01, .weight_decay = 0.1f, .clip_norm = 1},
    {.kind = VENN_OPTIM_ADAMW, .lr = 0.01, .weight_decay = 0.1f},
    {.kind = VENN_OPTIM_ADAMW, .lr = 0.01, .schedule = {VENN_SCHEDULE_COSINE, .total = STEPS}},
};

static void follow(const venn_optim_params *params)
{
    problem p;
    venn_optim *optim;
    setup(&p);
    venn_optim_group group = {.vars = p.w, .n = 2};
    OK(venn_optim_create(&optim, p.device, params, 1, &group));
    OK(venn_optim_minimize(optim, p.g, p.loss));
    compile(&p);
    textbook book = {0};
    memcpy(book.w, p.start, sizeof book.w);
    for (int step = 0; step < STEPS; step++) {
        double lr = venn_schedule_lr(&params->schedule, params->lr, step, 0);
        cr_assert_eq(venn_optim_lr(optim, 0), lr);
        run(&p, 1, &optim, 1);
        textbook_step(params, &book, p.curve, lr);
    }
    cr_assert_eq(venn_optim_steps(optim), STEPS);
    expect_near(&p, book.w, 3e-6);
    teardown(&p, 1, &optim);
}

Test(optim, every_kind_follows_its_formula)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        follow(&kinds[i]);
}

// ---- Groups ----------------------------------------------------------------------------------

Test(optim, groups_have_their_own_rate_and_decay)
{
    problem p;
    venn_optim *optim;
    setup(&p);
    venn_optim_params params = {.kind = VENN_OPTIM_SGD, .lr = 0.1, .weight_decay = 0.5f};
    venn_optim_group groups[] = {{.vars = &p.w[0], .n = 1, .lr_scale = 0.25f},
                                 {.vars = &p.w[1], .n = 1, .weight_decay = -1}};
    OK(venn_optim_create(&optim, p.device, &params, 2, groups));
    cr_assert_eq(venn_optim_n_vars(optim), 2);
    cr_assert_eq(venn_optim_var(optim, 1), p.w[1]);
    cr_assert_eq(venn_optim_n_states(optim), 0);
    OK(venn_optim_minimize(optim, p.g, p.loss));
    compile(&p);
    run(&p, 1, &optim, 1);
    double want[N];
    for (int i = 0; i < N; i++) {
        double g = 2 * p.curve[i] * p.start[i];
        want[i] = p.start[i] - (i < N0 ? 0.025 * (g + 0.5 * p.start[i]) : 0.1 * g);
    }
    expect_near(&p, want, 1e-6);
    teardown(&p, 1, &optim);
}

Test(optim, frozen_parameters_stay_and_do_not_count_in_the_norm)
{
    problem p;
    venn_optim *optim;
    setup(&p);
    venn_optim_params params = {
        .kind = VENN_OPTIM_SGD, .lr = 1, .momentum = 0.5f, .clip_norm = 0.25f};
    venn_optim_group groups[] = {{.vars = &p.w[0], .n = 1, .frozen = true},
                                 {.vars = &p.w[1], .n = 1}};
    OK(venn_optim_create(&optim, p.device, &params, 2, groups));
    cr_assert_eq(venn_optim_n_states(optim), 1);
    cr_assert_str_eq(venn_var_name(venn_optim_state(optim, 0)), "w1.velocity");
    OK(venn_optim_minimize(optim, p.g, p.loss));
    compile(&p);
    run(&p, 1, &optim, 1);
    float got[N];
    double moved = 0;
    read_all(&p, got);
    for (int i = 0; i < N; i++) {
        if (i < N0)
            cr_assert_eq(got[i], (float)p.start[i]);
        moved += pow(got[i] - p.start[i], 2);
    }
    cr_assert(fabs(sqrt(moved) - 0.25) < 1e-5, "%g", sqrt(moved));
    teardown(&p, 1, &optim);
}

// ---- Bad losses ------------------------------------------------------------------------------

static void expect_bad_runs_change_nothing(venn_optim_params params)
{
    problem p;
    venn_optim *optim;
    float before[N], after[N], moment_before[N0], moment_after[N0];
    setup(&p);
    venn_optim_group group = {.vars = p.w, .n = 2};
    OK(venn_optim_create(&optim, p.device, &params, 1, &group));
    OK(venn_optim_minimize(optim, p.g, p.loss));
    compile(&p);
    run(&p, 1, &optim, 1);
    read_all(&p, before);
    venn_var *moment = venn_optim_state(optim, 0);
    OK(venn_var_read(moment, moment_before, sizeof moment_before));
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++)
        run(&p, 1, &optim, bad[i]);
    read_all(&p, after);
    OK(venn_var_read(moment, moment_after, sizeof moment_after));
    cr_assert_arr_eq(before, after, sizeof before);
    cr_assert_arr_eq(moment_before, moment_after, sizeof moment_before);
    run(&p, 1, &optim, 1);
    read_all(&p, after);
    for (int i = 0; i < N; i++)
        cr_assert(isfinite(after[i]) && after[i] != before[i], "element %d is %g", i,
                  (double)after[i]);
    teardown(&p, 1, &optim);
}

Test(optim, a_bad_loss_changes_nothing)
{
    expect_bad_runs_change_nothing(
        (venn_optim_params){.kind = VENN_OPTIM_SGD, .lr = 0.01, .momentum = 0.9f});
    expect_bad_runs_change_nothing((venn_optim_params){.kind = VENN_OPTIM_ADAM});
}

// The loss is finite here, but the gradient's norm overflows.
Test(optim, a_bad_norm_changes_nothing)
{
    problem p;
    venn_optim *optim;
    float after[N];
    setup(&p);
    venn_optim_params params = {.kind = VENN_OPTIM_SGD, .lr = 0.01, .clip_norm = 1};
    venn_optim_group group = {.vars = p.w, .n = 2};
    OK(venn_optim_create(&optim, p.device, &params, 1, &group));
    OK(venn_optim_minimize(optim, p.g, p.loss));
    compile(&p);
    run(&p, 1, &optim, 1e25f);
    read_all(&p, after);
    for (int i = 0; i < N; i++)
        cr_assert_eq(after[i], (float)p.start[i]);
    teardown(&p, 1, &optim);
}

// ---- Several, resuming, resetting ------------------------------------------------------------

Test(optim, several_optimizers_share_a_step)
{
    problem p;
    venn_optim *optim[2];
    setup(&p);
    for (int i = 0; i < 2; i++) {
        venn_optim_params params = {.name = i ? "second" : "first",
                                    .kind = i ? VENN_OPTIM_ADAM : VENN_OPTIM_SGD,
                                    .lr = i ? 0.01 : 0.1};
        venn_optim_group group = {.vars = &p.w[i], .n = 1};
        OK(venn_optim_create(&optim[i], p.device, &params, 1, &group));
        OK(venn_optim_minimize(optim[i], p.g, p.loss));
    }
    compile(&p);
    run(&p, 2, optim, 1);
    double want[N];
    for (int i = 0; i < N; i++) {
        double g = 2 * p.curve[i] * p.start[i];
        want[i] = p.start[i] - (i < N0 ? 0.1 * g : copysign(0.01, g));
    }
    expect_near(&p, want, 1e-6);
    teardown(&p, 2, optim);
}

Test(optim, two_optimizers_of_one_name_are_an_error)
{
    problem p;
    venn_optim *optim[2];
    setup(&p);
    for (int i = 0; i < 2; i++) {
        venn_optim_group group = {.vars = &p.w[i], .n = 1};
        OK(venn_optim_create(&optim[i], p.device, NULL, 1, &group));
        cr_assert_eq(venn_optim_minimize(optim[i], p.g, p.loss), i ? VENN_BAD_ARG : VENN_OK);
    }
    cr_assert(strstr(venn_graph_error(p.g), "optim.lr"), "%s", venn_graph_error(p.g));
    teardown(&p, 2, optim);
}

Test(optim, resuming_and_resetting_repeat_every_bit)
{
    problem p;
    venn_optim *optim;
    float middle[N], saved[2][2][N1], end[N], again[N];
    setup(&p);
    venn_optim_params params = {.kind = VENN_OPTIM_ADAM, .lr = 0.01};
    venn_optim_group group = {.vars = p.w, .n = 2};
    OK(venn_optim_create(&optim, p.device, &params, 1, &group));
    OK(venn_optim_minimize(optim, p.g, p.loss));
    compile(&p);
    for (int step = 0; step < 10; step++) {
        run(&p, 1, &optim, 1);
        if (step != 4)
            continue;
        read_all(&p, middle);
        for (size_t s = 0; s < 4; s++)
            OK(venn_var_read(venn_optim_state(optim, s), saved[s / 2][s % 2],
                             venn_var_bytes(venn_optim_state(optim, s))));
    }
    read_all(&p, end);

    OK(venn_optim_reset(optim));
    write_start(&p);
    for (int step = 0; step < 10; step++)
        run(&p, 1, &optim, 1);
    read_all(&p, again);
    cr_assert_arr_eq(end, again, sizeof end);

    cr_assert_eq(venn_optim_n_states(optim), 4);
    cr_assert_str_eq(venn_var_name(venn_optim_state(optim, 3)), "w1.v");
    for (size_t s = 0; s < 4; s++)
        OK(venn_var_write(venn_optim_state(optim, s), saved[s / 2][s % 2],
                          venn_var_bytes(venn_optim_state(optim, s))));
    venn_optim_set_steps(optim, 5);
    for (int i = 0; i < 2; i++)
        OK(venn_var_write(p.w[i], middle + begin[i], (size_t)count[i] * sizeof(float)));
    for (int step = 5; step < 10; step++)
        run(&p, 1, &optim, 1);
    read_all(&p, again);
    cr_assert_arr_eq(end, again, sizeof end);
    teardown(&p, 1, &optim);
}

// ---- Bad arguments ---------------------------------------------------------------------------

Test(optim, bad_parameters_are_named)
{
    const struct {
        venn_optim_params params;
        const char *word;
    } bad[] = {
        {{.lr = -1}, "lr"},
        {{.lr = NAN}, "lr"},
        {{.momentum = 1}, "momentum"},
        {{.nesterov = true}, "nesterov"},
        {{.kind = VENN_OPTIM_ADAM, .beta1 = 1}, "beta1"},
        {{.kind = VENN_OPTIM_ADAM, .beta2 = 1.5f}, "beta2"},
        {{.eps = -1}, "eps"},
        {{.weight_decay = -1}, "weight_decay"},
        {{.clip_norm = INFINITY}, "clip_norm"},
        {{.clip_value = -1}, "clip_value"},
        {{.schedule = {VENN_SCHEDULE_COSINE}}, "total"},
        {{.kind = (venn_optim_kind)9}, "kind"},
    };
    problem p;
    setup(&p);
    venn_optim_group group = {.vars = p.w, .n = 2};
    venn_optim *optim;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(venn_optim_create(&optim, p.device, &bad[i].params, 1, &group), VENN_BAD_ARG,
                     "row %zu", i);
        cr_assert(strstr(venn_error_message(), bad[i].word), "%s", venn_error_message());
        cr_assert_null(optim);
    }
    venn_optim_group twice[] = {group, group};
    cr_assert_eq(venn_optim_create(&optim, p.device, NULL, 2, twice), VENN_BAD_ARG);
    cr_assert(strstr(venn_error_message(), "w0"), "%s", venn_error_message());
    teardown(&p, 0, NULL);
}

Test(optim, a_program_without_its_step_is_refused)
{
    problem p;
    venn_optim *optim;
    setup(&p);
    venn_optim_group frozen = {.vars = p.w, .n = 2, .frozen = true};
    OK(venn_optim_create(&optim, p.device, NULL, 1, &frozen));
    cr_assert_eq(venn_optim_minimize(optim, p.g, p.loss), VENN_BAD_ARG);
    venn_graph_output(p.g, "loss", p.loss);
    compile(&p);
    OK(venn_program_begin(p.program));
    cr_assert_eq(venn_optim_feed(optim, p.program, 0), VENN_BAD_ARG);
    cr_assert(strstr(venn_error_message(), "optim.lr"), "%s", venn_error_message());
    cr_assert_eq(venn_optim_steps(optim), 0);
    teardown(&p, 1, &optim);
}
