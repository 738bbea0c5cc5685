// The counter-based generator, Philox-4x32-10 (Salmon et al., SC 2011): the same numbers on the host
// (Random123) and in shaders (shaders/lib/rng.glsl). Nothing has hidden state: a number is named by
// (key, step, stream, index), so any of them can be had again, in any order.
#ifndef VENN_BASE_RNG_H
#define VENN_BASE_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Four 32-bit words of block `block` of a stream: counter (block, stream, step lo, step hi).
void venn_rng_block(uint64_t key, uint64_t step, uint32_t stream, uint32_t block, uint32_t out[4]);

// Uniform in [0, 1) on a grid of 2^-24, exactly representable: (word >> 8) * 2^-24.
static inline float venn_rng_unit(uint32_t word)
{
    return (float)(word >> 8) * (1.0f / 16777216.0f);
}

// A sequential reader of one stream, for host-side work (initialisation, shuffling).
typedef struct venn_rng {
    uint64_t key, step;
    uint32_t stream, next; // index of the next word
    uint32_t block[4];
} venn_rng;

venn_rng venn_rng_make(uint64_t key, uint64_t step, uint32_t stream);
uint32_t venn_rng_u32(venn_rng *rng);
float venn_rng_uniform(venn_rng *rng, float low, float high);
// Whether a uniform number is below p.
static inline bool venn_rng_bernoulli(venn_rng *rng, float p)
{
    return venn_rng_unit(venn_rng_u32(rng)) < p;
}
// N(0, 1) by Box-Muller, two words each.
float venn_rng_normal(venn_rng *rng);
// Uniform in [0, n), without modulo bias. n > 0.
uint32_t venn_rng_below(venn_rng *rng, uint32_t n);
// Fisher-Yates permutation of 0 .. n-1 into out.
void venn_rng_permutation(venn_rng *rng, uint32_t *out, uint32_t n);
// The permutation of 0 .. n-1 that devices draw, who cannot do one thing after the other: the places of
// the stream's next n words in ascending order, equal ones by place. false if there is no memory.
bool venn_rng_order(venn_rng *rng, uint32_t *out, uint32_t n);

#endif
