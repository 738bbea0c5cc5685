// Algorithm 1 on the networks of a config (venn/ranking.h).
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/thread.h"
#include "distill/ranking_file.h"
#include "venn/ops.h"

typedef struct rank_job {
    venn_device *device;
    const venn_distill_config *config;
    const char *folder;
    bool resume;
    const venn_distill_observer *observer;
    venn_distill_stage stage; // in hand
    venn_dataset *data;
    venn_net *teacher, *student;
    const char *teacher_modalities[CONFIG_MAX_INPUTS], *student_modalities[CONFIG_MAX_INPUTS];
    venn_ranking *out;
} rank_job;

// ---- Watching --------------------------------------------------------------------------------

static void on_step(void *user, const venn_step_event *event)
{
    const rank_job *r = user;
    if (r->observer && r->observer->on_step)
        r->observer->on_step(r->observer->user, &r->stage, event);
}

static void on_epoch(void *user, const venn_metrics *metrics)
{
    const rank_job *r = user;
    if (r->observer && r->observer->on_epoch)
        r->observer->on_epoch(r->observer->user, &r->stage, metrics);
}

static bool wants_stop(void *user)
{
    const rank_job *r = user;
    return r->observer && r->observer->stop && r->observer->stop(r->observer->user);
}

// ---- Training --------------------------------------------------------------------------------

static const config_ranking *settings_of(const venn_distill_config *c)
{
    static const config_ranking none;
    return c->file->ranking ? c->file->ranking : &none;
}

// What `ranking` says of training goes before what the model says.
static venn_fit describe_fit(const rank_job *r, const config_model *model)
{
    config_model changed = *model;
    if (settings_of(r->config)->training)
        changed.training = settings_of(r->config)->training;
    const config_training t = venn_config_training_of(r->config, &changed);
    return (venn_fit){.data = r->data,
                      .epochs = t.epochs,
                      .batch = t.batch,
                      .checkpoints = t.checkpoints,
                      .precision = venn_config_precision_of(&t),
                      .seed = r->config->file->first_seed,
                      .optim = venn_config_optim_of(&t, "optimizer"),
                      .resume = r->resume};
}

static venn_status run_fit(rank_job *r, venn_fit fit, const char *name, uint32_t number)
{
    const venn_observer observer = {r, on_step, on_epoch, wants_stop};
    venn_fit_result result;
    char *folder = venn_format("%s/%s", r->folder, name);
    if (!folder)
        return VENN_NO_MEMORY;
    r->stage = (venn_distill_stage){.stage = "ranking",
                                    .seed = fit.seed,
                                    .number = number,
                                    .count = r->out->joint ? 1 : 2,
                                    .score = venn_score_name(r->data->score)};
    if (r->observer && r->observer->on_start)
        r->observer->on_start(r->observer->user, &r->stage);
    fit.folder = folder;
    fit.observer = &observer;
    venn_status status = venn_fit_run(r->device, &fit, &result);
    if (status == VENN_OK && r->observer && r->observer->on_end)
        r->observer->on_end(r->observer->user, &r->stage, &result);
    venn_fit_result_finish(&result);
    free(folder);
    return status < 0 ? venn_fail_in(status, "ranking, %s", name) : VENN_OK;
}

// CE(f_a, y) + CE(f_b, y) + agreement MSE(f_a, f_b), gradients into both.
static venn_tensor joint_loss(void *user, venn_step *s)
{
    const rank_job *r = user;
    const config_ranking *settings = settings_of(r->config);
    const double agreement = settings->agreement != 0 ? settings->agreement : 1;
    venn_tensor a = venn_step_apply(s, r->teacher, NULL), b = venn_step_apply(s, r->student, NULL);
    venn_tensor ce = venn_step_ce(s, a), other = venn_step_wrong(s, b);
    venn_tensor apart = venn_mse(s->g, a, b, NULL);
    venn_step_term(s, "student_ce", other);
    venn_step_term(s, "apart", apart);
    return venn_add(s->g, venn_add(s->g, ce, other), venn_scale(s->g, apart, (float)agreement, 0));
}

static venn_status train_jointly(rank_job *r)
{
    const venn_objective objective = {.user = r, .loss = joint_loss};
    const venn_fit_net student = {
        .net = r->student, .name = "student", .modalities = r->student_modalities};
    venn_fit fit = describe_fit(r, r->config->file->teacher);
    fit.net = r->teacher;
    fit.modalities = r->teacher_modalities;
    fit.others = &student;
    fit.n_others = 1;
    fit.objective = &objective;
    fit.keep_last = true;
    return run_fit(r, fit, "joint", 1);
}

static venn_status train_alone(rank_job *r)
{
    const config_file *file = r->config->file;
    venn_fit fit = describe_fit(r, file->teacher);
    fit.net = r->teacher;
    fit.modalities = r->teacher_modalities;
    VENN_TRY(file->teacher->load ? venn_net_load(r->teacher, file->teacher->load)
                                 : run_fit(r, fit, "teacher", 1));
    fit = describe_fit(r, file->student);
    fit.net = r->student;
    fit.modalities = r->student_modalities;
    return run_fit(r, fit, "student", 2);
}

// ---- Ranking ---------------------------------------------------------------------------------

static venn_status rank_one(rank_job *r, bool teacher)
{
    const config_ranking *settings = settings_of(r->config);
    const venn_seer a = {r->teacher, r->teacher_modalities},
                    b = {r->student, r->student_modalities};
    const venn_seer *of = teacher ? &a : &b, *other = teacher ? &b : &a;
    venn_ranked *out = teacher ? &r->out->teacher : &r->out->student;
    const venn_salience_params params = {.place =
                                             teacher ? settings->layer : settings->student_layer,
                                         .permutations = settings->permutations,
                                         .rows = settings->rows,
                                         .distance = settings->distance,
                                         .seed = r->config->file->first_seed};
    venn_evaluation test = {.accuracy = NAN};
    if (r->data->split[VENN_TEST].n)
        VENN_TRY(venn_evaluate(r->device, of->net, of->modalities, r->data, VENN_TEST, 0, &test,
                               NULL, NULL));
    out->accuracy = test.accuracy;
    venn_status status =
        venn_salience_measure(r->device, of, other, r->data, &params, &out->salience);
    return status == VENN_BAD_ARG && params.place
               ? venn_config_fail_at(r->config, "ranking:", params.place, VENN_BAD_FILE)
               : status;
}

static venn_status save_net(const rank_job *r, const venn_net *net, const char *name)
{
    char *path = venn_path_join(r->folder, name);
    venn_status status = path ? venn_net_save(net, path) : VENN_NO_MEMORY;
    free(path);
    return status;
}

static venn_status prepare(rank_job *r)
{
    const config_file *file = r->config->file;
    if (!file->teacher)
        return venn_fail(VENN_BAD_FILE, "%s: a ranking needs a teacher and a student",
                         r->config->path);
    VENN_TRY(venn_config_load_data(r->config, &r->data));
    VENN_TRY(venn_config_create_net(r->config, r->device, file->teacher, r->data, file->first_seed,
                                    &r->teacher));
    VENN_TRY(venn_config_create_net(r->config, r->device, file->student, r->data, file->first_seed,
                                    &r->student));
    venn_config_modalities(file->teacher, r->teacher_modalities);
    venn_config_modalities(file->student, r->student_modalities);
    VENN_TRY(venn_folder_make(r->folder));
    return venn_ranking_write_config(r->config, r->folder);
}

static venn_status rank(rank_job *r)
{
    VENN_TRY(prepare(r));
    r->out->joint = !settings_of(r->config)->separate && !r->config->file->teacher->load;
    VENN_TRY(venn_ranking_describe(r->out, r->config, r->data));
    VENN_TRY(r->out->joint ? train_jointly(r) : train_alone(r));
    VENN_TRY(rank_one(r, true));
    VENN_TRY(rank_one(r, false));
    VENN_TRY(save_net(r, r->teacher, "teacher.safetensors"));
    return save_net(r, r->student, "student.safetensors");
}

static venn_status rank_and_write(rank_job *r)
{
    const uint64_t start = venn_clock_ns();
    VENN_TRY(rank(r));
    r->out->seconds = (double)(venn_clock_ns() - start) * 1e-9;
    return venn_ranking_write(r->out, r->folder);
}

venn_status venn_distill_config_set_permutations(venn_distill_config *config, uint32_t permutations)
{
    config_file *file = config->file;
    if (!permutations)
        return VENN_OK;
    if (!file->ranking && !(file->ranking = VENN_NEW(config_ranking)))
        return VENN_NO_MEMORY;
    file->ranking->permutations = permutations;
    return VENN_OK;
}

venn_status venn_distill_rank(venn_device *device, const venn_distill_config *config,
                              const char *folder, bool resume,
                              const venn_distill_observer *observer, venn_ranking *out)
{
    venn_ranking local = {0}, *ranking = out ? out : &local;
    rank_job r = {.device = device,
                  .config = config,
                  .folder = folder,
                  .resume = resume,
                  .observer = observer,
                  .out = ranking};
    *ranking = (venn_ranking){0};
    venn_status status;
    if (!venn_ranking_exists(folder))
        status = rank_and_write(&r);
    else if (resume)
        status = venn_ranking_read(ranking, folder);
    else
        status =
            venn_fail(VENN_BAD_ARG, "%s already holds a ranking: choose another folder", folder);
    venn_net_destroy(&r.teacher);
    venn_net_destroy(&r.student);
    venn_dataset_destroy(&r.data);
    if (status < 0 || !out)
        venn_ranking_finish(ranking);
    return status;
}
