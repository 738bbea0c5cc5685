// Choosing channels by their salience (venn/salience.h).
#include <stdlib.h>

#include "base/rng.h"
#include "venn/salience.h"

enum { STREAM_CHOOSE = 0x66656100 }; // "fea"

const char *venn_feature_mode_name(venn_feature_mode mode)
{
    static const char *const names[] = {"general", "specific", "random"};
    return names[mode];
}

// Channels that stand below channel c in the order of scores.
static int64_t rank_of(int64_t c, int64_t n, const double *score)
{
    int64_t below = 0;
    for (int64_t i = 0; i < n; i++)
        below += score[i] < score[c] || (i < c && score[i] == score[c]);
    return below;
}

static void choose_any(int64_t count, int64_t n, uint64_t seed, bool *removed)
{
    // Selection sampling: each channel is taken with the share that is still wanted of those left.
    venn_rng rng = venn_rng_make(seed, 0, STREAM_CHOOSE);
    for (int64_t c = 0; c < n; c++) {
        removed[c] = venn_rng_below(&rng, (uint32_t)(n - c)) < (uint32_t)count;
        count -= removed[c];
    }
}

int64_t venn_features_choose(venn_feature_mode mode, double ratio, int64_t n, const double *score,
                             uint64_t seed, bool *removed)
{
    // A ratio like 0.7 of 10 channels must mean 7.
    const int64_t count = (int64_t)(ratio * (double)n + 1e-9);
    if (mode == VENN_FEATURES_RANDOM) {
        choose_any(count, n, seed, removed);
        return count;
    }
    for (int64_t c = 0; c < n; c++) {
        const int64_t rank = rank_of(c, n, score);
        removed[c] = mode == VENN_FEATURES_GENERAL ? rank < count : rank >= n - count;
    }
    return count;
}
