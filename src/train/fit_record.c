#include <math.h>
#include <string.h>

#include "train/fit_record.h"

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static double number_or_nan(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

json_t *venn_metrics_to_json(const venn_metrics *m)
{
    json_t *object =
        json_pack("{s:i, s:I, s:o, s:o}", "epoch", (int)m->epoch, "step", (json_int_t)m->step, "lr",
                  real_or_null(m->lr), "loss", real_or_null(m->loss));
    for (int i = 0; i < m->n_terms; i++)
        json_object_set_new(object, m->terms[i].name, real_or_null(m->terms[i].value));
    json_object_set_new(object, "train_accuracy", real_or_null(m->train_accuracy));
    json_object_set_new(object, "valid_loss", real_or_null(m->valid_loss));
    json_object_set_new(object, "valid_accuracy", real_or_null(m->valid_accuracy));
    json_object_set_new(object, "seconds", real_or_null(m->seconds));
    return object;
}

static void metrics_from_json(json_t *object, const fit_state *f, venn_metrics *m)
{
    *m = (venn_metrics){
        .epoch = (uint32_t)json_integer_value(json_object_get(object, "epoch")),
        .step = (uint64_t)json_integer_value(json_object_get(object, "step")),
        .lr = number_or_nan(object, "lr"),
        .loss = number_or_nan(object, "loss"),
        .n_terms = f->n_terms,
        .train_accuracy = number_or_nan(object, "train_accuracy"),
        .valid_loss = number_or_nan(object, "valid_loss"),
        .valid_accuracy = number_or_nan(object, "valid_accuracy"),
        .seconds = number_or_nan(object, "seconds"),
    };
    for (int i = 0; i < f->n_terms; i++) {
        m->terms[i].name = f->terms[i].name;
        m->terms[i].value = number_or_nan(object, f->terms[i].name);
    }
}

venn_status venn_metrics_set(venn_metrics *m, const char *name, double value)
{
    for (int i = 0; i < m->n_terms; i++)
        if (strcmp(m->terms[i].name, name) == 0) {
            m->terms[i].value = value;
            return VENN_OK;
        }
    return venn_fail(VENN_BAD_ARG, "the objective declared no term \"%s\"", name);
}

json_t *venn_fit_result_to_json(const venn_fit_result *r)
{
    json_t *history = json_array();
    for (uint32_t i = 0; i < r->n_epochs; i++)
        json_array_append_new(history, venn_metrics_to_json(&r->history[i]));
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "best_epoch", (int)r->best_epoch,
                     "valid_accuracy", real_or_null(r->valid_accuracy), "test_accuracy",
                     real_or_null(r->test_accuracy), "test_loss", real_or_null(r->test_loss),
                     "seconds", real_or_null(r->seconds), "steps", (json_int_t)r->steps, "step_us",
                     real_or_null(r->step_us), "history", history);
}

venn_status venn_fit_result_from_json(const char *path, json_t *record, fit_state *f)
{
    json_t *history = json_object_get(record, "history");
    venn_fit_result *r = f->result;
    if (!json_is_array(history) || json_array_size(history) > f->epochs)
        return venn_fail(VENN_BAD_FILE,
                         "%s: the training's history is missing or longer than the %u "
                         "epochs of this config",
                         path, f->epochs);
    r->n_epochs = (uint32_t)json_array_size(history);
    for (uint32_t i = 0; i < r->n_epochs; i++)
        metrics_from_json(json_array_get(history, i), f, &r->history[i]);
    r->best_epoch = (uint32_t)json_integer_value(json_object_get(record, "best_epoch"));
    r->valid_accuracy = number_or_nan(record, "valid_accuracy");
    r->test_accuracy = number_or_nan(record, "test_accuracy");
    r->test_loss = number_or_nan(record, "test_loss");
    r->seconds = number_or_nan(record, "seconds");
    r->steps = (uint64_t)json_integer_value(json_object_get(record, "steps"));
    r->step_us = number_or_nan(record, "step_us");
    return VENN_OK;
}
