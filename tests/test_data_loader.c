// The loader: every pair once per epoch, the same order however it is timed, resuming, clean ends.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data_files.h"

// n pairs: label i % 3, modality "one" = [i], modality "two" = [[i, i + 0.5]].
static venn_dataset *make(int64_t n)
{
    venn_dataset *d = NULL;
    const char *names[] = {"one", "two"};
    venn_shape shapes[] = {VENN_SHAPE(1), VENN_SHAPE(1, 2)};
    cr_assert_eq(venn_dataset_create(&d, "numbers", 3, NULL, 2, names, shapes), VENN_OK);
    int32_t *labels = malloc((size_t)n * sizeof *labels);
    float *one = malloc((size_t)n * sizeof *one), *two = malloc(2 * (size_t)n * sizeof *two);
    for (int64_t i = 0; i < n; i++) {
        labels[i] = (int32_t)(i % 3);
        one[i] = two[2 * i] = (float)i;
        two[2 * i + 1] = (float)i + 0.5f;
    }
    cr_assert_eq(venn_dataset_set_split(d, VENN_TRAIN, n, labels, (const float *[]){one, two}),
                 VENN_OK, "%s", venn_error_message());
    free(labels);
    free(one);
    free(two);
    return d;
}

static venn_loader *start(const venn_dataset *d, venn_loader_params params, int64_t epoch,
                          int64_t index)
{
    venn_loader *loader = NULL;
    cr_assert_eq(venn_loader_create(&loader, d, &params), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_loader_start(loader, epoch, index), VENN_OK);
    return loader;
}

static void check_batch(const venn_batch *b, int64_t batch)
{
    for (int64_t i = 0; i < batch; i++) {
        int64_t row = i < b->count ? i : b->count - 1;
        cr_assert_eq(b->pair[i], b->pair[row]);
        cr_assert_eq(b->labels[i], (int32_t)(b->pair[i] % 3));
        cr_assert_eq(b->x[0][i], (float)b->pair[i]);
        cr_assert_eq(b->x[1][2 * i + 1], (float)b->pair[i] + 0.5f);
    }
}

// Takes `count` batches of 4 and writes down their pairs; sleeps now and then.
static void record(venn_loader *loader, int count, uint32_t *pairs, unsigned pause)
{
    for (int k = 0; k < count; k++) {
        venn_batch b;
        cr_assert_eq(venn_loader_next(loader, &b), VENN_OK);
        cr_assert_eq(b.count, 4);
        memcpy(pairs + 4 * k, b.pair, 4 * sizeof *pairs);
        venn_loader_release(loader);
        if (pause && k % 5 == 0)
            usleep(pause);
    }
}

Test(data_loader, every_pair_once_per_epoch)
{
    venn_dataset *d = make(23);
    venn_loader *loader =
        start(d, (venn_loader_params){.batch = 4, .seed = 7, .epochs = 3, .keep_last = true}, 0, 0);
    cr_assert_eq(venn_loader_batches(loader), 6);
    uint32_t order[3][23];
    for (int64_t e = 0; e < 3; e++) {
        int seen[23] = {0}, at = 0;
        for (int64_t k = 0; k < 6; k++) {
            venn_batch b;
            cr_assert_eq(venn_loader_next(loader, &b), VENN_OK);
            cr_assert(b.epoch == e && b.index == k);
            cr_assert_eq(b.count, k < 5 ? 4 : 3);
            check_batch(&b, 4);
            for (int64_t i = 0; i < b.count; i++)
                seen[order[e][at++] = b.pair[i]]++;
            venn_loader_release(loader);
        }
        for (int i = 0; i < 23; i++)
            cr_assert_eq(seen[i], 1);
    }
    cr_assert(memcmp(order[0], order[1], sizeof order[0]) != 0);
    cr_assert(memcmp(order[1], order[2], sizeof order[0]) != 0);
    venn_batch end;
    for (int k = 0; k < 2; k++) {
        cr_assert_eq(venn_loader_next(loader, &end), VENN_OK);
        cr_assert_eq(end.count, 0);
    }
    venn_loader_destroy(&loader);
    cr_assert_null(loader);
    venn_dataset_destroy(&d);
}

Test(data_loader, the_order_does_not_depend_on_timing_or_queue)
{
    venn_dataset *d = make(42);
    uint32_t fast[80], slow[80], resumed[80];
    venn_loader *loader = start(d, (venn_loader_params){.batch = 4, .seed = 1}, 0, 0);
    cr_assert_eq(venn_loader_batches(loader), 10);
    record(loader, 20, fast, 0);
    // Started again at batch 3 of epoch 1, it goes on as it would have.
    cr_assert_eq(venn_loader_start(loader, 1, 3), VENN_OK);
    record(loader, 7, resumed, 0);
    cr_assert_arr_eq(resumed, fast + 4 * 13, 28 * sizeof *fast);
    cr_assert_eq(venn_loader_start(loader, 0, 10), VENN_OK);
    record(loader, 10, resumed, 0);
    cr_assert_arr_eq(resumed, fast + 40, 40 * sizeof *fast);
    venn_loader_destroy(&loader);
    loader = start(d, (venn_loader_params){.batch = 4, .seed = 1, .queue = 2}, 0, 0);
    record(loader, 20, slow, 300);
    cr_assert_arr_eq(slow, fast, sizeof fast);
    venn_loader_destroy(&loader);
    loader = start(d, (venn_loader_params){.batch = 4, .seed = 2}, 0, 0);
    record(loader, 20, slow, 0);
    cr_assert(memcmp(slow, fast, sizeof fast) != 0);
    venn_loader_destroy(&loader);
    venn_dataset_destroy(&d);
}

Test(data_loader, order_and_choice)
{
    venn_dataset *d = make(10);
    const int32_t only_two[] = {1};
    venn_loader *loader = start(d,
                                (venn_loader_params){.batch = 16,
                                                     .keep_order = true,
                                                     .keep_last = true,
                                                     .epochs = 1,
                                                     .modalities = only_two,
                                                     .modality_count = 1},
                                0, 0);
    venn_batch b;
    cr_assert_eq(venn_loader_next(loader, &b), VENN_OK);
    cr_assert_eq(b.count, 10);
    for (int i = 0; i < 16; i++)
        cr_assert_eq(b.x[0][2 * i], (float)(i < 10 ? i : 9));
    venn_loader_destroy(&loader); // with a batch held
    venn_dataset_destroy(&d);
}

Test(data_loader, held_batches_stay)
{
    venn_dataset *d = make(40);
    venn_loader *loader = start(d, (venn_loader_params){.batch = 4, .queue = 3}, 0, 0);
    venn_batch held[3], more;
    for (int k = 0; k < 3; k++)
        cr_assert_eq(venn_loader_next(loader, &held[k]), VENN_OK);
    check_fails(venn_loader_next(loader, &more), VENN_BAD_ARG, "release one first");
    for (int k = 0; k < 3; k++) {
        cr_assert_eq(held[k].index, k);
        check_batch(&held[k], 4);
    }
    venn_loader_release(loader);
    cr_assert_eq(venn_loader_next(loader, &more), VENN_OK);
    cr_assert_eq(more.index, 3);
    check_batch(&more, 4);
    check_batch(&held[1], 4);
    venn_loader_destroy(&loader);
    venn_dataset_destroy(&d);
}

Test(data_loader, stops_at_any_moment)
{
    venn_dataset *d = make(1000);
    venn_loader *loader = NULL;
    cr_assert_eq(venn_loader_create(&loader, d, &(venn_loader_params){.batch = 10}), VENN_OK);
    venn_batch b;
    check_fails(venn_loader_next(loader, &b), VENN_BAD_ARG, "not started");
    for (int k = 0; k < 100; k++) {
        cr_assert_eq(venn_loader_start(loader, k, k % 7), VENN_OK);
        for (int i = 0; i < k % 4; i++)
            cr_assert_eq(venn_loader_next(loader, &b), VENN_OK);
        if (k % 3 == 0)
            venn_loader_stop(loader);
    }
    venn_loader_stop(loader);
    venn_loader_release(loader);
    check_fails(venn_loader_next(loader, &b), VENN_BAD_ARG, "not started");
    venn_loader_destroy(&loader);
    // Started behind its last epoch, it ends at once.
    loader = start(d, (venn_loader_params){.batch = 10, .epochs = 2}, 2, 0);
    cr_assert_eq(venn_loader_next(loader, &b), VENN_OK);
    cr_assert_eq(b.count, 0);
    venn_loader_destroy(&loader);
    venn_dataset_destroy(&d);
}

static void refuse(const venn_dataset *d, venn_loader_params params, const char *part)
{
    venn_loader *loader = NULL;
    check_fails(venn_loader_create(&loader, d, &params), VENN_BAD_ARG, part);
    cr_assert_null(loader);
}

Test(data_loader, refuses)
{
    venn_dataset *d = make(10);
    refuse(d, (venn_loader_params){.batch = 11},
           "a batch of 11 is larger than the data: split train of data set numbers has 10 pairs");
    refuse(d, (venn_loader_params){0}, "a batch of 0 pairs");
    refuse(d, (venn_loader_params){.batch = 2, .split = VENN_TEST}, "no split test");
    refuse(d, (venn_loader_params){.batch = 2, .queue = 1}, "a queue of 1");
    refuse(d, (venn_loader_params){.batch = 2, .modalities = (int32_t[]){2}, .modality_count = 1},
           "no modality 2");
    venn_loader *loader = start(d, (venn_loader_params){.batch = 5}, 0, 0);
    check_fails(venn_loader_start(loader, 0, 3), VENN_BAD_ARG, "batch 3 of epoch 0");
    check_fails(venn_loader_start(loader, -1, 0), VENN_BAD_ARG, "epoch -1");
    venn_loader_destroy(&loader);
    venn_loader_destroy(&loader);
    venn_dataset_destroy(&d);
}
