// Data sets from descriptions: pairing, normalisation, splits, weakening, noise.
#include <criterion/criterion.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data_files.h"

static void save(const char *name, venn_dtype dtype, venn_shape shape, const void *data)
{
    venn_array *array;
    cr_assert_eq(venn_array_create(&array, NULL, dtype, shape), VENN_OK);
    memcpy(array->data, data, venn_array_bytes(array));
    scratch_text(name, "");
    cr_assert_eq(venn_npy_write(array, scratch_path(name)), VENN_OK, "%s", venn_error_message());
    venn_array_destroy(&array);
}

// Six pictures of 2 x 2 (value 10 i + k), labels 0 1 2 0 1 2, four sounds of three numbers, and
// five pairs of picture and sound.
static void make_files(void)
{
    uint8_t pictures[24], labels[] = {0, 1, 2, 0, 1, 2};
    for (int i = 0; i < 24; i++)
        pictures[i] = (uint8_t)(10 * (i / 4) + i % 4);
    const float sounds[] = {0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32};
    const int32_t pairs[] = {5, 0, 1, 3, 1, 3, 0, 0, 4, 2};
    save("pictures.npy", VENN_U8, VENN_SHAPE(6, 2, 2), pictures);
    save("labels.npy", VENN_U8, VENN_SHAPE(6), labels);
    save("sounds.npy", VENN_F32, VENN_SHAPE(4, 3), sounds);
    save("pairs.npy", VENN_I32, VENN_SHAPE(5, 2), pairs);
}

static venn_dataset *load(const char *text, const venn_dataset_params *params)
{
    make_files();
    scratch_text("d.yaml", text);
    venn_dataset *dataset = NULL;
    cr_assert_eq(venn_dataset_load(&dataset, scratch_path("d.yaml"), params), VENN_OK, "%s",
                 venn_error_message());
    return dataset;
}

#define HEAD "name: tiny\nclasses: [a, b, c]\n"
#define LABELS "labels: {kind: npy, train: {file: labels.npy}}\n"
#define PICTURE "  - {name: picture, kind: npy, shape: [1, 2, 2], train: {file: pictures.npy}"

static void check_values(const venn_dataset *d, int32_t modality, int64_t pair, int count,
                         const float *expected)
{
    const float *x = venn_dataset_item(d, VENN_TRAIN, modality, pair);
    for (int i = 0; i < count; i++)
        cr_assert_float_eq(x[i], expected[i], 1e-5, "%d: %g, not %g", i, (double)x[i],
                           (double)expected[i]);
}

// Of maps the greatest number is the label.
Test(data_set, greatest_labels)
{
    const uint8_t maps[] = {0, 1, 0, 0, 2, 1, 1, 2, 0, 0, 0, 0};
    const int32_t want[] = {1, 2, 0};
    save("maps.npy", VENN_U8, VENN_SHAPE(3, 2, 2), maps);
    venn_dataset *d =
        load(HEAD "labels: {kind: npy, greatest: true, train: {file: maps.npy, rows: [0, 3]}}\n"
                  "modalities:\n  - {name: sound, kind: npy, shape: [3], train: "
                  "{file: sounds.npy, rows: [0, 3]}}\n",
             NULL);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(d->split[VENN_TRAIN].labels[i], want[i]);
    venn_dataset_destroy(&d);
}

Test(data_set, pairs_by_index)
{
    venn_dataset *d =
        load(HEAD "labels: {kind: npy, train: {file: labels.npy, index: pairs.npy}}\nmodalities:\n"
                  "  - name: picture\n    kind: npy\n    shape: [1, 2, 2]\n    scale: 0.5\n"
                  "    train: {file: pictures.npy, index: pairs.npy, pick: 0}\n"
                  "  - name: sound\n    kind: npy\n    shape: [3]\n"
                  "    train: {file: sounds.npy, index: pairs.npy, pick: 1}\n",
             NULL);
    cr_assert_str_eq(d->name, "tiny");
    cr_assert_eq(d->class_count, 3);
    cr_assert_str_eq(d->classes[2], "c");
    cr_assert_eq(d->split[VENN_TRAIN].n, 5);
    cr_assert_eq(d->split[VENN_VALID].n, 0);
    const int32_t labels[] = {2, 1, 1, 0, 1};
    cr_assert_arr_eq(d->split[VENN_TRAIN].labels, labels, sizeof labels);
    check_values(d, 0, 0, 4, (float[]){25, 25.5f, 26, 26.5f});
    check_values(d, 1, 0, 3, (float[]){0, 1, 2});
    check_values(d, 0, 4, 4, (float[]){20, 20.5f, 21, 21.5f});
    check_values(d, 1, 4, 3, (float[]){20, 21, 22});
    // Pictures 0 1 4 5 and sounds 0 2 3 are in use: shared items are held once, others not at all.
    cr_assert_eq(d->split[VENN_TRAIN].items[0].array->shape.dim[0], 4);
    cr_assert_eq(d->split[VENN_TRAIN].items[1].array->shape.dim[0], 3);
    venn_dataset_destroy(&d);
    cr_assert_null(d);
}

Test(data_set, rows_cut_after_the_index)
{
    venn_dataset *d =
        load(HEAD "labels: {kind: npy, train: {file: labels.npy, index: pairs.npy, rows: [1, 4]}}\n"
                  "modalities:\n  - {name: sound, kind: npy, shape: [3, 1],\n"
                  "     train: {file: sounds.npy, index: pairs.npy, pick: 1, rows: [1, 4]}}\n",
             NULL);
    cr_assert_arr_eq(d->split[VENN_TRAIN].labels, ((int32_t[]){1, 1, 0}), 12);
    check_values(d, 0, 2, 3, (float[]){0, 1, 2});
    venn_dataset_destroy(&d);
}

Test(data_set, normalisation)
{
    venn_dataset *d = load(HEAD LABELS "modalities:\n" PICTURE ", standardise: all}\n"
                                       "  - {name: given, kind: npy, shape: [2, 2], "
                                       "train: {file: pictures.npy}, mean: [1, 3], std: [2, 4]}\n"
                                       "  - {name: channel, kind: npy, shape: [2, 2], "
                                       "train: {file: pictures.npy}, standardise: channel}\n"
                                       "  - {name: element, kind: npy, shape: [4], "
                                       "train: {file: pictures.npy}, standardise: element}\n",
                           NULL);
    // np.arange(6)[:, None] * 10 + np.arange(4): mean 26.5, std 17.11481
    cr_assert_float_eq(d->modalities[0].mean[0], 26.5f, 1e-5);
    cr_assert_float_eq(d->modalities[0].std[0], 17.11481f, 1e-4);
    check_values(d, 0, 1, 2, (float[]){-0.964077f, -0.905648f});
    check_values(d, 1, 1, 4, (float[]){4.5f, 5, 2.25f, 2.5f});
    cr_assert_eq(d->modalities[2].stat_count, 2);
    cr_assert_float_eq(d->modalities[2].mean[1], 27.5f, 1e-5);
    check_values(d, 2, 0, 4,
                 (float[]){-25.5f / 17.085569f, -24.5f / 17.085569f, -25.5f / 17.085569f,
                           -24.5f / 17.085569f});
    cr_assert_eq(d->modalities[3].stat_count, 4);
    check_values(d, 3, 2, 4,
                 (float[]){-5 / 17.078251f, -5 / 17.078251f, -5 / 17.078251f, -5 / 17.078251f});
    venn_dataset_destroy(&d);
}

Test(data_set, validation_and_limits)
{
    int32_t labels[100];
    float x[100];
    for (int i = 0; i < 100; i++) {
        labels[i] = i < 60 ? 0 : i < 90 ? 1 : 2;
        x[i] = (float)i;
    }
    save("many.npy", VENN_I32, VENN_SHAPE(100), labels);
    save("x.npy", VENN_F32, VENN_SHAPE(100, 1), x);
#define MANY                                                                                       \
    HEAD "labels: {kind: npy, train: {file: many.npy}}\n"                                          \
         "modalities:\n  - {name: x, kind: npy, shape: [1], train: {file: x.npy}}\n"
    venn_dataset *d = load(MANY "validation: {fraction: 0.2, seed: 3}\n", NULL);
    cr_assert_eq(d->split[VENN_TRAIN].n, 80);
    cr_assert_eq(d->split[VENN_VALID].n, 20);
    int seen[100] = {0}, of_class[3] = {0};
    for (int s = 0; s <= VENN_VALID; s++)
        for (int64_t i = 0; i < d->split[s].n; i++) {
            int at = (int)*venn_dataset_item(d, (venn_split_id)s, 0, i);
            cr_assert_eq(d->split[s].labels[i], labels[at]);
            cr_assert(i == 0 || at > *venn_dataset_item(d, (venn_split_id)s, 0, i - 1));
            seen[at]++;
            of_class[labels[at]] += s == VENN_VALID;
        }
    for (int i = 0; i < 100; i++)
        cr_assert_eq(seen[i], 1);
    cr_assert(of_class[0] == 12 && of_class[1] == 6 && of_class[2] == 2);

    venn_dataset *again = load(MANY "validation: {fraction: 0.2, seed: 3}\n", NULL);
    cr_assert_str_eq(d->hash, again->hash);
    venn_dataset_destroy(&again);
    again = load(MANY "validation: {fraction: 0.2, seed: 4}\n", NULL);
    cr_assert_str_neq(d->hash, again->hash);
    venn_dataset_destroy(&again);
    again = load(MANY "validation: {fraction: 0.25, stratified: no}\nlimit: {train: 10}\n",
                 &(venn_dataset_params){.limit = {0, 7, 0}});
    cr_assert_eq(again->split[VENN_TRAIN].n, 10);
    cr_assert_eq(again->split[VENN_VALID].n, 7);
    cr_assert_eq(again->split[VENN_TRAIN].items[0].array->shape.dim[0], 10);
    venn_dataset_destroy(&again);
    venn_dataset_destroy(&d);
#undef MANY
}

Test(data_set, noise)
{
    venn_dataset *d = load(HEAD LABELS "modalities:\n" PICTURE ", noise: {std: 0.1}}\n", NULL);
    venn_dataset *few = load(HEAD LABELS "modalities:\n" PICTURE ", noise: {std: 0.1}}\n",
                             &(venn_dataset_params){.limit = {3, 0, 0}});
    venn_dataset *other =
        load(HEAD LABELS "modalities:\n" PICTURE ", noise: {std: 0.1, seed: 1}}\n", NULL);
    double square = 0;
    for (int64_t i = 0; i < 6; i++)
        for (int k = 0; k < 4; k++) {
            double off = (double)venn_dataset_item(d, VENN_TRAIN, 0, i)[k] - (10.0 * (double)i + k);
            square += off * off;
            cr_assert(off != 0 && fabs(off) < 0.5);
        }
    cr_assert_float_eq(sqrt(square / 24), 0.1, 0.05);
    // An item's noise does not depend on which others are loaded.
    for (int64_t i = 0; i < 3; i++) {
        const float *x = venn_dataset_item(few, VENN_TRAIN, 0, i);
        int64_t at = (int64_t)lround((double)x[0] / 10);
        cr_assert_arr_eq(x, venn_dataset_item(d, VENN_TRAIN, 0, at), 16);
    }
    cr_assert_str_neq(d->hash, other->hash);
    venn_dataset_destroy(&d);
    venn_dataset_destroy(&few);
    venn_dataset_destroy(&other);
}

Test(data_set, weakening)
{
    // Train varies along (1, 1) mostly, test along (1, -1).
    const float train[] = {1, 1, 2, 2.1f, 3, 3, 4, 3.9f}, test[] = {1, -1, 2, -2, 0, 0, -3, 3};
    const uint8_t labels[4] = {0};
    save("train.npy", VENN_F32, VENN_SHAPE(4, 2), train);
    save("test.npy", VENN_F32, VENN_SHAPE(4, 2), test);
    save("four.npy", VENN_U8, VENN_SHAPE(4), labels);
#define WEAK                                                                                       \
    HEAD "labels: {kind: npy, train: {file: four.npy}, test: {file: four.npy}}\n"                  \
         "modalities:\n  - {name: x, kind: npy, shape: [2], train: {file: train.npy},\n"           \
         "     test: {file: test.npy}, weaken: {"
    venn_dataset *d = load(WEAK "keep_variance: 0.5}}\n", NULL);
    cr_assert_eq(d->modalities[0].components, 1);
    // On the line through the mean (2.5, 2.5) along the component, which is nearly (1, 1) /
    // sqrt(2).
    const float *x = venn_dataset_item(d, VENN_TRAIN, 0, 0);
    cr_assert_float_eq(x[0], 1, 0.05);
    cr_assert_float_eq(x[1], 1, 0.05);
    x = venn_dataset_item(d, VENN_TEST, 0, 3);
    cr_assert_float_eq(x[0], 0, 0.25);
    cr_assert_float_eq(x[1], 0, 0.25);
    venn_dataset_destroy(&d);
    d = load(WEAK "keep_components: 1, fit: each, drop_mean: yes}}\n", NULL);
    x = venn_dataset_item(d, VENN_TRAIN, 0, 0);
    cr_assert_float_eq(x[0], -1.5f, 0.05);
    for (int64_t i = 0; i < 4; i++) // test's own component holds all of it, and its mean is 0
        for (int k = 0; k < 2; k++)
            cr_assert_float_eq(venn_dataset_item(d, VENN_TEST, 0, i)[k], test[2 * i + k], 1e-6);
    venn_dataset_destroy(&d);
#undef WEAK
}

Test(data_set, recordings_from_a_csv_index)
{
    float tone[800];
    for (int i = 0; i < 800; i++)
        tone[i] = (float)(0.5 * sin(0.3 * i));
    static const char *const names[] = {"rec/a.wav", "rec/b.wav", "rec/c.wav"};
    for (int f = 0; f < 3; f++) {
        scratch_text(names[f], "");
        SF_INFO info = {
            .samplerate = 8000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
        SNDFILE *file = sf_open(scratch_path(names[f]), SFM_WRITE, &info);
        cr_assert_eq(sf_writef_float(file, tone, 500 + 100 * f), 500 + 100 * f);
        sf_close(file);
    }
    scratch_text("index.csv", "file,digit,split\na.wav,2,train\nb.wav,1,test\nc.wav,0,train\n");
    venn_dataset *d = load(
        HEAD "labels: {kind: csv, train: {file: index.csv, column: digit, where: [split=train]},\n"
             "         test: {file: index.csv, column: digit, where: [split=test]}}\n"
             "modalities:\n  - name: sound\n    kind: wav\n    shape: [1, 8, 6]\n"
             "    mel: {rate: 8000, bands: 8, frames: 6, floor_db: -60}\n"
             "    train: {file: index.csv, column: file, folder: rec, where: [split=train]}\n"
             "    test: {file: index.csv, column: file, folder: rec, where: [split!=train]}\n",
        NULL);
    cr_assert_eq(d->split[VENN_TRAIN].n, 2);
    cr_assert_eq(d->split[VENN_TRAIN].labels[0], 2);
    cr_assert_eq(d->split[VENN_TEST].labels[0], 1);
    venn_array *sound = NULL, *mel = NULL;
    int32_t rate;
    cr_assert_eq(venn_sound_read(&sound, scratch_path("rec/c.wav"), &rate), VENN_OK);
    cr_assert_eq(
        venn_log_mel(&mel, sound,
                     &(venn_mel_params){.rate = 8000, .bands = 8, .frames = 6, .floor_db = -60}),
        VENN_OK);
    cr_assert_arr_eq(venn_dataset_item(d, VENN_TRAIN, 0, 1), mel->data, venn_array_bytes(mel));
    venn_array_destroy(&sound);
    venn_array_destroy(&mel);
    venn_dataset_destroy(&d);
}

Test(data_set, chosen_modalities)
{
    const char *names[] = {"audio", "image"};
    venn_dataset *d = NULL;
    scratch_text("digits/file", ""); // a folder of the data set's name is not taken for it
    cr_assert_eq(chdir(scratch_path(".")), 0);
    venn_dataset_params params = {.modalities = names, .modality_count = 2, .limit = {20, 0, 10}};
    cr_assert_eq(venn_dataset_load(&d, "digits", &params), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(d->modality_count, 2);
    cr_assert_str_eq(d->modalities[0].name, "audio");
    cr_assert_eq(d->split[VENN_TRAIN].n, 20);
    cr_assert_eq(d->split[VENN_VALID].n, 500);
    cr_assert_eq(d->split[VENN_TEST].n, 10);
    int32_t index;
    cr_assert_eq(venn_dataset_modality(d, "image", &index), VENN_OK);
    cr_assert_eq(index, 1);
    check_fails(venn_dataset_modality(d, "video", &index), VENN_BAD_ARG, "there are: audio, image");
    venn_dataset_destroy(&d);
    names[1] = "smell";
    check_fails(venn_dataset_load(&d, "digits", &params), VENN_BAD_ARG, "\"smell\"");
}

Test(data_set, root_folder)
{
    make_files();
    scratch_text("set/pictures.npy", "");
    save("set/pictures.npy", VENN_U8, VENN_SHAPE(6, 4), "abcdefghijklmnopqrstuvwx");
    scratch_text("elsewhere/d.yaml",
                 HEAD "root: set\nlabels: {kind: npy, train: {file: ../labels.npy}}\n"
                      "modalities:\n" PICTURE "}\n");
    char folder[512], path[512];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    snprintf(path, sizeof path, "%s", scratch_path("elsewhere/d.yaml"));
    venn_dataset *d = NULL;
    unsetenv("VENN_DATA");
    check_fails(venn_dataset_load(&d, path, NULL), VENN_BAD_FILE, "d.yaml:3: no folder");
    check_fails(venn_dataset_load(&d, path, NULL), VENN_BAD_FILE, "set VENN_DATA");
    cr_assert_eq(venn_dataset_load(&d, path, &(venn_dataset_params){.root = folder}), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_eq(venn_dataset_item(d, VENN_TRAIN, 0, 0)[1], 'b');
    venn_dataset_destroy(&d);
    setenv("VENN_DATA", folder, 1);
    cr_assert_eq(venn_dataset_load(&d, path, NULL), VENN_OK, "%s", venn_error_message());
    venn_dataset_destroy(&d);
}

Test(data_set, made_of_arrays)
{
    venn_dataset *d = NULL;
    const char *names[] = {"x", "y"};
    venn_shape shapes[] = {VENN_SHAPE(2), VENN_SHAPE(1, 1)};
    cr_assert_eq(venn_dataset_create(&d, "own", 2, NULL, 2, names, shapes), VENN_OK);
    cr_assert_str_eq(d->classes[1], "1");
    char before[33];
    memcpy(before, d->hash, sizeof before);
    const float x[] = {1, 2, 3, 4}, y[] = {5, 6}, *both[] = {x, y};
    cr_assert_eq(venn_dataset_set_split(d, VENN_TEST, 2, (int32_t[]){1, 0}, both), VENN_OK);
    cr_assert_eq(venn_dataset_item(d, VENN_TEST, 0, 1)[1], 4);
    cr_assert_eq(venn_dataset_item(d, VENN_TEST, 1, 1)[0], 6);
    cr_assert_str_neq(d->hash, before);
    check_fails(venn_dataset_set_split(d, VENN_TEST, 2, (int32_t[]){1, 0}, both), VENN_BAD_ARG,
                "cannot be set");
    check_fails(venn_dataset_set_split(d, VENN_TRAIN, 2, (int32_t[]){1, 2}, both), VENN_BAD_ARG,
                "label 2 of pair 1");
    cr_assert_eq(d->split[VENN_TRAIN].n, 0);
    venn_dataset_destroy(&d);
    check_fails(venn_dataset_create(&d, "own", 0, NULL, 2, names, shapes), VENN_BAD_ARG,
                "0 classes");
    shapes[0] = VENN_SCALAR;
    check_fails(venn_dataset_create(&d, "own", 2, NULL, 2, names, shapes), VENN_BAD_SHAPE, "[]");
}

// What the callback is to do wrong, at pair 2.
typedef enum fault { NO_FAULT, BAD_LABEL, NOT_A_NUMBER, GIVES_UP, GIVES_UP_POSITIVE } fault;

static venn_status fill_pair(void *user, venn_split_id id, int64_t i, int32_t *label,
                             float *const *x)
{
    const fault what = i == 2 ? *(fault *)user : NO_FAULT;
    *label = what == BAD_LABEL ? 2 : (int32_t)(i & 1);
    cr_assert(x[0][0] == 0 && x[0][1] == 0 && x[1][0] == 0);
    x[0][1] = (float)(10 * i + (int)id);
    x[1][0] = what == NOT_A_NUMBER ? NAN : (float)-i;
    return what == GIVES_UP ? VENN_BAD_FILE : what == GIVES_UP_POSITIVE ? (venn_status)1 : VENN_OK;
}

Test(data_set, made_by_a_callback)
{
    venn_dataset *d = NULL, *same = NULL;
    const char *names[] = {"x", "y"};
    const venn_shape shapes[] = {VENN_SHAPE(2), VENN_SHAPE(1, 1)};
    cr_assert_eq(venn_dataset_create(&d, "own", 2, NULL, 2, names, shapes), VENN_OK);
    cr_assert_eq(venn_dataset_create(&same, "own", 2, NULL, 2, names, shapes), VENN_OK);
    char before[33];
    memcpy(before, d->hash, sizeof before);
    const struct {
        fault what;
        venn_status status;
        const char *part;
    } faults[] = {{BAD_LABEL, VENN_BAD_ARG, "label 2 of pair 2"},
                  {NOT_A_NUMBER, VENN_BAD_ARG, "element 0 of y of pair 2 of test"},
                  {GIVES_UP, VENN_BAD_FILE, "pair 2 of test could not be made (BAD_FILE)"},
                  {GIVES_UP_POSITIVE, VENN_BAD_ARG, "pair 2 of test could not be made"}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        fault what = faults[i].what;
        check_fails(venn_dataset_fill_split(d, VENN_TEST, 4, fill_pair, &what), faults[i].status,
                    faults[i].part);
        cr_assert_eq(d->split[VENN_TEST].n, 0);
        cr_assert_str_eq(d->hash, before);
    }
    fault none = NO_FAULT;
    check_fails(venn_dataset_fill_split(d, VENN_TEST, 0, fill_pair, &none), VENN_BAD_ARG,
                "0 pairs");
    cr_assert_eq(venn_dataset_fill_split(d, VENN_TEST, 4, fill_pair, &none), VENN_OK);
    check_fails(venn_dataset_fill_split(d, VENN_TEST, 4, fill_pair, &none), VENN_BAD_ARG,
                "cannot be set");
    // The same arrays given at once make the same data set.
    const float x[] = {0, 2, 0, 12, 0, 22, 0, 32}, y[] = {0, -1, -2, -3}, *both[] = {x, y};
    cr_assert_eq(venn_dataset_set_split(same, VENN_TEST, 4, (int32_t[]){0, 1, 0, 1}, both),
                 VENN_OK);
    cr_assert_eq(venn_dataset_item(d, VENN_TEST, 0, 3)[1], 32);
    cr_assert_str_eq(d->hash, same->hash);
    venn_dataset_destroy(&d);
    venn_dataset_destroy(&same);
}

Test(data_set, embedded_default)
{
    venn_dataset *d = NULL;
    cr_assert_eq(venn_dataset_load(&d, "digits", NULL), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(d->split[VENN_TRAIN].n, 3500);
    cr_assert_eq(d->split[VENN_VALID].n, 500);
    cr_assert_eq(d->split[VENN_TEST].n, 1000);
    int32_t weak;
    cr_assert_eq(venn_dataset_modality(d, "weak_image", &weak), VENN_OK);
    cr_assert_eq(d->modalities[weak].components, 3);
    double sum = 0, square = 0;
    for (int64_t i = 0; i < 3500; i++)
        for (int k = 0; k < 784; k++) {
            double value = (double)venn_dataset_item(d, VENN_TRAIN, weak, i)[k];
            sum += value;
            square += value * value;
        }
    cr_assert_float_eq(sum / 3500 / 784, 0, 1e-5);
    cr_assert_float_eq(square / 3500 / 784, 1, 1e-5);
    venn_dataset_destroy(&d);
}

// Items by what stands in another file, and axes in another order than the file's.
Test(data_set, chosen_items_with_other_axes)
{
    make_files();
    const uint8_t split[] = {2, 0, 0, 1, 0, 2};
    save("split.npy", VENN_U8, VENN_SHAPE(6), split);
    scratch_text("d.yaml",
                 HEAD "labels:\n  kind: npy\n"
                      "  train: {file: labels.npy, where: [split.npy=0]}\n"
                      "  test: {file: labels.npy, where: [split.npy!=0, split.npy!=1]}\n"
                      "modalities:\n  - name: picture\n    kind: npy\n    shape: [1, 2, 2]\n"
                      "    axes: [2, 1, 0]\n"
                      "    train: {file: pictures.npy, where: [split.npy=0]}\n"
                      "    test: {file: pictures.npy, where: [split.npy=2]}\n");
    venn_dataset *d = NULL;
    cr_assert_eq(venn_dataset_load(&d, scratch_path("d.yaml"), NULL), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_eq(d->split[VENN_TRAIN].n, 3);
    cr_assert_eq(d->split[VENN_TEST].n, 2);
    const int32_t labels[] = {1, 2, 1};
    cr_assert_arr_eq(d->split[VENN_TRAIN].labels, labels, sizeof labels);
    // The file's items are [2, 2, 1]: height, width, channels; here [channels, width, height].
    check_values(d, 0, 0, 4, (float[]){10, 12, 11, 13});
    check_values(d, 0, 2, 4, (float[]){40, 42, 41, 43});
    cr_expect_float_eq(venn_dataset_item(d, VENN_TEST, 0, 1)[1], 52, 1e-5);
    venn_dataset_destroy(&d);
}

// An index of npy files, one item each; the files of rows that do not count are not read.
Test(data_set, arrays_by_name)
{
    static const char *const text =
        "name: t\nclasses: [a, b]\n"
        "labels: {kind: csv, train: {file: i.csv, column: y, where: [y!=9]}}\nmodalities:\n"
        "  - name: x\n    kind: npys\n    shape: [3, 2]\n    axes: [1, 0]\n    scale: 10\n"
        "    train: {file: i.csv, column: x, folder: arrays, where: [y!=9]}\n";
    scratch_text("i.csv", "x,y\none.npy,1\nnone.npy,9\ntwo.npy,0\n");
    cr_assert_eq(venn_folder_make(scratch_path("arrays")), VENN_OK);
    save("arrays/one.npy", VENN_U8, VENN_SHAPE(2, 3), (uint8_t[]){0, 1, 2, 3, 4, 5});
    save("arrays/two.npy", VENN_F32, VENN_SHAPE(2, 3), (float[]){6, 7, 8, 9, 10, 11});
    venn_dataset *d = load(text, NULL);
    cr_assert_eq(d->split[VENN_TRAIN].n, 2);
    check_values(d, 0, 0, 6, (float[]){0, 30, 10, 40, 20, 50});
    check_values(d, 0, 1, 6, (float[]){60, 90, 70, 100, 80, 110});
    venn_dataset_destroy(&d);
    save("arrays/two.npy", VENN_F32, VENN_SHAPE(2, 2), (float[]){6, 7, 8, 9});
    check_fails(venn_dataset_load(&d, scratch_path("d.yaml"), NULL), VENN_BAD_FILE,
                "two.npy: is [2, 2], 4 numbers, but `shape` has 6");
}
