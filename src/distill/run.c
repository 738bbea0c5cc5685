// The main job, training by training. Each writes its checkpoints into its own folder, so that resuming
// is: skip what is done, go on with what was begun.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "distill/run_internal.h"
#include "venn/io.h"

// ---- Watching --------------------------------------------------------------------------------

static void on_step(void *user, const venn_step_event *event)
{
    const run_state *run = user;
    if (run->observer && run->observer->on_step)
        run->observer->on_step(run->observer->user, &run->current->stage, event);
}

static void on_epoch(void *user, const venn_metrics *metrics)
{
    const run_state *run = user;
    // The metrics file follows the training; a failure to write it shows at the end of the training.
    venn_run_write_metrics(run);
    if (run->observer && run->observer->on_epoch)
        run->observer->on_epoch(run->observer->user, &run->current->stage, metrics);
}

static bool wants_stop(void *user)
{
    const run_state *run = user;
    return run->observer && run->observer->stop && run->observer->stop(run->observer->user);
}

// ---- One training ----------------------------------------------------------------------------

typedef struct training {
    const char *stage;
    const config_model *model;
    venn_net *net;
    const char *const *modalities;
    uint64_t seed;
    const config_use *use; // the method; NULL: from the labels alone
} training;

static char *stage_folder(const run_state *run, const training *t)
{
    if (strcmp(t->stage, "teacher") == 0)
        return venn_format("%s/teacher", run->folder);
    return venn_format("%s/seed-%llu/%s", run->folder, (unsigned long long)t->seed, t->stage);
}

static venn_fit describe_fit(const run_state *run, const training *t)
{
    config_training settings = venn_config_training_of(run->config, t->model);
    return (venn_fit){.net = t->net,
                      .modalities = t->modalities,
                      .data = run->data,
                      .epochs = settings.epochs,
                      .batch = settings.batch,
                      .steps_per_epoch = settings.steps,
                      .checkpoints = settings.checkpoints,
                      .precision = venn_config_precision_of(&settings),
                      .seed = t->seed,
                      .optim = venn_config_optim_of(&settings, "optimizer"),
                      .resume = run->resume};
}

static venn_status fit_labels(run_state *run, const training *t, run_record *record,
                              const char *folder, const venn_observer *observer)
{
    venn_fit fit = describe_fit(run, t);
    fit.folder = folder;
    fit.observer = observer;
    return venn_fit_run(run->device, &fit, &record->result);
}

static venn_status run_training(run_state *run, const training *t, uint32_t number)
{
    run_record *record = &run->records[number];
    const venn_distill_observer *watcher = run->observer;
    const venn_observer observer = {run,
                                    on_step,
                                    on_epoch,
                                    wants_stop,
                                    watcher ? watcher->timeline : NULL,
                                    watcher ? watcher->timeline_steps : 0};
    char *folder = stage_folder(run, t);
    if (!folder)
        return VENN_NO_MEMORY;
    record->stage = (venn_distill_stage){.stage = t->stage,
                                         .score = t->use ? venn_config_score(run->config, run->data)
                                                         : venn_score_name(run->data->score),
                                         .seed = t->seed,
                                         .number = number + 1,
                                         .count = run->n_records};
    record->begun = true;
    run->current = record;
    if (run->observer && run->observer->on_start)
        run->observer->on_start(run->observer->user, &record->stage);
    venn_status status = t->use
                             ? venn_run_by_method(run, t->use, record, t->seed, folder, &observer)
                             : fit_labels(run, t, record, folder, &observer);
    if (status == VENN_OK) {
        record->done = true;
        status = venn_run_write_metrics(run);
        if (run->observer && run->observer->on_end)
            run->observer->on_end(run->observer->user, &record->stage, &record->result);
    } else {
        venn_fail_in(status, "%s, seed %llu", t->stage, (unsigned long long)t->seed);
    }
    free(folder);
    return status;
}

// ---- The whole job ---------------------------------------------------------------------------

static venn_status make_nets(run_state *run, bool teacher)
{
    const config_file *file = run->config->file;
    if (teacher)
        VENN_TRY(venn_config_create_net(run->config, run->device, file->teacher, run->data,
                                        file->first_seed, &run->teacher));
    if (teacher && file->teacher->load) {
        venn_status status = venn_net_load(run->teacher, file->teacher->load);
        if (status < 0)
            return venn_config_fail_at(run->config, "teacher:", "load", status);
    }
    VENN_TRY(venn_config_create_net(run->config, run->device, file->student, run->data,
                                    file->first_seed, &run->student));
    if (teacher)
        venn_config_modalities(file->teacher, run->teacher_modalities);
    venn_config_modalities(file->student, run->student_modalities);
    return VENN_OK;
}

static training teacher_training(const run_state *run)
{
    const config_file *file = run->config->file;
    return (training){.stage = "teacher",
                      .model = file->teacher,
                      .net = run->teacher,
                      .modalities = run->teacher_modalities,
                      .seed = file->first_seed};
}

// use NULL: without a method.
static training student_training(const run_state *run, const config_use *use, uint64_t seed)
{
    return (training){.stage = use ? use->stage : "student",
                      .model = run->config->file->student,
                      .net = run->student,
                      .modalities = run->student_modalities,
                      .seed = seed,
                      .use = use};
}

// Takes and gives back the memory of a training, so that too small a device shows before any training, and
// what does not fit before there is a folder.
static venn_status check_training(run_state *run, const training *t)
{
    venn_status status;
    if (t->use) {
        status = venn_run_check_method(run, t->use);
    } else {
        venn_fit fit = describe_fit(run, t);
        fit.resume = false;
        status = venn_fit_check(run->device, &fit);
    }
    // Whatever a fit refuses was in the config.
    return status < 0 ? venn_fail_in(status == VENN_BAD_ARG ? VENN_BAD_FILE : status, "%s: %s",
                                     run->config->path, t->stage)
                      : VENN_OK;
}

static venn_status check_trainings(run_state *run)
{
    const training first = teacher_training(run), labels = student_training(run, NULL, 0);
    if (venn_run_trains_teacher(run))
        VENN_TRY(check_training(run, &first));
    if (!venn_config_alone(run->config))
        VENN_TRY(check_training(run, &labels));
    for (unsigned i = 0; i < run->config->n_uses; i++) {
        const training distilled = student_training(run, &run->config->uses[i], 0);
        VENN_TRY(check_training(run, &distilled));
    }
    return VENN_OK;
}

static venn_status get_teacher(run_state *run, uint32_t *number)
{
    if (!run->teacher)
        return VENN_OK;
    if (venn_run_trains_teacher(run)) {
        training t = teacher_training(run);
        VENN_TRY(run_training(run, &t, (*number)++));
    } else {
        VENN_TRY(venn_evaluate(run->device, run->teacher, run->teacher_modalities, run->data,
                               VENN_TEST, 0, &run->loaded, NULL, NULL));
    }
    return venn_net_hash(run->teacher, run->hash_before);
}

// Every student of a seed begins with the same weights and sees the same batches.
static venn_status run_student(run_state *run, const config_use *use, uint64_t seed,
                               uint32_t *number)
{
    const training t = student_training(run, use, seed);
    VENN_TRY(venn_net_init(run->student, seed));
    return run_training(run, &t, (*number)++);
}

static venn_status run_seeds(run_state *run, uint32_t number)
{
    const config_file *file = run->config->file;
    for (uint64_t seed = file->first_seed; seed < file->first_seed + file->seeds; seed++) {
        if (!venn_config_alone(run->config))
            VENN_TRY(run_student(run, NULL, seed, &number));
        for (unsigned i = 0; i < run->config->n_uses; i++)
            VENN_TRY(run_student(run, &run->config->uses[i], seed, &number));
    }
    return VENN_OK;
}

static venn_status check_teacher_unchanged(run_state *run)
{
    if (!run->teacher)
        return VENN_OK;
    VENN_TRY(venn_net_hash(run->teacher, run->hash_after));
    if (strcmp(run->hash_before, run->hash_after) != 0)
        return venn_fail(VENN_BAD_ARG,
                         "the frozen teacher changed during distillation: hash %s became "
                         "%s; please report this as a bug",
                         run->hash_before, run->hash_after);
    return VENN_OK;
}

static venn_status distill(run_state *run)
{
    const config_file *file = run->config->file;
    const bool needs_teacher = venn_config_needs(run->config) & VENN_NEEDS_TEACHER;
    uint32_t number = 0;
    run->distills = true;
    VENN_TRY(venn_config_load_data(run->config, &run->data));
    VENN_TRY(make_nets(run, needs_teacher));
    run->n_records = venn_run_trains_teacher(run) +
                     (!venn_config_alone(run->config) + run->config->n_uses) * file->seeds;
    run->records = venn_alloc(run->n_records, sizeof *run->records);
    if (!run->records)
        return VENN_NO_MEMORY;
    VENN_TRY(check_trainings(run));
    VENN_TRY(venn_run_begin_folder(run));
    VENN_TRY(venn_run_choose_features(run));
    VENN_TRY(get_teacher(run, &number));
    VENN_TRY(run_seeds(run, number));
    return check_teacher_unchanged(run);
}

static venn_status train_student(run_state *run)
{
    const config_file *file = run->config->file;
    run->n_records = 1;
    run->records = venn_alloc(1, sizeof *run->records);
    if (!run->records)
        return VENN_NO_MEMORY;
    VENN_TRY(venn_config_load_data(run->config, &run->data));
    VENN_TRY(make_nets(run, false));
    training t = student_training(run, NULL, file->first_seed);
    VENN_TRY(check_training(run, &t));
    VENN_TRY(venn_run_begin_folder(run));
    return run_training(run, &t, 0);
}

static void finish(run_state *run)
{
    for (uint32_t i = 0; run->records && i < run->n_records; i++) {
        run_record *record = &run->records[i];
        venn_fit_result_finish(&record->result);
        for (size_t k = 0; k < record->n_phases; k++)
            venn_fit_result_finish(&record->phases[k].result);
        free(record->phases);
    }
    free(run->records);
    free(run->place);
    venn_net_destroy(&run->teacher);
    venn_net_destroy(&run->student);
    venn_dataset_destroy(&run->data);
}

static venn_status run_job(venn_status (*work)(run_state *), venn_device *device,
                           const venn_distill_config *config, const char *folder, bool resume,
                           const char *command, const venn_distill_observer *observer)
{
    run_state run = {.device = device,
                     .config = config,
                     .observer = observer,
                     .folder = folder,
                     .command = command ? command : "",
                     .resume = resume,
                     .loaded = {NAN, NAN, 0}};
    uint64_t start = venn_clock_ns();
    venn_status status = work(&run);
    run.seconds = (double)(venn_clock_ns() - start) * 1e-9;
    if (status == VENN_OK)
        status = venn_run_write_summary(&run);
    if (status == VENN_OK)
        status = venn_report_write(folder);
    finish(&run);
    return status;
}

venn_status venn_distill_run(venn_device *device, const venn_distill_config *config,
                             const char *folder, bool resume, const char *command,
                             const venn_distill_observer *observer)
{
    return run_job(distill, device, config, folder, resume, command, observer);
}

venn_status venn_distill_train(venn_device *device, const venn_distill_config *config,
                               const char *folder, bool resume, const char *command,
                               const venn_distill_observer *observer)
{
    return run_job(train_student, device, config, folder, resume, command, observer);
}
