// Loading a configuration: where the file is, defaults, and what a schema cannot check.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "distill/config_internal.h"

venn_status venn_config_fail_at(const venn_distill_config *c, const char *section,
                                const char *value, venn_status status)
{
    unsigned from = section ? venn_yaml_line(c->text, section, 1) : 1;
    return venn_fail_in(status, "%s:%u", c->path, venn_yaml_line(c->text, value, from));
}

// ---- Checks ----------------------------------------------------------------------------------

const config_network *venn_config_find_network(const venn_distill_config *c, const char *name)
{
    for (unsigned i = 0; i < c->file->networks_count; i++)
        if (strcmp(c->file->networks[i].name, name) == 0)
            return &c->file->networks[i];
    return NULL;
}

static venn_status fail_unknown_network(const venn_distill_config *c, const char *section,
                                        const char *what, const char *name)
{
    return venn_config_fail_at(
        c, section, name,
        venn_fail(VENN_BAD_FILE,
                  "%s %s uses network \"%s\", which is not among networks: add "
                  "it there or name another",
                  section, what, name));
}

static venn_status check_model(const venn_distill_config *c, const config_model *model,
                               const char *role)
{
    char section[32];
    snprintf(section, sizeof section, "%s:", role);
    if (!model || model->inputs_count == 0)
        return venn_config_fail_at(
            c, NULL, section,
            venn_fail(VENN_BAD_FILE, "the %s needs inputs: a list of {modality, network}", role));
    if (model->inputs_count > CONFIG_MAX_INPUTS)
        return venn_config_fail_at(c, section, "inputs",
                                   venn_fail(VENN_BAD_FILE, "the %s has %u inputs, at most %d",
                                             role, model->inputs_count, CONFIG_MAX_INPUTS));
    for (unsigned i = 0; i < model->inputs_count; i++)
        if (!venn_config_find_network(c, model->inputs[i].network))
            return fail_unknown_network(c, section, "input", model->inputs[i].network);
    if (model->head && !venn_config_find_network(c, model->head))
        return fail_unknown_network(c, section, "head", model->head);
    return VENN_OK;
}

// A path that is relative to the config becomes absolute, so that the configuration can be written into
// a run folder and read back from there. Names of embedded things stay as they are.
static venn_status resolve_path(const venn_distill_config *c, char **path)
{
    char *joined = c->folder ? venn_path_join(c->folder, *path) : venn_strdup(*path);
    if (!joined)
        return VENN_NO_MEMORY;
    char *absolute = realpath(joined, NULL);
    free(joined);
    if (absolute) {
        free(*path);
        *path = absolute;
    }
    return VENN_OK;
}

static venn_status resolve_paths(const venn_distill_config *c)
{
    char **load = c->file->teacher ? &c->file->teacher->load : NULL;
    config_features *features = c->file->teacher ? c->file->teacher->features : NULL;
    VENN_TRY(resolve_path(c, &c->file->data));
    if (features && features->ranking)
        VENN_TRY(resolve_path(c, &features->ranking));
    if (!load || !*load)
        return VENN_OK;
    VENN_TRY(resolve_path(c, load));
    if (!venn_file_exists(*load))
        return venn_config_fail_at(
            c, "teacher:", "load",
            venn_fail(VENN_BAD_FILE, "the teacher's weights %s do not exist", *load));
    return VENN_OK;
}

static venn_status check_features(const venn_distill_config *c)
{
    const config_features *features = c->file->teacher ? c->file->teacher->features : NULL;
    const char *section = "features:";
    if (c->file->student->features)
        return venn_config_fail_at(c, "student:", section,
                                   venn_fail(VENN_BAD_FILE, "only the teacher has features"));
    if (!features && venn_config_needs(c) & VENN_NEEDS_FEATURES)
        return venn_config_fail_at(
            c, NULL, "teacher:",
            venn_fail(VENN_BAD_FILE,
                      "method %s teaches by some of the teacher's features: say which, as "
                      "features: {mode: general, ratio: 0.5}",
                      venn_config_needing(c, VENN_NEEDS_FEATURES)->name));
    if (!features)
        return VENN_OK;
    if (!(features->ratio >= 0 && features->ratio < 1))
        return venn_config_fail_at(
            c, section, "ratio",
            venn_fail(VENN_BAD_FILE, "features: ratio is %g, it must be at least 0 and below 1",
                      features->ratio));
    if (!(venn_config_needs(c) & VENN_NEEDS_TEACHER))
        return venn_config_fail_at(
            c, "teacher:", section,
            venn_fail(VENN_BAD_FILE,
                      "method %s has no teacher whose features could be chosen: leave out features",
                      c->uses[0].method->name));
    return VENN_OK;
}

static venn_status check_ranking(const venn_distill_config *c)
{
    const config_ranking *r = c->file->ranking;
    if (r && !(r->agreement >= 0 && r->agreement <= 1e6))
        return venn_config_fail_at(c, "ranking:", "agreement",
                                   venn_fail(VENN_BAD_FILE,
                                             "ranking: agreement is %g, it must be from 0 to 1e6",
                                             r->agreement));
    return VENN_OK;
}

static const char *const precisions[] = {[VENN_PRECISION_F32] = "f32",
                                         [VENN_PRECISION_F16] = "f16",
                                         [VENN_PRECISION_BF16] = "bf16",
                                         [VENN_PRECISION_AUTO] = "auto"};
enum { N_PRECISIONS = sizeof precisions / sizeof *precisions };

static int find_precision(const char *name)
{
    int i = 0;
    while (i < N_PRECISIONS && strcmp(precisions[i], name) != 0)
        i++;
    return i;
}

static venn_status check_precision(const venn_distill_config *c)
{
    const config_file *file = c->file;
    const config_training *all[] = {file->training, file->ranking ? file->ranking->training : NULL,
                                    file->teacher ? file->teacher->training : NULL,
                                    file->student->training};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] && all[i]->precision && find_precision(all[i]->precision) == N_PRECISIONS)
            return venn_config_fail_at(
                c, "precision:", all[i]->precision,
                venn_fail(VENN_BAD_FILE, "precision is \"%s\", it must be f32, f16, bf16 or auto",
                          all[i]->precision));
    return VENN_OK;
}

static venn_status check_models(const venn_distill_config *c)
{
    const config_file *file = c->file;
    const uint32_t needs = venn_config_needs(c);
    if (file->teacher || needs & (VENN_NEEDS_TEACHER | VENN_NEEDS_SECOND_MODEL))
        VENN_TRY(check_model(c, file->teacher, "teacher"));
    VENN_TRY(check_model(c, file->student, "student"));
    if (needs & VENN_NEEDS_TWO_INPUTS && file->student->inputs_count < 2)
        return venn_config_fail_at(c, "student:", "inputs",
                                   venn_fail(VENN_BAD_FILE,
                                             "method %s needs a student of at least two inputs",
                                             venn_config_needing(c, VENN_NEEDS_TWO_INPUTS)->name));
    return VENN_OK;
}

venn_status venn_config_finish(venn_distill_config *c)
{
    config_file *file = c->file;
    if (!file->name && !(file->name = venn_strdup("run")))
        return VENN_NO_MEMORY;
    if (file->seeds == 0)
        file->seeds = 5;
    if (file->limit < 0)
        return venn_config_fail_at(c, NULL, "limit:",
                                   venn_fail(VENN_BAD_FILE, "limit is %lld, it must be at least 0",
                                             (long long)file->limit));
    VENN_TRY(venn_config_load_networks(c));
    VENN_TRY(venn_config_read_methods(c));
    VENN_TRY(check_models(c));
    VENN_TRY(check_features(c));
    VENN_TRY(check_ranking(c));
    VENN_TRY(check_precision(c));
    return resolve_paths(c);
}

// ---- Files -----------------------------------------------------------------------------------

static const char *const embedded = "embedded:";

// A name without slash and suffix is an embedded config, or the example of the method of that name.
static venn_status read_text(venn_distill_config *c, const char *path, size_t *size)
{
    char name[256];
    const void *data;
    bool short_name = !strchr(path, '/') && !strchr(path, '.') && !venn_file_exists(path);
    if (strncmp(path, embedded, strlen(embedded)) == 0)
        snprintf(name, sizeof name, "%s", path + strlen(embedded));
    else
        snprintf(name, sizeof name, "configs/%s.yaml", path);
    if (short_name && !venn_embedded_find(name, &data, size))
        snprintf(name, sizeof name, "methods/%s.yaml", path);
    if (short_name || strncmp(path, embedded, strlen(embedded)) == 0) {
        if (!venn_embedded_find(name, &data, size))
            return venn_fail(VENN_BAD_FILE,
                             "there is no config file \"%s\" and none embedded of that name", path);
        c->text = venn_alloc(1, *size + 1);
        if (!c->text)
            return VENN_NO_MEMORY;
        memcpy(c->text, data, *size);
        c->path = venn_format("%s%s", embedded, name);
        return c->path ? VENN_OK : VENN_NO_MEMORY;
    }
    c->path = venn_strdup(path);
    c->folder = venn_path_folder(path);
    if (!c->path || !c->folder)
        return VENN_NO_MEMORY;
    return venn_file_read(path, 1 << 20, (void **)&c->text, size);
}

venn_status venn_distill_config_load(venn_distill_config **out, const char *path)
{
    *out = NULL;
    size_t size = 0;
    venn_distill_config *c = VENN_NEW(venn_distill_config);
    if (!c)
        return VENN_NO_MEMORY;
    venn_status status = read_text(c, path, &size);
    if (status == VENN_OK)
        status = venn_config_parse(c->path, c->text, size, &c->file);
    if (status == VENN_OK)
        status = venn_config_finish(c);
    if (status < 0) {
        venn_distill_config_destroy(&c);
        return status;
    }
    *out = c;
    return VENN_OK;
}

void venn_distill_config_destroy(venn_distill_config **config)
{
    venn_distill_config *c = *config;
    if (!c)
        return;
    venn_config_free_methods(c);
    venn_config_free(c->file);
    free(c->path);
    free(c->text);
    free(c->folder);
    free(c);
    *config = NULL;
}

const char *venn_distill_config_name(const venn_distill_config *config)
{
    return config->file->name;
}

venn_status venn_distill_config_set(venn_distill_config *config, uint32_t seeds, uint32_t epochs,
                                    int64_t limit)
{
    config_file *file = config->file;
    if (seeds)
        file->seeds = seeds;
    if (limit)
        file->limit = limit;
    if (!epochs)
        return VENN_OK;
    // Into the file itself, so that what is written into the run folder is what ran.
    if (!file->training && !(file->training = VENN_NEW(config_training)))
        return VENN_NO_MEMORY;
    config_training *all[] = {file->training, file->ranking ? file->ranking->training : NULL,
                              file->teacher ? file->teacher->training : NULL,
                              file->student->training};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i])
            all[i]->epochs = epochs;
    return VENN_OK;
}

// ---- Training settings -----------------------------------------------------------------------

config_training venn_config_training_of(const venn_distill_config *c, const config_model *model)
{
    config_training t = {.epochs = 10, .batch = 64};
    const config_training *layers[] = {c->file->training, model->training};
    for (int i = 0; i < 2; i++) {
        const config_training *from = layers[i];
        if (!from)
            continue;
        t.epochs = from->epochs ? from->epochs : t.epochs;
        t.batch = from->batch ? from->batch : t.batch;
        t.steps = from->steps ? from->steps : t.steps;
        t.checkpoints = from->checkpoints ? from->checkpoints : t.checkpoints;
        t.precision = from->precision ? from->precision : t.precision;
        t.optimizer = from->optimizer ? from->optimizer : t.optimizer;
        t.schedule = from->schedule ? from->schedule : t.schedule;
    }
    return t;
}

venn_precision venn_config_precision_of(const config_training *t)
{
    return t->precision ? (venn_precision)find_precision(t->precision) : VENN_PRECISION_F32;
}

venn_optim_params venn_config_optim_of(const config_training *t, const char *name)
{
    venn_optim_params params = {.name = name, .kind = VENN_OPTIM_ADAM};
    if (t->optimizer) {
        const config_optimizer *o = t->optimizer;
        params.kind = o->kind;
        params.lr = o->lr;
        params.momentum = o->momentum;
        params.nesterov = o->nesterov;
        params.beta1 = o->beta1;
        params.beta2 = o->beta2;
        params.eps = o->eps;
        params.weight_decay = o->weight_decay;
        params.clip_norm = o->clip_norm;
        params.clip_value = o->clip_value;
    }
    if (t->schedule)
        params.schedule = (venn_schedule){.kind = t->schedule->kind,
                                          .every = t->schedule->every,
                                          .factor = t->schedule->factor,
                                          .end = t->schedule->end,
                                          .warmup = t->schedule->warmup};
    return params;
}
