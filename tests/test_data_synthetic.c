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

// With `complete` either modality has 16 decisive latents and 16 of its own.
Test(data_synthetic, complete)
{
    venn_dataset *d = make("synthetic:avd,train=2000,test=1,complete=1,image_noise=0");
    double sum = 0;
    for (int64_t i = 0; i < 2000; i++)
        for (int64_t k = 0; k < 144; k++)
            sum += pow((double)venn_dataset_item(d, VENN_TRAIN, 0, i)[k], 2) / 2000;
    cr_expect(fabs(sum - 32) < 1.2, "%g", sum);
    venn_dataset_destroy(&d);
}

// Two arcs: every point is about as far from its arc as the noise; the coordinates are standardised.
Test(data_synthetic, moons)
{
    venn_dataset *d = make("synthetic:moons,train=600,test=400,noise=0,seed=4");
    cr_expect(d->class_count == 2 && d->modality_count == 2);
    double sum[2] = {0}, squares[2] = {0}, outer = 0;
    for (int s = 0; s < VENN_SPLITS; s++)
        for (int64_t i = 0; i < d->split[s].n; i++) {
            outer += d->split[s].labels[i] == 0;
            for (int32_t m = 0; m < 2; m++) {
                double v = (double)*venn_dataset_item(d, (venn_split_id)s, m, i);
                sum[m] += v / 1000;
                squares[m] += v * v / 1000;
            }
        }
    for (int m = 0; m < 2; m++)
        cr_expect(fabs(sum[m]) < 1e-5 && fabs(squares[m] - 1) < 1e-5, "%g %g", sum[m], squares[m]);
    cr_expect(outer == 500);
    // x runs over [-1, 2] and y over [-1/2, 1]; undone, the outer points lie on the unit circle.
    double x_mean = 0.5, y_mean = 0.25, x_std = 0, y_std = 0;
    for (int k = 0; k < 500; k++) {
        const double t = acos(-1.0) * k / 499;
        x_std += (pow(cos(t) - x_mean, 2) + pow(1 - cos(t) - x_mean, 2)) / 1000;
        y_std += (pow(sin(t) - y_mean, 2) + pow(0.5 - sin(t) - y_mean, 2)) / 1000;
    }
    for (int64_t i = 0; i < 600; i++) {
        const double x = (double)*venn_dataset_item(d, VENN_TRAIN, 0, i) * sqrt(x_std) + x_mean;
        const double y = (double)*venn_dataset_item(d, VENN_TRAIN, 1, i) * sqrt(y_std) + y_mean;
        const bool inner = d->split[VENN_TRAIN].labels[i];
        const double r = inner ? hypot(1 - x, 0.5 - y) : hypot(x, y);
        cr_assert(fabs(r - 1) < 1e-4, "%g", r);
    }
    venn_dataset_destroy(&d);
}

// The motion is the difference to the next frame, the bones those to the parents, which keep their lengths.
// The label is the sign of what a sees of all that decides; the student's columns are those that both see.
Test(data_synthetic, gaussian)
{
    venn_dataset *d =
        make("synthetic:gaussian,seed=3,own_a=5,shared=3,own_b=2,decisive=10,valid=20");
    const venn_split *train = &d->split[VENN_TRAIN];
    cr_assert_eq(train->n, 200);
    cr_assert_eq(d->split[VENN_VALID].n, 20);
    for (int64_t i = 0; i < train->n; i++) {
        const float *a = venn_dataset_item(d, VENN_TRAIN, 0, i);
        const float *b = venn_dataset_item(d, VENN_TRAIN, 1, i);
        double sum = 0;
        for (int c = 0; c < 10; c++)
            sum += (double)(c < 2 ? b[c] : a[c]);
        cr_expect_eq(train->labels[i], sum > 0);
        for (int c = 0; c < 50; c++)
            cr_expect_eq(a[c] == b[c], c >= 2 && c < 5, "column %d", c);
    }
    venn_dataset_destroy(&d);
}

Test(data_synthetic, skeletons)
{
    enum { T = 32 };
    static const int parent[8] = {0, 0, 1, 2, 1, 4, 0, 6};
    venn_dataset *d = make("synthetic:skeleton,train=40,test=10,noise=0,seed=2");
    cr_expect(d->class_count == 10 && d->modality_count == 3);
    for (int64_t i = 0; i < 40; i++) {
        const float *joint = venn_dataset_item(d, VENN_TRAIN, 0, i);
        const float *motion = venn_dataset_item(d, VENN_TRAIN, 1, i);
        const float *bone = venn_dataset_item(d, VENN_TRAIN, 2, i);
        for (int j = 0; j < 8; j++)
            for (int t = 0; t < T; t++) {
                const int x = 2 * j * T + t, y = x + T, p = 2 * parent[j] * T + t;
                cr_assert_eq(motion[x], t + 1 < T ? joint[x + 1] - joint[x] : 0);
                cr_assert_eq(bone[x], joint[x] - joint[p]);
                const double length = hypot((double)bone[x], (double)bone[y]);
                const double before = t ? hypot((double)bone[x - 1], (double)bone[y - 1]) : length;
                cr_assert_float_eq(length, before, 1e-4);
                cr_assert(j == 0 || (length > 0.79 && length < 1.21), "%g", length);
            }
    }
    venn_dataset_destroy(&d);
    refused("synthetic:skeleton,seed=0.5", "whole number");
}

// Strength of the stains changes the colours of stained pictures alone, that of the dents the depth of dented ones,
// where the mask is.
Test(data_synthetic, defects)
{
    enum { EACH = 5, PIXELS = 32 * 32 };
    venn_dataset *d = make("synthetic:defects,size=32,train=12,valid=0,test=5,seed=2");
    venn_dataset *clean =
        make("synthetic:defects,size=32,train=12,valid=0,test=5,seed=2,stain=0,dent=0");
    cr_expect(d->class_count == 4 && d->modality_count == 3 && d->split[VENN_VALID].n == 0);
    cr_assert(d->split[VENN_TEST].n == 4 * EACH);
    for (int64_t i = 0; i < 12; i++)
        for (int k = 0; k < PIXELS; k++)
            cr_assert(venn_dataset_item(d, VENN_TRAIN, 2, i)[k] == 0);
    for (int64_t i = 0; i < 4 * EACH; i++) {
        const int kind = (int)(i / EACH);
        int marked = 0;
        for (int k = 0; k < PIXELS; k++) {
            const float mark = venn_dataset_item(d, VENN_TEST, 2, i)[k];
            const double red = (double)(venn_dataset_item(d, VENN_TEST, 0, i)[k] -
                                        venn_dataset_item(clean, VENN_TEST, 0, i)[k]);
            const double deep = (double)(venn_dataset_item(d, VENN_TEST, 1, i)[k] -
                                         venn_dataset_item(clean, VENN_TEST, 1, i)[k]);
            cr_assert(mark == 0 || mark == (float)kind);
            cr_assert(kind & 1 ? (fabs(red) > 0.3 * 0.3) == (mark > 0) : red == 0);
            cr_assert(kind & 2 ? (fabs(deep) > 0.3 * 0.15) == (mark > 0) : deep == 0);
            marked += mark > 0;
        }
        cr_expect(kind ? marked > 4 && marked < PIXELS / 8 : marked == 0, "%d", marked);
    }
    venn_dataset_destroy(&d);
    venn_dataset_destroy(&clean);
}

// The wall is grey and leans; every class of object occurs; bulging ones are nearer in their middle.
Test(data_synthetic, scenes)
{
    enum { N = 40, PIXELS = 32 * 32 };
    venn_dataset *d = make("synthetic:scenes,train=40,test=1,noise=0,objects=1,seed=5");
    int seen[5] = {0};
    cr_expect(d->class_count == 5 && d->modality_count == 3);
    for (int64_t i = 0; i < N; i++) {
        const float *rgb = venn_dataset_item(d, VENN_TRAIN, 0, i);
        const float *depth = venn_dataset_item(d, VENN_TRAIN, 1, i);
        const float *label = venn_dataset_item(d, VENN_TRAIN, 2, i);
        const int class = d->split[VENN_TRAIN].labels[i];
        int inside = 0, high = 0;
        for (int k = 0; k < PIXELS; k++) {
            cr_assert(label[k] == 0 || label[k] == (float)class);
            cr_assert(label[k] > 0 || (rgb[k] == 0.5f && depth[k] < 0.31f));
            cr_assert(label[k] == 0 || (depth[k] > 0.39f && depth[k] < 0.71f));
            inside += label[k] > 0;
            high += label[k] > 0 && depth[k] > 0.55f;
        }
        seen[class]++;
        cr_expect((class <= 2) == (2 * high > inside), "class %d: %d of %d", class, high, inside);
    }
    for (int c = 1; c < 5; c++)
        cr_expect(seen[c] > 0, "%d", c);
    venn_dataset_destroy(&d);
}

Test(data_synthetic, refuses)
{
    refused("synthetic:suns", "there is no synthetic data set \"suns\"; there is: avd");
    refused("synthetic:avd,gamma=1", "no parameter \"gamma\"; it has: shared, seed");
    refused("synthetic:avd,shared=9", "from 0 to 8");
    refused("synthetic:avd,shared=1.5", "whole numbers");
    refused("synthetic:gaussian,shared=1.5", "shared is a whole number");
    refused("synthetic:gaussian,shared=30", "own_a + shared + own_b is 50, decisive only 40");
    refused("synthetic:gaussian,width_b=9", "width_b must be at least 20");
    refused("synthetic:avd,shared", "key=value");
    refused("synthetic:avd,train=x", "from 1 to");
    venn_dataset *d = NULL;
    venn_dataset_params params = {.limit = {10}};
    cr_expect(venn_dataset_load(&d, "synthetic:avd", &params) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "train="), "%s", venn_error_message());
}
