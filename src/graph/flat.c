// Finding nodes that one launch can do (see flat.h).
#include <stdlib.h>
#include <string.h>

#include "graph/flat.h"

typedef struct finder {
    const venn_profile *profile;
    uint64_t alignment;
    bool *taken; // by value id: planned, and has its place in a run
} finder;

bool venn_flat_is_var(const venn_node *node, int k)
{
    return venn_value_root(node->in[k])->var != NULL;
}

static const venn_memory *memory_of(const venn_node *n, int k)
{
    return &venn_value_root(n->in[k])->var->memory;
}

static uint64_t rounded(const finder *f, uint64_t bytes)
{
    return (bytes + f->alignment - 1) / f->alignment * f->alignment;
}

// Whether a node can be in a run at all.
static bool is_flat(const finder *f, const venn_node *n)
{
    if (n->op->flat == 0 || n->n_out || n->in[0]->count == 0 || !venn_flat_is_var(n, 0))
        return false;
    for (int k = 0; k < n->op->flat; k++) {
        const venn_value *value = n->in[k];
        if (!value)
            continue;
        const venn_value *root = venn_value_root(value);
        const bool planned = !root->var && !root->is_input;
        if (value->dtype != VENN_F32 || root->count != value->count || root->dtype != VENN_F32 ||
            !(root->var || planned) || (planned && f->taken[root->id]))
            return false;
    }
    return true;
}

// Whether `next` does the same as `first`, and its variables follow those of `last`.
static bool continues(const finder *f, const venn_node *first, const venn_node *last,
                      const venn_node *next)
{
    const venn_op_desc *op = first->op;
    if (next->op != op || next->n_in != first->n_in ||
        (op->params_size && memcmp(first->params, next->params, op->params_size) != 0))
        return false;
    const uint64_t step = rounded(f, venn_value_bytes(last->in[0]));
    for (int k = 0; k < next->n_in; k++) {
        if (k >= op->flat) {
            if (first->in[k] != next->in[k])
                return false;
            continue;
        }
        if (!first->in[k] != !next->in[k])
            return false;
        if (!first->in[k])
            continue;
        if (venn_flat_is_var(first, k) != venn_flat_is_var(next, k))
            return false;
        if (venn_flat_is_var(first, k) &&
            (memory_of(last, k)->block != memory_of(next, k)->block ||
             memory_of(last, k)->offset + step != memory_of(next, k)->offset))
            return false;
    }
    return true;
}

uint64_t venn_flat_offset(const venn_flat_run *run, const venn_node *node)
{
    return memory_of(node, 0)->offset - venn_value_root(run->node.in[0])->var->memory.offset;
}

// Whether the device can bind the run with one node more.
static bool fits(const finder *f, const venn_node *first, const venn_node *next)
{
    const uint64_t bytes = memory_of(next, 0)->offset - memory_of(first, 0)->offset +
                           rounded(f, venn_value_bytes(next->in[0]));
    return bytes <= f->profile->max_storage_range && bytes / 4 <= f->profile->max_texel_elements &&
           bytes / 4 <= INT32_MAX;
}

static void take(finder *f, const venn_node *n)
{
    for (int k = 0; k < n->op->flat; k++)
        if (n->in[k] && !venn_flat_is_var(n, k))
            f->taken[venn_value_root(n->in[k])->id] = true;
}

static uint32_t run_length(finder *f, venn_node *const *nodes, uint32_t first, uint32_t end)
{
    uint32_t n = 0;
    for (uint32_t k = first; k < end; k++, n++) {
        if (!is_flat(f, nodes[k]) || (n && (!continues(f, nodes[first], nodes[k - 1], nodes[k]) ||
                                            !fits(f, nodes[first], nodes[k]))))
            break;
        take(f, nodes[k]);
    }
    return n;
}

static void describe(venn_flat_run *run, venn_node *const *nodes, uint32_t *n_ids)
{
    const venn_node *first = nodes[run->first], *last = nodes[run->first + run->n - 1];
    run->bytes =
        memory_of(last, 0)->offset - memory_of(first, 0)->offset + venn_value_bytes(last->in[0]);
    const int64_t count = (int64_t)(run->bytes / 4);
    run->node = *first;
    for (int k = 0; k < first->op->flat; k++) {
        if (!first->in[k])
            continue;
        run->whole[k] = *first->in[k];
        run->whole[k].id = (*n_ids)++;
        run->whole[k].alias = NULL;
        run->whole[k].var = venn_value_root(first->in[k])->var;
        run->whole[k].shape = venn_shape_make(&count, 1);
        run->whole[k].count = count;
        run->node.in[k] = &run->whole[k];
    }
}

venn_status venn_flat_find(venn_flat *flat, venn_node *const *nodes, uint32_t n,
                           const venn_profile *profile, uint64_t alignment, uint32_t n_values,
                           uint32_t *n_ids)
{
    finder f = {profile, alignment, venn_alloc(n_values + 1, sizeof(bool))};
    *flat = (venn_flat){.runs = venn_alloc(n / 2 + 1, sizeof *flat->runs)};
    venn_status status = f.taken && flat->runs ? VENN_OK : VENN_NO_MEMORY;
    for (uint32_t k = 0, length; status == VENN_OK && k < n; k += length ? length : 1) {
        length = nodes[k]->op->flat ? run_length(&f, nodes, k, n) : 0;
        if (length < 2)
            continue;
        venn_flat_run *run = &flat->runs[flat->n++];
        run->first = k;
        run->n = length;
        describe(run, nodes, n_ids);
    }
    free(f.taken);
    return status;
}

const venn_flat_run *venn_flat_at(const venn_flat *flat, uint32_t index)
{
    for (uint32_t i = 0; i < flat->n; i++)
        if (index - flat->runs[i].first < flat->runs[i].n)
            return &flat->runs[i];
    return NULL;
}

void venn_flat_finish(venn_flat *flat)
{
    free(flat->runs);
    *flat = (venn_flat){0};
}
