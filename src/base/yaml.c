// libcyaml reports through its log: the first line says what is wrong, the next lines where,
// innermost first. Both are caught and joined into one message.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"

const cyaml_strval_t venn_yaml_bools[VENN_YAML_BOOLS] = {
    {"false", 0}, {"true", 1}, {"no", 0}, {"yes", 1}};

typedef struct complaint {
    char what[256];
    char field[128];
    unsigned line;
} complaint;

static void on_log(cyaml_log_t level, void *user, const char *format, va_list args)
{
    (void)level;
    complaint *c = user;
    char text[256];
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = 0;
    const char *where = strstr(text, "(line: ");
    if (where && c->line == 0) {
        c->line = (unsigned)strtoul(where + strlen("(line: "), NULL, 10);
        const char *field = strstr(text, "field '");
        if (field)
            snprintf(c->field, sizeof c->field, "%.*s", (int)strcspn(field + 7, "'"), field + 7);
    } else if (!where && c->what[0] == 0 && !strstr(text, "Backtrace")) {
        const char *start = strncmp(text, "Load: ", 6) == 0 ? text + 6 : text;
        snprintf(c->what, sizeof c->what, "%s", start);
    }
}

static venn_status complain(const char *path, const complaint *c, cyaml_err_t error)
{
    const char *what = c->what[0] ? c->what : cyaml_strerror(error);
    unsigned line = c->line ? c->line : 1;
    if (c->field[0])
        return venn_fail(VENN_BAD_FILE, "%s:%u: %s: %s", path, line, c->field, what);
    return venn_fail(VENN_BAD_FILE, "%s:%u: %s", path, line, what);
}

static const cyaml_config_t *configure(cyaml_config_t *config, complaint *c)
{
    *config = (cyaml_config_t){
        .log_fn = on_log, .log_ctx = c, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_WARNING};
    return config;
}

venn_status venn_yaml_load(const char *path, const char *text, size_t size,
                           const cyaml_schema_value_t *schema, void **out)
{
    complaint c = {0};
    cyaml_config_t config;
    *out = NULL;
    VENN_TRY(venn_yaml_check(path, text, size, schema));
    cyaml_err_t error = cyaml_load_data((const uint8_t *)text, size, configure(&config, &c), schema,
                                        (cyaml_data_t **)out, NULL);
    if (error == CYAML_ERR_OOM)
        return venn_fail(VENN_NO_MEMORY, "%s: out of host memory", path);
    if (error != CYAML_OK)
        return complain(path, &c, error);
    // A file without a document is no error to libcyaml.
    return *out ? VENN_OK : venn_fail(VENN_BAD_FILE, "%s:1: the file holds no settings", path);
}

venn_status venn_yaml_print(const cyaml_schema_value_t *schema, const void *data, char **text,
                            size_t *size)
{
    complaint c = {0};
    cyaml_config_t config;
    char *output = NULL;
    size_t length = 0;
    cyaml_err_t error =
        cyaml_save_data(&output, &length, configure(&config, &c), schema, (cyaml_data_t *)data, 0);
    *text = error == CYAML_OK ? venn_alloc(1, length + 1) : NULL;
    if (*text) {
        memcpy(*text, output, length);
        *size = length;
    }
    if (output)
        config.mem_fn(config.mem_ctx, output, 0);
    if (error != CYAML_OK)
        return venn_fail(VENN_BAD_ARG, "cannot write YAML: %s",
                         c.what[0] ? c.what : cyaml_strerror(error));
    return *text ? VENN_OK : VENN_NO_MEMORY;
}

void venn_yaml_free(const cyaml_schema_value_t *schema, void *data)
{
    complaint c = {0};
    cyaml_config_t config;
    if (data)
        cyaml_free(configure(&config, &c), schema, data, 0);
}
