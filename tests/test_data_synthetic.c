// Data sets that are computed.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "venn/data.h"

static venn_dataset *make(const char *source)
{
    venn_dataset *d = NULL;
    cr_assert(venn_dataset_load(&d, source, NULL) == VENN_OK, "%s", venn_error_message());
    return d;
}

static void refused(const char *source, const char *want)
{
    venn_dataset *d = NULL;
    cr_expect(venn_dataset_load(&d, source, NULL) == VENN_BAD_ARG && !d, "%s", source);
    cr_expect(strstr(venn_error_message(), want), "%s: %s", source, venn_error_message());
}

Test(data_synthetic, sizes)
{
    venn_dataset *d = make("synthetic:avd,train=30,valid=10,test=20,seed=3");
    cr_expect(d->split[VENN_TRAIN].n == 30 && d->split[VENN_VALID].n == 10);
    cr_expect(d->split[VENN_TEST].n == 20 && d->class_count == 4 && d->modality_count == 2);
    int32_t sound;
    cr_assert(venn_dataset_modality(d, "sound", &sound) == VENN_OK);
    cr_expect(venn_shape_count(&d->modalities[sound].shape) == 128);
    venn_dataset_destroy(&d);
}

// The seed says everything; what is shared changes the sound alone.
Test(data_synthetic, named_by_seed)
{
    venn_dataset *a = make("synthetic:avd,train=50,test=5,seed=1,shared=8");
    venn_dataset *same = make("synthetic:avd,seed=1,train=50,test=5,shared=8");
    venn_dataset *other = make("synthetic:avd,train=50,test=5,seed=2,shared=8");
    venn_dataset *apart = make("synthetic:avd,train=50,test=5,seed=1,shared=0");
    cr_expect(strcmp(a->hash, same->hash) == 0 && strcmp(a->hash, other->hash) != 0);
    const size_t image = 144 * sizeof(float), sound = 128 * sizeof(float);
    for (int64_t i = 0; i < 50; i++) {
        cr_expect(a->split[VENN_TRAIN].labels[i] == apart->split[VENN_TRAIN].labels[i]);
        cr_expect(memcmp(venn_dataset_item(a, VENN_TRAIN, 0, i),
                         venn_dataset_item(apart, VENN_TRAIN, 0, i), image) == 0);
        cr_expect(memcmp(venn_dataset_item(a, VENN_TRAIN, 1, i),
                         venn_dataset_item(apart, VENN_TRAIN, 1, i), sound) != 0);
    }
    venn_dataset_destroy(&a);
    venn_dataset_destroy(&same);
    venn_dataset_destroy(&other);
    venn_dataset_destroy(&apart);
}

// 24 latents times patches of unit norm and noise of 0.1 at every pixel: mean square 24 + 0.01 pixels.
Test(data_synthetic, scale)
{
    venn_dataset *d = make("synthetic:avd,train=4000,test=1");
    for (int32_t m = 0; m < 2; m++) {
        const int64_t pixels = venn_shape_count(&d->modalities[m].shape);
        double sum = 0;
        for (int64_t i = 0; i < 4000; i++)
            for (int64_t k = 0; k < pixels; k++) {
                const double v = (double)venn_dataset_item(d, VENN_TRAIN, m, i)[k];
                sum += v * v / 4000;
            }
        cr_expect(fabs(sum - (24 + 0.01 * (double)pixels)) < 0.8, "%g", sum);
    }
    venn_dataset_destroy(&d);
}

Test(data_synthetic, refuses)
{
    refused("synthetic:suns", "there is no synthetic data set \"suns\"; there is: avd");
    refused("synthetic:avd,gamma=1", "no parameter \"gamma\"; it has: shared, seed");
    refused("synthetic:avd,shared=9", "from 0 to 8");
    refused("synthetic:avd,shared=1.5", "whole numbers");
    refused("synthetic:avd,shared", "key=value");
    refused("synthetic:avd,train=x", "from 1 to");
    venn_dataset *d = NULL;
    venn_dataset_params params = {.limit = {10}};
    cr_expect(venn_dataset_load(&d, "synthetic:avd", &params) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "train="), "%s", venn_error_message());
}
