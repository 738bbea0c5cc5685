// Data sets that others own, from fixtures of their files: what is read, and that their configs train. What is in the
// fixtures was read with h5py and numpy, spectra by
//   x /= 1.1 abs(x).max();  h = 0.5 - 0.5 cos(2 pi arange(1024) / 1024);  p = np.pad(x, 512, mode='reflect')
//   S = [abs(np.fft.rfft(h * p[512 t : 512 t + 1024])) for t in range(1 + len(x) // 512)]
// and linear interpolation to 313 frames.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/class_names.h"
#include "data/folder.h"
#include "data_files.h"
#include "mat_files.h"
#include "program_run.h"

static venn_dataset *load(const char *source, const char *root)
{
    venn_dataset *d = NULL;
    const venn_dataset_params params = {.root = root};
    cr_assert_eq(venn_dataset_load(&d, source, &params), VENN_OK, "%s", venn_error_message());
    return d;
}

// ---- Indices by folder, classes by file ------------------------------------------------------

Test(data_owned, folders_are_indices)
{
    static const char *const rows[][5] = {
        {"a_dog barking_0.jpg", "a_dog barking_0", "0", "dog barking", "a"},
        {"b,\"c_d.e.jpg", "b,\"c_d.e", "d.e", "b,\"c", ""},
        {"plain", "plain", "plain", "", ""}};
    venn_csv csv;
    for (int i = 2; i >= 0; i--) {
        char name[64];
        snprintf(name, sizeof name, "clips/%s", rows[i][0]);
        scratch_text(name, "");
    }
    scratch_text("clips/.hidden", "");
    cr_expect(venn_is_folder(scratch_path("clips")));
    cr_assert_eq(venn_folder_read(&csv, scratch_path("clips")), VENN_OK, "%s",
                 venn_error_message());
    cr_assert(csv.rows == 3 && csv.columns == 5);
    for (size_t i = 0; i < 3; i++)
        for (size_t c = 0; c < 5; c++)
            cr_expect_str_eq(venn_csv_cell(&csv, i, c), rows[i][c]);
    venn_csv_finish(&csv);
    scratch_text("empty/.hidden", "");
    check_fails(venn_folder_read(&csv, scratch_path("empty")), VENN_BAD_FILE, "no files");
}

Test(data_owned, classes_of_a_file)
{
    static const char *const bad[][2] = {{"{\"a\": 0, \"b\": 2}", "each once"},
                                         {"{\"a\": 0, \"b\": 0}", "each once"},
                                         {"{\"a\": 0, \"b\": \"1\"}", "each once"},
                                         {"{\"a\": 0}", "no JSON object"},
                                         {"[1, 2]", "no JSON object"},
                                         {"{\"a\": 0,", "no JSON object"}};
    char **classes;
    int32_t n;
    scratch_text("label.json", "{\"b\": 1, \"a\": 0}");
    cr_assert_eq(venn_class_names_read(scratch_path("label.json"), &classes, &n), VENN_OK);
    cr_expect(n == 2 && strcmp(classes[0], "a") == 0 && strcmp(classes[1], "b") == 0);
    venn_class_names_free(classes, n);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        scratch_text("label.json", bad[i][0]);
        check_fails(venn_class_names_read(scratch_path("label.json"), &classes, &n), VENN_BAD_FILE,
                    bad[i][1]);
        venn_class_names_free(classes, n);
    }
}

Test(data_owned, class_maps)
{
    int64_t then[] = {2, 3, 1};
    const struct venn_class_map map = {.then = then, .then_count = 3};
    const venn_sources none = {0};
    venn_array *a;
    cr_assert_eq(venn_array_create(&a, "labels", VENN_F32, VENN_SHAPE(4)), VENN_OK);
    float *x = a->data;
    memcpy(x, (float[]){0, 1, 2, 3}, 4 * sizeof *x);
    cr_assert_eq(venn_class_map_apply(a, &none, &map), VENN_OK);
    cr_expect(x[0] == -1 && x[1] == 1 && x[2] == 2 && x[3] == 0);
    static const float bad[] = {4, -1, 0.5f, 1e30f};
    for (size_t i = 0; i < 4; i++) {
        memcpy(x, (float[]){0, 1, 2, bad[i]}, 4 * sizeof *x);
        check_fails(venn_class_map_apply(a, &none, &map), VENN_BAD_FILE, "has no class");
    }
    venn_array_destroy(&a);
}

// ---- VGGSound --------------------------------------------------------------------------------

// Without validation, for which two pairs are too few.
static const char *write_vggsound(void)
{
    static const char *const changes[][2] = {{"validation: {fraction: 0.1, seed: 0}", ""}};
    scratch_changed("vggsound.yaml", "vggsound.yaml", changes, 1);
    return scratch_path("vggsound.yaml");
}

Test(data_owned, vggsound)
{
    static const struct {
        int split, pair, band, frame;
        float value;
    } golden[] = {{VENN_TRAIN, 1, 0, 0, 6.97918f},      {VENN_TRAIN, 1, 28, 0, 12.519304f},
                  {VENN_TRAIN, 1, 42, 312, 196.14926f}, {VENN_TRAIN, 1, 42, 100, 224.20961f},
                  {VENN_TRAIN, 1, 200, 157, 1.01e-5f},  {VENN_TEST, 0, 0, 0, 10.508414f},
                  {VENN_TEST, 0, 28, 0, 37.05808f},     {VENN_TEST, 0, 28, 312, 193.46976f},
                  {VENN_TEST, 0, 28, 100, 228.90762f}};
    const char *root = real_data_folder("formats");
    venn_dataset *d = load(write_vggsound(), root);
    cr_assert(d->class_count == 2 && strcmp(d->classes[1], "dog barking") == 0);
    cr_assert(d->split[VENN_TEST].n == 2 && d->split[VENN_TEST].labels[1] == 1);
    cr_assert(d->split[VENN_TRAIN].n == 2 && d->split[VENN_TRAIN].labels[1] == 1);
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        const float *x = venn_dataset_item(d, (venn_split_id)golden[i].split, 0, golden[i].pair);
        cr_expect_float_eq(x[golden[i].band * 313 + golden[i].frame], golden[i].value,
                           1e-4f + 1e-5f * golden[i].value, "%zu: %g", i,
                           (double)x[golden[i].band * 313 + golden[i].frame]);
    }
    char path[1100];
    venn_array *frames;
    snprintf(path, sizeof path, "%s/vggsound_mfh/test/video_jpg/vid001_dog barking_0.jpg", root);
    cr_assert_eq(venn_sheet_read(&frames, path, &(venn_sheet_params){.height = 256}), VENN_OK);
    cr_assert(shape_is(frames, VENN_SHAPE(32, 3, 256, 256)));
    const uint8_t *pixel = frames->data;
    for (int c = 0; c < 3; c++)
        for (int f = 0; f < 32; f += 5) {
            const float *clip = venn_dataset_item(d, VENN_TEST, 1, 1);
            cr_assert_float_eq(clip[((c * 32 + f) * 256 + 100) * 256 + 33],
                               (float)pixel[((f * 3 + c) * 256 + 100) * 256 + 33] / 255, 1e-6);
        }
    venn_array_destroy(&frames);
    venn_dataset_destroy(&d);
}

Test(data_owned, vggsound_trains)
{
    static const char *const changes[][2] = {
        {"data: vggsound", "data: vggsound.yaml"},
        {"from: vggsound-audio", "layers: [{layer: conv, out: 4, kernel: 7, stride: 8}, {layer: "
                                 "global_avg_pool}, {layer: linear, out: 2}]"},
        {"from: vggsound-video", "layers: [{layer: conv, out: 4, kernel: 3x7x7, stride: 8}, "
                                 "{layer: global_avg_pool}, {layer: linear, out: 2}]"},
        {"epochs: 50", "epochs: 2"},
        {"batch: 32", "batch: 1"},
        {"rows: 512", "rows: 2"}};
    scratch_changed("configs/vggsound-kd.yaml", "job.yaml", changes, 6);
    write_vggsound();
    SUCCEEDS("VENN_DATA='%s' $venn distill job.yaml -o run", real_data_folder("formats"));
    cr_expect(strstr(printed_out, "accuracy"), "%s", printed_out);
}

// ---- MM-IMDb ---------------------------------------------------------------------------------

#ifdef VENN_HAS_HDF5

Test(data_owned, mmimdb_trains)
{
    static const char *const data[][2] = {{"15552", "6"}, {"18160", "7"}, {"25959", "10"}},
                             *const config[][2] = {{"data: mmimdb", "data: mmimdb.yaml"},
                                                   {"epochs: 30", "epochs: 2"},
                                                   {"batch: 128", "batch: 2"},
                                                   {"seeds: 3", "seeds: 1"}};
    scratch_changed("mmimdb.yaml", "mmimdb.yaml", data, 3);
    scratch_changed("configs/mmimdb-kd.yaml", "job.yaml", config, 4);
    SUCCEEDS("VENN_DATA='%s' $venn distill job.yaml -o run", real_data_folder("formats"));
    cr_expect(strstr(printed_out, "f1_micro"), "%s", printed_out);
}

// ---- NYU Depth v2 ----------------------------------------------------------------------------

// The fixture's four scenes with a split and a map of our own: scenes 1, 3 and 4 to learn from; what the fixture calls 3
// has no class.
static const char *make_nyu(void)
{
    static char root[600];
    static const uint16_t train[] = {1, 3, 4}, test[] = {2}, map[] = {1, 2, 0, 40, 5, 6, 7, 8};
    uint8_t bytes[1024] = {0};
    char mat[1100];
    snprintf(mat, sizeof mat, "%s/nyuv2/nyu_depth_v2_labeled.mat", real_data_folder("formats"));
    size_t at = put_mat_header(bytes, false);
    at = put_mat_array(bytes, at, "trainNdxs", 3, 1, train, false);
    at = put_mat_array(bytes, at, "testNdxs", 1, 1, test, false);
    scratch_write("root/nyuv2/splits.mat", bytes, at);
    memset(bytes, 0, sizeof bytes);
    at = put_mat_header(bytes, false);
    at = put_mat_array(bytes, at, "mapClass", 1, 8, map, false);
    scratch_write("root/nyuv2/classMapping40.mat", bytes, at);
    cr_assert_eq(symlink(mat, scratch_path("root/nyuv2/nyu_depth_v2_labeled.mat")), 0);
    snprintf(root, sizeof root, "%s", scratch_path("root"));
    static const char *const data[][2] = {{"480", "48"}, {"640", "64"}};
    scratch_changed("nyuv2.yaml", "nyuv2.yaml", data, 2);
    scratch_changed("nyuv2-13.yaml", "nyuv2-13.yaml", data, 2);
    return root;
}

Test(data_owned, nyu)
{
    const char *root = make_nyu();
    venn_dataset *d = load(scratch_path("nyuv2.yaml"), root);
    cr_assert(d->split[VENN_TRAIN].n == 3 && d->split[VENN_TEST].n == 1);
    cr_assert(d->class_count == 40 && d->score == VENN_SCORE_MEAN_IOU);
    cr_assert(d->modalities[0].void_places && strcmp(d->modalities[1].target, "label") == 0);
    // Scene 3, row 7, column 40, green.
    cr_expect_float_eq(venn_dataset_item(d, VENN_TRAIN, 0, 1)[(1 * 48 + 7) * 64 + 40], 148 / 255.0f,
                       1e-6);
    cr_expect_float_eq(venn_dataset_item(d, VENN_TRAIN, 1, 1)[7 * 64 + 40], 4.672f, 1e-6);
    const float *label = venn_dataset_item(d, VENN_TRAIN, 2, 1);
    cr_expect(label[7 * 64 + 40] == 0 && label[47 * 64 + 60] == 1);
    int64_t of[41] = {0}; // of no class, 1, 2, ...
    for (int s = 0; s < VENN_SPLITS; s++)
        for (int64_t i = 0; i < d->split[s].n; i++)
            for (int k = 0; k < 48 * 64; k++)
                of[1 + (int)venn_dataset_item(d, (venn_split_id)s, 2, i)[k]]++;
    cr_expect(of[0] == 99 && of[1] == 4822 && of[2] == 6173 && of[40] == 123 && of[8] == 112);
    venn_dataset_destroy(&d);
    d = load(scratch_path("nyuv2-13.yaml"), root);
    // Wall, the first of the forty, is the twelfth of the thirteen.
    cr_expect_eq(venn_dataset_item(d, VENN_TRAIN, 2, 1)[7 * 64 + 40], 11);
    venn_dataset_destroy(&d);
}

Test(data_owned, nyu_trains)
{
    static const char *const config[][2] = {{"data: nyuv2", "data: nyuv2.yaml"},
                                            {"epochs: 100", "epochs: 1"},
                                            {"batch: 4", "batch: 1"},
                                            {"seeds: 3", "seeds: 1"},
                                            {"out: 256", "out: 8"},
                                            {"out: 128", "out: 8"},
                                            {"out: 64", "out: 8"},
                                            {"out: 32", "out: 8"}};
    const char *root = make_nyu();
    scratch_changed("configs/nyuv2-crossmodal.yaml", "job.yaml", config, 8);
    SUCCEEDS("VENN_DATA='%s' $venn distill job.yaml -o run", root);
    cr_expect(strstr(printed_out, "mean_iou"), "%s", printed_out);
}

// What the files of a description may be wrong in is told with file, array and place.
Test(data_owned, errors_name_file_and_array)
{
    static const char *const wrong[][2] = {
        {"images", "names"},    // references to texts
        {"images", "none"},     // not there
        {"trainNdxs", "testN"}, // not there, in a file of level 5
        {"[3, 48, 64]", "[3, 64, 96]"},
    };
    static const char *const part[] = {
        "labeled.mat:names: holds no plain numbers", "labeled.mat:none: the file has no \"none\"",
        "splits.mat: has no array \"testN\"; there are: trainNdxs", "labeled.mat:images: is"};
    const char *root = make_nyu();
    const venn_dataset_params params = {.root = root};
    for (size_t i = 0; i < 4; i++) {
        const char *const changes[][2] = {{"480", "48"}, {"640", "64"}, {wrong[i][0], wrong[i][1]}};
        venn_dataset *d = NULL;
        scratch_changed("nyuv2.yaml", "bad.yaml", changes, 3);
        check_fails(venn_dataset_load(&d, scratch_path("bad.yaml"), &params), VENN_BAD_FILE,
                    part[i]);
        check_fails(VENN_BAD_FILE, VENN_BAD_FILE, "bad.yaml:");
    }
    SUCCEEDS("head -c 60000 root/nyuv2/nyu_depth_v2_labeled.mat >cut.mat && mv cut.mat "
             "root/nyuv2/nyu_depth_v2_labeled.mat");
    venn_dataset *d = NULL;
    check_fails(venn_dataset_load(&d, scratch_path("nyuv2.yaml"), &params), VENN_BAD_FILE,
                "labeled.mat: is no HDF5 file, or a part of one; copy the file again");
}

#endif
