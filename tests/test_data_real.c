// The data sets that are described but not shipped, where their folders are.
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "data_files.h"

// The folder that holds the set's; ends the test where there is none.
static const char *root_of(const char *set)
{
    static char root[1024];
    const char *folder = real_data_folder(set);
    snprintf(root, sizeof root, "%.*s", (int)(strlen(folder) - strlen(set) - 1), folder);
    return root;
}

static venn_dataset *load(const char *source, const venn_dataset_params *params)
{
    venn_dataset *d = NULL;
    cr_assert_eq(venn_dataset_load(&d, source, params), VENN_OK, "%s", venn_error_message());
    return d;
}

Test(data_real, avdigits)
{
    venn_dataset_params params = {.root = root_of("avdigits")};
    venn_dataset *d = load("avdigits", &params);
    cr_assert_eq(d->split[VENN_TRAIN].n, 2400);
    cr_assert_eq(d->split[VENN_VALID].n, 300);
    cr_assert_eq(d->split[VENN_TEST].n, 300);
    int of_class[10] = {0};
    for (int64_t i = 0; i < 2400; i++)
        of_class[d->split[VENN_TRAIN].labels[i]]++;
    for (int c = 0; c < 10; c++)
        cr_assert_eq(of_class[c], 240);
    cr_assert_eq(d->modalities[1].components, 3);
    cr_assert_eq(d->split[VENN_TRAIN].items[2].array->shape.dim[0], 2400);
    venn_dataset_destroy(&d);
    // The large variant shares recordings: 10,000 pairs of test, 300 recordings.
    params.modalities = (const char *[]){"audio"};
    params.modality_count = 1;
    params.limit[VENN_TRAIN] = params.limit[VENN_VALID] = 100;
    d = load("avdigits-full", &params);
    cr_assert_eq(d->split[VENN_TEST].n, 10000);
    cr_assert_eq(d->split[VENN_TEST].items[0].array->shape.dim[0], 300);
    venn_dataset_destroy(&d);
}

Test(data_real, rgbd_sprites)
{
    const venn_dataset_params params = {.root = root_of("rgbd_sprites")};
    venn_dataset *d = load("rgbd_sprites", &params);
    cr_assert_eq(d->split[VENN_TRAIN].n, 700);
    cr_assert_eq(d->split[VENN_VALID].n, 100);
    cr_assert_eq(d->split[VENN_TEST].n, 200);
    int background = 0;
    for (int64_t i = 0; i < 200; i++) {
        const float *label = venn_dataset_item(d, VENN_TEST, 2, i);
        const float *rgb = venn_dataset_item(d, VENN_TEST, 0, i);
        int most = 0;
        for (int k = 0; k < 48 * 64; k++) {
            most = (int)label[k] > most ? (int)label[k] : most;
            background += label[k] <= 2;
            cr_assert(rgb[k] >= 0 && rgb[k] < 1.001f);
        }
        cr_expect_eq(d->split[VENN_TEST].labels[i], most);
    }
    cr_expect_float_eq(background / (200.0 * 48 * 64), 0.848, 0.01);
    venn_dataset_destroy(&d);
}

Test(data_real, mfeat)
{
    const venn_dataset_params params = {.root = root_of("mfeat")};
    venn_dataset *d = load("mfeat", &params);
    cr_assert_eq(d->modality_count, 6);
    cr_assert_eq(d->split[VENN_TRAIN].n + d->split[VENN_VALID].n, 1500);
    cr_assert_eq(d->split[VENN_TEST].n, 500);
    int of_class[10] = {0};
    for (int64_t i = 0; i < 500; i++)
        of_class[d->split[VENN_TEST].labels[i]]++;
    for (int c = 0; c < 10; c++)
        cr_assert_eq(of_class[c], 50);
    venn_dataset_destroy(&d);
}

Test(data_real, emoji)
{
    const venn_dataset_params params = {.root = root_of("emoji")};
    venn_dataset *d = load("emoji", &params);
    cr_assert_eq(d->split[VENN_TRAIN].n, 1365);
    cr_assert_eq(d->split[VENN_VALID].n, 188);
    cr_assert_eq(d->split[VENN_TEST].n, 353);
    // Both drawings leave the same corner transparent: the last channel's least value.
    const venn_modality *noto = &d->modalities[0];
    const float corner = venn_dataset_item(d, VENN_TRAIN, 0, 0)[3 * 32 * 32];
    cr_expect_float_eq(corner, -noto->mean[3] / noto->std[3], 1e-4);
    venn_dataset_destroy(&d);
}

// ---- Fixtures in the formats of larger sets ----------------------------------------------------

// The embedded description with `root` leading to the fixture, and some numbers changed.
static venn_dataset *load_changed(const char *name, const char *const changes[][2], int n)
{
    char file[64];
    snprintf(file, sizeof file, "%s.yaml", name);
    scratch_changed(file, file, changes, n);
    const venn_dataset_params params = {.root = real_data_folder("formats")};
    return load(scratch_path(file), &params);
}

// 48 + 24 pairs: what is in the file over 255, images signed.
Test(data_real, avmnist_fixture)
{
    static const char *const changes[][2] = {{"55000", "40"}, {"60000", "48"}};
    char path[1100];
    venn_array *image;
    venn_dataset *d = load_changed("avmnist", changes, 2);
    cr_assert_eq(d->split[VENN_TRAIN].n, 40);
    cr_assert_eq(d->split[VENN_VALID].n, 8);
    cr_assert_eq(d->split[VENN_TEST].n, 24);
    snprintf(path, sizeof path, "%s/avmnist/image/train_data.npy", real_data_folder("formats"));
    cr_assert_eq(venn_npy_read(&image, path), VENN_OK, "%s", venn_error_message());
    float least = 0;
    for (int k = 0; k < 784; k++) {
        const float value = ((const float *)image->data)[41 * 784 + k];
        cr_assert_float_eq(venn_dataset_item(d, VENN_VALID, 0, 1)[k], value / 255, 1e-5);
        least = value < least ? value : least;
    }
    cr_expect(least < 0);
    venn_array_destroy(&image);
    venn_dataset_destroy(&d);
}

Test(data_real, ravdess_fixture)
{
    const venn_dataset_params params = {.root = real_data_folder("formats")};
    venn_dataset *d = load("ravdess", &params);
    char path[1100];
    venn_array *sound, *picture;
    const int32_t labels[] = {7, 5, 4, 3, 7, 1};
    cr_assert_eq(d->split[VENN_TRAIN].n, 6);
    cr_assert_eq(d->split[VENN_TEST].n, 2);
    cr_assert_arr_eq(d->split[VENN_TRAIN].labels, labels, sizeof labels);
    snprintf(path, sizeof path, "%s/ravdess_mfh/data/aud_features/01-01-05-01-01-01-03_dl.npy",
             real_data_folder("formats"));
    cr_assert_eq(venn_npy_read(&sound, path), VENN_OK, "%s", venn_error_message());
    const float *x = venn_dataset_item(d, VENN_TRAIN, 0, 2);
    for (int k = 0; k < 40 * 256; k += 97)
        cr_assert_float_eq(x[k], (((const float *)sound->data)[k] + 10.59f) / 85.66f, 1e-4);
    snprintf(path, sizeof path, "%s/ravdess_mfh/data/vid_features/01-01-05-01-01-01-03_dl.jpg",
             real_data_folder("formats"));
    cr_assert_eq(venn_sheet_read(&picture, path, NULL), VENN_OK, "%s", venn_error_message());
    const float blue = (float)((const uint8_t *)picture->data)[2 * 256 * 512 + 1000] / 255;
    cr_expect_float_eq(venn_dataset_item(d, VENN_TRAIN, 1, 2)[2 * 256 * 512 + 1000],
                       (blue - 0.406f) / 0.225f, 1e-4);
    venn_array_destroy(&sound);
    venn_array_destroy(&picture);
    venn_dataset_destroy(&d);
}

// 6 + 1 + 3 films; what is in the file was read with h5py.
Test(data_real, mmimdb_fixture)
{
    static const char *const changes[][2] = {{"15552", "6"}, {"18160", "7"}, {"25959", "10"}};
    venn_dataset *d = load_changed("mmimdb", changes, 3);
    const int32_t first[] = {0, 9, 1, 14, 15, 1};
    cr_assert_eq(d->split[VENN_TRAIN].n, 6);
    cr_assert_eq(d->split[VENN_VALID].n, 1);
    cr_assert_eq(d->split[VENN_TEST].n, 3);
    cr_assert_arr_eq(d->split[VENN_TRAIN].labels, first, sizeof first);
    cr_assert_str_eq(d->tags, "genres");
    cr_assert_eq(d->score, VENN_SCORE_F1_MICRO);
    cr_expect_float_eq(venn_dataset_item(d, VENN_TRAIN, 0, 0)[1], 0.10553549, 1e-7);
    cr_expect_float_eq(venn_dataset_item(d, VENN_TRAIN, 0, 0)[3], -0.00431357, 1e-7);
    const float *genres = venn_dataset_item(d, VENN_TRAIN, 3, 4);
    for (int c = 0; c < 23; c++)
        cr_expect_eq(genres[c], c == 15 || c == 18 || c == 21);
    cr_expect_float_eq(venn_dataset_item(d, VENN_TEST, 1, 2)[4095], 0.2872103, 1e-6);
    cr_expect_float_eq(venn_dataset_item(d, VENN_VALID, 2, 0)[(1 * 256 + 100) * 160 + 77],
                       100.0f / 255, 1e-6);
    venn_dataset_destroy(&d);
}

Test(data_real, emoji_tags)
{
    const venn_dataset_params params = {.root = root_of("emoji")};
    venn_dataset *d = load("emoji-tags", &params);
    int tagged = 0, all = 0;
    for (int s = 0; s < VENN_SPLITS; s++)
        for (int64_t i = 0; i < d->split[s].n; i++, all++) {
            bool any = false;
            for (int c = 0; c < 23; c++)
                any |= venn_dataset_item(d, (venn_split_id)s, 2, i)[c] > 0;
            tagged += any;
        }
    cr_expect_eq(all, 1906);
    cr_expect_float_eq((double)tagged / all, 0.601, 0.0005);
    venn_dataset_destroy(&d);
}
