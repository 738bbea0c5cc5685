// What a kernel's code says of its bindings. Binding i < 16 is a storage buffer, 16.. four-wide texels,
// 32.. single texels: the numbers are ours (shaders/lib/venn.glsl). Several variables may share a
// binding, as views of one array.
#include <stdlib.h>

#include "kernel/kernel.h"
#include "kernel/spirv_table.h"

enum {
    HEADER = 5,
    BOUND = 3, // word of the header: ids are below it
    OP_TYPE_POINTER = 32,
    OP_VARIABLE = 59,
    OP_DECORATE = 71,
    OP_MEMBER_DECORATE = 72,
    NON_WRITABLE = 24,
    NON_READABLE = 25,
    BINDING = 33
};

// What is known of an id: of a variable, a type or a pointer.
typedef struct id_info {
    uint32_t pointee;
    uint32_t binding; // 1 + its number; 0: none
    bool non_writable, non_readable;
} id_info;

static void decorate(id_info *id, uint32_t decoration, uint32_t operand)
{
    id->non_writable |= decoration == NON_WRITABLE;
    id->non_readable |= decoration == NON_READABLE;
    if (decoration == BINDING)
        id->binding = operand + 1;
}

// The atomics that store a 16-bit element read the word that it is half of: where another view of the
// binding is not to be read, that is no reading (*unread).
static void read_variable(const id_info *ids, const uint32_t *word, venn_pipeline_desc *desc,
                          uint32_t *unread)
{
    const id_info *variable = &ids[word[2]], *block = &ids[ids[word[1]].pointee];
    if (!variable->binding)
        return;
    const uint32_t binding = variable->binding - 1, bit = (uint32_t)1 << binding % 16;
    *(binding < 16 ? &desc->storage : binding < 32 ? &desc->texel4 : &desc->texel1) |= bit;
    if (binding >= 16)
        return;
    *(variable->non_readable || block->non_readable ? unread : &desc->reads) |= bit;
    if (!variable->non_writable && !block->non_writable)
        desc->writes |= bit;
}

venn_status venn_spirv_bindings(const venn_spirv *spirv, venn_pipeline_desc *desc)
{
    const size_t words = spirv->size / 4;
    id_info *ids = venn_alloc(spirv->code[BOUND], sizeof *ids);
    uint32_t unread = 0;
    if (!ids)
        return VENN_NO_MEMORY;
    for (size_t i = HEADER; i < words && spirv->code[i] >> 16; i += spirv->code[i] >> 16) {
        const uint32_t *word = &spirv->code[i], length = word[0] >> 16;
        switch (word[0] & 0xffff) {
        case OP_DECORATE:
            decorate(&ids[word[1]], word[2], length > 3 ? word[3] : 0);
            break;
        case OP_MEMBER_DECORATE: // our blocks have one member
            decorate(&ids[word[1]], word[3], 0);
            break;
        case OP_TYPE_POINTER:
            ids[word[1]].pointee = word[3];
            break;
        case OP_VARIABLE:
            read_variable(ids, word, desc, &unread);
            break;
        default:
            break;
        }
    }
    free(ids);
    desc->reads &= ~unread;
    return VENN_OK;
}
