// Text <-> params struct (see params.h). All access to fields goes through memcpy at the table's offset.
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "graph/params.h"

#define MAX_WORD 256
#define MAX_INTS 64 // in one list

static const char *const bool_names[] = {"0", "1", "false", "true", "no", "yes", NULL};

// Appends to text, never past size; `used` is the length so far.
__attribute__((format(printf, 4, 5))) static void append(char *text, size_t size, size_t *used,
                                                         const char *format, ...)
{
    if (*used >= size)
        return;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text + *used, size - *used, format, args);
    va_end(args);
    if (length > 0)
        *used += (size_t)length;
}

static venn_status unknown_key(const venn_op_desc *op, const char *key)
{
    char names[512] = "";
    size_t used = 0;
    for (const venn_param_def *def = op->params; def && def->name; def++)
        append(names, sizeof names, &used, " %s", def->name);
    if (!used)
        return venn_fail(VENN_BAD_ARG, "%s: no parameter \"%s\": the op has none", op->name, key);
    return venn_fail(VENN_BAD_ARG, "%s: no parameter \"%s\"; there are:%s", op->name, key, names);
}

static venn_status bad_value(const venn_op_desc *op, const char *key, const char *value,
                             const char *allowed)
{
    return venn_fail(VENN_BAD_ARG, "%s: %s=%s: %s", op->name, key, value, allowed);
}

static int find_name(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

// A whole number at the start of text; *end is behind it, or text itself if there is none.
static int32_t read_int(const char *text, char **end)
{
    errno = 0;
    long value = strtol(text, end, 10);
    if (errno || value < INT32_MIN || value > INT32_MAX)
        *end = (char *)text;
    return (int32_t)value;
}

static venn_status set_bool(const venn_op_desc *op, const venn_param_def *def, char *field,
                            const char *value)
{
    int index = find_name(bool_names, value);
    if (index < 0)
        return bad_value(op, def->name, value, "must be 0 or 1 (false true no yes)");
    bool flag = index % 2;
    memcpy(field, &flag, sizeof flag);
    return VENN_OK;
}

static venn_status set_int(const venn_op_desc *op, const venn_param_def *def, char *field,
                           const char *value)
{
    char *end;
    int32_t number = read_int(value, &end);
    if (end == value || *end)
        return bad_value(op, def->name, value, "must be a whole number of 32 bits");
    memcpy(field, &number, sizeof number);
    return VENN_OK;
}

static venn_status set_float(const venn_op_desc *op, const venn_param_def *def, char *field,
                             const char *value)
{
    char *end;
    float number = strtof(value, &end);
    if (end == value || *end || !isfinite(number))
        return bad_value(op, def->name, value, "must be a finite number");
    memcpy(field, &number, sizeof number);
    return VENN_OK;
}

static venn_status set_enum(const venn_op_desc *op, const venn_param_def *def, char *field,
                            const char *value)
{
    int index = find_name(def->names, value);
    if (index < 0) {
        char allowed[512] = "must be one of";
        size_t used = strlen(allowed);
        for (int i = 0; def->names[i]; i++)
            append(allowed, sizeof allowed, &used, " %s", def->names[i]);
        return bad_value(op, def->name, value, allowed);
    }
    memcpy(field, &index, sizeof index);
    return VENN_OK;
}

static venn_status bad_list(const venn_op_desc *op, const venn_param_def *def, const char *value)
{
    char allowed[64];
    snprintf(allowed, sizeof allowed, "must be 1 to %d whole numbers as in 2,1", def->count);
    return bad_value(op, def->name, value, allowed);
}

static venn_status set_ints(const venn_op_desc *op, const venn_param_def *def, char *field,
                            const char *value)
{
    int32_t numbers[MAX_INTS];
    int n = 0;
    bool comma = true;
    for (const char *at = value; *at; at += comma) {
        char *end;
        int32_t number = read_int(at, &end);
        if (end == at || (*end && *end != ',') || n == def->count || n == MAX_INTS)
            return bad_list(op, def, value);
        numbers[n++] = number;
        comma = *end == ',';
        at = end;
    }
    if (n == 0)
        return bad_list(op, def, value);
    const bool single = n == 1 && !comma;
    for (; single && n < def->count && n < MAX_INTS; n++)
        numbers[n] = numbers[0];
    memcpy(field, numbers, (size_t)n * sizeof *numbers);
    return VENN_OK;
}

static venn_status set_field(const venn_op_desc *op, const venn_param_def *def, char *field,
                             const char *value)
{
    switch (def->type) {
    case VENN_PARAM_BOOL:
        return set_bool(op, def, field, value);
    case VENN_PARAM_INT:
        return set_int(op, def, field, value);
    case VENN_PARAM_FLOAT:
        return set_float(op, def, field, value);
    case VENN_PARAM_ENUM:
        return set_enum(op, def, field, value);
    case VENN_PARAM_INTS:
        return set_ints(op, def, field, value);
    }
    return bad_value(op, def->name, value, "has no text form");
}

venn_status venn_params_set(const venn_op_desc *op, void *params, const char *key,
                            const char *value)
{
    for (const venn_param_def *def = op->params; def && def->name; def++)
        if (strcmp(def->name, key) == 0)
            return set_field(op, def, (char *)params + def->offset, value);
    return unknown_key(op, key);
}

venn_status venn_params_parse(const venn_op_desc *op, void *params, const char *text)
{
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t length = strcspn(text, " ");
        char word[MAX_WORD];
        if (length >= sizeof word)
            return venn_fail(VENN_BAD_ARG, "%s: a parameter is longer than %d characters", op->name,
                             MAX_WORD - 1);
        memcpy(word, text, length);
        word[length] = 0;
        char *value = strchr(word, '=');
        if (!value)
            return venn_fail(VENN_BAD_ARG, "%s: \"%s\" is no parameter: write name=value", op->name,
                             word);
        *value++ = 0;
        VENN_TRY(venn_params_set(op, params, word, value));
        text += length;
    }
    return VENN_OK;
}

// ---- Struct to text --------------------------------------------------------------------------

static bool is_zero(const venn_param_def *def, const char *field)
{
    static const char zeros[MAX_INTS * sizeof(int32_t)];
    size_t size = sizeof(int32_t);
    if (def->type == VENN_PARAM_BOOL)
        size = sizeof(bool);
    if (def->type == VENN_PARAM_INTS)
        size = (size_t)def->count * sizeof(int32_t);
    return size <= sizeof zeros && memcmp(field, zeros, size) == 0;
}

static void append_ints(const venn_param_def *def, const char *field, char *text, size_t size,
                        size_t *used)
{
    for (int i = 0; i < def->count; i++) {
        int32_t number;
        memcpy(&number, field + (size_t)i * sizeof number, sizeof number);
        append(text, size, used, "%s%d", i ? "," : "", number);
    }
}

static int enum_size(const venn_param_def *def)
{
    int n = 0;
    while (def->names[n])
        n++;
    return n;
}

static void append_field(const venn_param_def *def, const char *field, char *text, size_t size,
                         size_t *used)
{
    int32_t number;
    float real;
    append(text, size, used, "%s%s=", *used ? " " : "", def->name);
    switch (def->type) {
    case VENN_PARAM_BOOL:
        append(text, size, used, "1");
        break;
    case VENN_PARAM_INT:
        memcpy(&number, field, sizeof number);
        append(text, size, used, "%d", number);
        break;
    case VENN_PARAM_FLOAT:
        memcpy(&real, field, sizeof real);
        append(text, size, used, "%.9g", (double)real);
        break;
    case VENN_PARAM_ENUM:
        memcpy(&number, field, sizeof number);
        append(text, size, used, "%s",
               number >= 0 && number < enum_size(def) ? def->names[number] : "?");
        break;
    case VENN_PARAM_INTS:
        append_ints(def, field, text, size, used);
        break;
    }
}

char *venn_params_text(const venn_op_desc *op, const void *params, char *text, size_t size)
{
    size_t used = 0;
    if (size)
        text[0] = 0;
    for (const venn_param_def *def = op->params; params && def && def->name; def++) {
        const char *field = (const char *)params + def->offset;
        if (!is_zero(def, field))
            append_field(def, field, text, size, &used);
    }
    return text;
}
