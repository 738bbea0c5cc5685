// What a training leaves in its folder: checkpoints (parameters, optimizer state, position and history:
// everything that resuming bit for bit needs), best.safetensors (parameters only), and done.json when it is
// over.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "train/checkpoint.h"
#include "train/fit_internal.h"
#include "train/fit_record.h"
#include "train/weights.h"

static char *path_of(const fit_state *f, const char *name)
{
    return venn_path_join(f->fit->folder, name);
}

// ---- Checkpoints -----------------------------------------------------------------------------

static json_t *describe(const fit_state *f)
{
    const venn_fit_result *r = f->result;
    json_t *sums =
        json_pack("{s:f, s:f, s:f, s:I}", "loss", f->sums.loss, "correct", f->sums.correct,
                  "seconds", f->sums.seconds, "steps", (json_int_t)f->sums.steps);
    json_t *terms = json_array();
    for (int i = 0; i < f->n_terms; i++)
        venn_json_append(&terms, json_real(f->sums.terms[i]));
    venn_json_set(&sums, "terms", terms);
    return json_pack("{s:i, s:i, s:I, s:I, s:I, s:i, s:o, s:o}", "epoch", (int)f->epoch, "index",
                     (int)f->index, "steps", (json_int_t)f->steps, "optimizer_steps",
                     (json_int_t)venn_optim_steps(f->optims[0].optim), "seed",
                     (json_int_t)f->fit->seed, "batch", (int)f->batch, "sums", sums, "result",
                     venn_fit_result_to_json(r));
}

// The slots and the objective's arrays on the host.
static venn_status write_state(const fit_state *f, const char *text)
{
    const size_t n_host = f->fit->n_arrays, n = f->n_slots + n_host;
    venn_named_array *slots = NULL, *all = venn_alloc(n, sizeof *all);
    venn_status status = all ? venn_fit_slots_read(f, f->n_slots, &slots) : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        memcpy(all, slots, f->n_slots * sizeof *all);
        for (size_t i = 0; i < n_host; i++) {
            const venn_fit_array *a = &f->fit->arrays[i];
            all[f->n_slots + i] = (venn_named_array){a->name, a->dtype, a->shape, a->data};
        }
        status = venn_checkpoint_write(f->fit->folder, f->fit->checkpoints, all, n, text);
    }
    venn_weights_free(slots, f->n_slots);
    free(all);
    return status;
}

venn_status venn_fit_save(fit_state *f)
{
    if (!f->fit->folder)
        return VENN_OK;
    json_t *state = describe(f);
    // 17 digits: every double comes back as it was.
    char *text = venn_json_text(state, JSON_COMPACT | JSON_REAL_PRECISION(17));
    venn_status status = text ? write_state(f, text) : VENN_NO_MEMORY;
    json_decref(state);
    free(text);
    return status;
}

static venn_status restore_arrays(fit_state *f, const char *path, const venn_safetensors *file)
{
    for (size_t i = 0; i < f->fit->n_arrays; i++) {
        const venn_fit_array *a = &f->fit->arrays[i];
        const venn_named_array *saved;
        VENN_TRY(venn_weights_find(path, file, a->name, a->dtype, &a->shape, &saved));
        memcpy(a->data, saved->data,
               (size_t)venn_shape_count(&a->shape) * venn_dtype_size(a->dtype));
    }
    return VENN_OK;
}

// Where it stopped, which must be a place in this training: the loop takes it as it is.
static venn_status restore_position(fit_state *f, const char *path, const json_t *state)
{
    const json_int_t epoch = json_integer_value(json_object_get(state, "epoch"));
    const json_int_t index = json_integer_value(json_object_get(state, "index"));
    const json_int_t steps = json_integer_value(json_object_get(state, "steps"));
    if (epoch < 0 || epoch > f->epochs || index < 0 || index > f->per_epoch)
        return venn_fail(VENN_BAD_FILE,
                         "%s: epoch %lld, batch %lld lie beyond this config's %u epochs of %u",
                         path, (long long)epoch, (long long)index, f->epochs, f->per_epoch);
    if (steps != epoch * f->per_epoch + index)
        return venn_fail(VENN_BAD_FILE, "%s: %lld steps do not lead to batch %lld of epoch %lld",
                         path, (long long)steps, (long long)index, (long long)epoch);
    f->epoch = (uint32_t)epoch;
    f->index = (uint32_t)index;
    f->steps = (uint64_t)steps;
    return VENN_OK;
}

static venn_status restore_state(fit_state *f, const char *path, json_t *state)
{
    json_t *sums = json_object_get(state, "sums"), *terms = json_object_get(sums, "terms");
    json_int_t seed = json_integer_value(json_object_get(state, "seed"));
    json_int_t batch = json_integer_value(json_object_get(state, "batch"));
    if (seed != (json_int_t)f->fit->seed || batch != f->batch ||
        json_array_size(terms) != (size_t)f->n_terms)
        return venn_fail(
            VENN_BAD_FILE,
            "%s: it was made with seed %lld and batch %lld: resume with the same config", path,
            (long long)seed, (long long)batch);
    VENN_TRY(restore_position(f, path, state));
    f->sums = (fit_sums){.loss = json_number_value(json_object_get(sums, "loss")),
                         .correct = json_number_value(json_object_get(sums, "correct")),
                         .seconds = json_number_value(json_object_get(sums, "seconds")),
                         .steps = (uint64_t)json_integer_value(json_object_get(sums, "steps"))};
    for (int i = 0; i < f->n_terms; i++)
        f->sums.terms[i] = json_number_value(json_array_get(terms, (size_t)i));
    for (uint32_t k = 0; k < f->n_optims; k++)
        venn_optim_set_steps(f->optims[k].optim,
                             json_integer_value(json_object_get(state, "optimizer_steps")));
    VENN_TRY(venn_fit_result_from_json(path, json_object_get(state, "result"), f));
    // The next epoch's metrics come behind those of the epochs that are over.
    if (f->result->n_epochs != f->epoch)
        return venn_fail(VENN_BAD_FILE, "%s: metrics of %u epochs, but %u are over", path,
                         f->result->n_epochs, f->epoch);
    return VENN_OK;
}

static venn_status restore(fit_state *f, const char *path, const venn_safetensors *file,
                           const char *text)
{
    json_t *state;
    json_error_t error;
    venn_status status = venn_json_load(&state, text, strlen(text), 0, &error);
    if (status == VENN_BAD_FILE)
        venn_fail(status, "%s: its training state is no JSON: %s", path, error.text);
    if (status == VENN_OK)
        status = venn_fit_slots_write(f, f->n_slots, path, file);
    if (status == VENN_OK)
        status = restore_arrays(f, path, file);
    if (status == VENN_OK)
        status = restore_state(f, path, state);
    json_decref(state);
    return status;
}

venn_status venn_fit_load(fit_state *f, bool *found)
{
    *found = false;
    if (!f->fit->folder)
        return VENN_OK;
    venn_safetensors *file;
    const char *text;
    char *path;
    venn_status status = venn_checkpoint_read(f->fit->folder, &file, &text, &path);
    *found = status == VENN_OK && file;
    if (*found)
        status = restore(f, path, file, text);
    venn_safetensors_destroy(&file);
    free(path);
    return status;
}

// ---- The best weights ------------------------------------------------------------------------

venn_status venn_fit_save_best(fit_state *f)
{
    venn_named_array *weights = NULL;
    venn_status status = venn_fit_slots_read(f, f->n_weights, &weights);
    if (status == VENN_OK && !f->fit->folder) {
        venn_weights_free(f->best, f->n_weights);
        f->best = weights;
        return VENN_OK;
    }
    char *path = status == VENN_OK ? path_of(f, "best.safetensors") : NULL;
    if (status == VENN_OK)
        status =
            path ? venn_safetensors_write(path, weights, f->n_weights, NULL, 0) : VENN_NO_MEMORY;
    venn_weights_free(weights, f->n_weights);
    free(path);
    return status;
}

static venn_status recall_from_memory(fit_state *f)
{
    for (size_t i = 0; f->best && i < f->n_weights; i++) {
        venn_var *var = f->slots[i].var;
        VENN_TRY(venn_var_write(var, f->best[i].data, venn_var_bytes(var)));
    }
    return VENN_OK;
}

venn_status venn_fit_load_best(fit_state *f)
{
    if (!f->fit->folder)
        return recall_from_memory(f);
    venn_safetensors *file = NULL;
    char *path = path_of(f, "best.safetensors");
    venn_status status = path ? venn_safetensors_read(&file, path) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_fit_slots_write(f, f->n_weights, path, file);
    venn_safetensors_destroy(&file);
    free(path);
    return status;
}

// ---- done.json -------------------------------------------------------------------------------

venn_status venn_fit_save_done(fit_state *f)
{
    if (!f->fit->folder)
        return VENN_OK;
    char *path = path_of(f, "done.json");
    json_t *record = venn_fit_result_to_json(f->result);
    char *text = venn_json_text(record, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    venn_status status = path && text ? venn_file_write(path, text, strlen(text)) : VENN_NO_MEMORY;
    json_decref(record);
    free(text);
    free(path);
    return status;
}

venn_status venn_fit_load_done(fit_state *f, bool *found)
{
    *found = false;
    if (!f->fit->folder)
        return VENN_OK;
    char *path = path_of(f, "done.json");
    venn_status status = path ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK && venn_file_exists(path)) {
        json_t *record;
        status = venn_json_read(&record, path, 0);
        if (status == VENN_OK)
            status = venn_fit_result_from_json(path, record, f);
        *found = status == VENN_OK;
        json_decref(record);
    }
    free(path);
    return status;
}
