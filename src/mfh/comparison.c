// The same student, trained without a teacher and by several: by teachers of several configs, or by one
// teacher with ever other features taken out. Every seed has a teacher of its own.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "base/thread.h"
#include "mfh/config_nets.h"
#include "mfh/seeds_stat.h"
#include "venn/mfh.h"
#include "venn/ranking.h"

typedef struct bench {
    venn_device *device;
    const venn_distill_observer *observer;
    uint32_t seeds;
    venn_mfh_comparison *out;
    double *teacher, *student; // [rows, seeds], percent
} bench;

static venn_status start(bench *b, const venn_distill_config *config, const char *about,
                         size_t rows)
{
    b->out->rows = venn_alloc(rows, sizeof *b->out->rows);
    b->teacher = venn_alloc(rows * b->seeds, sizeof(double));
    b->student = venn_alloc(rows * b->seeds, sizeof(double));
    b->out->name = venn_strdup(config->file->name);
    b->out->about = venn_strdup(about);
    b->out->student = venn_config_inputs_text(config->file->student, false);
    if (!b->out->rows || !b->teacher || !b->student || !b->out->name || !b->out->about ||
        !b->out->student)
        return VENN_NO_MEMORY;
    b->out->n = rows;
    b->out->seeds = b->seeds;
    for (uint32_t s = 0; s < b->seeds; s++)
        b->teacher[s] = NAN;
    return VENN_OK;
}

static venn_status name_row(bench *b, size_t row, char *name)
{
    b->out->rows[row].name = name;
    return name ? VENN_OK : VENN_NO_MEMORY;
}

static void fill_rows(bench *b)
{
    for (size_t i = 0; i < b->out->n; i++) {
        venn_mfh_row *row = &b->out->rows[i];
        const size_t at = i * b->seeds;
        row->teacher = i ? venn_seeds_stat(b->teacher + at, NULL, b->seeds)
                         : (venn_mfh_stat){.mean = NAN, .std = NAN, .error = NAN};
        row->student = venn_seeds_stat(b->student + at, NULL, b->seeds);
        row->gain = venn_seeds_stat(b->student + at, b->student, b->seeds);
    }
}

static venn_status note_data(bench *b, const venn_config_nets *nets)
{
    free(b->out->data);
    b->out->data = venn_strdup(nets->data->name);
    return b->out->data ? VENN_OK : VENN_NO_MEMORY;
}

// ---- Several teachers ------------------------------------------------------------------------

// Row 0 is of the student alone, trained along with the first config.
static venn_status run_teacher(bench *b, const venn_distill_config *config, size_t row,
                               venn_config_nets *nets)
{
    double accuracy;
    VENN_TRY(note_data(b, nets));
    for (uint32_t s = 0; s < b->seeds; s++) {
        const uint64_t seed = config->file->first_seed + s;
        if (row == 1) {
            VENN_TRY(venn_config_nets_train(nets, false, seed, &accuracy));
            b->student[s] = 100 * accuracy;
        }
        VENN_TRY(config->file->teacher->load ? venn_config_nets_load_teacher(nets, &accuracy)
                                             : venn_config_nets_train(nets, true, seed, &accuracy));
        b->teacher[row * b->seeds + s] = 100 * accuracy;
        VENN_TRY(venn_config_nets_distill(nets, seed, &accuracy));
        b->student[row * b->seeds + s] = 100 * accuracy;
    }
    return VENN_OK;
}

static venn_status run_teachers(bench *b, const venn_distill_config *const *configs, size_t n)
{
    VENN_TRY(start(b, configs[0], "teachers", n + 1));
    VENN_TRY(name_row(b, 0, venn_strdup("no teacher")));
    for (size_t i = 0; i < n; i++) {
        venn_config_nets nets;
        if (configs[i]->file->teacher && configs[i]->file->teacher->features)
            return venn_fail(VENN_BAD_FILE,
                             "%s: teachers are compared with all their features: remove "
                             "teacher.features, or see `venn mfh features`",
                             configs[i]->path);
        VENN_TRY(name_row(b, i + 1, venn_strdup(configs[i]->file->name)));
        VENN_TRY(venn_config_nets_open(&nets, b->device, configs[i], configs[i]->file->name,
                                       (2 + (i == 0)) * b->seeds, b->observer));
        const venn_status status = run_teacher(b, configs[i], i + 1, &nets);
        venn_config_nets_close(&nets);
        VENN_TRY(status);
    }
    return VENN_OK;
}

static venn_status finish(bench *b, venn_status status, uint64_t began)
{
    if (status == VENN_OK)
        fill_rows(b);
    b->out->seconds = (double)(venn_clock_ns() - began) * 1e-9;
    free(b->teacher);
    free(b->student);
    if (status < 0)
        venn_mfh_comparison_finish(b->out);
    return status;
}

venn_status venn_mfh_compare_teachers(venn_device *device,
                                      const venn_distill_config *const *configs, size_t n,
                                      const venn_distill_observer *observer,
                                      venn_mfh_comparison *out)
{
    const uint64_t began = venn_clock_ns();
    *out = (venn_mfh_comparison){0};
    bench b = {
        .device = device, .observer = observer, .seeds = configs[0]->file->seeds, .out = out};
    return finish(&b, run_teachers(&b, configs, n), began);
}

// ---- Chosen features -------------------------------------------------------------------------

enum { MODES = 3, FIRST_CHOICE = 2 }; // rows: no teacher, all features, then ratio by ratio

typedef struct choosing {
    bench *b;
    venn_distill_config *config;
    const venn_mfh_features_params *p;
    size_t n_ratios;
    const double *ratios;
    venn_config_nets nets;
} choosing;

static const venn_feature_mode modes[MODES] = {VENN_FEATURES_GENERAL, VENN_FEATURES_RANDOM,
                                               VENN_FEATURES_SPECIFIC};

static venn_status name_rows(choosing *c)
{
    VENN_TRY(name_row(c->b, 0, venn_strdup("no teacher")));
    VENN_TRY(name_row(c->b, 1, venn_strdup("all features")));
    for (size_t r = 0; r < c->n_ratios; r++)
        for (size_t m = 0; m < MODES; m++)
            VENN_TRY(name_row(c->b, FIRST_CHOICE + r * MODES + m,
                              venn_format("%s, %g %% out", venn_feature_mode_name(modes[m]),
                                          100 * c->ratios[r])));
    return VENN_OK;
}

// The student's accuracy by the teacher as it stands, and the teacher's.
static venn_status run_row(choosing *c, size_t row, uint32_t s, uint64_t seed)
{
    double accuracy;
    VENN_TRY(venn_config_nets_test_teacher(&c->nets, &accuracy));
    c->b->teacher[row * c->b->seeds + s] = 100 * accuracy;
    VENN_TRY(venn_config_nets_distill(&c->nets, seed, &accuracy));
    c->b->student[row * c->b->seeds + s] = 100 * accuracy;
    return VENN_OK;
}

static venn_status run_choices(choosing *c, const venn_salience *salience, uint32_t s,
                               uint64_t seed)
{
    bool *removed = venn_alloc((size_t)salience->n, sizeof *removed);
    venn_status status = removed ? run_row(c, 1, s, seed) : VENN_NO_MEMORY;
    for (size_t k = 0; status == VENN_OK && k < c->n_ratios * MODES; k++) {
        venn_features_choose(modes[k % MODES], c->ratios[k / MODES], salience->n, salience->score,
                             seed, removed);
        status =
            venn_net_remove(c->nets.teacher.net, salience->place, salience->n, removed, c->p->how);
        if (status == VENN_OK)
            status = run_row(c, FIRST_CHOICE + k, s, seed);
    }
    free(removed);
    return status < 0 ? status
                      : venn_net_remove(c->nets.teacher.net, salience->place, salience->n, NULL,
                                        c->p->how);
}

// The ranking of one seed, made or found in the folder, and what its teacher teaches.
static venn_status run_seed(choosing *c, uint32_t s, uint64_t seed)
{
    double accuracy;
    venn_ranking ranking;
    char *folder = venn_format("%s/seed-%llu", c->p->folder, (unsigned long long)seed);
    char *weights = folder ? venn_path_join(folder, "teacher.safetensors") : NULL;
    c->config->file->first_seed = seed;
    venn_status status =
        weights ? venn_distill_rank(c->b->device, c->config, folder, true, c->b->observer, &ranking)
                : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        status = venn_config_nets_train(&c->nets, false, seed, &accuracy);
        c->b->student[s] = 100 * accuracy;
        if (status == VENN_OK)
            status = venn_net_load(c->nets.teacher.net, weights);
        if (status == VENN_OK)
            status = run_choices(c, &ranking.teacher.salience, s, seed);
        venn_ranking_finish(&ranking);
    }
    free(folder);
    free(weights);
    return status;
}

static venn_status run_features(choosing *c)
{
    const uint64_t first = c->config->file->first_seed;
    const size_t rows = FIRST_CHOICE + c->n_ratios * MODES;
    VENN_TRY(start(c->b, c->config, "features", rows));
    VENN_TRY(name_rows(c));
    VENN_TRY(venn_config_nets_open(&c->nets, c->b->device, c->config, "features",
                                   (uint32_t)rows * c->b->seeds, c->b->observer));
    VENN_TRY(note_data(c->b, &c->nets));
    venn_status status = VENN_OK;
    for (uint32_t s = 0; status == VENN_OK && s < c->b->seeds; s++)
        status = run_seed(c, s, first + s);
    c->config->file->first_seed = first;
    return status;
}

venn_status venn_mfh_compare_features(venn_device *device, venn_distill_config *config,
                                      const venn_mfh_features_params *params,
                                      const venn_distill_observer *observer,
                                      venn_mfh_comparison *out)
{
    static const double usual[] = {0.25, 0.5, 0.75};
    const uint64_t began = venn_clock_ns();
    *out = (venn_mfh_comparison){0};
    bench b = {.device = device, .observer = observer, .seeds = config->file->seeds, .out = out};
    choosing c = {.b = &b,
                  .config = config,
                  .p = params,
                  .n_ratios = params->n_ratios ? params->n_ratios : 3,
                  .ratios = params->n_ratios ? params->ratios : usual};
    const venn_status status = run_features(&c);
    venn_config_nets_close(&c.nets);
    return finish(&b, status, began);
}

void venn_mfh_comparison_finish(venn_mfh_comparison *comparison)
{
    for (size_t i = 0; i < comparison->n; i++)
        free(comparison->rows[i].name);
    free(comparison->rows);
    free(comparison->name);
    free(comparison->about);
    free(comparison->data);
    free(comparison->student);
    *comparison = (venn_mfh_comparison){0};
}
