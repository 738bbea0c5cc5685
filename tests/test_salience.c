// Permutation salience against what the same networks give on data in which one channel really was
// shuffled, and the choice of features by it.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "device_fixture.h"
#include "venn/salience.h"
#include "venn/train.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())

enum { PAIRS = 13, CLASSES = 3, STREAM_PERMUTE = 0x73616c00, SEED = 4 };

static const char *const names[] = {"picture", "sound"};
enum { PICTURE = 2 * 5 * 4, SOUND = 6 };

static const venn_layer eye[] = {
    {.kind = VENN_LAYER_CONV, .out = 4, .kernel = {3}, .padding = {1, 1}, .name = "maps"},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_MAX_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_FLATTEN},
    {.kind = VENN_LAYER_LINEAR, .out = 5, .name = "end"}};
static const venn_layer ear[] = {{.kind = VENN_LAYER_LINEAR, .out = 7},
                                 {.kind = VENN_LAYER_TANH, .name = "hidden"},
                                 {.kind = VENN_LAYER_LINEAR, .out = CLASSES}};

static venn_net *make_fused(venn_device *device)
{
    const venn_branch branches[] = {
        {.name = "eye", .layers = eye, .n_layers = 5, .input = VENN_SHAPE(2, 5, 4)},
        {.name = "ear", .layers = ear, .n_layers = 2, .input = VENN_SHAPE(SOUND)}};
    venn_net *net;
    OK(venn_net_create(
        &net, device,
        &(venn_net_params){.branches = branches, .n_branches = 2, .head = ear, .n_head = 3}, 1));
    return net;
}

static venn_net *make_listener(venn_device *device)
{
    const venn_branch branch = {.layers = ear, .n_layers = 3, .input = VENN_SHAPE(SOUND)};
    venn_net *net;
    OK(venn_net_create(&net, device, &(venn_net_params){.branches = &branch, .n_branches = 1}, 2));
    return net;
}

typedef struct scene {
    venn_device *device;
    venn_net *fused, *listener;
    float picture[PAIRS * PICTURE], sound[PAIRS * SOUND];
    int32_t labels[PAIRS];
} scene;

static venn_dataset *make_data(const scene *s)
{
    venn_dataset *data;
    const venn_shape shapes[] = {VENN_SHAPE(2, 5, 4), VENN_SHAPE(SOUND)};
    const float *const x[] = {s->picture, s->sound};
    OK(venn_dataset_create(&data, "toy", CLASSES, NULL, 2, names, shapes));
    OK(venn_dataset_set_split(data, VENN_TRAIN, PAIRS, s->labels, x));
    return data;
}

static void open_scene(scene *s)
{
    *s = (scene){.device = open_test_device()};
    s->fused = make_fused(s->device);
    s->listener = make_listener(s->device);
    venn_rng rng = venn_rng_make(7, 0, 0);
    for (int i = 0; i < PAIRS * PICTURE; i++)
        s->picture[i] = venn_rng_normal(&rng);
    for (int i = 0; i < PAIRS * SOUND; i++)
        s->sound[i] = venn_rng_normal(&rng);
    for (int i = 0; i < PAIRS; i++)
        s->labels[i] = i % CLASSES;
}

static void close_scene(scene *s)
{
    venn_net_destroy(&s->fused);
    venn_net_destroy(&s->listener);
    close_test_device(&s->device);
}

// Logits on the scene's data, and the cross-entropy.
static double logits(const scene *s, venn_net *net, const char *const *modalities, float *z)
{
    venn_dataset *data = make_data(s);
    venn_evaluation e;
    OK(venn_evaluate(s->device, net, modalities, data, VENN_TRAIN, PAIRS, &e, z, NULL));
    venn_dataset_destroy(&data);
    return e.loss;
}

static double apart(const float *a, const float *b, bool l1)
{
    double sum = 0;
    for (int i = 0; i < PAIRS * CLASSES; i++) {
        const double d = fabs((double)a[i] - (double)b[i]);
        sum += (l1 ? d : d * d) / (PAIRS * CLASSES);
    }
    return sum;
}

static void check_close(double got, double want, const char *what, int64_t channel)
{
    cr_expect(fabs(got - want) < 1e-5 * (1 + fabs(want)), "%s of channel %lld: %g, want %g", what,
              (long long)channel, got, want);
}

// Every channel of the inputs of a fused network, with the same permutations, by shuffling the data.
static void check_input(const char *place, int channels, int area, bool l1)
{
    enum { M = 3 };
    scene *s = malloc(sizeof *s), *t = malloc(sizeof *t);
    static const char *const sound[] = {"sound"};
    float own[PAIRS * CLASSES], other[PAIRS * CLASSES], z[PAIRS * CLASSES];
    open_scene(s);
    const venn_seer of = {s->fused, names}, with = {s->listener, sound};
    venn_dataset *data = make_data(s);
    venn_salience got;
    const venn_salience_params params = {
        .place = place, .permutations = M, .distance = (venn_salience_distance)l1, .seed = SEED};
    OK(venn_salience_measure(s->device, &of, &with, data, &params, &got));
    cr_assert(got.n == channels && got.rows == PAIRS && got.permutations == M);
    const double base_loss = logits(s, s->fused, names, own);
    logits(s, s->listener, sound, other);
    check_close(got.base, apart(own, other, l1), "base", -1);
    check_close(got.base_loss, base_loss, "base loss", -1);
    for (int c = 0; c < channels; c++) {
        double distance = 0, effect = 0, loss = 0;
        for (int m = 0; m < M; m++) {
            uint32_t order[PAIRS];
            venn_rng rng = venn_rng_make(SEED, (uint64_t)(c * M + m), STREAM_PERMUTE);
            venn_rng_permutation(&rng, order, PAIRS);
            *t = *s;
            float *to = area > 1 ? t->picture : t->sound;
            const float *from = area > 1 ? s->picture : s->sound;
            for (int i = 0; i < PAIRS; i++)
                memcpy(to + (i * channels + c) * area, from + ((int)order[i] * channels + c) * area,
                       (size_t)area * sizeof *to);
            loss += logits(t, s->fused, names, z) / M;
            distance += apart(z, other, l1) / M;
            effect += apart(z, own, l1) / M;
        }
        check_close(got.distance[c], distance, "distance", c);
        check_close(got.effect[c], effect, "effect", c);
        check_close(got.loss[c], loss, "loss", c);
    }
    venn_salience_finish(&got);
    venn_dataset_destroy(&data);
    close_scene(s);
    free(s);
    free(t);
}

Test(salience, is_that_of_shuffled_data)
{
    check_input("eye.input", 2, 20, false);
    check_input("ear.input", SOUND, 1, true);
}

// A channel in front of a layer that ignores it has no effect; scores reach from 0 to 1.
Test(salience, scores_and_default_place)
{
    scene *s = malloc(sizeof *s);
    static const char *const sound[] = {"sound"};
    open_scene(s);
    const venn_net_param *w = venn_net_param_find(s->listener, "2.weight");
    float values[CLASSES * 7];
    OK(venn_var_read(w->var, values, sizeof values));
    for (int k = 0; k < CLASSES; k++)
        values[k * 7 + 4] = 0;
    OK(venn_var_write(w->var, values, sizeof values));
    venn_dataset *data = make_data(s);
    const venn_seer of = {s->listener, sound}, with = {s->fused, names};
    venn_salience got, again;
    OK(venn_salience_measure(s->device, &of, &with, data, &(venn_salience_params){.rows = 5},
                             &got));
    OK(venn_salience_measure(s->device, &of, &with, data,
                             &(venn_salience_params){.rows = 5, .place = "hidden"}, &again));
    cr_assert_str_eq(got.place, "hidden");
    cr_assert(got.n == 7 && got.permutations == 10);
    cr_expect(got.rows == 12, "%lld", (long long)got.rows); // three batches of 4
    double low = 1, high = 0;
    for (int c = 0; c < 7; c++) {
        low = fmin(low, got.score[c]);
        high = fmax(high, got.score[c]);
        cr_expect((got.effect[c] == 0) == (c == 4), "%d: %g", c, got.effect[c]);
        cr_expect(got.distance[c] == again.distance[c]);
    }
    cr_expect(low == 0 && high == 1);
    check_close(got.distance[4], got.base, "distance", 4);
    check_close(got.loss[4], got.base_loss, "loss", 4);
    venn_salience_finish(&got);
    venn_salience_finish(&again);
    venn_dataset_destroy(&data);
    close_scene(s);
    free(s);
}

// Channels that are maps, and places behind the fusion.
Test(salience, maps_and_head)
{
    scene *s = malloc(sizeof *s);
    static const char *const sound[] = {"sound"};
    open_scene(s);
    venn_dataset *data = make_data(s);
    const venn_seer of = {s->fused, names}, with = {s->listener, sound};
    static const struct {
        const char *place;
        int64_t n;
    } places[] = {{"eye.maps", 4}, {"eye.end", 5}, {"head.input", 12}, {"head.hidden", 7}};
    for (size_t i = 0; i < 4; i++) {
        venn_salience got;
        OK(venn_salience_measure(s->device, &of, &with, data,
                                 &(venn_salience_params){.place = places[i].place}, &got));
        cr_expect(got.n == places[i].n);
        double effect = 0;
        for (int64_t c = 0; c < got.n; c++)
            effect += got.effect[c];
        cr_expect(effect > 1e-6, "%s: %g", places[i].place, effect);
        venn_salience_finish(&got);
    }
    venn_salience got;
    cr_expect(venn_salience_measure(s->device, &of, &with, data,
                                    &(venn_salience_params){.place = "nose"},
                                    &got) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "nose"), "%s", venn_error_message());
    cr_expect(venn_salience_measure(s->device, &of, &with, data,
                                    &(venn_salience_params){.split = VENN_TEST},
                                    &got) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "the test split 0"), "%s", venn_error_message());
    venn_dataset_destroy(&data);
    close_scene(s);
    free(s);
}

// ---- Choosing --------------------------------------------------------------------------------

static int64_t choose(venn_feature_mode mode, double ratio, int64_t n, const double *score,
                      uint64_t seed, char *text)
{
    bool removed[16];
    const int64_t count = venn_features_choose(mode, ratio, n, score, seed, removed);
    int64_t marked = 0;
    for (int64_t c = 0; c < n; c++) {
        text[c] = removed[c] ? 'x' : '.';
        marked += removed[c];
    }
    text[n] = 0;
    cr_expect(marked == count);
    return count;
}

Test(salience, features_are_chosen_by_score)
{
    static const double score[] = {0.3, 0.1, 1, 0.1, 0, 0.7, 0.2, 0.6};
    char text[17], other[17];
    cr_expect(choose(VENN_FEATURES_GENERAL, 0.25, 8, score, 0, text) == 2);
    cr_expect_str_eq(text, ".x..x..."); // of the two 0.1 the first is the lower
    cr_expect(choose(VENN_FEATURES_SPECIFIC, 0.4, 8, score, 0, text) == 3);
    cr_expect_str_eq(text, "..x..x.x");
    cr_expect(choose(VENN_FEATURES_GENERAL, 0, 8, score, 0, text) == 0);
    cr_expect(choose(VENN_FEATURES_RANDOM, 0.7, 10, NULL, 3, text) == 7);
    cr_expect(choose(VENN_FEATURES_RANDOM, 0.7, 10, NULL, 3, other) == 7);
    cr_expect_str_eq(text, other);
    int taken[10] = {0};
    for (uint64_t seed = 0; seed < 400; seed++) {
        choose(VENN_FEATURES_RANDOM, 0.5, 10, NULL, seed, text);
        for (int c = 0; c < 10; c++)
            taken[c] += text[c] == 'x';
    }
    for (int c = 0; c < 10; c++)
        cr_expect(abs(taken[c] - 200) < 50, "%d: %d", c, taken[c]); // five standard deviations
}
