// Data whose pairs are of several classes: scores, training and evaluation, distillation.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data_files.h"
#include "device_fixture.h"
#include "op_files.h"
#include "program_run.h"
#include "tiny_job.h"
#include "train/judge.h"
#include "venn/train.h"

enum { CLASSES = 3, WIDTH = 4, PAIRS = 40 };

// Four items of three classes: scikit-learn's f1_score gives these.
Test(tags, scores)
{
    static const float truth[4][3] = {{1, 0, 1}, {0, 1, 0}, {0, 0, 0}, {1, 1, 0}};
    static const float logits[4][3] = {{2, -1, -1}, {1, 3, -2}, {-1, -1, -1}, {0.5f, -2, -1}};
    judge j;
    cr_assert_eq(venn_judge_open(&j, CLASSES), VENN_OK);
    for (int round = 0; round < 2; round++) {
        venn_judge_clear(&j);
        for (int i = 0; i < 4; i++)
            venn_judge_tags(&j, logits[i], truth[i]);
    }
    cr_expect_float_eq(venn_judge_score(&j, VENN_SCORE_ACCURACY), 9.0 / 12, 1e-12);
    cr_expect_float_eq(venn_judge_score(&j, VENN_SCORE_F1_MICRO), 2.0 / 3, 1e-12);
    cr_expect_float_eq(venn_judge_score(&j, VENN_SCORE_F1_MACRO), (0.8 + 2.0 / 3) / 3, 1e-12);
    cr_expect_float_eq(venn_judge_score(&j, VENN_SCORE_F1_WEIGHTED), (1.6 + 4.0 / 3) / 5, 1e-12);
    cr_expect_float_eq(venn_judge_score(&j, VENN_SCORE_F1_SAMPLES), 0.5, 1e-12);
    venn_judge_close(&j);
}

// One class per item, one of none: said 0 0 1 2 of 0 1 1 none.
Test(tags, scores_of_one_class)
{
    judge j;
    cr_assert_eq(venn_judge_open(&j, 4), VENN_OK);
    venn_judge_class(&j, 0, 0);
    venn_judge_class(&j, 0, 1);
    venn_judge_class(&j, 1, 1);
    venn_judge_class(&j, 2, -1);
    cr_expect_float_eq(venn_judge_score(&j, VENN_SCORE_ACCURACY), 2.0 / 3, 1e-12);
    cr_expect_float_eq(venn_judge_score(&j, VENN_SCORE_MEAN_IOU), 0.5, 1e-12);
    cr_expect_float_eq(venn_judge_score(&j, VENN_SCORE_F1_MACRO), 1.0 / 3, 1e-12);
    venn_judge_close(&j);
}

// Class c: whether number c is above 0; the fourth says nothing.
static venn_dataset *signs(venn_score score)
{
    const char *names[] = {"x", "tags"};
    const venn_shape shapes[] = {VENN_SHAPE(WIDTH), VENN_SHAPE(CLASSES)};
    float x[PAIRS * WIDTH], tags[PAIRS * CLASSES];
    int32_t labels[PAIRS] = {0};
    const float *of[] = {x, tags};
    venn_dataset *d;
    for (int i = 0; i < PAIRS * WIDTH; i++)
        x[i] = sinf((float)i * 1.7f);
    for (int i = 0; i < PAIRS * CLASSES; i++)
        tags[i] = x[i / CLASSES * WIDTH + i % CLASSES] > 0;
    cr_assert_eq(venn_dataset_create(&d, "signs", CLASSES, NULL, 2, names, shapes), VENN_OK);
    cr_assert_eq(venn_dataset_set_split(d, VENN_TRAIN, PAIRS, labels, of), VENN_OK);
    cr_assert_eq(venn_dataset_set_split(d, VENN_TEST, PAIRS, labels, of), VENN_OK);
    check_fails(venn_dataset_set_tags(d, "x"), VENN_BAD_ARG, "x has 4 numbers, but there are 3");
    cr_assert_eq(venn_dataset_set_tags(d, "tags"), VENN_OK, "%s", venn_error_message());
    d->score = score;
    return d;
}

Test(tags, are_trained_and_evaluated)
{
    static const char *const modalities[] = {"x"};
    const venn_layer layer = {.kind = VENN_LAYER_LINEAR, .out = CLASSES};
    const venn_branch branch = {.layers = &layer, .n_layers = 1, .input = VENN_SHAPE(WIDTH)};
    const venn_net_params params = {.branches = &branch, .n_branches = 1};
    venn_device *device = open_test_device();
    venn_dataset *d = signs(VENN_SCORE_F1_MACRO);
    venn_net *net;
    venn_fit_result result;
    venn_evaluation got;
    float z[PAIRS * CLASSES];
    int32_t said[PAIRS];
    cr_assert_eq(venn_net_create(&net, device, &params, 1), VENN_OK);
    const venn_fit fit = {.net = net,
                          .modalities = modalities,
                          .data = d,
                          .epochs = 12,
                          .batch = 8,
                          .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.1f}};
    cr_assert_eq(venn_fit_run(device, &fit, &result), VENN_OK, "%s", venn_error_message());
    // 40 pairs in batches of 16: the last is filled up.
    cr_assert_eq(venn_evaluate(device, net, modalities, d, VENN_TEST, 16, &got, z, NULL), VENN_OK,
                 "%s", venn_error_message());
    double loss = 0;
    judge j;
    cr_assert_eq(venn_judge_open(&j, CLASSES), VENN_OK);
    for (int i = 0; i < PAIRS; i++) {
        const float *truth = venn_dataset_item(d, VENN_TEST, 1, i);
        for (int c = 0; c < CLASSES; c++) {
            const double v = (double)z[i * CLASSES + c];
            loss += (log1p(exp(v)) - (double)truth[c] * v) / (PAIRS * CLASSES);
        }
        venn_judge_tags(&j, z + i * CLASSES, truth);
    }
    cr_expect_float_eq(got.loss, loss, 1e-5, "%g, not %g", got.loss, loss);
    cr_expect_float_eq(got.accuracy, venn_judge_score(&j, VENN_SCORE_F1_MACRO), 1e-12);
    cr_expect_float_eq(result.test_accuracy, got.accuracy, 1e-12);
    cr_expect_gt(got.accuracy, 0.9, "%g", got.accuracy);
    cr_expect(result.history[11].loss < 0.3 * result.history[0].loss + 0.2);
    check_fails(venn_evaluate(device, net, modalities, d, VENN_TEST, 16, &got, NULL, said),
                VENN_UNSUPPORTED, "yes or no to each");
    venn_judge_close(&j);
    venn_fit_result_finish(&result);
    venn_net_destroy(&net);
    venn_dataset_destroy(&d);
    close_test_device(&device);
}

// ---- Whole runs ------------------------------------------------------------------------------

static void write_tagged(void)
{
    int32_t tags[48 * 3];
    tiny_write();
    for (int i = 0; i < 48 * 3; i++)
        tags[i] = i * i % 7 < 3;
    venn_array *array;
    cr_assert_eq(venn_array_create(&array, NULL, VENN_I32, VENN_SHAPE(48, 3)), VENN_OK);
    memcpy(array->data, tags, sizeof tags);
    cr_assert_eq(venn_npy_write(array, scratch_path("tags.npy")), VENN_OK);
    venn_array_destroy(&array);
    tiny_changed(
        "data.yaml", tiny_data, "classes:", "tags: tags\nscore: f1_samples\nclasses:",
        "labels: {kind: npy, train: {file: label.npy}, test: {file: label.npy}}",
        "labels: {kind: npy, first: true, train: {file: tags.npy}, test: {file: tags.npy}}",
        "validation:",
        "  - {name: tags, kind: npy, shape: [3], train: {file: tags.npy}, test: {file: "
        "tags.npy}}\nvalidation:",
        NULL);
}

Test(tags, of_a_description)
{
    venn_dataset *d;
    write_tagged();
    const char *const picture[] = {"picture"};
    const venn_dataset_params params = {.modalities = picture, .modality_count = 1};
    cr_assert_eq(venn_dataset_load(&d, scratch_path("data.yaml"), &params), VENN_OK, "%s",
                 venn_error_message());
    cr_expect(d->modality_count == 2 && strcmp(d->tags, "tags") == 0);
    cr_expect_eq(d->score, VENN_SCORE_F1_SAMPLES);
    for (int64_t i = 0; i < d->split[VENN_TEST].n; i++) {
        const float *tags = venn_dataset_item(d, VENN_TEST, 1, i);
        const int first = tags[0] > 0 ? 0 : tags[1] > 0 ? 1 : tags[2] > 0 ? 2 : 0;
        cr_expect_eq(d->split[VENN_TEST].labels[i], first);
    }
    venn_dataset_destroy(&d);
}

Test(tags, are_distilled)
{
    write_tagged();
    SUCCEEDS("$venn distill job.yaml -o run");
    cr_expect(strstr(printed_out, "f1_samples"), "%s", printed_out);
    SUCCEEDS("$venn eval run/config.yaml run/seed-1/distilled/best.safetensors");
    cr_expect(strstr(printed_out, "f1_samples"), "%s", printed_out);
    tiny_changed("job.yaml", tiny_config, "name: kd\n  temperature: 2", "name: dkd", NULL);
    fails(shell("$venn distill job.yaml -o other"), 3, "dkd takes one class per item", NULL);
}
