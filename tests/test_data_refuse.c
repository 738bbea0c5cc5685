// Descriptions that are wrong: each is refused with file, line, and what is to be done.
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "data_files.h"

static void save(const char *name, venn_dtype dtype, venn_shape shape, const void *data)
{
    venn_array *array;
    cr_assert_eq(venn_array_create(&array, NULL, dtype, shape), VENN_OK);
    memcpy(array->data, data, venn_array_bytes(array));
    cr_assert_eq(venn_npy_write(array, scratch_path(name)), VENN_OK, "%s", venn_error_message());
    venn_array_destroy(&array);
}

static void make_files(void)
{
    const float x[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    save("x.npy", VENN_F32, VENN_SHAPE(4, 2), x);
    save("y.npy", VENN_I32, VENN_SHAPE(4), (int32_t[]){0, 1, 1, 0});
    save("short.npy", VENN_I32, VENN_SHAPE(3), (int32_t[]){0, 1, 1});
    save("range.npy", VENN_I32, VENN_SHAPE(4), (int32_t[]){0, 1, 2, 0});
    save("negative.npy", VENN_I32, VENN_SHAPE(4), (int32_t[]){0, 1, -1, 0});
    save("empty.npy", VENN_I32, VENN_SHAPE(0), x);
    save("index.npy", VENN_I32, VENN_SHAPE(2, 2), (int32_t[]){0, 1, 3, 4});
    save("nan.npy", VENN_F32, VENN_SHAPE(2, 2), (uint32_t[]){0, 0, 0x7FC00000, 0});
    save("same.npy", VENN_F32, VENN_SHAPE(4, 2), (float[8]){0});
    scratch_text("t.csv", "file,digit\na.wav,0\nb.wav,x\n");
    scratch_text("broken.npy", "\x93NUMPY broken");
}

// The text is refused with "d.yaml:LINE" and `part` in the message.
static void refuse(const char *text, int line, const char *part)
{
    make_files();
    scratch_text("d.yaml", text);
    venn_dataset *dataset = NULL;
    char where[32];
    snprintf(where, sizeof where, "d.yaml:%d: ", line);
    venn_status status = venn_dataset_load(&dataset, scratch_path("d.yaml"), NULL);
    check_fails(status, VENN_BAD_FILE, part);
    check_fails(status, VENN_BAD_FILE, where);
    cr_assert_null(dataset);
}

// A whole description around one modality, of lines 1 to 3, 4, and 5 and on.
#define WITH(modality)                                                                             \
    "name: t\nclasses: [a, b]\nlabels: {kind: npy, train: {file: y.npy}}\nmodalities:\n"           \
    "  - name: x\n    kind: npy\n" modality
#define GOOD "    shape: [2]\n    train: {file: x.npy}\n"

Test(data_refuse, nothing_wrong)
{
    make_files();
    scratch_text("d.yaml", WITH(GOOD));
    venn_dataset *dataset = NULL;
    cr_assert_eq(venn_dataset_load(&dataset, scratch_path("d.yaml"), NULL), VENN_OK, "%s",
                 venn_error_message());
    venn_dataset_destroy(&dataset);
}

Test(data_refuse, keys_and_types)
{
    refuse(WITH(GOOD "    sacle: 2\n"), 9, "unknown key \"sacle\"");
    refuse(WITH(GOOD "    scale: two\n"), 9, "scale");
    refuse(WITH(GOOD "    standardise: maybe\n"), 9, "maybe");
    refuse(WITH("    shape: 2\n    train: {file: x.npy}\n"), 7, "shape");
    refuse(WITH("    shape: [2]\n    train: x.npy\n"), 8, "train");
    refuse(WITH("    shape: [2]\n"), 5, "\"train\" is missing");
    refuse(WITH(GOOD "    mel: {rate: [8000], frames: 3}\n"), 9, "rate");
    refuse("name: t\nclasses: [a, b]\nlabels: {kind: wav, train: {file: y.npy}}\nmodalities: []\n",
           3, "wav");
    refuse("name: t\n\tclasses: []\n", 2, "");
}

Test(data_refuse, keys_that_do_not_go_together)
{
    refuse(WITH("    shape: [0]\n    train: {file: x.npy}\n"), 5, "positive");
    refuse(WITH(GOOD "    tile: {height: 2}\n"), 5, "`tile`");
    refuse(WITH(GOOD "    mel: {rate: 8000, frames: 3}\n"), 5, "`mel`");
    refuse(WITH(GOOD "    mean: [1]\n"), 5, "go together");
    refuse(WITH(GOOD "    mean: [1]\n    std: [0]\n"), 5, "`std` must be positive");
    refuse(WITH(GOOD "    mean: [1, 2, 3]\n    std: [1, 1, 1]\n"), 5, "one for each channel");
    refuse(WITH(GOOD "    mean: [1]\n    std: [1]\n    standardise: all\n"), 5, "leave one");
    refuse(WITH(GOOD "    weaken: {fit: each}\n"), 5, "one of them");
    refuse(WITH(GOOD "    weaken: {keep_variance: 2}\n"), 5, "0 to 1");
    refuse(WITH(GOOD "    noise: {std: 0}\n"), 5, "`noise`");
    refuse(WITH(GOOD "    test: {file: x.npy}\n"), 5, "a split that `labels` lacks");
    refuse(WITH(GOOD "    axes: [1]\n"), 5, "`axes` must be");
    refuse(WITH(GOOD "    axes: [0, 1]\n"), 5, "one per extent");
    refuse(WITH(GOOD "    grams: {column: 1}\n"), 5, "`grams` goes with");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, where: [y.npy=0], index: index.npy}\n"),
           5, "`where` and `index`");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, pick: 1}\n"), 5, "`pick`");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, column: a}\n"), 5,
           "wav, npys, pictures, volumes, csv and none only");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, count: 3}\n"), 5, "`count`");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, folder: a}\n"), 5, "`folder`");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, rows: [3, 3]}\n"), 5, "`rows`");
    refuse(WITH(GOOD "  - {name: x, kind: npy, shape: [2], train: {file: x.npy}}\n"), 5,
           "two modalities are called x");
    refuse(WITH(GOOD "validation: {fraction: 1}\n"), 9, "between 0 and 1");
    refuse(WITH(GOOD "validation: {fraction: 0.01}\n"), 9, "leaves 4 for train and 0 for valid");
    refuse(WITH(GOOD "limit: {train: -1}\n"), 9, "negative");
}

Test(data_refuse, files)
{
    refuse(WITH("    shape: [2]\n    train: {file: none.npy}\n"), 8, "none.npy: cannot open");
    refuse(WITH("    shape: [2]\n    train: {file: none.npy}\n"), 8, "x, train: ");
    refuse(WITH("    shape: [2]\n    train: {file: broken.npy}\n"), 8, "broken.npy: ");
    refuse(WITH("    shape: [2]\n    train:\n      file: x.npy\n      index: none.npy\n"), 10,
           "none.npy: cannot open");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, index: index.npy, rows: [0, 1]}\n"), 8,
           "1 pairs, but the labels have 4");
    refuse("name: t\nclasses: [a, b]\nlabels: {kind: idx, train: {file: y.npy}}\nmodalities:\n"
           "  - {name: x, kind: npy, shape: [2], train: {file: x.npy}}\n",
           3, "labels, train: ");
}

Test(data_refuse, contents)
{
    refuse(WITH("    shape: [3]\n    train: {file: x.npy}\n"), 8,
           "2 numbers per item, but `shape` has 3");
    refuse(WITH("    shape: [2]\n    train: {file: nan.npy}\n"), 8,
           "2 pairs, but the labels have 4");
    refuse(WITH("    shape: [1]\n    train: {file: short.npy}\n"), 8,
           "3 pairs, but the labels have 4");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, rows: [0, 5]}\n"), 8, "ends at 5");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, index: index.npy, pick: 1}\n"), 8,
           "pair 1 names item 4 of 4");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, index: index.npy, pick: 2}\n"), 8,
           "`pick` below k");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, index: x.npy}\n"), 8, "whole numbers");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, where: [y.npy]}\n"), 8, "FILE=NUMBER");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, where: [y.npy=9]}\n"), 8,
           "no item fulfils");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, where: [short.npy=1]}\n"), 8,
           "one whole number per item, 4");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy, where: [none.npy=1]}\n"), 8, "none.npy");
    refuse(WITH("    shape: [2]\n    train: {file: empty.npy}\n"), 8, "holds no items");
    refuse(WITH("    shape: [2]\n    train: {file: same.npy}\n    weaken: {keep_components: 1}\n"),
           5, "all alike");
    refuse(WITH("    shape: [2]\n    train: {file: x.npy}\n    weaken: {keep_components: 3}\n"), 5,
           "3 components");
    refuse(WITH(GOOD "    scale: 1e300\n"), 8, "not finite");
}

static void refuse_labels(const char *labels, const char *part)
{
    char text[512];
    snprintf(text, sizeof text,
             "name: t\nclasses: [a, b]\nlabels: {%s}\nmodalities:\n"
             "  - {name: x, kind: npy, shape: [2], train: {file: x.npy%s}}\n",
             labels, strstr(labels, "t.csv") ? ", rows: [0, 2]" : "");
    refuse(text, 3, part);
}

Test(data_refuse, labels)
{
    refuse_labels("kind: npy, train: {file: range.npy}",
                  "label 2 of pair 2 is out of range: there are 2 classes, 0 to 1");
    refuse_labels("kind: npy, train: {file: negative.npy}", "label -1");
    refuse_labels("kind: npy, train: {file: x.npy}", "one whole number per item");
    refuse_labels("kind: npy, train: {file: empty.npy}", "holds no items");
    refuse_labels("kind: csv, train: {file: t.csv, column: digit}", "'x' is not a whole number");
    refuse_labels("kind: csv, train: {file: t.csv, column: label}", "no column 'label'");
    refuse_labels("kind: csv, train: {file: t.csv}", "needs `column`");
    refuse_labels("kind: csv, train: {file: t.csv, column: digit, where: [digit=7]}", "no row");
}

Test(data_refuse, sounds)
{
#define SOUND(mel)                                                                                 \
    "name: t\nclasses: [a, b]\n"                                                                   \
    "labels: {kind: csv, train: {file: t.csv, column: digit, rows: [0, 1]}}\nmodalities:\n"        \
    "  - name: s\n    kind: wav\n    shape: [1, 4, 3]\n    mel: {" mel "}\n"                       \
    "    train: {file: t.csv, column: file, rows: [0, 1]}\n"
    refuse(SOUND("rate: 8000, bands: 4, frames: 3"), 9, "a.wav: cannot open");
    refuse(SOUND("rate: 8000, bands: 5, frames: 3"), 9, "5 bands of 3 frames");
    refuse(SOUND("rate: 8000, bands: 4, frames: 3, fft: 100"), 9, "window");
    refuse(SOUND("bands: 4, frames: 3"), 8, "rate");
    scratch_write("a.wav",
                  "RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0"
                  "data\4\0\0\0\1\0\2\0",
                  48);
    refuse(SOUND("rate: 8000, bands: 4, frames: 3"), 9, "is 16000 Hz, but the mel's rate is 8000");
}

Test(data_refuse, sources)
{
    venn_dataset *dataset = NULL;
    check_fails(venn_dataset_load(&dataset, "/no/such.yaml", NULL), VENN_BAD_FILE, "/no/such.yaml");
    check_fails(venn_dataset_load(&dataset, "no_such_set", NULL), VENN_BAD_FILE,
                "neither a file nor one of the data sets compiled in: ");
    check_fails(venn_dataset_load(&dataset, "digits", &(venn_dataset_params){.limit = {-1}}),
                VENN_BAD_ARG, "limit");
}
