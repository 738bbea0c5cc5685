// A training step of everything at once: networks that train, follow and stay, two optimizers, two
// minimisations, a queue, an average, data of two streams, a changed gradient, a buffer on the host. It is
// one submission, and an interrupted training goes on bit for bit.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "device_fixture.h"
#include "toy_training.h"
#include "venn/ops.h"

enum { BATCH = 16, QUEUE = 40, STEPS = 12 };

typedef struct world {
    venn_device *device;
    venn_dataset *data;
    venn_net *student, *peer, *average, *teacher;
    venn_var *queue, *position, *scale;
    venn_fit_net others[3];
    venn_fit_var vars[3];
    venn_fit_array array;
    float memory[BATCH * TOY_CLASSES]; // logits of the step before
    venn_stream stream;
    venn_optim_params slow;
    venn_objective objective;
    venn_fit fit;
    uint64_t stop_at, steps;
    venn_observer observer;
} world;

static venn_tensor var_tensor(venn_step *s, venn_var *var)
{
    return venn_graph_var(s->g, var);
}

// The student follows peer, average, teacher, the queue's mean and what it said in the step before.
static void build(void *user, venn_step *s)
{
    world *w = user;
    const venn_net *peer[] = {w->peer};
    venn_tensor z = venn_step_apply(s, w->student, NULL);
    venn_tensor other = venn_step_apply(
        s, w->peer, &(venn_step_apply_params){.stream = "other", .mode = VENN_STEP_TRAIN});
    venn_tensor ce = venn_step_ce(s, z);
    venn_tensor peer_ce = venn_cross_entropy(s->g, other, venn_step_labels(s, "other"), NULL);
    venn_step_term(s, "peer_ce", peer_ce);
    venn_step_minimize(s, peer_ce, 1, peer);
    venn_tensor taught =
        venn_kl_div(s->g, z, venn_step_apply(s, w->teacher, NULL), VENN_NONE, NULL);
    venn_tensor averaged = venn_mse(s->g, z, venn_step_apply(s, w->average, NULL), NULL);
    venn_tensor mean = venn_mean(s->g, var_tensor(s, w->queue), &(venn_reduce_params){.axes = 1});
    venn_tensor past = venn_step_input(s, "past", VENN_F32, VENN_SHAPE(BATCH, TOY_CLASSES));
    venn_tensor from_queue = venn_mul(s->g, venn_sub(s->g, z, mean), var_tensor(s, w->scale));
    venn_tensor loss = venn_add(s->g, ce, venn_add(s->g, taught, averaged));
    loss = venn_add(s->g, loss,
                    venn_mse(s->g, from_queue, venn_fill(s->g, VENN_SHAPE(BATCH, 3), 1), NULL));
    loss = venn_add(s->g, loss, venn_scale(s->g, venn_mse(s->g, z, past, NULL), 0.01f, 0));
    // All that train, the peer a second time.
    venn_step_minimize(s, loss, 0, NULL);
    venn_graph_output(s->g, "z", z);
    venn_step_term(s, "host", VENN_NONE);
}

static venn_tensor gradient(void *user, venn_step *s, const venn_var *var, venn_tensor g)
{
    (void)var;
    (void)user;
    venn_tensor factor = venn_graph_find_input(s->g, "factor");
    return venn_mul(s->g, g, factor.id ? factor : venn_step_scalar(s, "factor"));
}

static void after(void *user, venn_step *s, venn_tensor guard)
{
    const world *w = user;
    venn_tensor average[4], value[4];
    for (size_t i = 0; i < 4; i++) {
        average[i] = var_tensor(s, venn_net_param_at(w->average, i)->var);
        value[i] = var_tensor(s, venn_net_param_at(w->student, i)->var);
    }
    venn_ema(s->g, 4, average, value, guard, VENN_NONE, &(venn_ema_params){.momentum = 0.9f});
    venn_step_apply_params eval = {.mode = VENN_STEP_EVAL};
    venn_tensor key = venn_softmax(s->g, venn_step_apply(s, w->average, &eval));
    venn_enqueue(s->g, var_tensor(s, w->queue), var_tensor(s, w->position), key, guard);
}

static venn_status feed(void *user, const venn_step_feed *f)
{
    const world *w = user;
    size_t bytes;
    cr_assert_eq(f->total, 4 * STEPS);
    cr_assert_eq(f->epoch, f->step / STEPS);
    void *past = venn_feed_input(f, "past", &bytes);
    cr_assert_eq(bytes, sizeof w->memory);
    memcpy(past, w->memory, bytes);
    venn_feed_scalar(f, "factor", 1 - 0.5 * (double)f->step / (double)f->total);
    return VENN_OK;
}

static venn_status collect(void *user, const venn_step_result *r)
{
    world *w = user;
    size_t bytes;
    const void *z = venn_result_output(r, "z", &bytes);
    cr_assert_eq(bytes, sizeof w->memory);
    memcpy(w->memory, z, bytes);
    return VENN_OK;
}

static venn_status epoch_end(void *user, venn_metrics *m)
{
    const world *w = user;
    cr_assert_eq(venn_metrics_set(m, "unknown", 1), VENN_BAD_ARG);
    return venn_metrics_set(m, "host", w->memory[0]);
}

static void count_step(void *user, const venn_step_event *event)
{
    ((world *)user)->steps = event->step;
}

static bool stop_now(void *user)
{
    const world *w = user;
    return w->stop_at && w->steps >= w->stop_at;
}

// The state as it is before a training.
static void reset(world *w)
{
    float zeros[QUEUE * TOY_CLASSES] = {0}, one = 1;
    int32_t zero = 0;
    cr_assert_eq(venn_net_init(w->student, 1), VENN_OK);
    cr_assert_eq(venn_net_init(w->peer, 2), VENN_OK);
    cr_assert_eq(venn_net_init(w->average, 3), VENN_OK);
    cr_assert_eq(venn_var_write(w->queue, zeros, sizeof zeros), VENN_OK);
    cr_assert_eq(venn_var_write(w->position, &zero, sizeof zero), VENN_OK);
    cr_assert_eq(venn_var_write(w->scale, &one, sizeof one), VENN_OK);
    memset(w->memory, 0, sizeof w->memory);
}

static const char *const in_a[] = {"a"}, *const in_b[] = {"b"};

static void describe(world *w)
{
    w->slow = (venn_optim_params){.lr = 0.01, .momentum = 0.9f};
    w->others[0] = (venn_fit_net){
        .net = w->peer, .name = "peer", .modalities = in_a, .optim = &w->slow, .lr_scale = 2};
    w->others[1] = (venn_fit_net){
        .net = w->average, .name = "average", .modalities = in_b, .role = VENN_NET_FOLLOWS};
    w->others[2] = (venn_fit_net){.net = w->teacher,
                                  .name = "teacher",
                                  .modalities = in_a,
                                  .role = VENN_NET_FROZEN,
                                  .cache = true};
    w->vars[0] = (venn_fit_var){.var = w->queue};
    w->vars[1] = (venn_fit_var){.var = w->position};
    w->vars[2] = (venn_fit_var){.var = w->scale, .trains = true};
    w->array = (venn_fit_array){"memory", VENN_F32, VENN_SHAPE(BATCH, TOY_CLASSES), w->memory};
    w->stream = (venn_stream){.name = "other", .data = w->data};
    w->objective = (venn_objective){.user = w,
                                    .build = build,
                                    .gradient = gradient,
                                    .after = after,
                                    .feed = feed,
                                    .collect = collect,
                                    .lockstep = true,
                                    .epoch_end = epoch_end};
    w->fit = (venn_fit){.net = w->student,
                        .modalities = in_b,
                        .others = w->others,
                        .n_others = 3,
                        .vars = w->vars,
                        .n_vars = 3,
                        .arrays = &w->array,
                        .n_arrays = 1,
                        .data = w->data,
                        .streams = &w->stream,
                        .n_streams = 1,
                        .epochs = 4,
                        .batch = BATCH,
                        .seed = 5,
                        .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.01},
                        .objective = &w->objective,
                        .keep_last = true};
}

static void begin(world *w)
{
    memset(w, 0, sizeof *w);
    w->device = open_test_device();
    w->data = toy_data();
    w->student = toy_net(w->device, 1);
    w->peer = toy_net(w->device, 2);
    w->average = toy_net(w->device, 3);
    w->teacher = toy_net(w->device, 4);
    venn_shape rows = VENN_SHAPE(QUEUE, TOY_CLASSES);
    cr_assert_eq(venn_var_create(&w->queue, w->device, "queue", VENN_F32, rows), VENN_OK);
    cr_assert_eq(venn_var_create(&w->position, w->device, "position", VENN_I32, VENN_SHAPE(1)),
                 VENN_OK);
    cr_assert_eq(venn_var_create(&w->scale, w->device, "scale", VENN_F32, VENN_SCALAR), VENN_OK);
    describe(w);
    reset(w);
}

static void end(world *w)
{
    venn_net_destroy(&w->student);
    venn_net_destroy(&w->peer);
    venn_net_destroy(&w->average);
    venn_net_destroy(&w->teacher);
    venn_var_destroy(&w->queue);
    venn_var_destroy(&w->position);
    venn_var_destroy(&w->scale);
    venn_dataset_destroy(&w->data);
    close_test_device(&w->device);
}

static void run_ok(world *w, venn_fit_result *result)
{
    cr_assert_eq(venn_fit_run(w->device, &w->fit, result), VENN_OK, "%s", venn_error_message());
}

Test(train_step, everything_at_once_is_one_submission)
{
    world w;
    venn_fit_result result;
    char teacher[33], after_hash[33];
    begin(&w);
    cr_assert_eq(venn_net_hash(w.teacher, teacher), VENN_OK);
    run_ok(&w, &result);
    cr_expect_eq(result.step.submissions, 1);
    cr_expect_eq(result.best_epoch, 4); // keep_last
    cr_assert_eq(result.history[0].n_terms, 3);
    cr_expect_str_eq(result.history[0].terms[2].name, "host");
    cr_expect_eq((float)result.history[3].terms[2].value, w.memory[0]);
    // The peer learnt, from its own stream, with its own optimizer.
    cr_expect_lt(result.history[3].terms[1].value, 0.8 * result.history[0].terms[1].value);
    cr_assert_eq(venn_net_hash(w.teacher, after_hash), VENN_OK);
    cr_expect_str_eq(teacher, after_hash);
    // 48 steps of 16 rows into 40 places; the trained variable moved.
    int32_t position;
    float scale;
    cr_assert_eq(venn_var_read(w.position, &position, sizeof position), VENN_OK);
    cr_expect_eq(position, 4 * STEPS * BATCH % QUEUE);
    cr_assert_eq(venn_var_read(w.scale, &scale, sizeof scale), VENN_OK);
    cr_expect_gt(fabsf(scale - 1), 0.01f);
    venn_fit_result_finish(&result);
    end(&w);
}

static void check_resume(uint64_t stop_at)
{
    world w;
    venn_fit_result result;
    float memory[BATCH * TOY_CLASSES];
    char *whole = toy_folder(), *broken = toy_folder();
    begin(&w);
    w.fit.folder = whole;
    run_ok(&w, &result);
    double loss = result.history[3].loss;
    memcpy(memory, w.memory, sizeof memory);
    venn_fit_result_finish(&result);

    reset(&w);
    w.stop_at = stop_at;
    w.observer = (venn_observer){&w, count_step, NULL, stop_now};
    w.fit.observer = &w.observer;
    w.fit.folder = broken;
    cr_assert_eq(venn_fit_run(w.device, &w.fit, &result), VENN_CANCELLED);
    venn_fit_result_finish(&result);

    reset(&w);
    w.stop_at = 0;
    w.fit.resume = true;
    run_ok(&w, &result);
    cr_expect_eq(result.history[3].loss, loss);
    venn_fit_result_finish(&result);
    cr_expect(toy_same_file(whole, broken, "best.safetensors"));
    cr_expect_arr_eq(memory, w.memory, sizeof memory);
    end(&w);
    toy_remove_folder(whole);
    toy_remove_folder(broken);
}

Test(train_step, resumes_in_mid_epoch)
{
    check_resume(17);
}

Test(train_step, resumes_at_an_epochs_end)
{
    check_resume(24);
}
