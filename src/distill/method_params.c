#include "distill/method_params.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static venn_status bad_value(const venn_method *method, const venn_method_param *p,
                             const char *text)
{
    char allowed[256] = "true or false";
    if (p->type == VENN_METHOD_FLOAT || p->type == VENN_METHOD_INT)
        snprintf(allowed, sizeof allowed, "a %snumber from %g to %g",
                 p->type == VENN_METHOD_INT ? "whole " : "", p->low, p->high);
    if (p->type == VENN_METHOD_ENUM) {
        size_t used = 0;
        for (int i = 0; p->names[i] && used < sizeof allowed; i++)
            used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s",
                                     i ? ", " : "one of ", p->names[i]);
    }
    return venn_fail(VENN_BAD_FILE, "method %s: %s is \"%s\", it must be %s", method->name, p->key,
                     text, allowed);
}

// *value stays the default without a text.
static bool read_value(const venn_method_param *p, const char *text, double *value)
{
    char *end;
    int k = 0;
    if (!text)
        return true;
    switch (p->type) {
    case VENN_METHOD_FLOAT:
    case VENN_METHOD_INT:
        *value = strtod(text, &end);
        return end != text && !*end && *value >= p->low && *value <= p->high &&
               (p->type == VENN_METHOD_FLOAT || *value == floor(*value));
    case VENN_METHOD_BOOL:
        *value = !strcmp(text, "true") || !strcmp(text, "yes");
        return *value != 0 || !strcmp(text, "false") || !strcmp(text, "no");
    case VENN_METHOD_ENUM:
        while (p->names[k] && strcmp(p->names[k], text) != 0)
            k++;
        *value = k;
        return p->names[k] != NULL;
    case VENN_METHOD_TEXT:
        return true;
    }
    return false;
}

venn_status venn_method_set_param(const venn_method *method, const venn_method_param *p,
                                  const char *text, void *values)
{
    void *field = (char *)values + p->offset;
    double value = p->value;
    if (!read_value(p, text, &value))
        return bad_value(method, p, text);
    switch (p->type) {
    case VENN_METHOD_FLOAT:
        *(double *)field = value;
        break;
    case VENN_METHOD_INT:
    case VENN_METHOD_ENUM:
        *(int *)field = (int)value;
        break;
    case VENN_METHOD_BOOL:
        *(bool *)field = value != 0;
        break;
    case VENN_METHOD_TEXT:
        *(const char **)field = text ? text : p->text;
        break;
    }
    return VENN_OK;
}

const venn_method_param *venn_method_find_param(const venn_method *method, const char *key)
{
    for (const venn_method_param *p = method->params; p->key; p++)
        if (strcmp(p->key, key) == 0)
            return p;
    return NULL;
}
