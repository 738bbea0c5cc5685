// Looking at a config without running it, and at what a run has left.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "distill/job_internal.h"

typedef struct writer {
    venn_line_fn fn;
    void *user;
} writer;

__attribute__((format(printf, 2, 3))) static void say(const writer *w, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    w->fn(w->user, line);
}

static void describe_data(const writer *w, const venn_dataset *data)
{
    char text[VENN_SHAPE_TEXT_MAX];
    say(w, "data %s: %d classes, %lld training, %lld validation, %lld test pairs, hash %s",
        data->name, data->class_count, (long long)data->split[VENN_TRAIN].n,
        (long long)data->split[VENN_VALID].n, (long long)data->split[VENN_TEST].n, data->hash);
    for (int32_t m = 0; m < data->modality_count; m++)
        say(w, "  %s %s", data->modalities[m].name,
            venn_shape_text(&data->modalities[m].shape, text, sizeof text));
}

static void describe_net(const writer *w, const char *role, const venn_net *net)
{
    char text[VENN_SHAPE_TEXT_MAX];
    say(w, "%s: %lld parameters", role, (long long)venn_net_n_elements(net));
    for (size_t i = 0; i < venn_net_n_layers(net); i++) {
        venn_layer_info layer = venn_net_layer(net, i);
        say(w, "  %-16s %-16s %-16s %lld", layer.name, venn_layer_kind_name(layer.kind),
            venn_shape_text(&layer.output, text, sizeof text), (long long)layer.n_elements);
    }
}

typedef struct subject {
    venn_dataset *data;
    venn_net *teacher, *student;
    const char *teacher_modalities[CONFIG_MAX_INPUTS], *student_modalities[CONFIG_MAX_INPUTS];
} subject;

static venn_status load(venn_device *device, const venn_distill_config *c, subject *s)
{
    const config_file *file = c->file;
    VENN_TRY(venn_config_load_data(c, &s->data));
    if (file->teacher) {
        VENN_TRY(venn_config_create_net(c, device, file->teacher, s->data, file->first_seed,
                                        &s->teacher));
        venn_config_modalities(file->teacher, s->teacher_modalities);
    }
    venn_config_modalities(file->student, s->student_modalities);
    return venn_config_create_net(c, device, file->student, s->data, file->first_seed, &s->student);
}

static void finish(subject *s)
{
    venn_net_destroy(&s->teacher);
    venn_net_destroy(&s->student);
    venn_dataset_destroy(&s->data);
}

// of: which method's and stage's step it is, where there are several.
static venn_status describe_step(venn_device *device, const venn_fit *fit, const char *of,
                                 bool plan, const writer *w)
{
    venn_program_info info;
    VENN_TRY(venn_fit_describe(device, fit, &info, plan ? w->fn : NULL, w->user));
    say(w,
        "distilling step%s, batch %u: %u nodes, %u dispatches (%u nodes in others' kernels), %u "
        "barriers, %u "
        "submission, %.1f "
        "MFLOP",
        of, fit->batch, info.nodes, info.dispatches, info.fused, info.barriers, info.submissions,
        info.flops * 1e-6);
    say(w,
        "  memory of values %llu bytes, %.3f of the least that any plan needs, %llu; without reuse "
        "%llu",
        (unsigned long long)info.transient_bytes,
        info.transient_lower ? (double)info.transient_bytes / (double)info.transient_lower : 1.0,
        (unsigned long long)info.transient_lower, (unsigned long long)info.transient_naive);
    say(w, "  compiled in %.1f ms, pipelines that were new included", info.compile_us * 1e-3);
    return VENN_OK;
}

static venn_status describe_method(venn_device *device, const venn_distill_config *c,
                                   const config_use *use, const subject *s, bool plan,
                                   const writer *w)
{
    job *j;
    VENN_TRY(
        venn_job_create(&j, device, c, use, s->data, s->student, s->teacher, c->file->first_seed));
    venn_status status = VENN_OK;
    for (size_t i = 0; i < j->n_stages && status == VENN_OK; i++) {
        char of[128] = "";
        if (c->n_uses > 1)
            snprintf(of, sizeof of, " of %s", use->stage);
        if (j->n_stages > 1)
            snprintf(of + strlen(of), sizeof of - strlen(of), " of stage %s",
                     j->stages[i]->public.name);
        status = describe_step(device, venn_job_stage_fit(j, i), of, plan, w);
    }
    venn_job_destroy(&j);
    return status;
}

static venn_status describe_steps(venn_device *device, const venn_distill_config *c,
                                  const subject *s, bool plan, const writer *w)
{
    for (unsigned i = 0; i < c->n_uses; i++)
        VENN_TRY(describe_method(device, c, &c->uses[i], s, plan, w));
    return VENN_OK;
}

venn_status venn_distill_inspect(venn_device *device, const venn_distill_config *config, bool plan,
                                 venn_line_fn fn, void *user)
{
    subject s = {0};
    writer w = {fn, user};
    venn_status status = load(device, config, &s);
    if (status == VENN_OK) {
        describe_data(&w, s.data);
        if (s.teacher)
            describe_net(&w, "teacher", s.teacher);
        describe_net(&w, "student", s.student);
        status = describe_steps(device, config, &s, plan, &w);
    }
    finish(&s);
    return status;
}

// ---- Evaluation ------------------------------------------------------------------------------

static venn_status find_split(const char *name, venn_split_id *out)
{
    for (int id = 0; id < VENN_SPLITS; id++)
        if (strcmp(venn_split_name((venn_split_id)id), name) == 0) {
            *out = (venn_split_id)id;
            return VENN_OK;
        }
    return venn_fail(VENN_BAD_ARG, "there is no split \"%s\": train, valid or test", name);
}

static venn_status evaluate(venn_device *device, const subject *s, bool is_teacher,
                            const char *weights, venn_split_id id, venn_evaluation *result,
                            int64_t **confusion, size_t *n_classes)
{
    const venn_split *split = &s->data->split[id];
    venn_net *net = is_teacher ? s->teacher : s->student;
    size_t n = (size_t)s->data->class_count;
    if (split->n == 0)
        return venn_fail(VENN_BAD_ARG, "the data has no %s split", venn_split_name(id));
    if (!net)
        return venn_fail(VENN_BAD_ARG, "the config has no teacher");
    VENN_TRY(venn_net_load(net, weights));
    const char *const *modalities = is_teacher ? s->teacher_modalities : s->student_modalities;
    if (s->data->tags || venn_net_output_shape(net).rank > 1) {
        *n_classes = 0;
        return venn_evaluate(device, net, modalities, s->data, id, 0, result, NULL, NULL);
    }
    int32_t *predictions = venn_alloc((size_t)split->n, sizeof *predictions);
    int64_t *counts = venn_alloc(n * n, sizeof *counts);
    venn_status status = predictions && counts ? venn_evaluate(device, net, modalities, s->data, id,
                                                               0, result, NULL, predictions)
                                               : VENN_NO_MEMORY;
    for (int64_t i = 0; status == VENN_OK && i < split->n; i++)
        counts[(size_t)split->labels[i] * n + (size_t)predictions[i]]++;
    free(predictions);
    *n_classes = n;
    if (status == VENN_OK && confusion)
        *confusion = counts;
    else
        free(counts);
    return status;
}

venn_status venn_distill_evaluate(venn_device *device, const venn_distill_config *config,
                                  const char *role, const char *weights, const char *split,
                                  venn_evaluation *result, int64_t **confusion, size_t *n_classes)
{
    subject s = {0};
    venn_split_id id = VENN_TEST;
    bool is_teacher = strcmp(role, "teacher") == 0;
    if (!is_teacher && strcmp(role, "student") != 0)
        return venn_fail(VENN_BAD_ARG, "there is no role \"%s\": teacher or student", role);
    VENN_TRY(find_split(split, &id));
    venn_status status = load(device, config, &s);
    if (status == VENN_OK)
        status = evaluate(device, &s, is_teacher, weights, id, result, confusion, n_classes);
    finish(&s);
    return status;
}
