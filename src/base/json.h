// JSON numbers as all files of venn have them: JSON knows neither infinity nor NaN, so that what is not finite
// is null, and what is null or absent is NaN.
#ifndef VENN_BASE_JSON_H
#define VENN_BASE_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "base/status.h"

// No file that venn keeps as JSON is nearly as large; jansson's own bound is that of depth, 2,048.
enum { VENN_JSON_LIMIT = 64 << 20 };

json_t *venn_json_real(double value);
json_t *venn_json_reals(const double *values, int64_t n);
// Put a value, which may be NULL, into an object or at the end of an array. Where memory runs out the container is
// destroyed and becomes NULL: what is built around it is then NULL, too, and not written without a part.
void venn_json_set(json_t **object, const char *key, json_t *value);
void venn_json_append(json_t **array, json_t *value);
// Text, malloc'd; NULL, with the message that memory ran out, also of a root that is NULL.
char *venn_json_text(const json_t *root, size_t flags);
// json_loadb, but where memory runs out: jansson's own may then overrun its buffers (json_load.c). VENN_BAD_FILE sets no
// message, as *error says what is wrong and the caller where.
venn_status venn_json_load(json_t **out, const char *text, size_t size, size_t flags,
                           json_error_t *error);
// Reads a file of at most VENN_JSON_LIMIT bytes. VENN_BAD_FILE with a message that names path and line.
venn_status venn_json_read(json_t **out, const char *path, size_t flags);
// Member `key` of the object.
double venn_json_number(const json_t *object, const char *key);

#endif
