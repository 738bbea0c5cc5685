#include <string.h>

#include "base/json.h"
#include "train/fit_record.h"

json_t *venn_metrics_to_json(const venn_metrics *m)
{
    json_t *object =
        json_pack("{s:i, s:I, s:o, s:o}", "epoch", (int)m->epoch, "step", (json_int_t)m->step, "lr",
                  venn_json_real(m->lr), "loss", venn_json_real(m->loss));
    for (int i = 0; i < m->n_terms; i++)
        venn_json_set(&object, m->terms[i].name, venn_json_real(m->terms[i].value));
    venn_json_set(&object, "train_accuracy", venn_json_real(m->train_accuracy));
    venn_json_set(&object, "valid_loss", venn_json_real(m->valid_loss));
    venn_json_set(&object, "valid_accuracy", venn_json_real(m->valid_accuracy));
    venn_json_set(&object, "seconds", venn_json_real(m->seconds));
    return object;
}

static void metrics_from_json(json_t *object, const fit_state *f, venn_metrics *m)
{
    *m = (venn_metrics){
        .epoch = (uint32_t)json_integer_value(json_object_get(object, "epoch")),
        .step = (uint64_t)json_integer_value(json_object_get(object, "step")),
        .lr = venn_json_number(object, "lr"),
        .loss = venn_json_number(object, "loss"),
        .n_terms = f->n_terms,
        .train_accuracy = venn_json_number(object, "train_accuracy"),
        .valid_loss = venn_json_number(object, "valid_loss"),
        .valid_accuracy = venn_json_number(object, "valid_accuracy"),
        .seconds = venn_json_number(object, "seconds"),
    };
    for (int i = 0; i < f->n_terms; i++) {
        m->terms[i].name = f->terms[i].name;
        m->terms[i].value = venn_json_number(object, f->terms[i].name);
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
        venn_json_append(&history, venn_metrics_to_json(&r->history[i]));
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "best_epoch", (int)r->best_epoch,
                     "valid_accuracy", venn_json_real(r->valid_accuracy), "test_accuracy",
                     venn_json_real(r->test_accuracy), "test_loss", venn_json_real(r->test_loss),
                     "seconds", venn_json_real(r->seconds), "steps", (json_int_t)r->steps,
                     "step_us", venn_json_real(r->step_us), "history", history);
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
    const json_int_t best = json_integer_value(json_object_get(record, "best_epoch"));
    if (best < 0 || (size_t)best > json_array_size(history))
        return venn_fail(VENN_BAD_FILE, "%s: epoch %lld, the best, is none of the %zu there", path,
                         (long long)best, json_array_size(history));
    r->n_epochs = (uint32_t)json_array_size(history);
    for (uint32_t i = 0; i < r->n_epochs; i++)
        metrics_from_json(json_array_get(history, i), f, &r->history[i]);
    r->best_epoch = (uint32_t)best;
    r->valid_accuracy = venn_json_number(record, "valid_accuracy");
    r->test_accuracy = venn_json_number(record, "test_accuracy");
    r->test_loss = venn_json_number(record, "test_loss");
    r->seconds = venn_json_number(record, "seconds");
    r->steps = (uint64_t)json_integer_value(json_object_get(record, "steps"));
    r->step_us = venn_json_number(record, "step_us");
    return VENN_OK;
}
