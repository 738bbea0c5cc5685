// SPIR-V on its way through spirv_fold.c: what is known of ids, and the code that comes out.
#ifndef VENN_KERNEL_SPIRV_MODULE_H
#define VENN_KERNEL_SPIRV_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPIRV_HEADER = 5, SPIRV_BOUND = 3 }; // words before the instructions; where ids end

enum spirv_op {
    SPIRV_UNDEF = 1,
    SPIRV_TYPE_BOOL = 20,
    SPIRV_TYPE_INT = 21,
    SPIRV_CONSTANT_TRUE = 41,
    SPIRV_CONSTANT_FALSE = 42,
    SPIRV_CONSTANT = 43,
    SPIRV_CONSTANT_COMPOSITE = 44,
    SPIRV_SPEC_TRUE = 48,
    SPIRV_SPEC_FALSE = 49,
    SPIRV_SPEC = 50,
    SPIRV_SPEC_COMPOSITE = 51,
    SPIRV_SPEC_OP = 52,
    SPIRV_FUNCTION = 54,
    SPIRV_FUNCTION_END = 56,
    SPIRV_STORE = 62,
    SPIRV_DECORATE = 71,
    SPIRV_COMPOSITE_EXTRACT = 81,
    SPIRV_IMAGE_WRITE = 99,
    SPIRV_CONTROL_BARRIER = 224,
    SPIRV_MEMORY_BARRIER = 225,
    SPIRV_ATOMIC_STORE = 228,
    SPIRV_PHI = 245,
    SPIRV_LOOP_MERGE = 246,
    SPIRV_SELECTION_MERGE = 247,
    SPIRV_LABEL = 248,
    SPIRV_BRANCH = 249,
    SPIRV_BRANCH_CONDITIONAL = 250,
    SPIRV_SWITCH = 251,
    SPIRV_UNREACHABLE = 255
};

typedef struct spirv_id {
    size_t at;      // of the instruction, if it is global, that makes it
    uint32_t block; // 1 + number of the block whose label it is
    uint32_t value; // of an integer or a truth value
    bool known;     // its value
    bool removed;   // nothing makes it any more
} spirv_id;

typedef struct spirv_module {
    const uint32_t *code; // never written
    size_t words;
    spirv_id *ids;
    uint32_t bound; // ids are below; new ones only in what comes out
    uint32_t *out;
    size_t n, room;
    bool no_memory;
} spirv_module;

static inline uint32_t spirv_op(const uint32_t *word)
{
    return word[0] & 0xffff;
}

static inline uint32_t spirv_length(const uint32_t *word)
{
    return word[0] >> 16;
}

// Appends words, or an instruction made of the operands that follow.
void venn_spirv_put(spirv_module *m, const uint32_t *words, size_t n);
void venn_spirv_put_op(spirv_module *m, enum spirv_op op, const uint32_t *operands, uint32_t n);

// spirv_evaluate.c: the value of an operation on n ids whose values are known, false if it is none of those
// that kernels do with their constants.
bool venn_spirv_evaluate(const spirv_module *m, uint32_t op, const uint32_t *ids, uint32_t n,
                         uint32_t *value);

// spirv_blocks.c: appends the function that begins at `at`, without blocks that no branch leads to when
// conditions of known value lead one way only; gives the place behind it.
size_t venn_spirv_put_function(spirv_module *m, size_t at);

#endif
