// venn methods: what there is, and what one of them computes and takes.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct options {
    cli_common common;
    const char *verb, *name;
} options;

// ---- As JSON ---------------------------------------------------------------------------------

static json_t *needs_to_json(const venn_method *m)
{
    json_t *needs = json_array();
    for (unsigned i = 0; venn_method_need_text(i); i++)
        if (m->needs & 1u << i)
            json_array_append_new(needs, json_string(venn_method_need_text(i)));
    return needs;
}

static json_t *default_to_json(const venn_method_param *p)
{
    switch (p->type) {
    case VENN_METHOD_FLOAT:
        return json_real(p->value);
    case VENN_METHOD_INT:
        return json_integer((json_int_t)p->value);
    case VENN_METHOD_BOOL:
        return json_boolean(p->value != 0);
    case VENN_METHOD_ENUM:
        return json_string(p->names[(int)p->value]);
    case VENN_METHOD_TEXT:
        break;
    }
    return p->text ? json_string(p->text) : json_null();
}

static json_t *param_to_json(const venn_method_param *p)
{
    static const char *const types[] = {"number", "whole number", "yes or no", "choice", "text"};
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:s, s:s}", "key", p->key, "type", types[p->type], "default",
                  default_to_json(p), "doc", p->doc, "source", p->source ? p->source : "");
    if (p->type == VENN_METHOD_FLOAT || p->type == VENN_METHOD_INT) {
        json_object_set_new(object, "low", json_real(p->low));
        json_object_set_new(object, "high", json_real(p->high));
    }
    if (p->type == VENN_METHOD_ENUM) {
        json_t *names = json_array();
        for (int i = 0; p->names[i]; i++)
            json_array_append_new(names, json_string(p->names[i]));
        json_object_set_new(object, "choices", names);
    }
    return object;
}

static json_t *method_to_json(const venn_method *m)
{
    json_t *equations = json_array(), *params = json_array();
    for (const venn_method_equation *e = m->equations; e && e->name; e++)
        json_array_append_new(equations,
                              json_pack("{s:s, s:s}", "name", e->name, "formula", e->formula));
    for (const venn_method_param *p = m->params; p->key; p++)
        json_array_append_new(params, param_to_json(p));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "name", m->name, "summary",
                     m->summary, "reference", m->reference, "status", m->status, "score",
                     m->score ? m->score : "accuracy", "needs", needs_to_json(m), "equations",
                     equations, "parameters", params);
}

static int print_json(const venn_method *one)
{
    json_t *out = one ? method_to_json(one) : json_array();
    for (size_t i = 0; !one && venn_method_at(i); i++)
        json_array_append_new(out, method_to_json(venn_method_at(i)));
    json_dumpf(out, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(out);
    return EXIT_OK;
}

// ---- As text ---------------------------------------------------------------------------------

static void print_needs(const venn_method *m)
{
    const char *comma = "";
    for (unsigned i = 0; venn_method_need_text(i); i++)
        if (m->needs & 1u << i) {
            printf("%s%s", comma, venn_method_need_text(i));
            comma = ", ";
        }
    printf("%s\n", *comma ? "" : "nothing but the student");
}

static int print_list(void)
{
    for (size_t i = 0; venn_method_at(i); i++) {
        const venn_method *m = venn_method_at(i);
        printf("%-10s %s\n", m->name, m->summary);
        if (*m->reference)
            printf("           %s\n", m->reference);
        printf("           needs: ");
        print_needs(m);
        printf("           status: %s\n", m->status);
    }
    return EXIT_OK;
}

static void print_default(const venn_method_param *p)
{
    json_t *value = default_to_json(p);
    if (p->type == VENN_METHOD_FLOAT)
        printf("%g", p->value);
    else if (json_is_string(value))
        printf("%s", json_string_value(value));
    else if (json_is_null(value))
        printf("none");
    else
        json_dumpf(value, stdout, JSON_ENCODE_ANY);
    json_decref(value);
}

static void print_param(const venn_method_param *p)
{
    printf("  %-18s ", p->key);
    print_default(p);
    if (p->type == VENN_METHOD_FLOAT || p->type == VENN_METHOD_INT)
        printf(" (%g to %g)", p->low, p->high);
    for (int i = 0; p->type == VENN_METHOD_ENUM && p->names[i]; i++)
        printf("%s%s%s", i ? ", " : " (", p->names[i], p->names[i + 1] ? "" : ")");
    printf("\n                     %s\n", p->doc);
    if (p->source)
        printf("                     default: %s\n", p->source);
}

static int print_one(const venn_method *m)
{
    printf("%s: %s\n", m->name, m->summary);
    if (*m->reference)
        printf("reference: %s\n", m->reference);
    printf("status: %s\nneeds: ", m->status);
    print_needs(m);
    printf("score: %s\n", m->score ? m->score : "accuracy");
    if (m->equations && m->equations->name)
        printf("equations:\n");
    for (const venn_method_equation *e = m->equations; e && e->name; e++)
        printf("  %-18s %s\n", e->name, e->formula);
    printf("parameters:%s\n", m->params->key ? "" : " none");
    for (const venn_method_param *p = m->params; p->key; p++)
        print_param(p);
    return EXIT_OK;
}

// ---- The command -----------------------------------------------------------------------------

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case ARGP_KEY_ARG:
        if (!o->verb && strcmp(argument, "show") == 0)
            o->verb = argument;
        else if (o->verb && !o->name)
            o->name = argument;
        else
            argp_error(state,
                       "nothing is known of \"%s\": `venn methods`, or `venn methods show "
                       "NAME`",
                       argument);
        return 0;
    case ARGP_KEY_END:
        if (o->verb && !o->name)
            argp_error(state, "show which method? `venn methods` lists them");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cmd_methods(int argc, char **argv)
{
    static const struct argp_child children[] = {{&cli_messages_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        NULL,
        parse,
        "[show NAME]",
        "List the methods of distillation with reference, needs and status, or show one: the names "
        "of its equations, its parameters and their defaults.",
        children,
        NULL,
        NULL};
    options o = {0};
    cli_parse(&argp, argc, argv, &o, &o.common);
    const venn_method *one = o.name ? venn_method_find(o.name) : NULL;
    if (o.name && !one) {
        fprintf(stderr, "venn: there is no method \"%s\": `venn methods` lists them\n", o.name);
        return EXIT_USAGE;
    }
    if (o.common.json)
        return print_json(one);
    return one ? print_one(one) : print_list();
}
