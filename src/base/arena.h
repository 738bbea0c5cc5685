// An arena: many small allocations that live and die together, at addresses that never move.
#ifndef VENN_BASE_ARENA_H
#define VENN_BASE_ARENA_H

#include "base/status.h"

typedef struct venn_arena_block venn_arena_block;

typedef struct venn_arena {
    venn_arena_block *head;
} venn_arena;

// Zero-filled, 16-byte aligned; NULL (message set) if memory is out.
void *venn_arena_alloc(venn_arena *arena, size_t size);
char *venn_arena_strdup(venn_arena *arena, const char *text);
void venn_arena_finish(venn_arena *arena);

#endif
