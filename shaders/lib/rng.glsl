// The counter-based generator Philox-4x32-10 (Salmon et al., SC 2011), word for word as on the host
// (src/base/rng.h): counter (block, stream, step lo, step hi), key (lo, hi).
#ifndef VENN_RNG_GLSL
#define VENN_RNG_GLSL

// `state` is venn_graph_rng's tensor: key lo, key hi, step lo, step hi.
uvec4 venn_rng_block(uvec4 state, uint stream, uint block)
{
    uvec4 c = uvec4(block, stream, state.zw);
    uvec2 key = state.xy;
    [[unroll]] for (int round = 0; round < 10; round++) {
        uint high0, low0, high1, low1;
        umulExtended(c.x, 0xD2511F53u, high0, low0);
        umulExtended(c.z, 0xCD9E8D57u, high1, low1);
        c = uvec4(high1 ^ c.y ^ key.x, low1, high0 ^ c.w ^ key.y, low0);
        key += uvec2(0x9E3779B9u, 0xBB67AE85u);
    }
    return c;
}

// Uniform in [0, 1), exact: multiples of 2^-24.
vec4 venn_rng_unit(uvec4 words)
{
    return vec4(words >> 8) * (1.0 / 16777216.0);
}

#endif
