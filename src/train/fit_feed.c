// What the host writes before every step. Step t takes batch t mod n of pass t div n of a stream of n batches, so
// that a training can begin anywhere.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/fit_internal.h"

// ---- Streams ---------------------------------------------------------------------------------

static venn_status check_stream(const step_stream *s)
{
    const venn_split *split = &s->data->split[s->split];
    if ((int64_t)s->batch > split->n)
        return venn_fail(
            VENN_BAD_ARG,
            "a batch of %u is larger than the %s split of %lld%s%s: use a smaller batch", s->batch,
            s->split == VENN_TRAIN ? "training" : venn_split_name(s->split), (long long)split->n,
            s->name ? " of stream " : "", s->name ? s->name : "");
    return VENN_OK;
}

venn_status venn_fit_streams_plan(fit_state *f)
{
    const venn_fit *fit = f->fit;
    if (fit->n_streams + 1 > FIT_MAX_STREAMS)
        return venn_fail(VENN_BAD_ARG, "more than %d data streams in one training",
                         FIT_MAX_STREAMS);
    f->streams[0] = (step_stream){.data = fit->data, .split = VENN_TRAIN, .batch = f->batch};
    f->n_streams = 1;
    for (size_t i = 0; i < fit->n_streams; i++) {
        const venn_stream *from = &fit->streams[i];
        if (!from->name || !from->data)
            return venn_fail(VENN_BAD_ARG, "data stream %zu%s%s has no %s: give it one", i,
                             from->name ? ", " : "", from->name ? from->name : "",
                             from->name ? "data" : "name");
        f->streams[f->n_streams++] = (step_stream){.name = from->name,
                                                   .data = from->data,
                                                   .split = from->split,
                                                   .batch = from->batch ? from->batch : f->batch};
    }
    for (uint32_t i = 0; i < f->n_streams; i++)
        VENN_TRY(check_stream(&f->streams[i]));
    return VENN_OK;
}

static venn_status start_loader(const fit_state *f, uint32_t k, uint64_t step, venn_loader **out)
{
    const step_stream *stream = &f->streams[k];
    // A stream's order is its own: two streams of one data set are not paired.
    venn_loader_params params = {.batch = stream->batch,
                                 .split = stream->split,
                                 .modalities = stream->modality,
                                 .modality_count = (int32_t)stream->n,
                                 .seed = f->fit->seed + k * 0x9e3779b97f4a7c15u};
    VENN_TRY(venn_loader_create(out, stream->data, &params));
    const uint64_t n = (uint64_t)venn_loader_batches(*out);
    return venn_loader_start(*out, (int64_t)(step / n), (int64_t)(step % n));
}

venn_status venn_fit_loaders_start(const fit_state *f, uint64_t step, venn_loader **loaders)
{
    for (uint32_t k = 0; k < f->n_streams; k++)
        VENN_TRY(start_loader(f, k, step, &loaders[k]));
    return VENN_OK;
}

void venn_fit_loaders_destroy(venn_loader **loaders)
{
    for (uint32_t k = 0; k < FIT_MAX_STREAMS; k++)
        venn_loader_destroy(&loaders[k]);
}

// ---- One step --------------------------------------------------------------------------------

static void write_cached(const fit_state *f, venn_program *program, const venn_batch *batch)
{
    for (size_t k = 0; k < f->n_nets; k++) {
        char name[STEP_MAX_NAME];
        size_t bytes;
        if (!f->cached[k])
            continue;
        snprintf(name, sizeof name, "logits.%s", f->nets[k].name);
        float *to = venn_program_input(program, name, &bytes);
        const size_t row = bytes / sizeof *to / f->batch;
        for (uint32_t i = 0; to && i < f->batch; i++)
            memcpy(to + i * row, f->cached[k] + batch->pair[i] * row, row * sizeof *to);
    }
}

static venn_status call_feed(const fit_state *f, venn_program *program, const venn_batch *batch,
                             uint64_t step)
{
    if (!f->objective->feed)
        return VENN_OK;
    venn_step_feed feed = {.step = step,
                           .total = (uint64_t)f->epochs * f->per_epoch,
                           .epoch = (uint32_t)(step / f->per_epoch),
                           .epochs = f->epochs,
                           .seed = f->fit->seed,
                           .batch = batch,
                           .program = program};
    return f->objective->feed(f->objective->user, &feed);
}

venn_status venn_fit_feed(fit_state *f, venn_program *program, venn_loader **loaders, uint64_t step)
{
    venn_batch batch[FIT_MAX_STREAMS] = {{0}};
    uint32_t k = 0;
    do { // the first is always there
        VENN_TRY(venn_loader_next(loaders[k], &batch[k]));
        venn_step_write_batch(&f->streams[k], program, &batch[k]);
    } while (++k < f->n_streams);
    memcpy(f->pairs[step % FIT_SLOTS], batch[0].pair, f->batch * sizeof(uint32_t));
    write_cached(f, program, &batch[0]);
    venn_status status = call_feed(f, program, &batch[0], step);
    for (k = 0; k < f->n_streams; k++)
        venn_loader_release(loaders[k]);
    venn_program_set_rng(program, f->fit->seed, step);
    return status < 0 ? status : venn_fit_optims_feed(f, program, (int64_t)(step / f->per_epoch));
}

// ---- Logits of frozen networks ---------------------------------------------------------------

venn_status venn_fit_cache_logits(fit_state *f)
{
    const size_t n = (size_t)f->fit->data->split[VENN_TRAIN].n;
    for (size_t k = 0; k < f->n_nets; k++) {
        const venn_fit_net *part = &f->nets[k];
        venn_shape out = venn_net_output_shape(part->net);
        if (!part->cache || part->role != VENN_NET_FROZEN)
            continue;
        f->cached[k] = venn_alloc(n * (size_t)venn_shape_count(&out), sizeof(float));
        if (!f->cached[k])
            return VENN_NO_MEMORY;
        venn_evaluation unused;
        VENN_TRY(venn_evaluate(f->device, part->net, part->modalities, f->fit->data, VENN_TRAIN, 0,
                               &unused, f->cached[k], NULL));
    }
    return VENN_OK;
}
