// The YAML reader's messages: file, line, key.
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"

typedef struct settings {
    char *name;
    double rate;
    bool flag;
    struct item {
        int size;
    } * items;
    unsigned items_count;
} settings;

static const cyaml_schema_field_t item_fields[] = {
    CYAML_FIELD_INT("size", CYAML_FLAG_DEFAULT, struct item, size), CYAML_FIELD_END};
static const cyaml_schema_value_t item_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct item, item_fields)};
static const cyaml_schema_field_t fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, settings, name, 0, 99),
    CYAML_FIELD_FLOAT("rate", CYAML_FLAG_OPTIONAL, settings, rate),
    VENN_YAML_BOOL("flag", settings, flag),
    CYAML_FIELD_SEQUENCE("items", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, settings, items,
                         &item_schema, 0, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, settings, fields)};

static void expect_error(const char *text, const char *message)
{
    void *out = NULL;
    cr_assert_eq(venn_yaml_load("f.yaml", text, strlen(text), &schema, &out), VENN_BAD_FILE, "%s",
                 text);
    cr_assert_str_eq(venn_error_message(), message);
}

Test(yaml, good_file)
{
    const char *text = "name: x\nrate: 1e-3\nflag: yes\nitems:\n  - size: 2\n  - {size: 3}\n";
    settings *s = NULL;
    cr_assert_eq(venn_yaml_load("f.yaml", text, strlen(text), &schema, (void **)&s), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_str_eq(s->name, "x");
    cr_assert_float_eq(s->rate, 1e-3, 1e-12);
    cr_assert(s->flag);
    cr_assert_eq(s->items_count, 2);
    cr_assert_eq(s->items[1].size, 3);
    venn_yaml_free(&schema, s);
}

Test(yaml, errors_name_file_line_and_key)
{
    expect_error("name: x\nrate: 1\nrates: 3\n",
                 "f.yaml:3: unknown key \"rates\"; there may be: name, rate, flag, items");
    expect_error("items:\n  - {size: 2}\n  - size: 2\n    rate: 1\n",
                 "f.yaml:4: unknown key \"rate\"; there may be: size");
    expect_error("name: x\nrate: abc\n", "f.yaml:2: rate: \"abc\" is not a finite number");
    expect_error("flag: maybe\n", "f.yaml:1: flag: \"maybe\" is none of: false, true, no, yes");
    expect_error("items: 5\n", "f.yaml:1: items: Expecting SEQUENCE, got event: SCALAR");
    expect_error("items:\n  - {}\n", "f.yaml:2: the key \"size\" is missing here");
    expect_error("", "f.yaml:1: the file holds no settings");
    expect_error("name: x\nrate: [1\n", "f.yaml:3: did not find expected ',' or ']'");
}

Test(yaml, numbers_are_whole_texts)
{
    expect_error("items:\n  - size: 2\n  - size: big\n",
                 "f.yaml:3: size: \"big\" is not a whole number");
    expect_error("items: [{size: 64px}]", "f.yaml:1: size: \"64px\" is not a whole number");
    expect_error("items: [{size: 010}]", "f.yaml:1: size: \"010\" is not a whole number");
    expect_error("items: [{size: 1e3}]", "f.yaml:1: size: \"1e3\" is not a whole number");
    expect_error("items: [{size: }]", "f.yaml:1: size: \"\" is not a whole number");
    expect_error("items: [{size: 99999999999}]",
                 "f.yaml:1: size: Invalid INT value: '99999999999'");
    expect_error("rate: 1/255", "f.yaml:1: rate: \"1/255\" is not a finite number");
    expect_error("rate: .nan", "f.yaml:1: rate: \".nan\" is not a finite number");
    expect_error("rate: nan", "f.yaml:1: rate: \"nan\" is not a finite number");
    expect_error("rate: 1e999", "f.yaml:1: rate: \"1e999\" is not a finite number");
}

Test(yaml, line_of_a_value)
{
    const char *text = "a: x.npy\nb: y.npy\nc: x.npy";
    cr_assert_eq(venn_yaml_line(text, "x.npy", 1), 1);
    cr_assert_eq(venn_yaml_line(text, "x.npy", 2), 3);
    cr_assert_eq(venn_yaml_line(text, "z.npy", 2), 2);
}

Test(yaml, aliases_repeat_but_not_without_end)
{
    const char *text = "items:\n  - &two {size: 2}\n  - *two\n  - *two\n";
    settings *s = NULL;
    cr_assert_eq(venn_yaml_load("f.yaml", text, strlen(text), &schema, (void **)&s), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_eq(s->items_count, 3);
    cr_assert_eq(s->items[2].size, 2);
    venn_yaml_free(&schema, s);

    char many[32768] = "items:\n- &a {size: 2}\n";
    for (int i = 0; i < 4000; i++)
        strcat(many, "- *a\n");
    void *out;
    cr_assert_eq(venn_yaml_load("f.yaml", many, strlen(many), &schema, &out), VENN_OK);
    venn_yaml_free(&schema, out);
}

// Lists of lists of lists, and a list in itself.
typedef struct nested {
    struct nested *in;
    unsigned in_count;
} nested;

static const cyaml_schema_value_t nested_schema;
static const cyaml_schema_field_t nested_fields[] = {
    CYAML_FIELD_SEQUENCE("in", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, nested, in, &nested_schema,
                         0, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t nested_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, nested, nested_fields)};
static const cyaml_schema_value_t nested_root = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, nested, nested_fields)};

static void expect_endless(const char *text)
{
    void *out = NULL;
    cr_assert_eq(venn_yaml_load("f.yaml", text, strlen(text), &nested_root, &out), VENN_BAD_FILE);
    cr_assert(strstr(venn_error_message(), "without end"), "%s", venn_error_message());
}

Test(yaml, what_has_no_end_is_refused)
{
    expect_endless("in:\n- &a\n  in: [*a]\n");
    char text[2048] = "in:\n- &a0 {in: [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}]}\n";
    for (int i = 0; i < 9; i++) {
        char line[128];
        snprintf(line, sizeof line,
                 "- &a%d {in: [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]}\n", i + 1, i, i, i,
                 i, i, i, i, i);
        strcat(text, line);
    }
    expect_endless(text);
}
