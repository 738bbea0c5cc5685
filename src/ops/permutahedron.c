// Soft ranks in double (see permutahedron.h): the isotonic regression of s - w as it is defined, block by
// block.
#include <stdlib.h>

#include "ops/permutahedron.h"

bool venn_soft_ranks_init(venn_soft_ranks *s, int64_t n, double strength)
{
    const size_t room = (size_t)n + 1;
    *s = (venn_soft_ranks){n, strength, calloc(room, sizeof(double)), calloc(room, sizeof(int64_t)),
                           calloc(room, sizeof(int64_t))};
    if (s->rank && s->order && s->block)
        return true;
    venn_soft_ranks_finish(s);
    return false;
}

void venn_soft_ranks_finish(venn_soft_ranks *s)
{
    free(s->rank);
    free(s->order);
    free(s->block);
    *s = (venn_soft_ranks){0};
}

typedef struct entry {
    double value;
    int64_t place;
} entry;

static int descending(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    if (p->value != q->value)
        return p->value > q->value ? -1 : 1;
    return (p->place > q->place) - (p->place < q->place);
}

static void put_in_order(venn_soft_ranks *s, const double *x)
{
    entry *entries = calloc((size_t)s->n + 1, sizeof *entries);
    for (int64_t i = 0; entries && i < s->n; i++)
        entries[i] = (entry){x[i], i};
    if (entries)
        qsort(entries, (size_t)s->n, sizeof *entries, descending);
    for (int64_t i = 0; entries && i < s->n; i++)
        s->order[i] = entries[i].place;
    free(entries);
}

// Element i of s - w.
static double violator(const venn_soft_ranks *s, const double *x, int64_t i)
{
    return x[s->order[i]] / s->strength - (double)(s->n - i);
}

// Where a block that ends before `end` has its first element and its mean.
typedef struct pool {
    int64_t start;
    double sum;
} pool;

static double mean(const pool *p, int64_t end)
{
    return p->sum / (double)(end - p->start);
}

// Pools from left to right; gives the number of blocks.
static int64_t pool_violators(const venn_soft_ranks *s, const double *x, pool *pools)
{
    int64_t depth = 0;
    for (int64_t i = 0; i < s->n; i++) {
        pools[depth++] = (pool){i, violator(s, x, i)};
        while (depth > 1 &&
               mean(&pools[depth - 2], pools[depth - 1].start) < mean(&pools[depth - 1], i + 1)) {
            pools[depth - 2].sum += pools[depth - 1].sum;
            depth--;
        }
    }
    return depth;
}

// s less its mean over the block, and the mean of w there: by differences, so that what cancels does so
// exactly.
static void rank_block(venn_soft_ranks *s, const double *x, int64_t start, int64_t end)
{
    const double first = x[s->order[start]];
    double sum = 0;
    for (int64_t i = start; i < end; i++)
        sum += (x[s->order[i]] - first) / s->strength;
    for (int64_t i = start; i < end; i++) {
        const double above = (x[s->order[i]] - first) / s->strength - sum / (double)(end - start);
        s->rank[s->order[i]] = above + (double)s->n - 0.5 * (double)(start + end - 1);
        s->block[i] = start;
    }
}

void venn_soft_ranks_compute(venn_soft_ranks *s, const double *x)
{
    pool *pools = calloc((size_t)s->n + 1, sizeof *pools);
    if (!pools)
        return;
    put_in_order(s, x);
    const int64_t depth = pool_violators(s, x, pools);
    for (int64_t k = 0; k < depth; k++)
        rank_block(s, x, pools[k].start, k + 1 < depth ? pools[k + 1].start : s->n);
    free(pools);
}

void venn_soft_ranks_gradient(const venn_soft_ranks *s, const double *dy, double *dx)
{
    for (int64_t start = 0, end; start < s->n; start = end) {
        double sum = 0;
        for (end = start; end < s->n && s->block[end] == start; end++)
            sum += dy[s->order[end]];
        for (int64_t i = start; i < end; i++)
            dx[s->order[i]] = (dy[s->order[i]] - sum / (double)(end - start)) / s->strength;
    }
}
