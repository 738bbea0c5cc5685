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

static venn_tensor method_loss(void *user, venn_objective_context *context)
{
    const venn_distill_config *config = user;
    return config->method->loss(config->method_params, context);
}

typedef struct training {
    const char *stage;
    const config_model *model;
    venn_net *net;
    const char *const *modalities;
    const venn_teacher *teacher; // NULL: labels alone
    uint64_t seed;
} training;

static char *stage_folder(const run_state *run, const training *t)
{
    if (strcmp(t->stage, "teacher") == 0)
        return venn_format("%s/teacher", run->folder);
    return venn_format("%s/seed-%llu/%s", run->folder, (unsigned long long)t->seed, t->stage);
}

static venn_fit describe_fit(run_state *run, const training *t, const venn_objective *objective,
                             const venn_observer *observer, const char *folder)
{
    config_training settings = venn_config_training_of(run->config, t->model);
    return (venn_fit){.net = t->net,
                      .modalities = t->modalities,
                      .data = run->data,
                      .epochs = settings.epochs,
                      .batch = settings.batch,
                      .seed = t->seed,
                      .optim = venn_config_optim_of(&settings, "optimizer"),
                      .objective = t->teacher ? objective : NULL,
                      .teacher = t->teacher,
                      .folder = folder,
                      .resume = run->resume,
                      .observer = observer};
}

static venn_status run_training(run_state *run, const training *t, uint32_t number)
{
    run_record *record = &run->records[number];
    const venn_objective objective = {(void *)run->config, method_loss};
    const venn_observer observer = {run, on_step, on_epoch, wants_stop};
    char *folder = stage_folder(run, t);
    if (!folder)
        return VENN_NO_MEMORY;
    record->stage = (venn_distill_stage){t->stage, t->seed, number + 1, run->n_records};
    record->begun = true;
    run->current = record;
    if (run->observer && run->observer->on_start)
        run->observer->on_start(run->observer->user, &record->stage);
    venn_fit fit = describe_fit(run, t, &objective, &observer, folder);
    venn_status status = venn_fit_run(run->device, &fit, &record->result);
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
    venn_config_modalities(file->teacher, run->teacher_modalities);
    venn_config_modalities(file->student, run->student_modalities);
    return VENN_OK;
}

static training teacher_training(const run_state *run)
{
    return (training){"teacher",    run->config->file->teacher,
                      run->teacher, run->teacher_modalities,
                      NULL,         run->config->file->first_seed};
}

// Takes and gives back the memory of a training, so that too small a device shows before any training, and
// what does not fit before there is a folder.
static venn_status check_training(run_state *run, const training *t)
{
    const venn_objective objective = {(void *)run->config, method_loss};
    venn_fit fit = describe_fit(run, t, &objective, NULL, NULL);
    venn_status status = venn_fit_check(run->device, &fit);
    // Whatever a fit refuses was in the config.
    return status < 0 ? venn_fail_in(status == VENN_BAD_ARG ? VENN_BAD_FILE : status, "%s: %s",
                                     run->config->path, t->stage)
                      : VENN_OK;
}

static training student_training(const run_state *run, const venn_teacher *teacher, uint64_t seed)
{
    return (training){teacher ? "distilled" : "student",
                      run->config->file->student,
                      run->student,
                      run->student_modalities,
                      teacher,
                      seed};
}

static venn_status check_trainings(run_state *run, const venn_teacher *teacher)
{
    const training first = teacher_training(run), labels = student_training(run, NULL, 0),
                   distilled = student_training(run, teacher, 0);
    if (!run->config->file->teacher->load)
        VENN_TRY(check_training(run, &first));
    VENN_TRY(check_training(run, &labels));
    return check_training(run, &distilled);
}

static venn_status get_teacher(run_state *run, uint32_t *number)
{
    const config_model *model = run->config->file->teacher;
    if (!model->load) {
        training t = teacher_training(run);
        return run_training(run, &t, (*number)++);
    }
    return venn_evaluate(run->device, run->teacher, run->teacher_modalities, run->data, VENN_TEST,
                         0, &run->loaded, NULL, NULL);
}

static venn_status run_seeds(run_state *run, const venn_teacher *teacher, uint32_t number)
{
    const config_file *file = run->config->file;
    for (uint32_t k = 0; k < file->seeds; k++)
        for (int distilled = 0; distilled < 2; distilled++) {
            uint64_t seed = file->first_seed + k;
            training t = student_training(run, distilled ? teacher : NULL, seed);
            VENN_TRY(venn_net_init(run->student, seed));
            VENN_TRY(run_training(run, &t, number++));
        }
    return VENN_OK;
}

static venn_status check_teacher_unchanged(run_state *run)
{
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
    uint32_t number = 0;
    run->n_records = (file->teacher->load ? 0 : 1) + 2 * file->seeds;
    run->records = venn_alloc(run->n_records, sizeof *run->records);
    if (!run->records)
        return VENN_NO_MEMORY;
    VENN_TRY(venn_config_load_data(run->config, &run->data));
    VENN_TRY(make_nets(run, true));
    venn_teacher teacher = {run->teacher, run->teacher_modalities, file->teacher->cache};
    VENN_TRY(check_trainings(run, &teacher));
    VENN_TRY(venn_run_begin_folder(run));
    VENN_TRY(get_teacher(run, &number));
    VENN_TRY(venn_net_hash(run->teacher, run->hash_before));
    VENN_TRY(run_seeds(run, &teacher, number));
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
    for (uint32_t i = 0; run->records && i < run->n_records; i++)
        venn_fit_result_finish(&run->records[i].result);
    free(run->records);
    venn_net_destroy(&run->teacher);
    venn_net_destroy(&run->student);
    venn_dataset_destroy(&run->data);
}

static venn_status run_job(venn_status (*job)(run_state *), venn_device *device,
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
    venn_status status = job(&run);
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
