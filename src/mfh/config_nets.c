// Trainings of a config's networks one by one (see config_nets.h).
#include "mfh/config_nets.h"

#include <math.h>
#include <string.h>

#include "distill/job_internal.h"

// ---- Watching --------------------------------------------------------------------------------

static void on_step(void *user, const venn_step_event *event)
{
    const venn_config_nets *nets = user;
    if (nets->observer && nets->observer->on_step)
        nets->observer->on_step(nets->observer->user, &nets->stage, event);
}

static void on_epoch(void *user, const venn_metrics *metrics)
{
    const venn_config_nets *nets = user;
    if (nets->observer && nets->observer->on_epoch)
        nets->observer->on_epoch(nets->observer->user, &nets->stage, metrics);
}

static bool wants_stop(void *user)
{
    const venn_config_nets *nets = user;
    return nets->observer && nets->observer->stop && nets->observer->stop(nets->observer->user);
}

static venn_status run_fit(venn_config_nets *nets, venn_fit fit, uint64_t seed, bool last,
                           double *accuracy)
{
    const venn_observer observer = {nets, on_step, on_epoch, wants_stop};
    venn_fit_result result;
    nets->stage.seed = seed;
    if (last)
        nets->stage.number++;
    if (nets->observer && nets->observer->on_start)
        nets->observer->on_start(nets->observer->user, &nets->stage);
    fit.observer = &observer;
    const venn_status status = venn_fit_run(nets->device, &fit, &result);
    *accuracy = result.test_accuracy;
    if (status == VENN_OK && nets->observer && nets->observer->on_end)
        nets->observer->on_end(nets->observer->user, &nets->stage, &result);
    venn_fit_result_finish(&result);
    return status;
}

// ---- Trainings -------------------------------------------------------------------------------

venn_status venn_config_nets_train(venn_config_nets *nets, bool teacher, uint64_t seed,
                                   double *accuracy)
{
    const config_file *file = nets->config->file;
    const venn_seer *seer = teacher ? &nets->teacher : &nets->student;
    const config_training t =
        venn_config_training_of(nets->config, teacher ? file->teacher : file->student);
    VENN_TRY(venn_net_init(seer->net, seed));
    return run_fit(nets,
                   (venn_fit){.net = seer->net,
                              .modalities = seer->modalities,
                              .data = nets->data,
                              .epochs = t.epochs,
                              .batch = t.batch,
                              .seed = seed,
                              .optim = venn_config_optim_of(&t, "optimizer")},
                   seed, true, accuracy);
}

static venn_status run_stages(venn_config_nets *nets, job *j, uint64_t seed, double *accuracy)
{
    for (size_t i = 0; i < j->n_stages; i++) {
        venn_job_stage *stage = &j->stages[i]->public;
        VENN_TRY(stage->begin ? stage->begin(&j->public, stage) : VENN_OK);
        VENN_TRY(run_fit(nets, *venn_job_stage_fit(j, i), seed, i + 1 == j->n_stages, accuracy));
        VENN_TRY(stage->end ? stage->end(&j->public, stage) : VENN_OK);
    }
    return VENN_OK;
}

venn_status venn_config_nets_distill(venn_config_nets *nets, uint64_t seed, double *accuracy)
{
    job *j;
    VENN_TRY(venn_net_init(nets->student.net, seed));
    VENN_TRY(venn_job_create(&j, nets->device, nets->config, nets->config->uses, nets->data,
                             nets->student.net, nets->teacher.net, seed));
    const venn_status status = run_stages(nets, j, seed, accuracy);
    venn_job_destroy(&j);
    return status;
}

venn_status venn_config_nets_test_teacher(venn_config_nets *nets, double *accuracy)
{
    venn_evaluation test = {.accuracy = NAN};
    if (nets->data->split[VENN_TEST].n)
        VENN_TRY(venn_evaluate(nets->device, nets->teacher.net, nets->teacher.modalities,
                               nets->data, VENN_TEST, 0, &test, NULL, NULL));
    *accuracy = test.accuracy;
    return VENN_OK;
}

venn_status venn_config_nets_load_teacher(venn_config_nets *nets, double *accuracy)
{
    const venn_status status = venn_net_load(nets->teacher.net, nets->config->file->teacher->load);
    if (status < 0)
        return venn_config_fail_at(nets->config, "teacher:", "load", status);
    return venn_config_nets_test_teacher(nets, accuracy);
}

// ---- Opening ---------------------------------------------------------------------------------

static venn_status open_nets(venn_config_nets *nets)
{
    const config_file *file = nets->config->file;
    if (!file->teacher)
        return venn_fail(VENN_BAD_FILE, "%s: a teacher is needed", nets->config->path);
    VENN_TRY(venn_config_load_data(nets->config, &nets->data));
    VENN_TRY(venn_config_create_net(nets->config, nets->device, file->teacher, nets->data,
                                    file->first_seed, &nets->teacher.net));
    VENN_TRY(venn_config_create_net(nets->config, nets->device, file->student, nets->data,
                                    file->first_seed, &nets->student.net));
    venn_config_modalities(file->teacher, nets->modalities[0]);
    venn_config_modalities(file->student, nets->modalities[1]);
    nets->teacher.modalities = nets->modalities[0];
    nets->student.modalities = nets->modalities[1];
    return VENN_OK;
}

venn_status venn_config_nets_open(venn_config_nets *out, venn_device *device,
                                  const venn_distill_config *config, const char *stage,
                                  uint32_t count, const venn_distill_observer *observer)
{
    *out = (venn_config_nets){.device = device,
                              .config = config,
                              .observer = observer,
                              .stage = {.stage = stage, .count = count}};
    const venn_status status = open_nets(out);
    if (status == VENN_OK)
        out->stage.score = venn_score_name(out->data->score);
    if (status < 0)
        venn_config_nets_close(out);
    return status;
}

void venn_config_nets_close(venn_config_nets *nets)
{
    venn_net_destroy(&nets->teacher.net);
    venn_net_destroy(&nets->student.net);
    venn_dataset_destroy(&nets->data);
    *nets = (venn_config_nets){0};
}
