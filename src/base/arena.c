#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct venn_arena_block {
    venn_arena_block *next;
    size_t used, size;
    _Alignas(16) char data[];
};

void *venn_arena_alloc(venn_arena *arena, size_t size)
{
    enum { BLOCK = 16384 };
    if (size > SIZE_MAX / 2) {
        venn_fail(VENN_NO_MEMORY, "out of host memory: %zu bytes", size);
        return NULL;
    }
    size = (size + 15) & ~(size_t)15;
    venn_arena_block *block = arena->head;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK ? size : BLOCK;
        block = venn_alloc(1, sizeof *block + room);
        if (!block)
            return NULL;
        block->size = room;
        block->next = arena->head;
        arena->head = block;
    }
    void *memory = block->data + block->used;
    block->used += size;
    return memory;
}

char *venn_arena_strdup(venn_arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = venn_arena_alloc(arena, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void venn_arena_finish(venn_arena *arena)
{
    while (arena->head) {
        venn_arena_block *next = arena->head->next;
        free(arena->head);
        arena->head = next;
    }
}
