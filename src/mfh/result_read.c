// The inverse of result_text.c, with the first fault remembered.
#include "mfh/result_read.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

typedef struct reader {
    const char *path;
    venn_status status;
} reader;

static void fault(reader *r, const char *key)
{
    if (r->status == VENN_OK)
        r->status =
            venn_fail(VENN_BAD_FILE, "%s: \"%s\" is missing or of another type", r->path, key);
}

static const json_t *object_of(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_object(value))
        fault(r, key);
    return value;
}

static const json_t *array_of(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_array_size(value) == 0)
        fault(r, key);
    return value;
}

static double number_of(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_null(value))
        return NAN;
    if (!json_is_number(value))
        fault(r, key);
    return json_number_value(value);
}

// malloc'd; NULL for null where `optional`.
static char *text_of(reader *r, const json_t *object, const char *key, bool optional)
{
    const json_t *value = json_object_get(object, key);
    if (optional && (!value || json_is_null(value)))
        return NULL;
    char *text = json_is_string(value) ? venn_strdup(json_string_value(value)) : NULL;
    if (!text)
        fault(r, key);
    return text;
}

static venn_mfh_stat stat_of(reader *r, const json_t *object, const char *key, double *paper)
{
    const json_t *value = object_of(r, object, key),
                 *published = json_object_get(value, "published");
    if (paper)
        *paper = json_is_number(published) ? json_number_value(published) : NAN;
    return (venn_mfh_stat){.mean = number_of(r, value, "mean"),
                           .std = number_of(r, value, "std"),
                           .error = number_of(r, value, "error")};
}

static venn_modality_diagram diagram_of(reader *r, const json_t *object)
{
    const json_t *d = object_of(r, object, "diagram");
    return (venn_modality_diagram){number_of(r, d, "only_a"), number_of(r, d, "only_b"),
                                   number_of(r, d, "shared")};
}

// ---- Sweeps ----------------------------------------------------------------------------------

static venn_mfh_stat stat_or_none(reader *r, const json_t *object, const char *key, double *paper)
{
    if (paper)
        *paper = NAN;
    return json_object_get(object, key) ? stat_of(r, object, key, paper)
                                        : (venn_mfh_stat){.mean = NAN};
}

static void read_point(reader *r, const json_t *from, venn_mfh_point *p)
{
    const json_t *accuracy = object_of(r, from, "accuracy");
    p->diagram = diagram_of(r, from);
    for (int m = 0; m < VENN_MFH_MODELS; m++)
        p->accuracy[m] =
            stat_or_none(r, accuracy, venn_mfh_model_name((venn_mfh_model)m), &p->paper[m]);
    p->gain = stat_of(r, from, "gain", NULL);
    p->hits = stat_or_none(r, from, "shared_found", NULL);
}

static void read_sweep(reader *r, const json_t *root, venn_mfh_result *out)
{
    char *sweep = text_of(r, root, "sweep", false), *network = text_of(r, root, "network", true);
    const json_t *points = array_of(r, root, "points");
    if (sweep && venn_mfh_sweep_parse(sweep, &out->params.sweep) < 0)
        fault(r, "sweep");
    if (network)
        out->network = strcmp(network, "cnn") == 0 ? "cnn" : "mlp";
    free(sweep);
    free(network);
    out->params.seeds = (uint32_t)json_integer_value(json_object_get(root, "seeds"));
    out->params.as_published = json_is_true(json_object_get(root, "as_published"));
    out->seconds = number_of(r, root, "seconds");
    out->n = json_array_size(points);
    if (out->n > VENN_MFH_MAX_POINTS)
        fault(r, "points");
    for (size_t i = 0; r->status == VENN_OK && i < out->n; i++)
        read_point(r, json_array_get(points, i), &out->point[i]);
}

// ---- Diagrams --------------------------------------------------------------------------------

static void read_side(reader *r, const json_t *root, const char *key, venn_mfh_estimate_side *side)
{
    const json_t *from = object_of(r, root, key), *shared = object_of(r, from, "shared");
    side->modality = text_of(r, from, "modality", true);
    side->network = text_of(r, from, "network", true);
    side->place = text_of(r, from, "place", false);
    side->accuracy = number_of(r, from, "accuracy");
    side->n = (int64_t)json_array_size(array_of(r, from, "importance"));
    for (int e = 0; e < VENN_MFH_ESTIMATES; e++)
        side->shared[e] = number_of(r, shared, venn_mfh_estimate_name(e));
}

static void read_estimate(reader *r, const json_t *root, venn_mfh_estimate *out)
{
    const json_t *estimates = array_of(r, root, "estimates");
    out->name = text_of(r, root, "name", true);
    out->data = text_of(r, root, "data", true);
    out->rows = json_integer_value(json_object_get(root, "rows"));
    out->seconds = number_of(r, root, "seconds");
    if (json_array_size(estimates) != VENN_MFH_ESTIMATES)
        fault(r, "estimates");
    for (size_t e = 0; r->status == VENN_OK && e < VENN_MFH_ESTIMATES; e++)
        out->diagram[e] = diagram_of(r, json_array_get(estimates, e));
    read_side(r, root, "a", &out->a);
    read_side(r, root, "b", &out->b);
}

// ---- Comparisons -----------------------------------------------------------------------------

static void read_comparison(reader *r, const json_t *root, venn_mfh_comparison *out)
{
    const json_t *rows = array_of(r, root, "rows");
    const size_t n = json_array_size(rows);
    out->name = text_of(r, root, "name", false);
    out->about = text_of(r, root, "about", false);
    out->data = text_of(r, root, "data", false);
    out->student = text_of(r, root, "student", false);
    out->seeds = (uint32_t)json_integer_value(json_object_get(root, "seeds"));
    out->seconds = number_of(r, root, "seconds");
    out->rows = venn_alloc(n, sizeof *out->rows);
    if (!out->rows) {
        r->status = VENN_NO_MEMORY;
        return;
    }
    out->n = n;
    for (size_t i = 0; i < n; i++) {
        const json_t *from = json_array_get(rows, i);
        venn_mfh_row *row = &out->rows[i];
        row->name = text_of(r, from, "name", false);
        row->teacher = stat_of(r, from, "teacher", NULL);
        row->student = stat_of(r, from, "student", NULL);
        row->gain = stat_of(r, from, "gain", NULL);
    }
}

// ---- Files -----------------------------------------------------------------------------------

static venn_status read_root(venn_mfh_file *out, const json_t *root, const char *path)
{
    reader r = {path, VENN_OK};
    const char *kind = json_string_value(json_object_get(root, "kind"));
    out->command = text_of(&r, root, "command", true);
    if (kind && strcmp(kind, "sweep") == 0) {
        read_sweep(&r, root, &out->sweep);
    } else if (kind && strcmp(kind, "diagram") == 0) {
        out->kind = VENN_MFH_DIAGRAM;
        read_estimate(&r, root, &out->estimate);
    } else if (kind && strcmp(kind, "comparison") == 0) {
        out->kind = VENN_MFH_COMPARISON;
        read_comparison(&r, root, &out->comparison);
    } else if (kind && strcmp(kind, "ranking") == 0) {
        char *folder = venn_path_folder(path);
        out->kind = VENN_MFH_RANKING;
        r.status = folder ? venn_ranking_read(&out->ranking, folder) : VENN_NO_MEMORY;
        free(folder);
    } else {
        fault(&r, "kind");
    }
    return r.status;
}

venn_status venn_mfh_file_read(venn_mfh_file *out, const char *path)
{
    json_t *root;
    *out = (venn_mfh_file){.kind = VENN_MFH_SWEEP};
    VENN_TRY(venn_json_read(&root, path, 0));
    const venn_status status = read_root(out, root, path);
    json_decref(root);
    if (status < 0)
        venn_mfh_file_finish(out);
    return status;
}

void venn_mfh_file_finish(venn_mfh_file *file)
{
    if (file->kind == VENN_MFH_RANKING)
        venn_ranking_finish(&file->ranking);
    if (file->kind == VENN_MFH_DIAGRAM)
        venn_mfh_estimate_finish(&file->estimate);
    if (file->kind == VENN_MFH_COMPARISON)
        venn_mfh_comparison_finish(&file->comparison);
    free(file->command);
    *file = (venn_mfh_file){.kind = VENN_MFH_SWEEP};
}
