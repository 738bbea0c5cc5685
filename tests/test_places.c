// Networks that answer place by place: trained and evaluated against a modality's target, and what is measured of them.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data_files.h"
#include "device_fixture.h"
#include "distill/block_places.h"
#include "venn/train.h"

enum { PLACES = 32 * 32, CLASSES = 3, TEST = 10 };

static venn_net *segmenter(venn_device *device)
{
    static const venn_layer layers[] = {
        {.kind = VENN_LAYER_CONV, .out = 8, .kernel = {3}, .padding = {1, 1}},
        {.kind = VENN_LAYER_RELU},
        {.kind = VENN_LAYER_CONV, .out = CLASSES, .kernel = {3}, .padding = {1, 1}}};
    const venn_branch branch = {.layers = layers, .n_layers = 3, .input = VENN_SHAPE(1, 32, 32)};
    const venn_net_params params = {.branches = &branch, .n_branches = 1};
    venn_net *net;
    cr_assert_eq(venn_net_create(&net, device, &params, 1), VENN_OK, "%s", venn_error_message());
    return net;
}

// Accuracy and cross-entropy of logits [TEST, C, places] against the mask, on the host.
static venn_evaluation expected(const venn_dataset *d, const float *z)
{
    venn_evaluation sum = {.n = TEST};
    for (int i = 0; i < TEST; i++)
        for (int p = 0; p < PLACES; p++) {
            const int truth = (int)venn_dataset_item(d, VENN_TEST, 2, i)[p];
            double all = 0;
            int best = 0;
            for (int c = 0; c < CLASSES; c++) {
                const float *at = z + (i * CLASSES) * PLACES + p;
                all += exp((double)at[c * PLACES]);
                best = at[c * PLACES] > at[best * PLACES] ? c : best;
            }
            sum.accuracy += (double)(best == truth) / (TEST * PLACES);
            sum.loss +=
                (log(all) - (double)z[(i * CLASSES + truth) * PLACES + p]) / (TEST * PLACES);
        }
    return sum;
}

Test(places, are_trained_and_evaluated)
{
    static const char *const modalities[] = {"first"};
    venn_device *device = open_test_device();
    venn_dataset *d;
    venn_fit_result result;
    venn_evaluation got;
    int32_t predictions[TEST];
    cr_assert_eq(venn_dataset_load(&d, "synthetic:organs,train=40,test=10,seed=3", NULL), VENN_OK,
                 "%s", venn_error_message());
    venn_net *net = segmenter(device);
    const venn_fit fit = {.net = net,
                          .modalities = modalities,
                          .data = d,
                          .epochs = 6,
                          .batch = 8,
                          .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.02f}};
    cr_assert_eq(venn_fit_run(device, &fit, &result), VENN_OK, "%s", venn_error_message());
    float *z = calloc((size_t)TEST * CLASSES * PLACES, sizeof *z);
    cr_assert_eq(venn_evaluate(device, net, modalities, d, VENN_TEST, 4, &got, z, NULL), VENN_OK,
                 "%s", venn_error_message());
    const venn_evaluation want = expected(d, z);
    cr_expect_float_eq(got.accuracy, want.accuracy, 1e-5, "%g, not %g", got.accuracy,
                       want.accuracy);
    cr_expect_float_eq(got.loss, want.loss, 1e-4, "%g, not %g", got.loss, want.loss);
    cr_expect_float_eq(result.test_accuracy, want.accuracy, 1e-5);
    // A share of all places, nine in ten of which are of no class.
    const double learnt = result.history[5].train_accuracy;
    cr_expect(learnt > 0.88 && learnt <= 1, "%g", learnt);
    cr_expect_float_eq(got.accuracy, learnt, 0.04, "%g and %g", got.accuracy, learnt);
    check_fails(venn_evaluate(device, net, modalities, d, VENN_TEST, 4, &got, NULL, predictions),
                VENN_UNSUPPORTED, "place by place");
    free(z);
    venn_fit_result_finish(&result);
    venn_net_destroy(&net);
    venn_dataset_destroy(&d);
    close_test_device(&device);
}

// A network on a modality without target has nothing to be held against.
Test(places, need_a_target)
{
    static const char *const modalities[] = {"first-mask"};
    venn_device *device = open_test_device();
    venn_dataset *d;
    cr_assert_eq(venn_dataset_load(&d, "synthetic:organs,train=8,test=2", NULL), VENN_OK);
    venn_net *net = segmenter(device);
    const venn_fit fit = {.net = net, .modalities = modalities, .data = d, .batch = 4};
    check_fails(venn_fit_check(device, &fit), VENN_BAD_ARG, "first-mask has no target");
    venn_net_destroy(&net);
    venn_dataset_destroy(&d);
    close_test_device(&device);
}

// Two items of two places and three classes: said 0 1, 1 1; true 0 1, 0 1.
Test(places, overlaps_and_confusions)
{
    const float logits[2 * CLASSES * 2] = {4, 0, 0, 2, 0, 0, /**/ 0, 0, 2, 4, 0, 0};
    const float first[] = {0, 1}, second[] = {0, 1};
    const float *const classes[] = {first, second};
    double overlap[CLASSES], confusion[CLASSES * CLASSES];
    cr_assert_eq(venn_places_measure(logits, classes, 2, CLASSES, 2, 2, overlap, confusion),
                 VENN_OK);
    cr_expect_float_eq(overlap[0], 2.0 * 1 / 3, 1e-12);
    cr_expect_float_eq(overlap[1], 2.0 * 2 / 5, 1e-12);
    cr_expect(isnan(overlap[2]) && isnan(confusion[6]));
    // Class 0: mean logits (2, 1, 0), halved; class 1: (0, 3, 0).
    const double e = exp(1) + exp(0.5) + 1, f = exp(1.5) + 2;
    cr_expect_float_eq(confusion[0], exp(1) / e, 1e-12);
    cr_expect_float_eq(confusion[1], exp(0.5) / e, 1e-12);
    cr_expect_float_eq(confusion[4], exp(1.5) / f, 1e-12);
}
