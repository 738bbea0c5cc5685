#include "base/json.h"
#include "base/file.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

json_t *venn_json_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *venn_json_reals(const double *values, int64_t n)
{
    json_t *array = json_array();
    for (int64_t i = 0; i < n; i++)
        venn_json_append(&array, venn_json_real(values[i]));
    return array;
}

void venn_json_set(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) == 0)
        return;
    json_decref(*object);
    *object = NULL;
}

void venn_json_append(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) == 0)
        return;
    json_decref(*array);
    *array = NULL;
}

// json_dumps of jansson 2.14 leaves a key out where memory runs out within it, and goes on: so the text is put
// together here.
typedef struct text_buffer {
    char *text;
    size_t used, room;
    bool failed;
} text_buffer;

static int append(const char *part, size_t size, void *user)
{
    text_buffer *b = user;
    if (!b->failed && b->room - b->used <= size) {
        const size_t room = 2 * (b->room + size) + 256;
        char *text = venn_resize(b->text, room, 1);
        b->failed = !text;
        b->text = text ? text : b->text;
        b->room = text ? room : b->room;
    }
    if (b->failed)
        return -1;
    memcpy(b->text + b->used, part, size);
    b->used += size;
    b->text[b->used] = 0;
    return 0;
}

char *venn_json_text(const json_t *root, size_t flags)
{
    text_buffer b = {0};
    if (root && json_dump_callback(root, append, &b, flags) == 0 && !b.failed)
        return b.text;
    free(b.text);
    venn_fail(VENN_NO_MEMORY, "out of host memory");
    return NULL;
}

venn_status venn_json_read(json_t **out, const char *path, size_t flags)
{
    void *text;
    size_t size;
    json_error_t error;
    *out = NULL;
    VENN_TRY(venn_file_read(path, VENN_JSON_LIMIT, &text, &size));
    const venn_status status = venn_json_load(out, text, size, flags, &error);
    free(text);
    return status == VENN_BAD_FILE ? venn_fail(status, "%s:%d: %s", path, error.line, error.text)
                                   : status;
}

double venn_json_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}
