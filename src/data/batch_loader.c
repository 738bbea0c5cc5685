// The loader: a ring of batches between its thread, which fills slot `filled % slots`, and the
// caller, who takes and releases in the same order: released <= taken <= filled <= released +
// slots. The lock guards these counts; a slot's content belongs to one side at a time and needs no
// lock.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "venn/data.h"

enum { STREAM_SHUFFLE = 0x73687566 }; // "shuf"

typedef struct slot {
    int64_t epoch, index, count;
    uint32_t *pair;
    int32_t *labels;
    float **x; // [modality_count]
} slot;

struct venn_loader {
    const venn_dataset *dataset;
    const venn_split *split;
    venn_loader_params params;
    int32_t *modalities; // [modality_count]
    size_t *item_size;   // [modality_count], in floats
    int64_t batches;
    slot *slots;     // [params.queue]
    uint32_t *order; // [n], the thread's: the present epoch's permutation

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool started, stopping, over; // over: no batch comes after the last one filled
    uint64_t filled, taken, released;
    int64_t epoch, index; // of the batch to be filled next; the thread's
};

static venn_status check(const venn_dataset *dataset, const venn_loader_params *p)
{
    const char *name = dataset->name, *split = venn_split_name(p->split);
    if (p->split < 0 || p->split >= VENN_SPLITS || dataset->split[p->split].n == 0)
        return venn_fail(VENN_BAD_ARG, "data set %s has no split %s", name, split);
    long long n = (long long)dataset->split[p->split].n, batch = (long long)p->batch;
    if (batch < 1)
        return venn_fail(VENN_BAD_ARG, "a batch of %lld pairs; it must be at least 1", batch);
    if (batch > n && !p->keep_last)
        return venn_fail(VENN_BAD_ARG,
                         "a batch of %lld is larger than the data: split %s of data set %s has "
                         "%lld pairs; use a batch of at most that",
                         batch, split, name, n);
    if (p->queue < 0 || p->queue == 1 || p->epochs < 0)
        return venn_fail(VENN_BAD_ARG, "a loader with a queue of %d and %lld epochs", p->queue,
                         (long long)p->epochs);
    if (p->modalities && p->modality_count < 0)
        return venn_fail(VENN_BAD_ARG, "a loader of %d modalities", p->modality_count);
    for (int32_t i = 0; p->modalities && i < p->modality_count; i++)
        if (p->modalities[i] < 0 || p->modalities[i] >= dataset->modality_count)
            return venn_fail(VENN_BAD_ARG, "data set %s has no modality %d", name,
                             p->modalities[i]);
    return VENN_OK;
}

static venn_status make_slot(const venn_loader *l, slot *out)
{
    size_t batch = (size_t)l->params.batch, count = (size_t)l->params.modality_count;
    out->pair = venn_alloc(batch, sizeof *out->pair);
    out->labels = venn_alloc(batch, sizeof *out->labels);
    out->x = venn_alloc(count, sizeof *out->x);
    if (!out->pair || !out->labels || !out->x)
        return VENN_NO_MEMORY;
    for (size_t m = 0; m < count; m++) {
        size_t size;
        if (__builtin_mul_overflow(l->item_size[m], sizeof(float), &size))
            return venn_fail(VENN_NO_MEMORY, "out of host memory: items of %zu numbers",
                             l->item_size[m]);
        out->x[m] = venn_alloc(batch, size);
        if (!out->x[m])
            return VENN_NO_MEMORY;
    }
    return VENN_OK;
}

static venn_status fill_in(venn_loader *l)
{
    venn_loader_params *p = &l->params;
    if (!p->modalities)
        p->modality_count = l->dataset->modality_count;
    if (!p->queue)
        p->queue = 4;
    size_t count = (size_t)p->modality_count;
    l->modalities = venn_alloc(count, sizeof *l->modalities);
    l->item_size = venn_alloc(count, sizeof *l->item_size);
    l->slots = venn_alloc((size_t)p->queue, sizeof *l->slots);
    l->order = venn_alloc((size_t)l->split->n, sizeof *l->order);
    if (!l->modalities || !l->item_size || !l->slots || !l->order)
        return VENN_NO_MEMORY;
    for (int32_t m = 0; m < p->modality_count; m++) {
        l->modalities[m] = p->modalities ? p->modalities[m] : m;
        const venn_modality *modality = &l->dataset->modalities[l->modalities[m]];
        l->item_size[m] = (size_t)venn_shape_count(&modality->shape);
    }
    p->modalities = l->modalities;
    l->batches = l->split->n / p->batch + (p->keep_last && l->split->n % p->batch);
    for (int32_t i = 0; i < p->queue; i++)
        VENN_TRY(make_slot(l, &l->slots[i]));
    return VENN_OK;
}

venn_status venn_loader_create(venn_loader **out, const venn_dataset *dataset,
                               const venn_loader_params *params)
{
    VENN_TRY(check(dataset, params));
    venn_loader *l = VENN_NEW(venn_loader);
    if (!l)
        return VENN_NO_MEMORY;
    l->dataset = dataset;
    l->split = &dataset->split[params->split];
    l->params = *params;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    venn_status status = fill_in(l);
    if (status < 0)
        venn_loader_destroy(&l);
    else
        *out = l;
    return status;
}

void venn_loader_destroy(venn_loader **handle)
{
    venn_loader *l = handle ? *handle : NULL;
    if (!l)
        return;
    venn_loader_stop(l);
    for (int32_t i = 0; l->slots && i < l->params.queue; i++) {
        for (int32_t m = 0; l->slots[i].x && m < l->params.modality_count; m++)
            free(l->slots[i].x[m]);
        free(l->slots[i].x);
        free(l->slots[i].labels);
        free(l->slots[i].pair);
    }
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    free(l->slots);
    free(l->order);
    free(l->item_size);
    free(l->modalities);
    free(l);
    *handle = NULL;
}

int64_t venn_loader_batches(const venn_loader *loader)
{
    return loader->batches;
}

static void shuffle(venn_loader *l)
{
    uint32_t n = (uint32_t)l->split->n;
    venn_rng rng = venn_rng_make(l->params.seed, (uint64_t)l->epoch, STREAM_SHUFFLE);
    if (!l->params.keep_order)
        venn_rng_permutation(&rng, l->order, n);
    for (uint32_t i = 0; l->params.keep_order && i < n; i++)
        l->order[i] = i;
}

static void gather(const venn_loader *l, slot *out)
{
    int64_t batch = l->params.batch, first = l->index * batch, left = l->split->n - first;
    out->epoch = l->epoch;
    out->index = l->index;
    out->count = left < batch ? left : batch;
    for (int64_t i = 0; i < batch; i++) {
        uint32_t pair = l->order[first + (i < out->count ? i : out->count - 1)];
        out->pair[i] = pair;
        out->labels[i] = l->split->labels[pair];
        for (int32_t m = 0; m < l->params.modality_count; m++) {
            const float *item =
                venn_dataset_item(l->dataset, l->params.split, l->modalities[m], pair);
            memcpy(out->x[m] + (size_t)i * l->item_size[m], item, l->item_size[m] * sizeof *item);
        }
    }
}

// A slot to fill, or NULL when the loader is to stop.
static slot *wait_for_room(venn_loader *l)
{
    uint64_t slots = (uint64_t)l->params.queue;
    pthread_mutex_lock(&l->lock);
    while (!l->stopping && l->filled - l->released == slots)
        pthread_cond_wait(&l->changed, &l->lock);
    slot *out = l->stopping ? NULL : &l->slots[l->filled % slots];
    pthread_mutex_unlock(&l->lock);
    return out;
}

static void *run(void *user)
{
    venn_loader *l = user;
    bool over = l->params.epochs && l->epoch >= l->params.epochs;
    if (!over)
        shuffle(l);
    while (!over) {
        slot *out = wait_for_room(l);
        if (!out)
            return NULL;
        gather(l, out);
        if (++l->index == l->batches) {
            l->index = 0;
            l->epoch++;
            over = l->params.epochs && l->epoch >= l->params.epochs;
            if (!over)
                shuffle(l);
        }
        pthread_mutex_lock(&l->lock);
        l->filled++;
        l->over = over;
        pthread_cond_broadcast(&l->changed);
        pthread_mutex_unlock(&l->lock);
    }
    pthread_mutex_lock(&l->lock);
    l->over = true; // also where there was nothing to do from the start
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

venn_status venn_loader_start(venn_loader *l, int64_t epoch, int64_t index)
{
    if (epoch < 0 || index < 0 || index > l->batches)
        return venn_fail(VENN_BAD_ARG,
                         "a loader of %lld batches cannot start at batch %lld of epoch %lld",
                         (long long)l->batches, (long long)index, (long long)epoch);
    venn_loader_stop(l);
    bool next = index == l->batches;
    l->epoch = next ? epoch + 1 : epoch;
    l->index = next ? 0 : index;
    l->filled = l->taken = l->released = 0;
    l->stopping = l->over = false;
    // Signals are the program's affair: its handlers run in its own threads.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&l->thread, NULL, run, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        return venn_fail(VENN_NO_MEMORY, "no thread can be started for the loader");
    l->started = true;
    return VENN_OK;
}

venn_status venn_loader_next(venn_loader *l, venn_batch *batch)
{
    *batch = (venn_batch){0};
    if (!l->started)
        return venn_fail(VENN_BAD_ARG, "the loader is not started");
    uint64_t slots = (uint64_t)l->params.queue;
    pthread_mutex_lock(&l->lock);
    bool all_held = l->taken - l->released == slots;
    while (!all_held && l->filled == l->taken && !l->over)
        pthread_cond_wait(&l->changed, &l->lock);
    const slot *s = all_held || l->filled == l->taken ? NULL : &l->slots[l->taken++ % slots];
    pthread_mutex_unlock(&l->lock);
    if (all_held)
        return venn_fail(VENN_BAD_ARG, "all %d batches of the loader are held; release one first",
                         l->params.queue);
    if (s)
        *batch = (venn_batch){s->epoch, s->index,  s->count,
                              s->pair,  s->labels, (const float *const *)s->x};
    return VENN_OK;
}

void venn_loader_release(venn_loader *l)
{
    pthread_mutex_lock(&l->lock);
    if (l->released < l->taken)
        l->released++;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

void venn_loader_stop(venn_loader *l)
{
    if (!l->started)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    l->started = false;
}
