// Settles the constants of a module, then each of its functions (spirv_blocks.c). Names are dropped:
// glslc leaves none.
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "kernel/spirv_fold.h"
#include "kernel/spirv_module.h"

enum { OP_NAME = 5, OP_MEMBER_NAME = 6, DECORATE_SPEC_ID = 1 };

#define NO_ID UINT32_MAX

// What becomes of global instructions.
typedef struct fold {
    spirv_module m;
    uint32_t *spec_id; // of ids that are specialization constants, else NO_ID
    const venn_kernel_key *key;
    bool unknown; // an operation on constants is none of those of spirv_evaluate.c
} fold;

void venn_spirv_put(spirv_module *m, const uint32_t *words, size_t n)
{
    if (n == 0)
        return;
    if (m->n + n > m->room) {
        const size_t room = 2 * (m->n + n);
        uint32_t *out = venn_resize(m->out, room, sizeof *out);
        if (!out) {
            m->no_memory = true;
            return;
        }
        m->out = out;
        m->room = room;
    }
    memcpy(m->out + m->n, words, n * sizeof *words);
    m->n += n;
}

void venn_spirv_put_op(spirv_module *m, enum spirv_op op, const uint32_t *operands, uint32_t n)
{
    const uint32_t first = (n + 1) << 16 | (uint32_t)op;
    venn_spirv_put(m, &first, 1);
    venn_spirv_put(m, operands, n);
}

// ---- Constants -------------------------------------------------------------------------------

static void learn(fold *f, uint32_t id, uint32_t value)
{
    f->m.ids[id].known = true;
    f->m.ids[id].value = value;
}

static uint32_t type_op(const fold *f, uint32_t type)
{
    return spirv_op(&f->m.code[f->m.ids[type].at]);
}

static bool is_word(const fold *f, uint32_t type)
{
    return type_op(f, type) == SPIRV_TYPE_INT && f->m.code[f->m.ids[type].at + 2] == 32;
}

// The constant `id` of this type and value.
static void put_constant(fold *f, uint32_t type, uint32_t id, uint32_t value)
{
    const uint32_t operands[] = {type, id, value};
    if (type_op(f, type) == SPIRV_TYPE_BOOL) {
        learn(f, id, value != 0);
        venn_spirv_put_op(&f->m, value ? SPIRV_CONSTANT_TRUE : SPIRV_CONSTANT_FALSE, operands, 2);
        return;
    }
    if (is_word(f, type))
        learn(f, id, value);
    venn_spirv_put_op(&f->m, SPIRV_CONSTANT, operands, 3);
}

static uint32_t chosen(const fold *f, uint32_t id, uint32_t otherwise)
{
    const uint32_t spec = f->spec_id[id], first = VENN_FIRST_STORAGE_CONSTANT;
    if (spec < f->key->n_spec)
        return f->key->spec[spec];
    if (spec >= first && spec < first + VENN_MAX_BINDINGS)
        return venn_storage_of(f->key->storages, spec - first);
    return otherwise;
}

static void put_operation(fold *f, const uint32_t *word)
{
    const uint32_t length = spirv_length(word), op = word[3];
    uint32_t value;
    bool known = false;
    if (op == SPIRV_COMPOSITE_EXTRACT && length == 6) {
        const uint32_t *composite = f->m.code + f->m.ids[word[4]].at;
        const spirv_id *part = &f->m.ids[composite[3 + word[5]]];
        known = part->known;
        value = part->value;
    } else
        known = venn_spirv_evaluate(&f->m, op, word + 4, length - 4, &value);
    if (known)
        put_constant(f, word[1], word[2], value);
    else
        f->unknown = true;
}

static void put_global(fold *f, const uint32_t *word)
{
    const uint32_t length = spirv_length(word);
    switch (spirv_op(word)) {
    case SPIRV_SPEC_TRUE:
    case SPIRV_SPEC_FALSE:
        put_constant(f, word[1], word[2], chosen(f, word[2], spirv_op(word) == SPIRV_SPEC_TRUE));
        return;
    case SPIRV_SPEC:
        put_constant(f, word[1], word[2], chosen(f, word[2], word[3]));
        return;
    case SPIRV_SPEC_COMPOSITE:
        venn_spirv_put_op(&f->m, SPIRV_CONSTANT_COMPOSITE, word + 1, length - 1);
        return;
    case SPIRV_SPEC_OP:
        put_operation(f, word);
        return;
    case SPIRV_CONSTANT_TRUE:
    case SPIRV_CONSTANT_FALSE:
        learn(f, word[2], spirv_op(word) == SPIRV_CONSTANT_TRUE);
        break;
    case SPIRV_CONSTANT:
        if (is_word(f, word[1]))
            learn(f, word[2], word[3]);
        break;
    default:
        break;
    }
    venn_spirv_put(&f->m, word, length);
}

// ---- Modules ---------------------------------------------------------------------------------

static bool is_annotation(uint32_t op)
{
    return op == OP_NAME || op == OP_MEMBER_NAME || op == SPIRV_DECORATE;
}

static bool is_type_or_constant(uint32_t op)
{
    return op >= 19 && op <= SPIRV_SPEC_OP;
}

// Where ids are made, and which are specialization constants; gives the place of the first function.
static size_t read_globals(fold *f)
{
    size_t i = SPIRV_HEADER;
    for (; i < f->m.words; i += spirv_length(&f->m.code[i])) {
        const uint32_t *word = f->m.code + i, op = spirv_op(word);
        if (op == SPIRV_FUNCTION)
            break;
        if (op == SPIRV_DECORATE && word[2] == DECORATE_SPEC_ID)
            f->spec_id[word[1]] = word[3];
        else if (is_type_or_constant(op)) // types have their id first, constants behind their type
            f->m.ids[op < SPIRV_CONSTANT_TRUE ? word[1] : word[2]].at = i;
    }
    return i;
}

// Annotations stand before what they are about: they are written last, when that is known, and moved.
static void put_annotations(fold *f, size_t first, size_t end, size_t to)
{
    spirv_module *m = &f->m;
    spirv_module whole = {0};
    venn_spirv_put(&whole, m->out, to);
    for (size_t i = first; i < end; i += spirv_length(&m->code[i])) {
        const uint32_t *word = &m->code[i];
        if (spirv_op(word) == SPIRV_DECORATE && word[2] != DECORATE_SPEC_ID &&
            !m->ids[word[1]].removed)
            venn_spirv_put(&whole, word, spirv_length(word));
    }
    venn_spirv_put(&whole, m->out + to, m->n - to);
    free(m->out);
    m->out = whole.out;
    m->n = whole.n;
    m->no_memory |= whole.no_memory;
}

static void put_module(fold *f)
{
    spirv_module *m = &f->m;
    const size_t functions = read_globals(f);
    size_t i = SPIRV_HEADER;
    venn_spirv_put(m, m->code, SPIRV_HEADER);
    for (; i < functions && !is_annotation(spirv_op(&m->code[i])); i += spirv_length(&m->code[i]))
        venn_spirv_put(m, &m->code[i], spirv_length(&m->code[i]));
    const size_t first = i, to = m->n;
    for (; i < functions; i += spirv_length(&m->code[i]))
        if (!is_annotation(spirv_op(&m->code[i])))
            put_global(f, &m->code[i]);
    while (i < m->words && !m->no_memory)
        i = venn_spirv_put_function(m, i);
    if (m->no_memory)
        return;
    put_annotations(f, first, functions, to);
    if (!m->no_memory)
        m->out[SPIRV_BOUND] = m->bound;
}

venn_status venn_spirv_fold(const venn_spirv *spirv, const venn_kernel_key *key, uint32_t **code,
                            size_t *size)
{
    const uint32_t bound = spirv->code[SPIRV_BOUND];
    fold f = {.m = {.code = spirv->code, .words = spirv->size / 4, .bound = bound}, .key = key};
    f.m.ids = venn_alloc(bound, sizeof *f.m.ids);
    f.spec_id = venn_alloc(bound, sizeof *f.spec_id);
    *code = NULL;
    venn_status status = f.m.ids && f.spec_id ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        memset(f.spec_id, 0xff, bound * sizeof *f.spec_id);
        put_module(&f);
        status = f.m.no_memory ? VENN_NO_MEMORY : VENN_OK;
    }
    if (status == VENN_OK && !f.unknown) {
        *code = f.m.out;
        *size = f.m.n * 4;
    } else
        free(f.m.out);
    free(f.m.ids);
    free(f.spec_id);
    return status;
}

void venn_spirv_keep_loops(uint32_t *code, size_t size)
{
    const uint32_t unroll = 1;
    for (uint32_t *word = code + SPIRV_HEADER; word < code + size / 4; word += spirv_length(word))
        if (spirv_op(word) == SPIRV_LOOP_MERGE)
            word[3] &= ~unroll;
}
