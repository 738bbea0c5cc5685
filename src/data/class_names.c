#include "data/class_names.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/status.h"
#include "data/blob.h"

void venn_class_names_free(char **classes, int32_t n)
{
    for (int32_t c = 0; classes && c < n; c++)
        free(classes[c]);
    free(classes);
}

static venn_status take_names(const char *path, json_t *object, char **classes, size_t n)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        const json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;
        if (number < 0 || number >= (json_int_t)n || classes[number])
            return venn_fail(VENN_BAD_FILE,
                             "%s: class \"%s\": the %zu classes are numbered from 0, "
                             "each once",
                             path, name, n);
        classes[number] = venn_strdup(name);
        if (!classes[number])
            return VENN_NO_MEMORY;
    }
    return VENN_OK;
}

venn_status venn_class_names_read(const char *path, char ***classes, int32_t *n)
{
    venn_blob blob;
    json_error_t error;
    *classes = NULL;
    *n = 0;
    VENN_TRY(venn_blob_read(path, &blob));
    json_t *object;
    venn_status status =
        venn_json_load(&object, (const char *)blob.data, blob.size, JSON_REJECT_DUPLICATES, &error);
    venn_blob_finish(&blob);
    if (status == VENN_NO_MEMORY)
        return status;
    const size_t count = json_object_size(object);
    status =
        count > 1 && count <= 65536
            ? VENN_OK
            : venn_fail(VENN_BAD_FILE, "%s: is no JSON object of classes and their numbers: %s",
                        path, object ? "its size" : error.text);
    if (status == VENN_OK) {
        *n = (int32_t)count;
        *classes = venn_alloc(count, sizeof **classes);
        status = *classes ? take_names(path, object, *classes, count) : VENN_NO_MEMORY;
    }
    json_decref(object);
    return status;
}

// ---- Tables ----------------------------------------------------------------------------------

// -1 if it is no whole number from 0 on.
static int64_t number(float x)
{
    return x >= 0 && x < 1e9f && x == floorf(x) ? (int64_t)x : -1;
}

static int64_t entry(const venn_array *table, int64_t i)
{
    return table->dtype == VENN_U8    ? ((uint8_t *)table->data)[i]
           : table->dtype == VENN_I32 ? ((int32_t *)table->data)[i]
                                      : number(((float *)table->data)[i]);
}

static venn_status map_all(venn_array *items, const venn_array *table,
                           const struct venn_class_map *map)
{
    const int64_t rows = table ? venn_shape_count(&table->shape) : 0;
    const size_t n = venn_array_bytes(items) / sizeof(float);
    float *x = items->data;
    for (size_t i = 0; i < n; i++) {
        int64_t v = number(x[i]);
        if (v < 0 || (table && v > rows))
            return venn_fail(VENN_BAD_FILE, "%g has no class: %s has %lld", (double)x[i],
                             table ? table->name : "the map", (long long)rows);
        if (table && v)
            v = entry(table, v - 1);
        if (v < 0 || (map->then && v > map->then_count))
            return venn_fail(VENN_BAD_FILE, "%lld has no class: `then` has %u", (long long)v,
                             map->then_count);
        if (map->then && v)
            v = map->then[v - 1];
        x[i] = (float)(v - 1);
    }
    return VENN_OK;
}

venn_status venn_class_map_apply(venn_array *items, const venn_sources *sources,
                                 const struct venn_class_map *map)
{
    venn_array *table = NULL;
    if (!map->file)
        return map_all(items, NULL, map);
    char *path = venn_sources_path(sources, map->file);
    venn_status status = path ? venn_array_read(&table, path) : VENN_NO_MEMORY;
    free(path);
    if (status == VENN_OK)
        status = map_all(items, table, map);
    venn_array_destroy(&table);
    return status;
}
