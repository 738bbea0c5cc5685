// What libcyaml lets through is caught here, on libyaml's own tree, before libcyaml sees the text:
// syntax errors, unknown and missing keys with their exact line, numbers with rubbish behind them ("64px",
// which libcyaml takes for 64), octal ("010"), "-1" for an unsigned number, and numbers that are
// not finite; and aliases where they would make of a small file a huge one.
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/yaml.h"

// What a file may have of nodes beyond its bytes, each alias counted as what it repeats; and of levels.
enum { REPEATED_MAX = 2048, LEVELS_MAX = 32 };

typedef struct check {
    const char *path;
    yaml_document_t document;
    size_t nodes_left;
    int levels;
} check;

static venn_status check_node(check *c, const char *key, yaml_node_t *node,
                              const cyaml_schema_value_t *schema);

static const char *scalar_text(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

// A list of the keys that the mapping may have, for the message.
static void list_keys(const cyaml_schema_field_t *fields, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (; fields->key && used < size; fields++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", fields->key);
}

static bool has_key(check *c, const yaml_node_t *node, const char *key)
{
    yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name = yaml_document_get_node(&c->document, pair->key);
        if (name->type == YAML_SCALAR_NODE && strcmp(scalar_text(name), key) == 0)
            return true;
    }
    return false;
}

static venn_status check_required(check *c, const yaml_node_t *node,
                                  const cyaml_schema_field_t *fields)
{
    for (; fields->key; fields++)
        if (!(fields->value.flags & CYAML_FLAG_OPTIONAL) && !has_key(c, node, fields->key))
            return venn_fail(VENN_BAD_FILE, "%s:%zu: the key \"%s\" is missing here", c->path,
                             node->start_mark.line + 1, fields->key);
    return VENN_OK;
}

static venn_status check_mapping(check *c, yaml_node_t *node, const cyaml_schema_field_t *fields)
{
    yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = yaml_document_get_node(&c->document, pair->key);
        if (name->type != YAML_SCALAR_NODE)
            continue; // libcyaml refuses it
        const char *key = scalar_text(name);
        const cyaml_schema_field_t *field = fields;
        while (field->key && strcmp(field->key, key) != 0)
            field++;
        if (!field->key) {
            char known[1024];
            list_keys(fields, known, sizeof known);
            return venn_fail(VENN_BAD_FILE, "%s:%zu: unknown key \"%s\"; there may be: %s", c->path,
                             name->start_mark.line + 1, key, known);
        }
        VENN_TRY(
            check_node(c, key, yaml_document_get_node(&c->document, pair->value), &field->value));
    }
    return check_required(c, node, fields);
}

static bool is_int(const char *text, bool is_signed)
{
    const char *digits = text + (is_signed && (*text == '-' || *text == '+'));
    if (digits[0] == '0' && digits[1])
        return false; // libcyaml would read it as octal or hexadecimal
    return *digits && digits[strspn(digits, "0123456789")] == 0;
}

static bool is_float(const char *text, size_t size)
{
    char *end;
    double value = strtod(text, &end);
    return end != text && *end == 0 && isfinite(value) && !isspace((unsigned char)*text) &&
           (size > sizeof(float) || fabs(value) <= (double)FLT_MAX);
}

static venn_status check_number(const check *c, const char *key, const yaml_node_t *node,
                                const cyaml_schema_value_t *schema)
{
    const char *text = scalar_text(node);
    bool may_be_null = (schema->flags & CYAML_FLAG_POINTER_NULL) == CYAML_FLAG_POINTER_NULL;
    if (may_be_null && *text == 0)
        return VENN_OK;
    bool whole = schema->type != CYAML_FLOAT;
    if (whole ? is_int(text, schema->type == CYAML_INT) : is_float(text, schema->data_size))
        return VENN_OK;
    return venn_fail(VENN_BAD_FILE, "%s:%zu: %s: \"%s\" is not a %s", c->path,
                     node->start_mark.line + 1, key, text,
                     !whole                      ? "finite number"
                     : schema->type == CYAML_INT ? "whole number"
                                                 : "whole number of 0 or more");
}

static venn_status check_choice(const check *c, const char *key, const yaml_node_t *node,
                                const cyaml_schema_value_t *schema)
{
    const cyaml_strval_t *names = schema->enumeration.strings;
    char known[512] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < schema->enumeration.count && used < sizeof known; i++) {
        if (strcmp(names[i].str, scalar_text(node)) == 0)
            return VENN_OK;
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
                                 names[i].str);
    }
    return venn_fail(VENN_BAD_FILE, "%s:%zu: %s: \"%s\" is none of: %s", c->path,
                     node->start_mark.line + 1, key, scalar_text(node), known);
}

static venn_status check_items(check *c, const char *key, const yaml_node_t *node,
                               const cyaml_schema_value_t *entry)
{
    yaml_node_item_t *item = node->data.sequence.items.start;
    for (; item < node->data.sequence.items.top; item++)
        VENN_TRY(check_node(c, key, yaml_document_get_node(&c->document, *item), entry));
    return VENN_OK;
}

static venn_status check_within(check *c, const char *key, yaml_node_t *node,
                                const cyaml_schema_value_t *schema)
{
    if (node->type == YAML_MAPPING_NODE && schema->type == CYAML_MAPPING)
        return check_mapping(c, node, schema->mapping.fields);
    if (node->type == YAML_SEQUENCE_NODE &&
        (schema->type == CYAML_SEQUENCE || schema->type == CYAML_SEQUENCE_FIXED))
        return check_items(c, key, node, schema->sequence.entry);
    if (node->type == YAML_SCALAR_NODE &&
        (schema->type == CYAML_INT || schema->type == CYAML_UINT || schema->type == CYAML_FLOAT))
        return check_number(c, key, node, schema);
    if (node->type == YAML_SCALAR_NODE && schema->type == CYAML_ENUM &&
        (schema->flags & CYAML_FLAG_STRICT))
        return check_choice(c, key, node, schema);
    return VENN_OK;
}

// An alias may stand within what it stands for, without end.
static venn_status check_node(check *c, const char *key, yaml_node_t *node,
                              const cyaml_schema_value_t *schema)
{
    if (c->nodes_left == 0 || c->levels == LEVELS_MAX)
        return venn_fail(VENN_BAD_FILE,
                         "%s:%zu: %s: aliases (*) or levels without end: write it out", c->path,
                         node->start_mark.line + 1, key);
    c->nodes_left--;
    c->levels++;
    venn_status status = check_within(c, key, node, schema);
    c->levels--;
    return status;
}

venn_status venn_yaml_check(const char *path, const char *text, size_t size,
                            const cyaml_schema_value_t *schema)
{
    yaml_parser_t parser;
    check c = {.path = path, .nodes_left = size + REPEATED_MAX};
    if (!yaml_parser_initialize(&parser))
        return venn_fail(VENN_NO_MEMORY, "%s: out of host memory", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    venn_status status = VENN_OK;
    if (!yaml_parser_load(&parser, &c.document)) {
        status = venn_fail(VENN_BAD_FILE, "%s:%zu: %s", path, parser.problem_mark.line + 1,
                           parser.problem ? parser.problem : "not YAML");
    } else {
        yaml_node_t *root = yaml_document_get_root_node(&c.document);
        if (root)
            status = check_node(&c, "the file", root, schema);
        yaml_document_delete(&c.document);
    }
    yaml_parser_delete(&parser);
    return status;
}

unsigned venn_yaml_line(const char *text, const char *value, unsigned from)
{
    unsigned line = 1;
    size_t length = strlen(value);
    for (const char *p = text; *p; line++) {
        const char *end = strchrnul(p, '\n');
        if (line >= from && memmem(p, (size_t)(end - p), value, length))
            return line;
        p = *end ? end + 1 : end;
    }
    return from ? from : 1;
}
