// Trainings whose activations are stored in 16 bits: they learn what f32 learns, go on after an overflow and after
// an interruption, and are refused, or left in f32, where the device has no 16-bit storage.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "case_sample.h"
#include "data_files.h"
#include "device_fixture.h"
#include "tiny_job.h"
#include "toy_training.h"
#include "train/fit_internal.h"
#include "venn/distill.h"
#include "venn/ops.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())

static const char *const image[] = {"image"}, *const sound[] = {"b"};

// No kernel needs 16-bit storage; so that trainings run on devices without it too.
static venn_device *open_device(bool half_storage)
{
    venn_device *device = open_test_device();
    case_sample_profile(device)->half_storage = half_storage;
    return device;
}

// ---- Accuracy --------------------------------------------------------------------------------

static double digits_accuracy(venn_device *device, const venn_dataset *data,
                              venn_precision precision)
{
    static const venn_layer layers[] = {
        {.kind = VENN_LAYER_CONV, .out = 6, .kernel = {5}, .padding = {2, 2}, .stride = {2}},
        {.kind = VENN_LAYER_BATCH_NORM},
        {.kind = VENN_LAYER_RELU},
        {.kind = VENN_LAYER_MAX_POOL, .kernel = {2}},
        {.kind = VENN_LAYER_FLATTEN},
        {.kind = VENN_LAYER_LINEAR, .out = 32},
        {.kind = VENN_LAYER_TANH},
        {.kind = VENN_LAYER_LINEAR, .out = 10}};
    const venn_branch branch = {
        .layers = layers, .n_layers = 8, .input = data->modalities[0].shape};
    venn_net *net;
    venn_fit_result result;
    OK(venn_net_create(&net, device, &(venn_net_params){.branches = &branch, .n_branches = 1}, 5));
    const venn_fit fit = {.net = net,
                          .modalities = image,
                          .data = data,
                          .epochs = 2,
                          .batch = 50,
                          .seed = 3,
                          .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.003},
                          .precision = precision};
    OK(venn_fit_run(device, &fit, &result));
    const double accuracy = result.test_accuracy;
    venn_fit_result_finish(&result);
    venn_net_destroy(&net);
    return accuracy;
}

// 1,000 test digits: a standard error of one point.
Test(precision, learns_the_digits_as_f32_does)
{
    venn_device *device = open_device(true);
    venn_dataset *data;
    const venn_dataset_params params = {.modalities = image, .modality_count = 1};
    OK(venn_dataset_load(&data, "digits", &params));
    const double f32 = digits_accuracy(device, data, VENN_PRECISION_F32);
    const double f16 = digits_accuracy(device, data, VENN_PRECISION_F16);
    const double bf16 = digits_accuracy(device, data, VENN_PRECISION_BF16);
    if (getenv("VENN_TEST_VERBOSE"))
        fprintf(stderr, "test accuracy: f32 %g, f16 %g, bf16 %g\n", f32, f16, bf16);
    cr_expect_gt(f32, 0.85);
    cr_expect_float_eq(f16, f32, 0.02, "f16 %g, f32 %g", f16, f32);
    cr_expect_float_eq(bf16, f32, 0.02, "bf16 %g, f32 %g", bf16, f32);
    venn_dataset_destroy(&data);
    close_test_device(&device);
}

// ---- Overflow and interruption ---------------------------------------------------------------

typedef struct toy {
    venn_device *device;
    venn_dataset *data;
    venn_net *net;
    venn_fit fit;
    uint64_t stop_at, steps;
    venn_observer observer;
} toy;

static void count_step(void *user, const venn_step_event *event)
{
    ((toy *)user)->steps = event->step;
}

static bool stop_now(void *user)
{
    const toy *t = user;
    return t->stop_at && t->steps >= t->stop_at;
}

static void begin(toy *t, bool half_storage, venn_precision precision)
{
    *t = (toy){.device = open_device(half_storage), .data = toy_data()};
    t->net = toy_net(t->device, 3);
    t->observer = (venn_observer){.user = t, .on_step = count_step, .stop = stop_now};
    t->fit = (venn_fit){.net = t->net,
                        .modalities = sound,
                        .data = t->data,
                        .epochs = 4,
                        .batch = 16,
                        .seed = 9,
                        .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.01},
                        .precision = precision,
                        .observer = &t->observer};
}

static void end(toy *t)
{
    venn_net_destroy(&t->net);
    venn_dataset_destroy(&t->data);
    close_test_device(&t->device);
}

static double term(const venn_metrics *m, const char *name)
{
    for (int i = 0; i < m->n_terms; i++)
        if (strcmp(m->terms[i].name, name) == 0)
            return m->terms[i].value;
    return NAN;
}

// Runs from the start and leaves the hash of the parameters.
static void run_whole(toy *t, venn_fit_result *result, char hash[33])
{
    OK(venn_net_init(t->net, 3));
    OK(venn_fit_run(t->device, &t->fit, result));
    OK(venn_net_hash(t->net, hash));
}

// Begins far beyond the range of f16, so that its first steps are skipped, and stops among them.
Test(precision, goes_on_from_an_interrupted_search_of_the_scale)
{
    toy t;
    venn_fit_result whole, broken;
    char first[33], second[33], *folder = toy_folder();
    begin(&t, true, VENN_PRECISION_F16);
    t.fit.optim.loss_scale = 16777216;
    run_whole(&t, &whole, first);
    cr_expect_lt(term(&whole.history[3], "loss_scale"), 16777216);
    cr_expect_lt(term(&whole.history[3], "loss_scale"), term(&whole.history[0], "loss_scale"));
    cr_expect_lt(whole.history[3].loss, whole.history[0].loss);

    t.fit.folder = folder;
    t.stop_at = 3;
    OK(venn_net_init(t.net, 3));
    cr_assert_eq(venn_fit_run(t.device, &t.fit, &broken), VENN_CANCELLED);
    venn_fit_result_finish(&broken);
    t.stop_at = 0;
    t.fit.resume = true;
    OK(venn_net_init(t.net, 77)); // nothing of it may survive
    OK(venn_fit_run(t.device, &t.fit, &broken));
    OK(venn_net_hash(t.net, second));
    cr_expect_str_eq(first, second);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(broken.history[i].loss, whole.history[i].loss);
        cr_expect_eq(term(&broken.history[i], "loss_scale"), term(&whole.history[i], "loss_scale"));
    }
    venn_fit_result_finish(&whole);
    venn_fit_result_finish(&broken);
    end(&t);
    toy_remove_folder(folder);
}

static venn_tensor keep(void *user, venn_step *s, const venn_var *var, venn_tensor gradient)
{
    (void)user, (void)var;
    return venn_clamp(s->g, gradient, -100, 100);
}

static venn_tensor loss(void *user, venn_step *s)
{
    return venn_step_ce(s, venn_step_apply(s, user, NULL));
}

// What an objective does to gradients, it does to those of the loss itself: here nothing.
Test(precision, hooks_see_gradients_without_the_scale)
{
    toy t;
    venn_fit_result result;
    char plain[33], hooked[33];
    begin(&t, true, VENN_PRECISION_F16);
    run_whole(&t, &result, plain);
    venn_fit_result_finish(&result);
    const venn_objective objective = {.user = t.net, .loss = loss, .gradient = keep};
    t.fit.objective = &objective;
    run_whole(&t, &result, hooked);
    venn_fit_result_finish(&result);
    cr_expect_str_eq(plain, hooked);
    end(&t);
}

// ---- Which one -------------------------------------------------------------------------------

Test(precision, refused_without_16_bit_storage)
{
    toy t;
    venn_fit_result result;
    begin(&t, false, VENN_PRECISION_F16);
    cr_expect_eq(venn_fit_run(t.device, &t.fit, &result), VENN_UNSUPPORTED);
    venn_fit_result_finish(&result);
    const char *const parts[] = {"precision f16 is unsupported on ",
                                 venn_device_get_info(t.device)->name, "storageBuffer16BitAccess",
                                 "auto"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect_not_null(strstr(venn_error_message(), parts[i]), "%s", venn_error_message());
    end(&t);
}

Test(precision, differs_and_auto_is_f32_without_16_bit_storage)
{
    toy t;
    venn_fit_result result;
    const venn_precision all[] = {VENN_PRECISION_F32, VENN_PRECISION_AUTO, VENN_PRECISION_BF16};
    char hash[3][33];
    begin(&t, false, VENN_PRECISION_F32);
    for (int i = 0; i < 3; i++) {
        case_sample_profile(t.device)->half_storage = all[i] == VENN_PRECISION_BF16;
        t.fit.precision = all[i];
        run_whole(&t, &result, hash[i]);
        venn_fit_result_finish(&result);
    }
    cr_expect_str_eq(hash[0], hash[1]);
    cr_expect_str_neq(hash[0], hash[2]);
    end(&t);
}

static void expect_auto(bool half_storage, bool software, venn_dtype want)
{
    venn_device *device = open_device(half_storage);
    venn_dtype storage;
    case_sample_profile(device)->software = software;
    OK(venn_precision_resolve(device, VENN_PRECISION_AUTO, &storage));
    cr_expect_eq(storage, want, "%s", venn_dtype_name(storage));
    close_test_device(&device);
}

Test(precision, auto_is_f16_where_bytes_count)
{
    expect_auto(true, false, VENN_F16);
    expect_auto(true, true, VENN_F32);
    expect_auto(false, false, VENN_F32);
}

// ---- In a config -----------------------------------------------------------------------------

Test(precision, config_names_a_misspelt_one)
{
    venn_distill_config *config;
    tiny_write();
    tiny_changed("good.yaml", tiny_config, "epochs: 2", "epochs: 2\n  precision: bf16", NULL);
    OK(venn_distill_config_load(&config, scratch_path("good.yaml")));
    venn_distill_config_destroy(&config);
    tiny_changed("bad.yaml", tiny_config, "sound, network: small}]",
                 "sound, network: small}]\n  training: {precision: f61}", NULL);
    check_fails(venn_distill_config_load(&config, scratch_path("bad.yaml")), VENN_BAD_FILE,
                "precision is \"f61\", it must be f32, f16, bf16 or auto");
    cr_expect_not_null(strstr(venn_error_message(), "bad.yaml:16"), "%s", venn_error_message());
}
