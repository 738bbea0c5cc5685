// The training loop. Steps are submitted ahead of their metrics (FIT_SLOTS - 1 in flight); metrics are
// collected in step order, so sums do not depend on timing.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/thread.h"
#include "train/checkpoint.h"
#include "train/fit_internal.h"
#include "train/weights.h"

// ---- Metrics ---------------------------------------------------------------------------------

static float output_scalar(fit_state *f, uint64_t ticket, const char *name)
{
    const float *value = venn_program_output(f->program, ticket, name, NULL);
    return value ? *value : NAN;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static venn_status call_collect(fit_state *f, uint64_t ticket, uint64_t step)
{
    venn_step_result result = {.step = step,
                               .pair = f->pairs[step % FIT_SLOTS],
                               .batch = f->batch,
                               .program = f->program,
                               .ticket = ticket};
    return f->objective->collect ? f->objective->collect(f->objective->user, &result) : VENN_OK;
}

// Takes the metrics of the oldest step in flight.
static venn_status collect(fit_state *f)
{
    uint64_t ticket = f->pending[0];
    VENN_TRY(venn_program_wait(f->program, ticket));
    if (f->result->first_step == 0)
        f->result->first_step = (double)(venn_clock_ns() - f->started_ns) * 1e-9;
    const uint64_t step = f->steps - f->n_pending;
    f->n_pending--;
    memmove(f->pending, f->pending + 1, f->n_pending * sizeof *f->pending);
    double loss = output_scalar(f, ticket, "loss");
    if (!isfinite(loss))
        return venn_fit_diagnose(f, f->steps - f->n_pending, loss);
    f->sums.loss += loss;
    for (int i = 0; i < f->n_terms; i++)
        if (!f->terms[i].host)
            f->sums.terms[i] += output_scalar(f, ticket, f->terms[i].name);
    const int32_t *correct = venn_program_output(f->program, ticket, "correct", NULL);
    f->sums.correct += correct ? *correct : 0;
    f->sums.steps++;
    f->last_loss = loss;
    if (f->n_times < FIT_TIMES)
        f->times[f->n_times++] = venn_program_device_time(f->program, ticket);
    return call_collect(f, ticket, step);
}

static venn_status drain(fit_state *f)
{
    while (f->n_pending)
        VENN_TRY(collect(f));
    return VENN_OK;
}

static void fill_metrics(const fit_state *f, venn_metrics *m)
{
    const double steps = f->sums.steps ? (double)f->sums.steps : 1;
    *m = (venn_metrics){.epoch = f->epoch + 1,
                        .step = f->steps,
                        .lr = venn_optim_lr(f->optims[0].optim, f->epoch),
                        .loss = f->sums.loss / steps,
                        .n_terms = f->n_terms,
                        .train_accuracy =
                            f->counts ? f->sums.correct / (steps * (double)f->counts) : NAN,
                        .valid_loss = NAN,
                        .valid_accuracy = NAN};
    for (int i = 0; i < f->n_terms; i++) {
        m->terms[i].name = f->terms[i].name;
        m->terms[i].value = f->terms[i].host ? NAN : f->sums.terms[i] / steps;
    }
}

// ---- Steps -----------------------------------------------------------------------------------

static venn_status submit_step(fit_state *f)
{
    const bool traces = venn_fit_traces(f);
    fit_moments m = {.begun = venn_clock_ns()};
    VENN_TRY(venn_program_begin(f->program));
    VENN_TRY(venn_fit_feed(f, f->program, f->loaders, f->steps));
    m.fed = venn_clock_ns();
    VENN_TRY(venn_program_submit(f->program, &f->pending[f->n_pending]));
    const uint64_t ticket = f->pending[f->n_pending++];
    f->steps++;
    f->index++;
    if (!traces)
        return VENN_OK;
    VENN_TRY(venn_program_wait(f->program, ticket));
    m.done = venn_clock_ns();
    venn_fit_trace(f, ticket, &m);
    return VENN_OK;
}

static void report_step(const fit_state *f)
{
    const venn_observer *observer = f->fit->observer;
    if (!observer || !observer->on_step)
        return;
    venn_step_event event = {.step = f->steps,
                             .total = (uint64_t)f->epochs * f->per_epoch,
                             .epoch = f->epoch + 1,
                             .epochs = f->epochs,
                             .loss = f->last_loss};
    observer->on_step(observer->user, &event);
}

static bool wants_stop(const fit_state *f)
{
    const venn_observer *observer = f->fit->observer;
    return observer && observer->stop && observer->stop(observer->user);
}

static venn_status stop_here(fit_state *f)
{
    VENN_TRY(drain(f));
    if (!f->fit->folder)
        return venn_fail(VENN_CANCELLED, "stopped at step %llu", (unsigned long long)f->steps);
    VENN_TRY(venn_fit_save(f));
    return venn_fail(VENN_CANCELLED, "stopped at step %llu; the state is in %s",
                     (unsigned long long)f->steps, f->fit->folder);
}

static venn_status run_epoch(fit_state *f)
{
    uint64_t start = venn_clock_ns();
    while (f->index < f->per_epoch) {
        VENN_TRY(submit_step(f));
        if (f->n_pending == FIT_SLOTS || f->objective->lockstep)
            VENN_TRY(collect(f));
        report_step(f);
        if (f->index < f->per_epoch && wants_stop(f)) {
            f->sums.seconds += (double)(venn_clock_ns() - start) * 1e-9;
            return stop_here(f);
        }
    }
    VENN_TRY(drain(f));
    f->sums.seconds += (double)(venn_clock_ns() - start) * 1e-9;
    return VENN_OK;
}

// ---- Epochs ----------------------------------------------------------------------------------

static venn_status evaluate(fit_state *f, venn_split_id split, venn_evaluation *result)
{
    const venn_objective *objective = f->objective;
    if (!objective->score)
        return venn_evaluator_run(f->evaluator, split, result, NULL, NULL);
    *result = (venn_evaluation){.accuracy = NAN, .loss = NAN, .n = f->fit->data->split[split].n};
    return objective->score(objective->user, split, &result->accuracy, &result->loss);
}

static venn_status finish_epoch(fit_state *f)
{
    uint64_t start = venn_clock_ns();
    venn_fit_result *result = f->result;
    venn_metrics *m = &result->history[result->n_epochs];
    fill_metrics(f, m);
    bool best = true;
    if (f->fit->data->split[VENN_VALID].n) {
        venn_evaluation valid;
        VENN_TRY(evaluate(f, VENN_VALID, &valid));
        m->valid_loss = valid.loss;
        m->valid_accuracy = valid.accuracy;
        best =
            result->n_epochs == 0 || f->fit->keep_last || valid.accuracy > result->valid_accuracy;
    }
    if (f->objective->epoch_end)
        VENN_TRY(f->objective->epoch_end(f->objective->user, m));
    m->seconds = f->sums.seconds + (double)(venn_clock_ns() - start) * 1e-9;
    result->seconds += m->seconds;
    result->n_epochs++;
    result->steps = f->steps;
    if (best) {
        result->best_epoch = m->epoch;
        result->valid_accuracy = m->valid_accuracy;
        VENN_TRY(venn_fit_save_best(f));
    }
    f->sums = (fit_sums){0};
    f->index = 0;
    f->epoch++;
    VENN_TRY(venn_fit_save(f));
    if (f->fit->observer && f->fit->observer->on_epoch)
        f->fit->observer->on_epoch(f->fit->observer->user, m);
    return VENN_OK;
}

static venn_status train(fit_state *f)
{
    while (f->epoch < f->epochs) {
        VENN_TRY(run_epoch(f));
        VENN_TRY(finish_epoch(f));
        if (f->epoch < f->epochs && wants_stop(f))
            return stop_here(f);
    }
    VENN_TRY(venn_fit_load_best(f));
    venn_evaluation test = {.accuracy = NAN, .loss = NAN};
    if (f->fit->data->split[VENN_TEST].n)
        VENN_TRY(evaluate(f, VENN_TEST, &test));
    f->result->test_accuracy = test.accuracy;
    f->result->test_loss = test.loss;
    qsort(f->times, f->n_times, sizeof *f->times, compare_doubles);
    f->result->step_us = f->n_times ? f->times[f->n_times / 2] : 0;
    venn_program_get_info(f->program,
                          &f->result->step); // long steps were cut once their time was known
    return venn_fit_save_done(f);
}

// ---- Set-up ----------------------------------------------------------------------------------

static venn_status check_output(const fit_state *f)
{
    venn_shape out = venn_net_output_shape(f->fit->net);
    char text[VENN_SHAPE_TEXT_MAX];
    if (f->objective->predict || f->objective->score ||
        out.dim[0] == f->fit->data->class_count) // [C], or [C, X..]: place by place
        return VENN_OK;
    return venn_fail(VENN_BAD_SHAPE, "the network gives %s per sample, the data has %d classes",
                     venn_shape_text(&out, text, sizeof text), f->fit->data->class_count);
}

static venn_status check(fit_state *f)
{
    const venn_fit *fit = f->fit;
    f->objective = fit->objective ? fit->objective : &venn_objective_ce;
    f->epochs = fit->epochs ? fit->epochs : 10;
    f->batch = fit->batch ? fit->batch : 64;
    f->n_nets = 1 + fit->n_others;
    f->nets = venn_alloc(f->n_nets, sizeof *f->nets);
    f->cached = venn_alloc(f->n_nets, sizeof *f->cached);
    if (!f->nets || !f->cached)
        return VENN_NO_MEMORY;
    f->nets[0] = (venn_fit_net){
        .net = fit->net, .name = "main", .modalities = fit->modalities, .role = fit->role};
    for (size_t i = 0; i < fit->n_others; i++)
        f->nets[i + 1] = fit->others[i];
    for (int i = 0; i < FIT_SLOTS; i++)
        if (!(f->pairs[i] = venn_alloc(f->batch, sizeof *f->pairs[i])))
            return VENN_NO_MEMORY;
    VENN_TRY(venn_precision_resolve(f->device, fit->precision, &f->storage));
    VENN_TRY(venn_fit_streams_plan(f));
    f->per_epoch = fit->steps_per_epoch ? fit->steps_per_epoch
                                        : (uint32_t)(fit->data->split[VENN_TRAIN].n / f->batch);
    return check_output(f);
}

static venn_status compile(fit_state *f)
{
    venn_graph *g = NULL;
    VENN_TRY(venn_graph_create(&g));
    venn_status status = venn_fit_build(f, g);
    venn_compile_params params = {.name = "training step",
                                  .slots = FIT_SLOTS,
                                  .timestamps = venn_fit_traces(f),
                                  .runs = (uint64_t)f->epochs * f->per_epoch};
    if (status == VENN_OK)
        status = venn_graph_compile(&f->program, g, f->device, &params);
    venn_graph_destroy(&g);
    if (status == VENN_OK)
        venn_program_get_info(f->program, &f->result->step);
    return status;
}

static venn_status prepare(fit_state *f)
{
    VENN_TRY(check(f));
    VENN_TRY(venn_checkpoint_check(f->fit->checkpoints));
    f->result->history = venn_alloc(f->epochs, sizeof *f->result->history);
    if (!f->result->history)
        return VENN_NO_MEMORY;
    if (f->fit->folder)
        VENN_TRY(venn_folder_make(f->fit->folder));
    VENN_TRY(venn_fit_optims_create(f));
    VENN_TRY(venn_fit_slots_create(f));
    VENN_TRY(compile(f));
    if (!f->objective->score)
        VENN_TRY(venn_evaluator_create(&f->evaluator, f->device, f->nets, f->n_nets, f->objective,
                                       f->fit->data, 256, false));
    venn_memory_stats memory;
    venn_device_memory(f->device, &memory);
    f->result->memory = memory.in_use;
    return VENN_OK;
}

static venn_status run(fit_state *f)
{
    bool done = false, found = false;
    VENN_TRY(prepare(f));
    if (f->fit->resume)
        VENN_TRY(venn_fit_load_done(f, &done));
    if (done)
        return venn_fit_load_best(f);
    if (f->fit->resume)
        VENN_TRY(venn_fit_load(f, &found));
    VENN_TRY(venn_fit_cache_logits(f));
    // A first checkpoint at once: a full disk shows before hours of work, and a run that diverges in
    // its first epoch still has a good one.
    if (!found)
        VENN_TRY(venn_fit_save(f));
    VENN_TRY(venn_fit_loaders_start(f, f->steps, f->loaders));
    return train(f);
}

static void start_state(fit_state *f, venn_device *device, const venn_fit *fit,
                        venn_fit_result *result)
{
    *result = (venn_fit_result){.valid_accuracy = NAN, .test_accuracy = NAN, .test_loss = NAN};
    *f = (fit_state){.device = device, .fit = fit, .result = result, .last_loss = NAN};
    f->started_ns = venn_clock_ns();
}

static void finish_state(fit_state *f)
{
    venn_fit_loaders_destroy(f->loaders);
    venn_program_destroy(&f->program);
    venn_evaluator_destroy(&f->evaluator);
    venn_fit_optims_destroy(f);
    venn_weights_free(f->best, f->n_weights);
    venn_fit_slots_destroy(f);
    for (size_t i = 0; f->cached && i < f->n_nets; i++)
        free(f->cached[i]);
    for (int i = 0; i < FIT_SLOTS; i++)
        free(f->pairs[i]);
    free(f->cached);
    free(f->nets);
}

venn_status venn_fit_run(venn_device *device, const venn_fit *fit, venn_fit_result *result)
{
    fit_state f;
    start_state(&f, device, fit, result);
    venn_status status = run(&f);
    finish_state(&f);
    return status;
}

venn_status venn_fit_describe(venn_device *device, const venn_fit *fit, venn_program_info *info,
                              venn_line_fn fn, void *user)
{
    venn_fit_result result;
    fit_state f;
    start_state(&f, device, fit, &result);
    venn_status status = prepare(&f);
    *info = result.step;
    if (status == VENN_OK && fn)
        venn_program_describe(f.program, fn, user);
    finish_state(&f);
    venn_fit_result_finish(&result);
    return status;
}

venn_status venn_fit_check(venn_device *device, const venn_fit *fit)
{
    venn_program_info info;
    return venn_fit_describe(device, fit, &info, NULL, NULL);
}

void venn_fit_result_finish(venn_fit_result *result)
{
    free(result->history);
    result->history = NULL;
}
