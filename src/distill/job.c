// Jobs: made for a training, filled by the method's setup.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "distill/job_internal.h"

static job *of(venn_job *j)
{
    return (job *)j;
}

// Keeps the first error, so that setup need not look at every call.
static venn_status keep(venn_job *j, venn_status status)
{
    if (status < 0 && of(j)->status == VENN_OK)
        of(j)->status = status;
    return status;
}

static venn_status full(const char *what, int most)
{
    return venn_fail(VENN_BAD_ARG, "a method declares more than %d %s", most, what);
}

// ---- Networks --------------------------------------------------------------------------------

static venn_status add_net(venn_job *j, const char *name, venn_net *net,
                           const char *const *modalities)
{
    job *self = of(j);
    for (size_t i = 0; i < self->n_nets; i++)
        if (strcmp(self->nets[i].name, name) == 0)
            return venn_fail(VENN_BAD_ARG, "two networks of the method are named %s", name);
    if (self->n_nets == JOB_MAX_NETS)
        return full("networks", JOB_MAX_NETS);
    char *copy = venn_strdup(name);
    if (!copy)
        return VENN_NO_MEMORY;
    self->nets[self->n_nets++] = (venn_fit_net){.net = net, .name = copy, .modalities = modalities};
    return VENN_OK;
}

// Far from the seeds of other runs, and another for each network.
static uint64_t net_seed(const venn_job *j)
{
    return j->seed + ((uint64_t)((const job *)j)->n_nets << 32);
}

static venn_status take_net(venn_job *j, const char *name, venn_net **net,
                            const char *const *modalities, venn_status made)
{
    venn_status status = made == VENN_OK ? add_net(j, name, *net, modalities) : made;
    if (status < 0)
        venn_net_destroy(net);
    return keep(j, status < 0 ? venn_fail_in(status, "network %s", name) : status);
}

static const config_model *model_of(const venn_job *j, venn_job_model model)
{
    const config_file *file = ((const job *)j)->config->file;
    return model == VENN_JOB_TEACHER ? file->teacher : file->student;
}

static venn_status no_model(venn_job *j, const char *name)
{
    return keep(j, venn_fail(VENN_BAD_ARG, "network %s: the config has no teacher", name));
}

venn_status venn_job_clone(venn_job *j, const char *name, venn_job_model model, venn_net **out)
{
    const config_model *from = model_of(j, model);
    *out = NULL;
    if (!from)
        return no_model(j, name);
    venn_status status =
        venn_config_create_net(of(j)->config, j->device, from, j->data, net_seed(j), out);
    return take_net(j, name, out,
                    model == VENN_JOB_TEACHER ? j->teacher_modalities : j->student_modalities,
                    status);
}

venn_status venn_job_input_net(venn_job *j, const char *name, venn_job_model model, size_t input,
                               venn_net **out)
{
    const config_model *from = model_of(j, model);
    *out = NULL;
    if (!from)
        return no_model(j, name);
    if (input >= from->inputs_count)
        return keep(j,
                    venn_fail(VENN_BAD_ARG, "network %s: the model has no input %zu", name, input));
    config_model alone = {.inputs = &from->inputs[input], .inputs_count = 1};
    venn_status status =
        venn_config_create_net(of(j)->config, j->device, &alone, j->data, net_seed(j), out);
    const char *const *modalities =
        model == VENN_JOB_TEACHER ? j->teacher_modalities : j->student_modalities;
    return take_net(j, name, out, modalities + input, status);
}

venn_status venn_job_config_net(venn_job *j, const char *name, const char *network,
                                venn_shape input, const char *modality, venn_net **out)
{
    job *self = of(j);
    const char **modalities = NULL;
    *out = NULL;
    if (!network || !venn_config_find_network(self->config, network))
        return keep(j, venn_fail(VENN_BAD_FILE,
                                 "%s: the method's %s uses network \"%s\", which is "
                                 "not among networks: add it there",
                                 self->config->path, name, network ? network : ""));
    venn_status status =
        venn_config_create_layers(self->config, j->device, network, input, net_seed(j), out);
    // Of the data set's names, which live as long as the job.
    int32_t index;
    if (status == VENN_OK && modality)
        status = venn_dataset_modality(j->data, modality, &index);
    if (status == VENN_OK && modality)
        modalities = (const char **)&j->data->modalities[index].name;
    return take_net(j, name, out, modalities, status);
}

venn_status venn_job_net(venn_job *j, const char *name, const venn_net_params *params,
                         const char *const *modalities, venn_net **out)
{
    venn_status status = venn_net_create(out, j->device, params, net_seed(j));
    return take_net(j, name, out, modalities, status);
}

venn_status venn_job_linear(venn_job *j, const char *name, int64_t in, int64_t out_features,
                            venn_net **out)
{
    const venn_layer layer = {.kind = VENN_LAYER_LINEAR, .out = (int32_t)out_features};
    const venn_branch branch = {.layers = &layer, .n_layers = 1, .input = venn_shape_make(&in, 1)};
    return venn_job_net(j, name, &(venn_net_params){.branches = &branch, .n_branches = 1}, NULL,
                        out);
}

// ---- Variables, arrays, data -----------------------------------------------------------------

venn_status venn_job_var(venn_job *j, const char *name, venn_dtype dtype, venn_shape shape,
                         bool trains, const void *values, venn_var **out)
{
    job *self = of(j);
    *out = NULL;
    if (self->n_vars == JOB_MAX_VARS)
        return keep(j, full("variables", JOB_MAX_VARS));
    venn_status status = venn_var_create(out, j->device, name, dtype, shape);
    if (status < 0)
        return keep(j, status);
    self->vars[self->n_vars++] = (venn_fit_var){.var = *out, .trains = trains};
    return keep(j, values ? venn_var_write(*out, values, venn_var_bytes(*out)) : VENN_OK);
}

venn_status venn_job_array(venn_job *j, const char *name, venn_dtype dtype, venn_shape shape,
                           void **data)
{
    job *self = of(j);
    *data = NULL;
    if (self->n_arrays == JOB_MAX_ARRAYS)
        return keep(j, full("arrays", JOB_MAX_ARRAYS));
    char *copy = venn_strdup(name);
    *data = venn_alloc((size_t)venn_shape_count(&shape), venn_dtype_size(dtype));
    if (!copy || !*data) {
        free(copy);
        free(*data);
        *data = NULL;
        return keep(j, VENN_NO_MEMORY);
    }
    self->arrays[self->n_arrays++] = (venn_fit_array){copy, dtype, shape, *data};
    return VENN_OK;
}

void venn_job_own_data(venn_job *j, venn_dataset *data)
{
    job *self = of(j);
    if (self->n_data == JOB_MAX_DATA) {
        venn_dataset_destroy(&data);
        keep(j, full("data sets", JOB_MAX_DATA));
        return;
    }
    self->data[self->n_data++] = data;
}

// ---- Create and destroy ----------------------------------------------------------------------

static void fill_public(job *j, venn_device *device, const venn_dataset *data, venn_net *student,
                        venn_net *teacher, uint64_t seed)
{
    const config_file *file = j->config->file;
    config_training settings = venn_config_training_of(j->config, file->student);
    venn_config_modalities(file->student, j->student_modalities);
    if (file->teacher)
        venn_config_modalities(file->teacher, j->teacher_modalities);
    j->public = (venn_job){.device = device,
                           .data = data,
                           .params = j->use->params,
                           .state = j->public.state,
                           .seed = seed,
                           .epochs = settings.epochs,
                           .batch = settings.batch,
                           .steps = settings.steps,
                           .checkpoints = settings.checkpoints,
                           .precision = venn_config_precision_of(&settings),
                           .optim = venn_config_optim_of(&settings, "optimizer"),
                           .student = student,
                           .teacher = teacher,
                           .student_modalities = j->student_modalities,
                           .teacher_modalities = j->teacher_modalities,
                           .n_student_inputs = file->student->inputs_count,
                           .n_teacher_inputs = file->teacher ? file->teacher->inputs_count : 0};
}

static venn_status set_up(job *j)
{
    const venn_method *method = j->use->method;
    venn_job *public = &j->public;
    j->n_given =
        public->teacher ? 2 : 1; // before the first can fail: these are not the job's to destroy
    int32_t m;
    VENN_TRY(venn_dataset_modality(public->data, public->student_modalities[0], &m));
    if (!method->places && public->data->modalities[m].target &&
        venn_net_output_shape(public->student).rank > 1)
        return venn_fail(VENN_BAD_ARG,
                         "method %s takes one answer per item, but the student answers "
                         "place by place",
                         method->name);
    if (!method->tags && public->data->tags)
        return venn_fail(VENN_BAD_ARG,
                         "method %s takes one class per item, but those of %s may be of several "
                         "(its %s)",
                         method->name, public->data->name, public->data->tags);
    VENN_TRY(add_net(public, "student", public->student, public->student_modalities));
    if (public->teacher) {
        VENN_TRY(add_net(public, "teacher", public->teacher, public->teacher_modalities));
        j->nets[1].role = VENN_NET_FROZEN;
        j->nets[1].cache = j->config->file->teacher->cache;
    }
    venn_status status = method->setup ? method->setup(public) : VENN_OK;
    if (status == VENN_OK)
        status = j->status;
    if (status == VENN_OK && j->n_stages == 0)
        status = venn_job_add_stage(public, "distilled") ? VENN_OK : j->status;
    return status < 0 ? venn_fail_in(status, "method %s", method->name) : VENN_OK;
}

venn_status venn_job_create(job **out, venn_device *device, const venn_distill_config *config,
                            const config_use *use, const venn_dataset *data, venn_net *student,
                            venn_net *teacher, uint64_t seed)
{
    *out = NULL;
    job *j = VENN_NEW(job);
    if (!j)
        return VENN_NO_MEMORY;
    j->config = config;
    j->use = use;
    j->public.state = venn_alloc(1, use->method->state_size);
    venn_status status = j->public.state ? VENN_OK : VENN_NO_MEMORY;
    const bool taught = use->method->needs & VENN_NEEDS_TEACHER;
    fill_public(j, device, data, student, taught ? teacher : NULL, seed);
    if (status == VENN_OK)
        status = set_up(j);
    if (status < 0)
        venn_job_destroy(&j);
    *out = j;
    return status;
}

void venn_job_destroy(job **handle)
{
    job *j = *handle;
    if (!j)
        return;
    if (j->use->method->finish && j->public.state)
        j->use->method->finish(&j->public);
    for (size_t i = 0; i < j->n_nets; i++) {
        free((char *)j->nets[i].name);
        if (i >= j->n_given)
            venn_net_destroy(&j->nets[i].net);
    }
    for (size_t i = 0; i < j->n_vars; i++) {
        venn_var *var = j->vars[i].var;
        venn_var_destroy(&var);
    }
    for (size_t i = 0; i < j->n_arrays; i++) {
        free((char *)j->arrays[i].name);
        free(j->arrays[i].data);
    }
    for (size_t i = 0; i < j->n_stages; i++)
        free(j->stages[i]);
    for (size_t i = 0; i < j->n_data; i++)
        venn_dataset_destroy(&j->data[i]);
    free(j->public.state);
    free(j);
    *handle = NULL;
}
