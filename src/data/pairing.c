// Choices are drawn as permutations and then put back in order, so that what is kept keeps its
// order.
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/pairing.h"

enum { STREAM_VALID = 0x76616c69, STREAM_LIMIT = 0x6c696d00 }; // "vali", "lim"

void venn_choice_finish(venn_choice *choice)
{
    free(choice->pair);
    *choice = (venn_choice){0};
}

// The pairs whose mark is `wanted`.
static venn_status collect(const uint8_t *mark, size_t n, uint8_t wanted, venn_choice *out)
{
    *out = (venn_choice){.pair = venn_alloc(n, sizeof *out->pair)};
    if (!out->pair)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        if (mark[i] == wanted)
            out->pair[out->count++] = (uint32_t)i;
    return VENN_OK;
}

// Marks `take` of the n pairs in `pair`, drawn at random; order: [n] for the permutation.
static void draw(venn_rng rng, const uint32_t *pair, size_t n, size_t take, uint32_t *order,
                 uint8_t *mark)
{
    venn_rng_permutation(&rng, order, (uint32_t)n);
    for (size_t i = 0; i < take; i++)
        mark[pair[order[i]]] = 1;
}

// members: [2 n], room for one class's pairs and their order.
static void mark_valid(const int32_t *labels, size_t n, int32_t class_count, double fraction,
                       uint64_t seed, bool stratified, uint32_t *members, uint8_t *mark)
{
    for (int32_t c = 0; c < (stratified ? class_count : 1); c++) {
        size_t count = 0;
        for (size_t i = 0; i < n; i++)
            if (!stratified || labels[i] == c)
                members[count++] = (uint32_t)i;
        size_t take = (size_t)llround(fraction * (double)count);
        draw(venn_rng_make(seed, (uint64_t)c, STREAM_VALID), members, count, take, members + n,
             mark);
    }
}

venn_status venn_choose_valid(const int32_t *labels, size_t n, int32_t class_count, double fraction,
                              uint64_t seed, bool stratified, venn_choice *train,
                              venn_choice *valid)
{
    uint8_t *mark = venn_alloc(n, 1);
    uint32_t *members = venn_alloc(2 * n, sizeof *members);
    venn_status status = mark && members ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        mark_valid(labels, n, class_count, fraction, seed, stratified, members, mark);
        status = collect(mark, n, 0, train);
    }
    if (status == VENN_OK)
        status = collect(mark, n, 1, valid);
    free(mark);
    free(members);
    VENN_TRY(status);
    if (train->count == 0 || valid->count == 0)
        return venn_fail(VENN_BAD_FILE,
                         "the fraction %g of %zu pairs leaves %zu for train and %zu for valid",
                         fraction, n, train->count, valid->count);
    return VENN_OK;
}

venn_status venn_choose_limit(size_t n, size_t limit, uint64_t seed, uint32_t stream,
                              venn_choice *out)
{
    uint8_t *mark = venn_alloc(n, 1);
    uint32_t *pair = venn_alloc(2 * n, sizeof *pair);
    venn_status status = mark && pair ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        for (size_t i = 0; i < n; i++)
            pair[i] = (uint32_t)i;
        draw(venn_rng_make(seed, stream, STREAM_LIMIT), pair, n, limit < n ? limit : n, pair + n,
             mark);
        status = collect(mark, n, 1, out);
    }
    free(mark);
    free(pair);
    return status;
}
