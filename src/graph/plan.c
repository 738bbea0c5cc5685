#include <stdlib.h>

#include "base/status.h"
#include "graph/plan.h"

static uint64_t align_up(uint64_t size, uint64_t alignment)
{
    return (size + alignment - 1) & ~(alignment - 1);
}

static int larger_first(const void *a, const void *b)
{
    const venn_plan_item *x = *(venn_plan_item *const *)a, *y = *(venn_plan_item *const *)b;
    if (x->fixed != y->fixed)
        return x->fixed ? -1 : 1;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x < y ? -1 : x > y; // a total order, so that every run plans alike
}

static int lower_first(const void *a, const void *b)
{
    const venn_plan_item *x = *(venn_plan_item *const *)a, *y = *(venn_plan_item *const *)b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool meet(const venn_plan_item *a, const venn_plan_item *b)
{
    return a->first <= b->last && b->first <= a->last;
}

// The smallest gap that fits, between the items of `busy` (sorted by offset); else behind them all.
static uint64_t find_offset(venn_plan_item *const *busy, size_t n, uint64_t size,
                            uint64_t alignment)
{
    uint64_t end = 0, best = UINT64_MAX, best_gap = UINT64_MAX;
    for (size_t i = 0; i < n; i++) {
        if (busy[i]->offset >= end + size && busy[i]->offset - end < best_gap) {
            best_gap = busy[i]->offset - end;
            best = end;
        }
        uint64_t after = busy[i]->offset + align_up(busy[i]->size, alignment);
        if (after > end)
            end = after;
    }
    return best != UINT64_MAX ? best : end;
}

static uint64_t lower_bound(const venn_plan_item *items, size_t n, uint64_t alignment)
{
    uint64_t most = 0;
    // The maximum is reached in the first step of some item.
    for (size_t i = 0; i < n; i++) {
        uint64_t live = 0;
        for (size_t k = 0; k < n; k++)
            if (items[k].first <= items[i].first && items[i].first <= items[k].last)
                live += align_up(items[k].size, alignment);
        if (live > most)
            most = live;
    }
    return most;
}

venn_status venn_plan(venn_plan_item *items, size_t n, uint64_t alignment, venn_plan_result *result)
{
    *result = (venn_plan_result){.lower = lower_bound(items, n, alignment)};
    venn_plan_item **order = venn_alloc(n, sizeof(venn_plan_item *));
    venn_plan_item **busy = venn_alloc(n, sizeof(venn_plan_item *));
    if (!order || !busy) {
        free(order);
        free(busy);
        return VENN_NO_MEMORY;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = &items[i];
    qsort(order, n, sizeof *order, larger_first);
    for (size_t i = 0; i < n; i++) {
        uint64_t size = align_up(order[i]->size, alignment);
        size_t n_busy = 0;
        for (size_t k = 0; k < i; k++)
            if (meet(order[k], order[i]))
                busy[n_busy++] = order[k];
        qsort(busy, n_busy, sizeof *busy, lower_first);
        if (!order[i]->fixed)
            order[i]->offset = find_offset(busy, n_busy, size, alignment);
        if (order[i]->offset + size > result->peak)
            result->peak = order[i]->offset + size;
        result->naive += size;
    }
    free(order);
    free(busy);
    return VENN_OK;
}
