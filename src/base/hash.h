// 128-bit content hashes (XXH3), for data, shaders, parameters and checkpoints. Not for security.
#ifndef VENN_BASE_HASH_H
#define VENN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct venn_hash {
    uint64_t low, high;
} venn_hash;

venn_hash venn_hash_bytes(const void *data, size_t size);
// Order matters: the hash of a sequence of hashes.
venn_hash venn_hash_join(venn_hash a, venn_hash b);
// 32 hexadecimal digits and a terminator.
void venn_hash_text(venn_hash hash, char text[33]);

#endif
