// random: draws from the counter-based generator, four elements at a time, word for word those of the host
// (src/base/rng.h): uniform in [a, a + b), 1 with probability a, normal with mean a and deviation b, the
// same added to x, or the words themselves. An element takes one word, a normal one two.
// variant: uniform UNIFORM
// variant: bernoulli BERNOULLI
// variant: normal NORMAL
// variant: noise NORMAL NOISE
// variant: noise.texel NORMAL NOISE TEXEL
// variant: words WORDS
#include "push.glsl"
PUSH(random)
{
    uint count;
    uint stream;
    float a, b;
}
PUSH_END(random);

#ifndef VENN_HOST
#include "venn.glsl"
#include "rng.glsl"
#include "math.glsl"

INPUT_INT(0, rng)
#ifdef WORDS
OUTPUT_INT(1, y)
#else
OUTPUT(1, y)
#endif
#ifdef NOISE
INPUT(2, x)
#endif

#ifdef NORMAL
// Two independent ones of N(0, 1) by Box-Muller; 1 - u is in (0, 1], so the logarithm is finite.
vec2 normal_pair(uvec4 words)
{
    const vec4 u = venn_rng_unit(words);
    return vec2(sqrt(-2.0 * venn_log(1.0 - u.x)) * venn_cos_turns(u.y),
                sqrt(-2.0 * venn_log(1.0 - u.z)) * venn_cos_turns(u.w));
}
#endif

void main()
{
    const uvec4 state =
        uvec4(LOAD_INT(rng, 0), LOAD_INT(rng, 1), LOAD_INT(rng, 2), LOAD_INT(rng, 3));
    const uint groups = (count + 3) / 4, i = min(LINEAR_ID, groups - 1);
#ifdef NORMAL
    const vec4 z = vec4(normal_pair(venn_rng_block(state, stream, 2 * i)),
                        normal_pair(venn_rng_block(state, stream, 2 * i + 1)));
    vec4 value = a + b * z;
#ifdef NOISE
    value += LOAD4(x, i);
#endif
#else
    const uvec4 words = venn_rng_block(state, stream, i);
#ifdef UNIFORM
    precise vec4 value = a + b * venn_rng_unit(words);
#elif defined(BERNOULLI)
    const vec4 value = mix(vec4(0), vec4(1), lessThan(venn_rng_unit(words), vec4(a)));
#endif
#endif
#ifdef WORDS
    for (uint k = 0; k < 4; k++)
        if (4 * LINEAR_ID + k < count)
            STORE_INT(y, 4 * i + k, int(words[k]));
#else
    if (LINEAR_ID < groups)
        STORE4(y, i, value);
#endif
}
#endif
