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
