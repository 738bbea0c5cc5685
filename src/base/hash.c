#include <stdio.h>
#include <xxhash.h>

#include "base/hash.h"

venn_hash venn_hash_bytes(const void *data, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(data, size);
    return (venn_hash){hash.low64, hash.high64};
}

venn_hash venn_hash_join(venn_hash a, venn_hash b)
{
    uint64_t words[4] = {a.low, a.high, b.low, b.high};
    return venn_hash_bytes(words, sizeof words);
}

void venn_hash_text(venn_hash hash, char text[33])
{
    snprintf(text, 33, "%016llx%016llx", (unsigned long long)hash.high,
             (unsigned long long)hash.low);
}
