// What ops take, read from their descriptors.
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "bench/cases.h"
#include "bench/op_operand.h"
#include "venn/op_run.h"

_Static_assert(VENN_OP_MAX_INPUTS == VENN_MAX_INPUTS, "the public limit");
_Static_assert(VENN_OP_MAX_OUTPUTS == VENN_MAX_OUTPUTS, "the public limit");

static bool repeats(const venn_op_desc *op, int position)
{
    return position >= op->n_inputs - 1 && op->n_inputs > 0 &&
           (op->inputs[op->n_inputs - 1].flags & VENN_IN_VARIADIC);
}

int venn_op_operand(const venn_op_desc *op, int index)
{
    int left = index;
    for (int i = 0; i < op->n_inputs; i++)
        if (op->inputs[i].domain != VENN_RNG && left-- == 0)
            return i;
    int position = op->n_inputs + left;
    return index >= 0 && repeats(op, position) && position < VENN_MAX_INPUTS ? position : -1;
}

bool venn_op_differentiable(const venn_op_desc *op, int position)
{
    const venn_input_def *def = venn_case_input(op, position);
    return op->ref_grad && def->dtype != VENN_I32 && def->dtype != VENN_U8 &&
           !(def->flags & (VENN_IN_NO_GRAD | VENN_IN_UPDATE));
}

static void fill_info(const venn_op_desc *op, venn_op_info *info)
{
    *info = (venn_op_info){.name = op->name,
                           .summary = op->summary,
                           .n_outputs = op->n_outputs,
                           .half = op->half != VENN_HALF_NO};
    for (int i = 0; i < op->n_inputs; i++)
        if (op->inputs[i].domain == VENN_RNG)
            info->random = true;
        else
            info->n_inputs++;
    for (int i = 0; i < op->n_inputs; i++)
        info->differentiable |= venn_op_differentiable(op, i);
    while (op->params && op->params[info->n_params].name)
        info->n_params++;
}

bool venn_op_at(size_t index, venn_op_info *info)
{
    for (size_t i = 0; venn_op_table[i]; i++)
        if (i == index) {
            fill_info(venn_op_table[i], info);
            return true;
        }
    return false;
}

// Letters to insert, drop or change to get from one name to the other (Levenshtein), of names that fit.
static size_t distance(const char *a, const char *b)
{
    size_t row[64], length = strlen(b);
    if (length >= sizeof row / sizeof *row)
        return SIZE_MAX;
    for (size_t k = 0; k <= length; k++)
        row[k] = k;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0]; // of the row before
        row[0] = i;
        for (size_t k = 1; k <= length; k++) {
            const size_t changed = corner + (a[i - 1] != b[k - 1]);
            const size_t other = 1 + (row[k] < row[k - 1] ? row[k] : row[k - 1]);
            corner = row[k];
            row[k] = changed < other ? changed : other;
        }
    }
    return row[length];
}

static venn_status unknown_op(const char *name)
{
    const char *nearest = "";
    size_t least = SIZE_MAX;
    for (size_t i = 0; venn_op_table[i]; i++) {
        const size_t d = distance(name, venn_op_table[i]->name);
        if (d < least) {
            least = d;
            nearest = venn_op_table[i]->name;
        }
    }
    return venn_fail(
        VENN_BAD_ARG,
        "there is no op \"%s\"; the nearest name is %s, and `venn op --list` prints all", name,
        nearest);
}

venn_status venn_op_get(const char *name, venn_op_info *info)
{
    const venn_op_desc *op = venn_op_find(name);
    if (!op)
        return unknown_op(name);
    fill_info(op, info);
    return VENN_OK;
}

static const char *domain_text(venn_domain domain)
{
    switch (domain) {
    case VENN_ANY:
    case VENN_TIED:
    case VENN_WEIGHT:
        return "any number";
    case VENN_POSITIVE:
        return "above 0";
    case VENN_PROBABILITY:
        return "0 to 1, the last axis sums to 1";
    case VENN_CLASS:
        return "class number, 0 to C - 1, C the last extent of the first input";
    case VENN_INDEX:
        return "place on an axis of the first input; out of range: names nothing";
    case VENN_BINARY:
        return "0 or 1";
    case VENN_RNG:
        break;
    }
    return "generator's state";
}

bool venn_op_get_input(const char *name, int index, venn_op_input *input)
{
    const venn_op_desc *op = venn_op_find(name);
    int position = op ? venn_op_operand(op, index) : -1;
    if (position < 0)
        return false;
    const venn_input_def *def = venn_case_input(op, position);
    *input = (venn_op_input){.name = def->name,
                             .dtype = def->dtype,
                             .domain = domain_text(def->domain),
                             .optional = def->flags & VENN_IN_OPTIONAL,
                             .repeats = repeats(op, position),
                             .updated = def->flags & VENN_IN_UPDATE,
                             .differentiable = venn_op_differentiable(op, position)};
    return true;
}

static const char *type_text(venn_param_type type)
{
    switch (type) {
    case VENN_PARAM_BOOL:
        return "bool";
    case VENN_PARAM_INT:
        return "int";
    case VENN_PARAM_FLOAT:
        return "float";
    case VENN_PARAM_INTS:
        return "ints";
    case VENN_PARAM_ENUM:
        break;
    }
    return "choice";
}

bool venn_op_get_param(const char *name, int index, venn_op_param *param)
{
    const venn_op_desc *op = venn_op_find(name);
    const venn_param_def *def = op ? op->params : NULL;
    for (int i = 0; def && def->name; i++, def++)
        if (i == index) {
            *param = (venn_op_param){.name = def->name,
                                     .type = type_text(def->type),
                                     .doc = def->doc,
                                     .count = def->type == VENN_PARAM_INTS ? def->count : 1,
                                     .names = def->type == VENN_PARAM_ENUM ? def->names : NULL};
            return true;
        }
    return false;
}
