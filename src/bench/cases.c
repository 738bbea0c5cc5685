// Expansion of a row of cases.def: parse once into lists of alternatives, then count through all
// combinations like an odometer, dims before params.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/status.h"
#include "bench/cases.h"
#include "graph/params.h"

#define MAX_WHEELS 24
#define MAX_VALUES 32
#define MAX_ROW 1024

// One name with its alternatives: a dim ("M=1,7") or a param ("act=none|relu").
typedef struct wheel {
    const char *name, *value[MAX_VALUES];
    int n, at;
} wheel;

typedef struct expansion {
    const venn_op_desc *op;
    const venn_case_row *row;
    wheel wheels[MAX_WHEELS]; // dims first
    int n_dims, n;
    char dims[MAX_ROW], params[MAX_ROW]; // the row's texts, cut into words in place
} expansion;

static venn_status row_error(const expansion *e, const char *what, const char *word)
{
    return venn_fail(VENN_BAD_ARG, "case of %s (\"%s\", \"%s\", \"%s\"): %s: \"%s\"", e->op->name,
                     e->row->dims, e->row->inputs, e->row->params, what, word);
}

static venn_status parse_wheel(expansion *e, char *word, const char *separator)
{
    if (e->n == MAX_WHEELS)
        return row_error(e, "too many names, at", word);
    wheel *w = &e->wheels[e->n++];
    char *value = strchr(word, '=');
    if (!value)
        return row_error(e, "write name=values instead of", word);
    *value++ = 0;
    w->name = word;
    for (char *next; (next = strsep(&value, separator));) {
        if (w->n == MAX_VALUES)
            return row_error(e, "too many values of", word);
        w->value[w->n++] = next;
    }
    return VENN_OK;
}

static venn_status parse_wheels(expansion *e, const char *text, char copy[MAX_ROW],
                                const char *separator)
{
    if (strlen(text) >= MAX_ROW)
        return row_error(e, "text too long", text);
    strcpy(copy, text);
    for (char *word; (word = strsep(&copy, " "));)
        if (*word)
            VENN_TRY(parse_wheel(e, word, separator));
    return VENN_OK;
}

static const char *find_dim(const expansion *e, const char *name, size_t length)
{
    for (int i = 0; i < e->n_dims; i++) {
        const wheel *w = &e->wheels[i];
        if (strlen(w->name) == length && memcmp(w->name, name, length) == 0)
            return w->value[w->at];
    }
    return NULL;
}

// "M", "12", "B*T": a product of names and numbers.
static venn_status parse_extent(const expansion *e, const char *text, size_t length, int64_t *out)
{
    *out = 1;
    for (const char *end = text + length; text <= end;) {
        const char *star = memchr(text, '*', (size_t)(end - text));
        const char *stop = star ? star : end;
        const char *value = find_dim(e, text, (size_t)(stop - text));
        char *rest;
        long number = strtol(value ? value : text, &rest, 10);
        if (value ? *value == 0 || *rest : rest != stop || stop == text)
            return row_error(e, "no such name or number", text);
        *out *= number;
        text = stop + 1;
    }
    return VENN_OK;
}

// "MxKx3", "." for a scalar.
static venn_status parse_shape(const expansion *e, const char *word, venn_shape *shape)
{
    *shape = VENN_SCALAR;
    if (strcmp(word, ".") == 0)
        return VENN_OK;
    for (const char *at = word;;) {
        size_t length = strcspn(at, "x");
        if (shape->rank == VENN_MAX_RANK)
            return row_error(e, "too many extents in", word);
        VENN_TRY(parse_extent(e, at, length, &shape->dim[shape->rank++]));
        if (!at[length])
            return VENN_OK;
        at += length + 1;
    }
}

static venn_status parse_inputs(const expansion *e, venn_case *c)
{
    char copy[MAX_ROW];
    if (strlen(e->row->inputs) >= sizeof copy)
        return row_error(e, "text too long", e->row->inputs);
    strcpy(copy, e->row->inputs);
    char *at = copy;
    for (char *word; (word = strsep(&at, " "));) {
        if (!*word)
            continue;
        if (c->n_in == VENN_MAX_INPUTS)
            return row_error(e, "too many inputs, at", word);
        int i = c->n_in++;
        c->present[i] = strcmp(word, "-") != 0;
        c->dtype[i] = venn_case_input(c->op, i)->dtype;
        if (c->present[i])
            VENN_TRY(parse_shape(e, word, &c->shape[i]));
    }
    return VENN_OK;
}

// Copies a param's value, with "$NAME" replaced by the extent of that name.
static venn_status substitute(const expansion *e, const char *value, char *out, size_t size)
{
    size_t used = 0;
    while (*value && used + 1 < size) {
        if (*value != '$') {
            out[used++] = *value++;
            continue;
        }
        size_t length = 1;
        while (isalnum((unsigned char)value[length]))
            length++;
        const char *number = find_dim(e, value + 1, length - 1);
        if (!number)
            return row_error(e, "no such name", value);
        used += (size_t)snprintf(out + used, size - used, "%s", number);
        value += length;
    }
    out[used < size ? used : size - 1] = 0;
    return VENN_OK;
}

static venn_status make_case(const expansion *e, void *params, venn_case *c)
{
    *c = (venn_case){.op = e->op, .params = params};
    size_t used = (size_t)snprintf(c->name, sizeof c->name, "%s", e->op->name);
    for (int i = 0; i < e->n; i++) {
        const wheel *w = &e->wheels[i];
        char value[256];
        VENN_TRY(substitute(e, w->value[w->at], value, sizeof value));
        if (i >= e->n_dims)
            VENN_TRY(venn_params_set(e->op, params, w->name, value));
        if (used < sizeof c->name)
            used +=
                (size_t)snprintf(c->name + used, sizeof c->name - used, " %s=%s", w->name, value);
    }
    return parse_inputs(e, c);
}

static bool turn(expansion *e)
{
    for (int i = e->n; i-- > 0;) {
        if (++e->wheels[i].at < e->wheels[i].n)
            return true;
        e->wheels[i].at = 0;
    }
    return false;
}

static uint64_t row_seed(const venn_case_row *row)
{
    char text[4 * MAX_ROW];
    int length =
        snprintf(text, sizeof text, "%s|%s|%s|%s", row->op, row->dims, row->inputs, row->params);
    return venn_hash_bytes(text, (size_t)length < sizeof text ? (size_t)length : sizeof text).low;
}

// ---- Types -----------------------------------------------------------------------------------

typedef struct type_choice {
    const char *name;
    venn_dtype first, rest;
} type_choice;

static bool takes_half(const venn_case *c, int i)
{
    const venn_input_def *def = venn_case_input(c->op, i);
    return c->present[i] && def->dtype == VENN_F32 && !(def->flags & VENN_IN_UPDATE);
}

// Gives the operands their types; false if that makes no other case than before.
static bool choose_types(venn_case *c, const type_choice *choice)
{
    int n = 0;
    for (int i = 0; i < c->n_in; i++) {
        c->dtype[i] = venn_case_input(c->op, i)->dtype;
        if (takes_half(c, i))
            c->dtype[i] = n++ ? choice->rest : choice->first;
    }
    return n > (choice->first == choice->rest ? 0 : 1);
}

venn_dtype venn_case_type(const venn_case *c)
{
    for (int i = 0; i < c->n_in; i++)
        if (c->present[i] && (c->dtype[i] == VENN_F16 || c->dtype[i] == VENN_BF16))
            return c->dtype[i];
    return VENN_F32;
}

static bool each_type(venn_case *c, uint64_t *seed, venn_case_fn fn, void *user)
{
    static const type_choice choices[] = {{"f16", VENN_F16, VENN_F16},
                                          {"bf16", VENN_BF16, VENN_BF16},
                                          {"f16,f32", VENN_F16, VENN_F32},
                                          {"f32,f16", VENN_F32, VENN_F16}};
    const size_t used = strlen(c->name);
    c->half = true;
    for (size_t k = 0; k < sizeof choices / sizeof *choices; k++) {
        if (!choose_types(c, &choices[k]))
            continue;
        snprintf(c->name + used, sizeof c->name - used, " types=%s", choices[k].name);
        c->seed = (*seed)++;
        if (!fn(user, c))
            return false;
    }
    return true;
}

static venn_status walk(expansion *e, void *params, venn_case_fn fn, void *user)
{
    uint64_t seed = row_seed(e->row);
    do {
        venn_case c;
        if (params)
            memset(params, 0, e->op->params_size);
        VENN_TRY(make_case(e, params, &c));
        c.seed = seed++;
        if (e->row->kind == VENN_CASE_HALF ? !each_type(&c, &seed, fn, user) : !fn(user, &c))
            return VENN_OK;
    } while (turn(e));
    return VENN_OK;
}

venn_status venn_case_each(const venn_op_desc *op, const venn_case_row *row, venn_case_fn fn,
                           void *user)
{
    expansion e = {.op = op, .row = row};
    VENN_TRY(parse_wheels(&e, row->dims, e.dims, ","));
    e.n_dims = e.n;
    VENN_TRY(parse_wheels(&e, row->params, e.params, "|"));
    void *params = NULL;
    if (op->params_size && !(params = venn_alloc(1, op->params_size)))
        return VENN_NO_MEMORY;
    venn_status status = walk(&e, params, fn, user);
    free(params);
    return status;
}
