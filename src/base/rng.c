// Philox-4x32-10 through Random123, and the few draws that host code needs (see rng.h).
#include <math.h>
#include <stdlib.h>
#include <Random123/philox.h>

#include "base/rng.h"
#include "base/status.h"

void venn_rng_block(uint64_t key, uint64_t step, uint32_t stream, uint32_t block, uint32_t out[4])
{
    philox4x32_ctr_t counter = {{block, stream, (uint32_t)step, (uint32_t)(step >> 32)}};
    philox4x32_key_t words = {{(uint32_t)key, (uint32_t)(key >> 32)}};
    philox4x32_ctr_t drawn = philox4x32(counter, words);
    for (int i = 0; i < 4; i++)
        out[i] = drawn.v[i];
}

venn_rng venn_rng_make(uint64_t key, uint64_t step, uint32_t stream)
{
    return (venn_rng){.key = key, .step = step, .stream = stream};
}

uint32_t venn_rng_u32(venn_rng *rng)
{
    if (rng->next % 4 == 0)
        venn_rng_block(rng->key, rng->step, rng->stream, rng->next / 4, rng->block);
    return rng->block[rng->next++ % 4];
}

float venn_rng_uniform(venn_rng *rng, float low, float high)
{
    return low + (high - low) * venn_rng_unit(venn_rng_u32(rng));
}

float venn_rng_normal(venn_rng *rng)
{
    // 1 - u is in (0, 1], so the logarithm is finite.
    double u = 1.0 - venn_rng_unit(venn_rng_u32(rng));
    double v = venn_rng_unit(venn_rng_u32(rng));
    return (float)(sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v));
}

uint32_t venn_rng_below(venn_rng *rng, uint32_t n)
{
    // Reject the short last interval (Lemire).
    uint64_t product = (uint64_t)venn_rng_u32(rng) * n;
    uint32_t threshold = (0u - n) % n;
    while ((uint32_t)product < threshold)
        product = (uint64_t)venn_rng_u32(rng) * n;
    return (uint32_t)(product >> 32);
}

void venn_rng_permutation(venn_rng *rng, uint32_t *out, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = venn_rng_below(rng, i + 1);
        out[i] = out[j];
        out[j] = i;
    }
}

static int compare_keys(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

bool venn_rng_order(venn_rng *rng, uint32_t *out, uint32_t n)
{
    uint64_t *keys = venn_alloc(n, sizeof *keys);
    if (!keys)
        return false;
    for (uint32_t i = 0; i < n; i++)
        keys[i] = (uint64_t)venn_rng_u32(rng) << 32 | i;
    qsort(keys, n, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < n; i++)
        out[i] = (uint32_t)keys[i];
    free(keys);
    return true;
}
