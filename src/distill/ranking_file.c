// ranking.json: written whole at the end of a ranking, read by runs that use it and by the report.
#include "distill/ranking_file.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

static const char *const distances[] = {"mse", "l1"};

// ---- Writing ---------------------------------------------------------------------------------

static json_t *describe(const venn_ranked *ranked)
{
    const venn_salience *s = &ranked->salience;
    return json_pack(
        "{s:s, s:s, s:o, s:s, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "modality",
        ranked->modality, "network", ranked->network, "accuracy", venn_json_real(ranked->accuracy),
        "place", s->place, "rows", (json_int_t)s->rows, "permutations", (int)s->permutations,
        "base", venn_json_real(s->base), "base_loss", venn_json_real(s->base_loss), "score",
        venn_json_reals(s->score, s->n), "distance", venn_json_reals(s->distance, s->n), "effect",
        venn_json_reals(s->effect, s->n), "loss", venn_json_reals(s->loss, s->n));
}

static venn_status write_text(const char *folder, const char *name, const char *text)
{
    char *path = text ? venn_path_join(folder, name) : NULL;
    venn_status status = path ? venn_file_write(path, text, strlen(text)) : VENN_NO_MEMORY;
    free(path);
    return status;
}

venn_status venn_ranking_write(const venn_ranking *r, const char *folder)
{
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:I, s:f, s:o, s:o}", "kind", "ranking", "name", r->name, "data",
        r->data, "joint", r->joint, "distance", distances[r->distance], "seed", (json_int_t)r->seed,
        "seconds", r->seconds, "teacher", describe(&r->teacher), "student", describe(&r->student));
    char *text = venn_json_text(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    venn_status status = write_text(folder, "ranking.json", text);
    free(text);
    json_decref(root);
    return status;
}

venn_status venn_ranking_write_config(const venn_distill_config *config, const char *folder)
{
    char *text = NULL;
    size_t size;
    VENN_TRY(venn_config_print(config->file, &text, &size));
    venn_status status = write_text(folder, "config.yaml", text);
    free(text);
    return status;
}

bool venn_ranking_exists(const char *folder)
{
    char *path = venn_path_join(folder, "ranking.json");
    const bool exists = path && venn_file_exists(path);
    free(path);
    return exists;
}

venn_status venn_ranking_describe(venn_ranking *out, const venn_distill_config *config,
                                  const venn_dataset *data)
{
    const config_file *file = config->file;
    out->name = venn_strdup(file->name);
    out->data = venn_strdup(data->name);
    out->seed = file->first_seed;
    out->distance = file->ranking ? file->ranking->distance : VENN_SALIENCE_MSE;
    out->teacher.modality = venn_config_inputs_text(file->teacher, false);
    out->teacher.network = venn_config_inputs_text(file->teacher, true);
    out->student.modality = venn_config_inputs_text(file->student, false);
    out->student.network = venn_config_inputs_text(file->student, true);
    return out->name && out->data && out->teacher.modality && out->teacher.network &&
                   out->student.modality && out->student.network
               ? VENN_OK
               : VENN_NO_MEMORY;
}

// ---- Reading ---------------------------------------------------------------------------------

typedef struct reader {
    const char *path;
    venn_status status; // the first that was wrong
} reader;

static const json_t *member(reader *r, const json_t *object, const char *key, bool good)
{
    const json_t *value = json_object_get(object, key);
    if (r->status == VENN_OK && (!value || !good))
        r->status =
            venn_fail(VENN_BAD_FILE, "%s: \"%s\" is missing or of another type", r->path, key);
    return value;
}

static void read_text(reader *r, const json_t *object, const char *key, char **out)
{
    const json_t *value = member(r, object, key, json_is_string(json_object_get(object, key)));
    if (r->status == VENN_OK && !(*out = venn_strdup(json_string_value(value))))
        r->status = VENN_NO_MEMORY;
}

static double read_number(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    member(r, object, key, json_is_number(value) || json_is_null(value));
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static int64_t read_count(reader *r, const json_t *object, const char *key)
{
    return json_integer_value(
        member(r, object, key, json_is_integer(json_object_get(object, key))));
}

// *n is 0 before the first array and what all of them must have after it.
static void read_numbers(reader *r, const json_t *object, const char *key, int64_t *n, double **out)
{
    const json_t *array = json_object_get(object, key);
    const int64_t found = (int64_t)json_array_size(array);
    member(r, object, key, found > 0 && (!*n || *n == found));
    if (r->status < 0)
        return;
    *n = found;
    *out = venn_alloc((size_t)found, sizeof **out);
    if (!*out) {
        r->status = VENN_NO_MEMORY;
        return;
    }
    for (int64_t i = 0; i < found; i++) {
        const json_t *value = json_array_get(array, (size_t)i);
        (*out)[i] = json_number_value(value);
        member(r, object, key, json_is_number(value));
    }
}

static void read_ranked(reader *r, const json_t *root, const char *key, venn_ranked *out)
{
    const json_t *object = member(r, root, key, json_is_object(json_object_get(root, key)));
    venn_salience *s = &out->salience;
    read_text(r, object, "modality", &out->modality);
    read_text(r, object, "network", &out->network);
    read_text(r, object, "place", &s->place);
    out->accuracy = read_number(r, object, "accuracy");
    s->rows = read_count(r, object, "rows");
    s->permutations = (uint32_t)read_count(r, object, "permutations");
    s->base = read_number(r, object, "base");
    s->base_loss = read_number(r, object, "base_loss");
    read_numbers(r, object, "score", &s->n, &s->score);
    read_numbers(r, object, "distance", &s->n, &s->distance);
    read_numbers(r, object, "effect", &s->n, &s->effect);
    read_numbers(r, object, "loss", &s->n, &s->loss);
}

static venn_status read_root(const json_t *root, const char *path, venn_ranking *out)
{
    reader r = {path, VENN_OK};
    char *distance = NULL;
    read_text(&r, root, "name", &out->name);
    read_text(&r, root, "data", &out->data);
    read_text(&r, root, "distance", &distance);
    member(&r, root, "joint", json_is_boolean(json_object_get(root, "joint")));
    out->joint = json_is_true(json_object_get(root, "joint"));
    out->distance = distance && strcmp(distance, distances[VENN_SALIENCE_L1]) == 0
                        ? VENN_SALIENCE_L1
                        : VENN_SALIENCE_MSE;
    free(distance);
    out->seed = (uint64_t)read_count(&r, root, "seed");
    out->seconds = read_number(&r, root, "seconds");
    read_ranked(&r, root, "teacher", &out->teacher);
    read_ranked(&r, root, "student", &out->student);
    return r.status;
}

venn_status venn_ranking_read(venn_ranking *out, const char *folder)
{
    *out = (venn_ranking){0};
    json_t *root;
    char *path = venn_path_join(folder, "ranking.json");
    if (!path)
        return VENN_NO_MEMORY;
    venn_status status = venn_json_read(&root, path, 0);
    if (status == VENN_OK)
        status = read_root(root, path, out);
    json_decref(root);
    free(path);
    if (status < 0)
        venn_ranking_finish(out);
    return status;
}

static void finish_ranked(venn_ranked *ranked)
{
    free(ranked->modality);
    free(ranked->network);
    venn_salience_finish(&ranked->salience);
}

void venn_ranking_finish(venn_ranking *ranking)
{
    free(ranking->name);
    free(ranking->data);
    finish_ranked(&ranking->teacher);
    finish_ranked(&ranking->student);
    *ranking = (venn_ranking){0};
}
