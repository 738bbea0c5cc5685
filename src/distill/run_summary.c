// summary.json of a run: what every stage reached, what the methods changed, what a step costs. Numbers that
// do not exist are null.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "distill/run_internal.h"
#include "train/stats.h"

// ---- summary.json ----------------------------------------------------------------------------

static json_t *describe_run(const run_record *record)
{
    const venn_fit_result *r = &record->result;
    json_t *object = json_pack(
        "{s:I, s:i, s:o, s:o, s:o, s:o, s:I}", "seed", (json_int_t)record->stage.seed, "best_epoch",
        (int)r->best_epoch, "valid_accuracy", venn_json_real(r->valid_accuracy), "test_accuracy",
        venn_json_real(r->test_accuracy), "test_loss", venn_json_real(r->test_loss), "seconds",
        venn_json_real(r->seconds), "steps", (json_int_t)r->steps);
    if (record->n_measures == 0)
        return object;
    json_t *measures = json_object();
    for (size_t i = 0; i < record->n_measures; i++)
        venn_json_set(&measures, record->measures[i].name,
                      venn_json_real(record->measures[i].value));
    venn_json_set(&object, "measures", measures);
    return object;
}

// Test accuracies of a stage in seed order; returns their number.
static size_t accuracies(const run_state *run, const char *stage, double *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < run->n_records; i++)
        if (run->records[i].done && strcmp(run->records[i].stage.stage, stage) == 0)
            out[n++] = run->records[i].result.test_accuracy;
    return n;
}

static const run_record *first_done(const run_state *run, const char *stage)
{
    for (uint32_t i = 0; i < run->n_records; i++)
        if (run->records[i].done && strcmp(run->records[i].stage.stage, stage) == 0)
            return &run->records[i];
    return NULL;
}

// Every measure that the stage's runs have: its mean and spread over them.
static json_t *describe_measures(const run_state *run, const char *stage, double *values)
{
    json_t *measures = json_array();
    const run_record *first = first_done(run, stage);
    for (size_t k = 0; first && k < first->n_measures; k++) {
        size_t n = 0;
        for (uint32_t i = 0; i < run->n_records; i++)
            if (run->records[i].done && strcmp(run->records[i].stage.stage, stage) == 0 &&
                run->records[i].n_measures > k &&
                run->records[i].measures[k].name == first->measures[k].name)
                values[n++] = run->records[i].measures[k].value;
        venn_summary s = venn_summarize(values, n);
        venn_json_append(&measures,
                         json_pack("{s:s, s:o, s:o}", "name", first->measures[k].name, "mean",
                                   venn_json_real(s.mean), "std", venn_json_real(s.std)));
    }
    return measures;
}

static json_t *describe_step(const venn_fit_result *r)
{
    return json_pack("{s:i, s:i, s:i, s:o, s:o, s:I, s:I}", "dispatches", (int)r->step.dispatches,
                     "submissions", (int)r->step.submissions, "barriers", (int)r->step.barriers,
                     "device_us", venn_json_real(r->step_us), "first_step_s",
                     venn_json_real(r->first_step), "transient_bytes",
                     (json_int_t)r->step.transient_bytes, "lower_bytes",
                     (json_int_t)r->step.transient_lower);
}

static json_t *describe_stage(const run_state *run, const char *stage, const config_model *model,
                              const venn_net *net, double *values)
{
    json_t *runs = json_array();
    for (uint32_t i = 0; i < run->n_records; i++)
        if (run->records[i].done && strcmp(run->records[i].stage.stage, stage) == 0)
            venn_json_append(&runs, describe_run(&run->records[i]));
    size_t n = accuracies(run, stage, values);
    if (n == 0 && strcmp(stage, "teacher") == 0)
        values[n++] = run->loaded.accuracy;
    venn_summary s = venn_summarize(values, n);
    char *modality = venn_config_inputs_text(model, false),
         *network = venn_config_inputs_text(model, true);
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "stage", stage, "modality",
        modality ? modality : "", "network", network ? network : "", "parameters",
        (json_int_t)venn_net_n_elements(net), "runs", runs, "mean", venn_json_real(s.mean), "std",
        venn_json_real(s.std), "half", venn_json_real(s.half));
    free(modality);
    free(network);
    json_t *measures = describe_measures(run, stage, values);
    if (!measures || json_array_size(measures))
        venn_json_set(&object, "measures", measures);
    else
        json_decref(measures);
    const run_record *first = first_done(run, stage);
    if (first) {
        venn_json_set(&object, "step", describe_step(&first->result));
        venn_json_set(&object, "memory", json_integer((json_int_t)first->result.memory));
    }
    return object;
}

// What a method changed against the students trained alone, seed by seed; where there are none, against
// those of the comparison's first method.
static json_t *describe_pair(const run_state *run, const char *stage, const char *baseline,
                             double *of_stage, double *of_baseline)
{
    size_t n = accuracies(run, baseline, of_baseline);
    json_t *each = json_array();
    if (accuracies(run, stage, of_stage) != n)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        of_stage[i] -= of_baseline[i];
        venn_json_append(&each, venn_json_real(of_stage[i]));
    }
    venn_summary s = venn_summarize(of_stage, n);
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "stage", stage, "baseline", baseline, "mean",
                     venn_json_real(n ? s.mean : NAN), "half", venn_json_real(s.half), "per_seed",
                     each);
}

static json_t *describe_pairs(const run_state *run, double *a, double *b)
{
    const venn_distill_config *c = run->config;
    const bool alone = venn_config_alone(c);
    const char *baseline = alone ? c->uses[0].stage : "student";
    json_t *pairs = json_array();
    for (unsigned i = alone; run->distills && i < c->n_uses; i++)
        venn_json_append(&pairs, describe_pair(run, c->uses[i].stage, baseline, a, b));
    return pairs;
}

static json_t *describe_value(const venn_method_param *p, const void *field)
{
    switch (p->type) {
    case VENN_METHOD_FLOAT:
        return json_real(*(const double *)field);
    case VENN_METHOD_INT:
        return json_integer(*(const int *)field);
    case VENN_METHOD_BOOL:
        return json_boolean(*(const bool *)field);
    case VENN_METHOD_ENUM:
        return json_string(p->names[*(const int *)field]);
    case VENN_METHOD_TEXT:
        break;
    }
    const char *text = *(const char *const *)field;
    return text ? json_string(text) : json_null();
}

static json_t *describe_method(const run_state *run, const config_use *use)
{
    json_t *values = json_object();
    for (const venn_method_param *p = use->method->params; p->key; p++)
        venn_json_set(&values, p->key, describe_value(p, (const char *)use->params + p->offset));
    return json_pack("{s:s, s:s, s:o}", "name", use->method->name, "score",
                     use->method->score ? use->method->score : venn_score_name(run->data->score),
                     "parameters", values);
}

static json_t *describe_seeds(const config_file *file)
{
    json_t *seeds = json_array();
    for (uint32_t k = 0; k < file->seeds; k++)
        venn_json_append(&seeds, json_integer((json_int_t)(file->first_seed + k)));
    return seeds;
}

// A method's stage also says what it is.
static json_t *describe_use(const run_state *run, const config_use *use, double *values)
{
    json_t *stage =
        describe_stage(run, use->stage, run->config->file->student, run->student, values);
    venn_json_set(&stage, "method", describe_method(run, use));
    return stage;
}

static json_t *describe_stages(const run_state *run, double *values)
{
    const venn_distill_config *c = run->config;
    json_t *stages = json_array();
    if (run->teacher)
        venn_json_append(&stages,
                         describe_stage(run, "teacher", c->file->teacher, run->teacher, values));
    if (!run->distills || !venn_config_alone(c))
        venn_json_append(&stages,
                         describe_stage(run, "student", c->file->student, run->student, values));
    for (unsigned i = 0; run->distills && i < c->n_uses; i++)
        venn_json_append(&stages, describe_use(run, &c->uses[i], values));
    return stages;
}

static json_t *describe_teacher(const run_state *run)
{
    static const char *const semantics[] = {"mean", "zero", "drop"};
    const config_model *model = run->config->file->teacher;
    if (!run->teacher && run->distills)
        return json_null();
    json_t *teacher = json_pack("{s:b, s:s, s:s}", "cached", model && model->cache, "hash_before",
                                run->hash_before, "hash_after", run->hash_after);
    if (model && run->place)
        venn_json_set(&teacher, "features",
                      json_pack("{s:s, s:s, s:s, s:I, s:I}", "mode",
                                venn_feature_mode_name(model->features->mode), "semantics",
                                semantics[model->features->semantics], "place", run->place,
                                "channels", (json_int_t)run->channels, "removed",
                                (json_int_t)run->removed));
    return teacher;
}

// What only a run by one method has; a comparison has it in its stages.
static void describe_single(const run_state *run, json_t **summary)
{
    const venn_distill_config *c = run->config;
    if (c->n_uses > 1) {
        venn_json_set(summary, "method",
                      json_pack("{s:s}", "score", venn_config_score(c, run->data)));
        return;
    }
    venn_json_set(summary, "method", describe_method(run, &c->uses[0]));
    venn_json_set(summary, "step", describe_step(&run->records[run->n_records - 1].result));
}

venn_status venn_run_write_summary(const run_state *run)
{
    const config_file *file = run->config->file;
    config_training settings = venn_config_training_of(run->config, file->student);
    double *a = venn_alloc(run->n_records + 1, sizeof *a),
           *b = venn_alloc(run->n_records + 1, sizeof *b);
    venn_memory_stats memory;
    venn_device_memory(run->device, &memory);
    json_t *summary =
        a && b ? json_pack("{s:s, s:i, s:i, s:o, s:o, s:o, s:o, s:I, s:f}", "name", file->name,
                           "epochs", (int)settings.epochs, "batch", (int)settings.batch, "seeds",
                           describe_seeds(file), "stages", describe_stages(run, a), "paired",
                           describe_pairs(run, a, b), "teacher", describe_teacher(run),
                           "memory_peak", (json_int_t)memory.peak, "seconds", run->seconds)
               : NULL;
    if (summary)
        describe_single(run, &summary);
    free(a);
    free(b);
    return venn_run_write_json(run, "summary.json", summary);
}
