// What a training leaves in its folder: last.safetensors (parameters, optimizer state, position and
// history: everything that resuming bit for bit needs), best.safetensors (parameters only), and
// done.json when it is over.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "train/fit_internal.h"
#include "train/fit_record.h"
#include "train/weights.h"

static char *path_of(const fit_state *f, const char *name)
{
    return venn_path_join(f->fit->folder, name);
}

static size_t all_vars(const fit_state *f, venn_var ***out)
{
    size_t n_params = venn_net_n_params(f->fit->net), n_states = venn_optim_n_states(f->optim);
    *out = venn_alloc(n_params + n_states, sizeof **out);
    for (size_t i = 0; *out && i < n_params; i++)
        (*out)[i] = venn_net_param_at(f->fit->net, i)->var;
    for (size_t i = 0; *out && i < n_states; i++)
        (*out)[n_params + i] = venn_optim_state(f->optim, i);
    return n_params + n_states;
}

// ---- last.safetensors ------------------------------------------------------------------------

static json_t *describe(const fit_state *f)
{
    const venn_fit_result *r = f->result;
    json_t *sums =
        json_pack("{s:f, s:f, s:f, s:I}", "loss", f->sums.loss, "correct", f->sums.correct,
                  "seconds", f->sums.seconds, "steps", (json_int_t)f->sums.steps);
    json_t *terms = json_array();
    for (int i = 0; i < f->n_terms; i++)
        json_array_append_new(terms, json_real(f->sums.terms[i]));
    json_object_set_new(sums, "terms", terms);
    return json_pack("{s:i, s:i, s:I, s:I, s:I, s:i, s:o, s:o}", "epoch", (int)f->epoch, "index",
                     (int)f->index, "steps", (json_int_t)f->steps, "optimizer_steps",
                     (json_int_t)venn_optim_steps(f->optim), "seed", (json_int_t)f->fit->seed,
                     "batch", (int)f->batch, "sums", sums, "result", venn_fit_result_to_json(r));
}

venn_status venn_fit_save(fit_state *f)
{
    if (!f->fit->folder)
        return VENN_OK;
    venn_var **vars;
    size_t n = all_vars(f, &vars);
    char *path = path_of(f, "last.safetensors");
    json_t *state = describe(f);
    // 17 digits: every double comes back as it was.
    char *text = state ? json_dumps(state, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    venn_named_array *arrays = venn_alloc(n, sizeof *arrays);
    venn_status status =
        vars && path && text && arrays ? venn_weights_read(vars, n, arrays) : VENN_NO_MEMORY;
    venn_metadata metadata = {"training", text};
    if (status == VENN_OK)
        status = venn_safetensors_write(path, arrays, n, &metadata, 1);
    venn_weights_free(arrays, n);
    json_decref(state);
    free(text);
    free(path);
    free(vars);
    return status;
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
    f->epoch = (uint32_t)json_integer_value(json_object_get(state, "epoch"));
    f->index = (uint32_t)json_integer_value(json_object_get(state, "index"));
    f->steps = (uint64_t)json_integer_value(json_object_get(state, "steps"));
    f->sums = (fit_sums){.loss = json_number_value(json_object_get(sums, "loss")),
                         .correct = json_number_value(json_object_get(sums, "correct")),
                         .seconds = json_number_value(json_object_get(sums, "seconds")),
                         .steps = (uint64_t)json_integer_value(json_object_get(sums, "steps"))};
    for (int i = 0; i < f->n_terms; i++)
        f->sums.terms[i] = json_number_value(json_array_get(terms, (size_t)i));
    venn_optim_set_steps(f->optim, json_integer_value(json_object_get(state, "optimizer_steps")));
    if (f->epoch > f->epochs || f->index > f->per_epoch)
        return venn_fail(VENN_BAD_FILE,
                         "%s: epoch %u, batch %u lie beyond this config's %u epochs of %u", path,
                         f->epoch, f->index, f->epochs, f->per_epoch);
    return venn_fit_result_from_json(path, json_object_get(state, "result"), f);
}

static venn_status restore(fit_state *f, const char *path)
{
    venn_safetensors *file;
    venn_var **vars = NULL;
    VENN_TRY(venn_safetensors_read(&file, path));
    const char *text = venn_safetensors_metadata(file, "training");
    json_t *state = text ? json_loads(text, 0, NULL) : NULL;
    venn_status status =
        state ? VENN_OK : venn_fail(VENN_BAD_FILE, "%s: it holds no training state", path);
    size_t n = status == VENN_OK ? all_vars(f, &vars) : 0;
    if (status == VENN_OK && !vars)
        status = VENN_NO_MEMORY;
    for (size_t i = 0; i < n && status == VENN_OK; i++)
        status = venn_weights_write_var(path, file, vars[i]);
    if (status == VENN_OK)
        status = restore_state(f, path, state);
    json_decref(state);
    free(vars);
    venn_safetensors_destroy(&file);
    return status;
}

venn_status venn_fit_load(fit_state *f, bool *found)
{
    *found = false;
    if (!f->fit->folder)
        return VENN_OK;
    char *path = path_of(f, "last.safetensors");
    if (!path)
        return VENN_NO_MEMORY;
    *found = venn_file_exists(path);
    venn_status status = *found ? restore(f, path) : VENN_OK;
    free(path);
    return status;
}

// ---- Without a folder ------------------------------------------------------------------------

static venn_status keep_in_memory(fit_state *f)
{
    size_t n = venn_net_n_params(f->fit->net);
    venn_var **vars;
    all_vars(f, &vars);
    venn_weights_free(f->best, n);
    f->best = venn_alloc(n, sizeof *f->best);
    venn_status status = vars && f->best ? venn_weights_read(vars, n, f->best) : VENN_NO_MEMORY;
    free(vars);
    return status;
}

static venn_status recall_from_memory(fit_state *f)
{
    for (size_t i = 0; f->best && i < venn_net_n_params(f->fit->net); i++) {
        venn_var *var = venn_net_param_at(f->fit->net, i)->var;
        VENN_TRY(venn_var_write(var, f->best[i].data, venn_var_bytes(var)));
    }
    return VENN_OK;
}

// ---- best.safetensors ------------------------------------------------------------------------

venn_status venn_fit_save_best(fit_state *f)
{
    if (!f->fit->folder)
        return keep_in_memory(f);
    char *path = path_of(f, "best.safetensors");
    venn_status status = path ? venn_net_save(f->fit->net, path) : VENN_NO_MEMORY;
    free(path);
    return status;
}

venn_status venn_fit_load_best(fit_state *f)
{
    if (!f->fit->folder)
        return recall_from_memory(f);
    char *path = path_of(f, "best.safetensors");
    venn_status status = path ? venn_net_load(f->fit->net, path) : VENN_NO_MEMORY;
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
    char *text = record ? json_dumps(record, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
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
    void *text = NULL;
    size_t size;
    venn_status status = path ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK && venn_file_exists(path)) {
        status = venn_file_read(path, 0, &text, &size);
        json_t *record = status == VENN_OK ? json_loads(text, 0, NULL) : NULL;
        if (status == VENN_OK)
            status = venn_fit_result_from_json(path, record, f);
        *found = status == VENN_OK;
        json_decref(record);
    }
    free(text);
    free(path);
    return status;
}
