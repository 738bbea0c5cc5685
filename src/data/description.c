// The schema of a description, and the checks that need nothing but its text.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/yaml.h"
#include "data/description.h"

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define POINTER (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define STRING(key, flags, type, member) CYAML_FIELD_STRING_PTR(key, flags, type, member, 1, 65536)

static const cyaml_schema_value_t text_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 65536)};
static const cyaml_schema_value_t int_value = {CYAML_VALUE_INT(CYAML_FLAG_DEFAULT, int64_t)};
static const cyaml_schema_value_t float_value = {CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double)};

static const cyaml_schema_field_t part_fields[] = {
    STRING("file", CYAML_FLAG_POINTER, venn_part, file),
    STRING("column", POINTER, venn_part, column),
    STRING("folder", POINTER, venn_part, folder),
    STRING("ending", POINTER, venn_part, ending),
    STRING("index", POINTER, venn_part, index),
    CYAML_FIELD_INT("count", OPTIONAL, venn_part, count),
    CYAML_FIELD_SEQUENCE("where", POINTER, venn_part, where, &text_value, 0, 64),
    CYAML_FIELD_INT("pick", OPTIONAL, venn_part, pick),
    CYAML_FIELD_INT("base", OPTIONAL, venn_part, base),
    CYAML_FIELD_INT("slices", OPTIONAL, venn_part, slices),
    CYAML_FIELD_SEQUENCE("rows", POINTER, venn_part, rows, &int_value, 2, 2),
    CYAML_FIELD_END};

static const cyaml_strval_t label_kinds[] = {{"idx", VENN_KIND_IDX},  {"npy", VENN_KIND_NPY},
                                             {"csv", VENN_KIND_CSV},  {"hdf5", VENN_KIND_HDF5},
                                             {"mat", VENN_KIND_HDF5}, {"none", VENN_KIND_NONE}};
static const cyaml_strval_t modality_kinds[] = {
    {"idx", VENN_KIND_IDX},           {"npy", VENN_KIND_NPY},         {"sheet", VENN_KIND_SHEET},
    {"wav", VENN_KIND_WAV},           {"text", VENN_KIND_TEXT},       {"npys", VENN_KIND_NPYS},
    {"pictures", VENN_KIND_PICTURES}, {"volumes", VENN_KIND_VOLUMES}, {"hdf5", VENN_KIND_HDF5},
    {"mat", VENN_KIND_HDF5}};
static const cyaml_strval_t groupings[] = {{"none", VENN_GROUP_NONE},
                                           {"all", VENN_GROUP_ALL},
                                           {"channel", VENN_GROUP_CHANNEL},
                                           {"element", VENN_GROUP_ELEMENT}};
static const cyaml_strval_t scores[] = {
    {"accuracy", VENN_SCORE_ACCURACY},       {"mean_iou", VENN_SCORE_MEAN_IOU},
    {"f1_micro", VENN_SCORE_F1_MICRO},       {"f1_macro", VENN_SCORE_F1_MACRO},
    {"f1_weighted", VENN_SCORE_F1_WEIGHTED}, {"f1_samples", VENN_SCORE_F1_SAMPLES}};
static const cyaml_strval_t fits[] = {{"train", false}, {"each", true}};
static const cyaml_strval_t stratified[] = {
    {"true", false}, {"yes", false}, {"false", true}, {"no", true}};

#define STRICT_ENUM(key, flags, type, member, list)                                                \
    CYAML_FIELD_ENUM(key, (flags) | CYAML_FLAG_STRICT, type, member, list, CYAML_ARRAY_LEN(list))
#define PARTS(type, parts)                                                                         \
    CYAML_FIELD_MAPPING_PTR("train", CYAML_FLAG_POINTER, type, parts[VENN_TRAIN], part_fields),    \
        CYAML_FIELD_MAPPING_PTR("valid", POINTER, type, parts[VENN_VALID], part_fields),           \
        CYAML_FIELD_MAPPING_PTR("test", POINTER, type, parts[VENN_TEST], part_fields)

static const cyaml_schema_field_t label_fields[] = {
    STRICT_ENUM("kind", CYAML_FLAG_DEFAULT, venn_parts, kind, label_kinds),
    VENN_YAML_BOOL("greatest", venn_parts, greatest), VENN_YAML_BOOL("first", venn_parts, first),
    PARTS(venn_parts, part), CYAML_FIELD_END};

static const cyaml_schema_field_t tile_fields[] = {
    CYAML_FIELD_INT("height", OPTIONAL, venn_sheet_params, height),
    CYAML_FIELD_INT("width", OPTIONAL, venn_sheet_params, width),
    CYAML_FIELD_INT("channels", OPTIONAL, venn_sheet_params, channels), CYAML_FIELD_END};

static const cyaml_schema_field_t mel_fields[] = {
    CYAML_FIELD_INT("rate", CYAML_FLAG_DEFAULT, venn_mel_params, rate),
    CYAML_FIELD_FLOAT("window_ms", OPTIONAL, venn_mel_params, window_ms),
    CYAML_FIELD_FLOAT("hop_ms", OPTIONAL, venn_mel_params, hop_ms),
    CYAML_FIELD_INT("fft", OPTIONAL, venn_mel_params, fft),
    CYAML_FIELD_INT("bands", OPTIONAL, venn_mel_params, bands),
    CYAML_FIELD_INT("frames", CYAML_FLAG_DEFAULT, venn_mel_params, frames),
    CYAML_FIELD_FLOAT("low_hz", OPTIONAL, venn_mel_params, low_hz),
    CYAML_FIELD_FLOAT("high_hz", OPTIONAL, venn_mel_params, high_hz),
    CYAML_FIELD_FLOAT("floor_db", OPTIONAL, venn_mel_params, floor_db),
    VENN_YAML_BOOL("peak", venn_mel_params, peak),
    CYAML_FIELD_END};

static const cyaml_schema_field_t grams_fields[] = {
    CYAML_FIELD_INT("column", CYAML_FLAG_DEFAULT, venn_grams_params, column),
    CYAML_FIELD_INT("shortest", OPTIONAL, venn_grams_params, shortest),
    CYAML_FIELD_INT("longest", OPTIONAL, venn_grams_params, longest), CYAML_FIELD_END};

static const cyaml_schema_field_t stft_fields[] = {
    CYAML_FIELD_INT("rate", CYAML_FLAG_DEFAULT, venn_stft_params, rate),
    CYAML_FIELD_INT("fft", CYAML_FLAG_DEFAULT, venn_stft_params, fft),
    CYAML_FIELD_INT("hop", CYAML_FLAG_DEFAULT, venn_stft_params, hop),
    CYAML_FIELD_INT("frames", CYAML_FLAG_DEFAULT, venn_stft_params, frames),
    CYAML_FIELD_FLOAT("peak", OPTIONAL, venn_stft_params, peak),
    CYAML_FIELD_END};

static const cyaml_schema_field_t map_fields[] = {
    STRING("file", POINTER, struct venn_class_map, file),
    CYAML_FIELD_SEQUENCE("then", POINTER, struct venn_class_map, then, &int_value, 1, 65536),
    CYAML_FIELD_END};

static const cyaml_schema_field_t look_fields[] = {
    VENN_YAML_BOOL("normalise", venn_look, normalise),
    VENN_YAML_BOOL("invert", venn_look, invert),
    CYAML_FIELD_FLOAT("gamma", OPTIONAL, venn_look, gamma),
    CYAML_FIELD_FLOAT("bias", OPTIONAL, venn_look, bias),
    CYAML_FIELD_UINT("seed", OPTIONAL, venn_look, seed),
    CYAML_FIELD_END};

static const cyaml_schema_field_t weaken_fields[] = {
    CYAML_FIELD_FLOAT("keep_variance", OPTIONAL, venn_weaken, keep_variance),
    CYAML_FIELD_INT("keep_components", OPTIONAL, venn_weaken, keep_components),
    STRICT_ENUM("fit", OPTIONAL, venn_weaken, fit_each, fits),
    VENN_YAML_BOOL("drop_mean", venn_weaken, drop_mean), CYAML_FIELD_END};

static const cyaml_schema_field_t noise_fields[] = {
    CYAML_FIELD_FLOAT("std", CYAML_FLAG_DEFAULT, venn_noise, std),
    CYAML_FIELD_UINT("seed", OPTIONAL, venn_noise, seed), CYAML_FIELD_END};

static const cyaml_schema_field_t modality_fields[] = {
    STRING("name", CYAML_FLAG_POINTER, venn_modality_text, parts.name),
    STRICT_ENUM("kind", CYAML_FLAG_DEFAULT, venn_modality_text, parts.kind, modality_kinds),
    CYAML_FIELD_SEQUENCE("shape", CYAML_FLAG_POINTER, venn_modality_text, shape, &int_value, 1,
                         VENN_MAX_RANK - 1),
    CYAML_FIELD_SEQUENCE("axes", POINTER, venn_modality_text, axes, &int_value, 1,
                         VENN_MAX_RANK - 1),
    CYAML_FIELD_MAPPING_PTR("tile", POINTER, venn_modality_text, tile, tile_fields),
    CYAML_FIELD_MAPPING_PTR("mel", POINTER, venn_modality_text, mel, mel_fields),
    CYAML_FIELD_MAPPING_PTR("grams", POINTER, venn_modality_text, grams, grams_fields),
    CYAML_FIELD_MAPPING_PTR("stft", POINTER, venn_modality_text, stft, stft_fields),
    CYAML_FIELD_MAPPING_PTR("map", POINTER, venn_modality_text, map, map_fields),
    CYAML_FIELD_MAPPING_PTR("look", POINTER, venn_modality_text, look, look_fields),
    STRING("target", POINTER, venn_modality_text, target),
    PARTS(venn_modality_text, parts.part),
    CYAML_FIELD_FLOAT("scale", OPTIONAL, venn_modality_text, scale),
    CYAML_FIELD_MAPPING_PTR("weaken", POINTER, venn_modality_text, weaken, weaken_fields),
    STRICT_ENUM("standardise", OPTIONAL, venn_modality_text, standardise, groupings),
    CYAML_FIELD_SEQUENCE("mean", POINTER, venn_modality_text, mean, &float_value, 1, 65536),
    CYAML_FIELD_SEQUENCE("std", POINTER, venn_modality_text, std, &float_value, 1, 65536),
    CYAML_FIELD_MAPPING_PTR("noise", POINTER, venn_modality_text, noise, noise_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t modality_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, venn_modality_text, modality_fields)};

static const cyaml_schema_field_t validation_fields[] = {
    CYAML_FIELD_FLOAT("fraction", CYAML_FLAG_DEFAULT, struct venn_validation, fraction),
    CYAML_FIELD_UINT("seed", OPTIONAL, struct venn_validation, seed),
    STRICT_ENUM("stratified", OPTIONAL, struct venn_validation, plain, stratified),
    CYAML_FIELD_END};

static const cyaml_schema_field_t limit_fields[] = {
    CYAML_FIELD_INT("train", OPTIONAL, struct venn_limit, pairs[VENN_TRAIN]),
    CYAML_FIELD_INT("valid", OPTIONAL, struct venn_limit, pairs[VENN_VALID]),
    CYAML_FIELD_INT("test", OPTIONAL, struct venn_limit, pairs[VENN_TEST]),
    CYAML_FIELD_UINT("seed", OPTIONAL, struct venn_limit, seed), CYAML_FIELD_END};

static const cyaml_schema_field_t fields[] = {
    STRING("name", CYAML_FLAG_POINTER, venn_description, name),
    STRING("about", POINTER, venn_description, about),
    STRING("root", POINTER, venn_description, root),
    STRING("class_file", POINTER, venn_description, class_file),
    CYAML_FIELD_SEQUENCE_COUNT("classes", POINTER, venn_description, classes, class_count,
                               &text_value, 2, 65536),
    STRICT_ENUM("score", OPTIONAL, venn_description, score, scores),
    STRING("tags", POINTER, venn_description, tags),
    CYAML_FIELD_MAPPING("labels", CYAML_FLAG_DEFAULT, venn_description, labels, label_fields),
    CYAML_FIELD_SEQUENCE_COUNT("modalities", CYAML_FLAG_POINTER, venn_description, modalities,
                               modality_count, &modality_value, 1, 64),
    CYAML_FIELD_MAPPING_PTR("validation", POINTER, venn_description, validation, validation_fields),
    CYAML_FIELD_MAPPING_PTR("limit", POINTER, venn_description, limit, limit_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, venn_description, fields)};

static const char *check_part(const venn_part *part, venn_kind kind)
{
    bool csv = venn_kind_listed(kind);
    if (csv && !part->column && kind != VENN_KIND_NONE)
        return "a part of this kind needs `column`, the title in the CSV index";
    if (!csv && part->column)
        return "`column` goes with the kinds wav, npys, pictures, volumes, csv and none only";
    if (part->slices && !csv)
        return "`slices` goes with kinds that have a CSV index only";
    if (part->slices < 0 || part->slices > 65535)
        return "`slices` must be from 1 to 65535";
    if (!csv && part->where && part->index)
        return "`where` and `index` both say which items count: leave one of them out";
    if ((part->folder || part->ending) && (!csv || kind == VENN_KIND_CSV || kind == VENN_KIND_NONE))
        return "`folder` and `ending` go with the kinds wav, npys, pictures and volumes only";
    if (part->count && kind != VENN_KIND_SHEET)
        return "`count` goes with the kind sheet only";
    if (part->count < 0 || part->pick < 0)
        return "`count` and `pick` cannot be negative";
    if ((part->pick || part->base) && !part->index)
        return "`pick` and `base` go with `index`";
    if (part->base < 0 || part->base > 1)
        return "`base` is 0 or 1, the number of an index's first item";
    if (part->rows && (part->rows[0] < 0 || part->rows[1] <= part->rows[0]))
        return "`rows` must be two numbers, the second larger";
    return NULL;
}

static const char *check_parts(const venn_parts *parts, const venn_parts *labels)
{
    for (int s = 0; s < VENN_SPLITS; s++) {
        if (!parts->part[s] != !labels->part[s])
            return parts->part[s] ? "it has a split that `labels` lacks"
                                  : "it lacks a split that `labels` has";
        const char *wrong = parts->part[s] ? check_part(parts->part[s], parts->kind) : NULL;
        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *check_statistics(const venn_modality_text *m)
{
    if (!m->mean && !m->std)
        return NULL;
    if (!m->mean || !m->std || m->mean_count != m->std_count)
        return "`mean` and `std` go together, of the same length";
    if (m->standardise)
        return "`standardise` computes what `mean` and `std` give: leave one of them out";
    if (m->mean_count != 1 && (int64_t)m->mean_count != m->shape[0])
        return "`mean` and `std` must be one number, or one for each channel (shape's first "
               "extent)";
    for (unsigned i = 0; i < m->std_count; i++)
        if (!(m->std[i] > 0))
            return "`std` must be positive";
    return NULL;
}

// The axes of the file's items in the order of `shape`: each of 0 .. n - 1 once.
static const char *check_axes(const venn_modality_text *m)
{
    uint32_t seen = 0;
    for (unsigned i = 0; i < m->axes_count; i++)
        if (m->axes[i] >= 0 && m->axes[i] < (int64_t)m->axes_count)
            seen |= 1u << m->axes[i];
    if (m->axes && (m->axes_count != m->shape_count || seen + 1 != 1u << m->axes_count))
        return "`axes` must be the numbers from 0 on, one per extent of `shape`, each once";
    if (m->axes && (m->parts.kind == VENN_KIND_WAV || m->parts.kind == VENN_KIND_TEXT))
        return "`axes` does not go with the kinds wav and text";
    return NULL;
}

static const char *check_grams(const venn_modality_text *m)
{
    const venn_grams_params *g = m->grams;
    if (!g != (m->parts.kind != VENN_KIND_TEXT))
        return "`grams` goes with the kind text, and the kind text with `grams`";
    if (g && (g->column < 0 || g->shortest < 0 || g->longest < 0 || g->longest > 64 ||
              (g->longest ? g->longest : 3) < (g->shortest ? g->shortest : 1)))
        return "`grams`: column from 0 on, shortest from 1 to longest, longest at most 64";
    if (g && m->shape_count != 1)
        return "`grams` makes items of one extent: `shape` is the number of places counted at";
    return NULL;
}

static const char *check_modality(const venn_modality_text *m, const venn_parts *labels)
{
    const char *wrong = check_parts(&m->parts, labels);
    if (wrong)
        return wrong;
    for (unsigned i = 0; i < m->shape_count; i++)
        if (m->shape[i] < 1 || m->shape[i] > INT32_MAX)
            return "`shape` must be of positive numbers";
    wrong = check_axes(m);
    if (!wrong)
        wrong = check_grams(m);
    if (wrong)
        return wrong;
    const bool sound = m->parts.kind == VENN_KIND_WAV;
    if ((m->mel || m->stft) && !sound)
        return "`mel` and `stft` go with the kind wav only";
    if (!m->mel == !m->stft && sound)
        return "the kind wav goes with `mel` or `stft`, one of them";
    if (m->map && (m->scale != 0 || m->weaken || m->standardise || m->mean || m->noise))
        return "`map` makes classes: no scale, weaken, standardise, mean or noise";
    if (m->map && !m->map->file && !m->map->then)
        return "`map` needs `file` or `then`";
    if (m->tile && m->parts.kind != VENN_KIND_SHEET && m->parts.kind != VENN_KIND_PICTURES)
        return "`tile` goes with the kinds sheet and pictures only";
    if (m->look && m->parts.kind != VENN_KIND_VOLUMES)
        return "`look` goes with the kind volumes only";
    if (m->look && (m->look->gamma < 0 || m->look->bias < 0 || m->look->bias >= 1))
        return "`look`: gamma must be positive, and bias from 0 to below 1";
    if (m->parts.kind == VENN_KIND_VOLUMES && m->shape_count < 2)
        return "`shape` of a slice is [height, width] or [1, height, width]";
    const venn_weaken *w = m->weaken;
    if (w && (w->keep_variance != 0) == (w->keep_components != 0))
        return "`weaken` needs keep_variance or keep_components, one of them";
    if (w && (w->keep_variance < 0 || w->keep_variance > 1 || w->keep_components < 0))
        return "`weaken`: keep_variance lies in 0 to 1, and keep_components is 1 or more";
    if (m->noise && !(m->noise->std > 0))
        return "`noise`: std must be positive";
    return check_statistics(m);
}

static venn_status check_names(const venn_description_file *file)
{
    const venn_description *d = file->d;
    for (unsigned i = 0; i < d->modality_count; i++)
        for (unsigned k = 0; k < i; k++)
            if (strcmp(d->modalities[i].parts.name, d->modalities[k].parts.name) == 0) {
                const char *name = d->modalities[i].parts.name;
                venn_fail(VENN_BAD_FILE, "two modalities are called %s", name);
                return venn_description_fail(file, name, name, VENN_BAD_FILE);
            }
    return VENN_OK;
}

static venn_status check(const venn_description_file *file)
{
    const venn_description *d = file->d;
    VENN_TRY(check_names(file));
    const char *wrong = !d->classes == !d->class_file
                            ? "there are no `classes`, or they are given twice: list them, or name "
                              "a `class_file`"
                            : check_parts(&d->labels, &d->labels);
    if (!wrong && d->labels.greatest && d->labels.first)
        wrong = "`greatest` and `first` both say which number counts: leave one of them out";
    if (wrong)
        return venn_description_fail(file, NULL,
                                     "labels:", venn_fail(VENN_BAD_FILE, "labels: %s", wrong));
    for (unsigned i = 0; i < d->modality_count; i++) {
        const char *name = d->modalities[i].parts.name;
        wrong = check_modality(&d->modalities[i], &d->labels);
        if (wrong)
            return venn_description_fail(file, NULL, name,
                                         venn_fail(VENN_BAD_FILE, "modality %s: %s", name, wrong));
    }
    if (d->validation && d->labels.part[VENN_VALID])
        wrong = "there are valid parts already: leave out one of them";
    else if (d->validation && !(d->validation->fraction > 0 && d->validation->fraction < 1))
        wrong = "the fraction must lie between 0 and 1";
    if (wrong)
        return venn_description_fail(
            file, NULL, "validation:", venn_fail(VENN_BAD_FILE, "validation: %s", wrong));
    for (int s = 0; d->limit && s < VENN_SPLITS; s++)
        if (d->limit->pairs[s] < 0)
            return venn_description_fail(
                file, NULL, "limit:", venn_fail(VENN_BAD_FILE, "limit: it cannot be negative"));
    return VENN_OK;
}

// The path of the description that `source` names, malloc'd.
static char *find_source(const char *source)
{
    const void *data;
    size_t size;
    char *name = venn_format("%s.yaml", source);
    if (!name)
        return NULL;
    struct stat info; // a folder of that name is no description
    bool is_file = stat(source, &info) == 0 && S_ISREG(info.st_mode);
    char *path = !is_file && venn_embedded_find(name, &data, &size)
                     ? venn_format(VENN_EMBEDDED_PREFIX "%s", name)
                     : venn_strdup(source);
    free(name);
    return path;
}

static venn_status fail_unknown(const char *source)
{
    char list[256] = "";
    const char *name;
    size_t used = 0;
    for (size_t i = 0; (name = venn_embedded_name(i)) != NULL && used < sizeof list; i++) {
        const char *end = strstr(name, ".yaml");
        if (end && !strchr(name, '/'))
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%.*s", used ? ", " : "",
                                     (int)(end - name), name);
    }
    return venn_fail(VENN_BAD_FILE, "%s: neither a file nor one of the data sets compiled in: %s",
                     source, list);
}

venn_status venn_description_read(venn_description_file *out, const char *source)
{
    *out = (venn_description_file){.path = find_source(source)};
    if (!out->path)
        return VENN_NO_MEMORY;
    bool embedded = strncmp(out->path, VENN_EMBEDDED_PREFIX, strlen(VENN_EMBEDDED_PREFIX)) == 0;
    venn_status status = embedded || venn_file_exists(out->path)
                             ? venn_blob_read(out->path, &out->text)
                             : fail_unknown(source);
    if (status == VENN_OK) {
        void *d = NULL;
        status =
            venn_yaml_load(out->path, (const char *)out->text.data, out->text.size, &schema, &d);
        out->d = d;
    }
    if (status == VENN_OK)
        status = check(out);
    if (status < 0)
        venn_description_finish(out);
    return status;
}

void venn_description_finish(venn_description_file *file)
{
    venn_yaml_free(&schema, file->d);
    venn_blob_finish(&file->text);
    free(file->path);
    *file = (venn_description_file){0};
}

venn_status venn_description_fail(const venn_description_file *file, const char *modality,
                                  const char *value, venn_status status)
{
    const char *text = (const char *)file->text.data;
    unsigned line = 1;
    if (modality) {
        char anchor[256];
        snprintf(anchor, sizeof anchor, "name: %s", modality);
        line = venn_yaml_line(text, anchor, 1);
    }
    return venn_fail_in(status, "%s:%u", file->path, venn_yaml_line(text, value, line));
}
