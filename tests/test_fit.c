// Training: it learns, it is repeatable to the last bit, an interrupted run goes on as if it had not been
// interrupted, a frozen teacher stays as it is, and a NaN is named.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "device_fixture.h"
#include "toy_training.h"
#include "venn/io.h"
#include "venn/ops.h"
#include "venn/train.h"

static const char *const modality_a[] = {"a"}, *const modality_b[] = {"b"};

typedef struct stopper {
    uint64_t at, steps;
    venn_observer observer;
} stopper;

static void count_step(void *user, const venn_step_event *event)
{
    ((stopper *)user)->steps = event->step;
}

static bool stop_now(void *user)
{
    const stopper *s = user;
    return s->at && s->steps >= s->at;
}

static venn_tensor ce_and_kd(void *user, venn_step *s)
{
    const venn_fit *fit = user;
    venn_tensor student = venn_step_apply(s, fit->net, NULL);
    venn_tensor teacher = venn_step_apply(s, fit->others[0].net, NULL);
    venn_kl_div_params kl = {.temperature = 2};
    return venn_add(s->g, venn_step_ce(s, student),
                    venn_kl_div(s->g, student, teacher, VENN_NONE, &kl));
}

typedef struct setting {
    venn_device *device;
    venn_dataset *data;
    venn_net *net, *teacher;
    venn_fit fit;
    venn_fit_net guide;
    venn_objective objective;
} setting;

static void begin(setting *s, venn_optim_kind kind)
{
    s->device = open_test_device();
    s->data = toy_data();
    s->net = toy_net(s->device, 3);
    s->teacher = toy_net(s->device, 4);
    s->objective = (venn_objective){.user = &s->fit, .loss = ce_and_kd};
    s->guide = (venn_fit_net){
        .net = s->teacher, .name = "teacher", .modalities = modality_a, .role = VENN_NET_FROZEN};
    s->fit = (venn_fit){.net = s->net,
                        .modalities = modality_b,
                        .data = s->data,
                        .epochs = 4,
                        .batch = 16,
                        .seed = 9,
                        .optim = {.kind = kind,
                                  .lr = kind == VENN_OPTIM_SGD ? 0.05 : 0.01,
                                  .momentum = kind == VENN_OPTIM_SGD ? 0.9f : 0},
                        .objective = &s->objective,
                        .others = &s->guide,
                        .n_others = 1};
}

static void end(setting *s)
{
    venn_net_destroy(&s->net);
    venn_net_destroy(&s->teacher);
    venn_dataset_destroy(&s->data);
    close_test_device(&s->device);
}

Test(fit, learns_and_leaves_the_teacher_alone)
{
    setting s;
    venn_fit_result result;
    char before[33], after[33];
    begin(&s, VENN_OPTIM_ADAM);
    venn_fit teach = {.net = s.teacher,
                      .modalities = modality_a,
                      .data = s.data,
                      .epochs = 10,
                      .batch = 20,
                      .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.01}};
    cr_assert_eq(venn_fit_run(s.device, &teach, &result), VENN_OK, "%s", venn_error_message());
    cr_expect_gt(result.test_accuracy, 0.85);
    venn_fit_result_finish(&result);

    cr_assert_eq(venn_net_hash(s.teacher, before), VENN_OK);
    s.fit.epochs = 10;
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_net_hash(s.teacher, after), VENN_OK);
    cr_expect_str_eq(before, after);
    cr_expect_gt(result.test_accuracy, 0.6);
    cr_expect_eq(result.n_epochs, 10);
    cr_expect_lt(result.history[9].loss, result.history[0].loss);
    cr_expect_eq(result.step.submissions, 1);
    // The network holds the best epoch's parameters.
    venn_evaluation valid;
    cr_assert_eq(
        venn_evaluate(s.device, s.net, modality_b, s.data, VENN_VALID, 7, &valid, NULL, NULL),
        VENN_OK);
    cr_expect_float_eq(valid.accuracy, result.valid_accuracy, 1e-9);
    venn_fit_result_finish(&result);
    end(&s);
}

Test(fit, cached_teacher_gives_the_same_training)
{
    setting s;
    venn_fit_result result;
    begin(&s, VENN_OPTIM_ADAM);
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK, "%s", venn_error_message());
    double every = result.history[0].loss;
    venn_fit_result_finish(&result);
    s.guide.cache = true;
    cr_assert_eq(venn_net_init(s.net, 3), VENN_OK);
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK, "%s", venn_error_message());
    // Logits of another batch size may differ in the last bits.
    cr_expect_float_eq(result.history[0].loss, every, 1e-5);
    venn_fit_result_finish(&result);
    end(&s);
}

static void check_resume(venn_optim_kind kind, uint64_t stop_at)
{
    setting s;
    venn_fit_result result;
    char *whole = toy_folder(), *broken = toy_folder();
    begin(&s, kind);
    s.fit.folder = whole;
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK, "%s", venn_error_message());
    double accuracy = result.test_accuracy, loss = result.history[3].loss;
    venn_fit_result_finish(&result);

    stopper stop = {.at = stop_at};
    stop.observer = (venn_observer){&stop, count_step, NULL, stop_now};
    s.fit.folder = broken;
    s.fit.observer = &stop.observer;
    cr_assert_eq(venn_net_init(s.net, 3), VENN_OK);
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_CANCELLED);
    venn_fit_result_finish(&result);

    s.fit.observer = NULL;
    s.fit.resume = true;
    cr_assert_eq(venn_net_init(s.net, 77), VENN_OK); // nothing of it may survive
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK, "%s", venn_error_message());
    cr_expect_eq(result.test_accuracy, accuracy);
    cr_expect_eq(result.history[3].loss, loss);
    venn_fit_result_finish(&result);
    cr_expect(toy_same_file(whole, broken, "best.safetensors"));

    // A run that is over is not run again.
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK, "%s", venn_error_message());
    cr_expect_eq(result.test_accuracy, accuracy);
    venn_fit_result_finish(&result);
    end(&s);
    toy_remove_folder(whole);
    toy_remove_folder(broken);
}

Test(fit, resumes_in_mid_epoch_adam)
{
    check_resume(VENN_OPTIM_ADAM, 17);
}

Test(fit, resumes_at_an_epochs_end_sgd)
{
    check_resume(VENN_OPTIM_SGD, 24);
}

Test(fit, two_runs_are_bit_identical)
{
    setting s;
    venn_fit_result result;
    char first[33], second[33];
    begin(&s, VENN_OPTIM_ADAM);
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK);
    venn_fit_result_finish(&result);
    cr_assert_eq(venn_net_hash(s.net, first), VENN_OK);
    cr_assert_eq(venn_net_init(s.net, 3), VENN_OK);
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK);
    venn_fit_result_finish(&result);
    cr_assert_eq(venn_net_hash(s.net, second), VENN_OK);
    cr_expect_str_eq(first, second);
    s.fit.seed++;
    cr_assert_eq(venn_net_init(s.net, 3), VENN_OK);
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_OK);
    venn_fit_result_finish(&result);
    cr_assert_eq(venn_net_hash(s.net, second), VENN_OK);
    cr_expect_str_neq(first, second);
    end(&s);
}

Test(fit, nan_names_the_first_bad_tensor_and_keeps_the_checkpoint)
{
    setting s;
    venn_fit_result result;
    char *folder = toy_folder();
    begin(&s, VENN_OPTIM_SGD);
    // One poisoned item: the step that meets it must stop the run.
    venn_items *items = &s.data->split[VENN_TRAIN].items[1];
    ((float *)items->array->data)[10 * TOY_WIDTH] = NAN;
    s.fit.folder = folder;
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_NOT_FINITE);
    cr_expect_not_null(strstr(venn_error_message(), "x.b"), "%s", venn_error_message());
    venn_fit_result_finish(&result);
    char *path = venn_path_join(folder, "last.safetensors");
    cr_assert_eq(venn_net_load(s.net, path), VENN_OK, "%s", venn_error_message());
    venn_evaluation test;
    cr_assert_eq(
        venn_evaluate(s.device, s.net, modality_b, s.data, VENN_TEST, 0, &test, NULL, NULL),
        VENN_OK);
    cr_expect(isfinite(test.loss));
    free(path);
    end(&s);
    toy_remove_folder(folder);
}

Test(fit, refuses_what_does_not_fit)
{
    setting s;
    venn_fit_result result;
    begin(&s, VENN_OPTIM_ADAM);
    s.fit.batch = TOY_TRAIN + 1;
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_BAD_ARG);
    cr_expect_str_eq(venn_error_message(),
                     "a batch of 201 is larger than the training split of 200: use "
                     "a smaller batch");
    venn_fit_result_finish(&result);
    s.fit.batch = 16;
    s.fit.modalities = (const char *const[]){"c"};
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_BAD_ARG);
    cr_expect_not_null(strstr(venn_error_message(), "\"c\""), "%s", venn_error_message());
    venn_fit_result_finish(&result);
    end(&s);
}

Test(fit, refuses_streams_without_data_or_name)
{
    setting s;
    venn_fit_result result;
    begin(&s, VENN_OPTIM_ADAM);
    venn_stream stream = {.name = "other"};
    s.fit.streams = &stream;
    s.fit.n_streams = 1;
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_BAD_ARG);
    cr_expect_not_null(strstr(venn_error_message(), "stream 0, other has no data"), "%s",
                       venn_error_message());
    venn_fit_result_finish(&result);
    stream = (venn_stream){.data = s.fit.data};
    cr_assert_eq(venn_fit_run(s.device, &s.fit, &result), VENN_BAD_ARG);
    cr_expect_not_null(strstr(venn_error_message(), "stream 0 has no name"), "%s",
                       venn_error_message());
    venn_fit_result_finish(&result);
    end(&s);
}

Test(fit, says_how_much_memory_is_missing_before_training)
{
    venn_device *device;
    cr_assert_eq(venn_device_create(&device, &(venn_device_params){.memory_limit = 24000}), VENN_OK,
                 "%s", venn_error_message());
    venn_dataset *data = toy_data();
    venn_net *net = toy_net(device, 3);
    venn_fit_result result;
    venn_fit fit = {.net = net, .modalities = modality_b, .data = data, .batch = 200};
    stopper never = {0};
    never.observer = (venn_observer){&never, count_step, NULL, NULL};
    fit.observer = &never.observer;
    cr_expect_eq(venn_fit_run(device, &fit, &result), VENN_NO_DEVICE_MEMORY, "%s",
                 venn_error_message());
    cr_expect_not_null(strstr(venn_error_message(), "bytes of device memory"), "%s",
                       venn_error_message());
    cr_expect_eq(never.steps, 0);
    venn_fit_result_finish(&result);
    venn_net_destroy(&net);
    venn_dataset_destroy(&data);
    venn_device_destroy(&device);
}
