// YAML files checked against a schema and read into structs (libcyaml), with errors that name the
// file and the line.
#ifndef VENN_BASE_YAML_H
#define VENN_BASE_YAML_H

#include <cyaml/cyaml.h>

#include "base/status.h"

// Parses `text` by `schema` (a mapping with CYAML_FLAG_POINTER) into *out, to be freed by
// venn_yaml_free. `path` is for messages only. VENN_BAD_FILE: "path:line: what is wrong".
venn_status venn_yaml_load(const char *path, const char *text, size_t size,
                           const cyaml_schema_value_t *schema, void **out);
// The part of venn_yaml_load that finds what libcyaml would let through; it frees nothing and keeps
// nothing.
venn_status venn_yaml_check(const char *path, const char *text, size_t size,
                            const cyaml_schema_value_t *schema);
// The struct as YAML text by the same schema; *text is malloc'd and zero-terminated.
venn_status venn_yaml_print(const cyaml_schema_value_t *schema, const void *data, char **text,
                            size_t *size);
void venn_yaml_free(const cyaml_schema_value_t *schema, void *data);

// A bool field that takes true, false, yes or no and nothing else (libcyaml's own takes any text).
#define VENN_YAML_BOOL(key, structure, member)                                                     \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, structure, member,              \
                     venn_yaml_bools, VENN_YAML_BOOLS)
#define VENN_YAML_BOOLS 4
extern const cyaml_strval_t venn_yaml_bools[VENN_YAML_BOOLS];

// The first line, from line `from` on, in which `value` stands; `from` (at least 1) if there is
// none. For what turns out wrong only after loading, such as the name of a file that is missing.
unsigned venn_yaml_line(const char *text, const char *value, unsigned from);

#endif
