// One function of a module without what conditions of known value rule out. Blocks keep their order. A
// construct whose head still stands needs its merge block and its continue target: those that nothing
// leads to any more are empty, but for the way back to the head.
#include <stdlib.h>

#include "base/status.h"
#include "kernel/spirv_module.h"

typedef struct block {
    size_t at, merge, last, end; // its label, merge instruction (0: none), terminator, what follows
    struct block *head;          // of the loop whose continue target this is, if head stands
    bool reached, is_merge;
} block;

typedef struct function {
    spirv_module *m;
    size_t at, end; // of the function
    block *blocks;
    uint32_t n;
} function;

// ---- Reading ---------------------------------------------------------------------------------

static uint32_t label_of(const function *f, const block *b)
{
    return f->m->code[b->at + 1];
}

static block *find(const function *f, uint32_t label)
{
    const uint32_t number = f->m->ids[label].block;
    return number ? &f->blocks[number - 1] : NULL;
}

static bool has_result(uint32_t op)
{
    switch (op) {
    case SPIRV_STORE:
    case SPIRV_IMAGE_WRITE:
    case SPIRV_CONTROL_BARRIER:
    case SPIRV_MEMORY_BARRIER:
    case SPIRV_ATOMIC_STORE:
    case SPIRV_LOOP_MERGE:
    case SPIRV_SELECTION_MERGE:
    case SPIRV_LABEL:
        return false;
    default:
        return op < SPIRV_BRANCH || op > SPIRV_UNREACHABLE;
    }
}

static void read_instruction(function *f, size_t i)
{
    const uint32_t *word = &f->m->code[i], op = spirv_op(word), length = spirv_length(word);
    block *b = f->n ? &f->blocks[f->n - 1] : NULL;
    uint32_t value;
    if (op == SPIRV_LABEL) {
        b = &f->blocks[f->n++];
        b->at = i;
        f->m->ids[word[1]].block = f->n;
    }
    if (b) {
        b->last = i;
        b->end = i + length;
        if (op == SPIRV_LOOP_MERGE || op == SPIRV_SELECTION_MERGE)
            b->merge = i;
    }
    if (length > 3 && venn_spirv_evaluate(f->m, op, word + 3, length - 3, &value)) {
        f->m->ids[word[2]].known = true;
        f->m->ids[word[2]].value = value;
    }
}

// ---- Ways ------------------------------------------------------------------------------------

// The label that a terminator of known condition leads to; 0 if it may lead to several, or to none.
static uint32_t only_way(const function *f, const block *b)
{
    const uint32_t *word = &f->m->code[b->last];
    if (spirv_op(word) == SPIRV_BRANCH)
        return word[1];
    const spirv_id *condition = &f->m->ids[word[1]];
    if (spirv_op(word) == SPIRV_BRANCH_CONDITIONAL && condition->known)
        return condition->value ? word[2] : word[3];
    if (spirv_op(word) != SPIRV_SWITCH || !condition->known)
        return 0;
    for (uint32_t i = 3; i + 1 < spirv_length(word); i += 2)
        if (word[i] == condition->value)
            return word[i + 1];
    return word[2];
}

// Label number k that block b may lead to; 0 past the last.
static uint32_t way(const function *f, const block *b, uint32_t k)
{
    const uint32_t *word = &f->m->code[b->last], only = only_way(f, b);
    if (only)
        return k == 0 ? only : 0;
    if (spirv_op(word) == SPIRV_BRANCH_CONDITIONAL)
        return k < 2 ? word[2 + k] : 0;
    if (spirv_op(word) == SPIRV_SWITCH) // the default, then literals with labels
        return 2 + 2 * k < spirv_length(word) ? word[2 + 2 * k] : 0;
    return 0;
}

static bool leads(const function *f, const block *b, uint32_t label)
{
    for (uint32_t k = 0; b->reached && way(f, b, k); k++)
        if (way(f, b, k) == label)
            return true;
    return false;
}

// A selection of which one way is left is none. That of a switch stays: others may leave it early.
static bool keeps_merge(const function *f, const block *b)
{
    return b->merge && (spirv_op(&f->m->code[b->merge]) == SPIRV_LOOP_MERGE ||
                        spirv_op(&f->m->code[b->last]) == SPIRV_SWITCH || !only_way(f, b));
}

static void mark_reached(function *f, block **stack)
{
    uint32_t n = 0;
    stack[n++] = f->blocks;
    f->blocks->reached = true;
    while (n) {
        block *b = stack[--n];
        for (uint32_t k = 0; way(f, b, k); k++) {
            block *next = find(f, way(f, b, k));
            if (!next->reached)
                stack[n++] = next;
            next->reached = true;
        }
    }
}

static void mark_needed(function *f)
{
    for (block *b = f->blocks; b < f->blocks + f->n; b++) {
        const uint32_t *merge = &f->m->code[b->merge];
        if (!b->reached || !keeps_merge(f, b))
            continue;
        find(f, merge[1])->is_merge = true;
        if (spirv_op(merge) == SPIRV_LOOP_MERGE)
            find(f, merge[2])->head = b;
    }
}

// What is left out defines nothing; loops and selections that are gone are none of the code's business.
static void mark_removed(function *f)
{
    for (const block *b = f->blocks; b < f->blocks + f->n; b++)
        for (size_t i = b->at; !b->reached && i < b->end; i += spirv_length(&f->m->code[i])) {
            const uint32_t *word = &f->m->code[i];
            if (has_result(spirv_op(word)) && !f->m->ids[word[2]].at)
                f->m->ids[word[2]].removed = true;
        }
}

// ---- Writing ---------------------------------------------------------------------------------

// The way back to the head of a loop that is never gone: what the head's phis would get on it is undefined.
static void put_way_back(function *f, const block *b)
{
    const uint32_t *code = f->m->code, back[] = {label_of(f, b->head)};
    venn_spirv_put(f->m, &code[b->at], 2);
    uint32_t id = f->m->ids[back[0]].value;
    for (size_t i = b->head->at + 2; spirv_op(&code[i]) == SPIRV_PHI; i += spirv_length(&code[i]))
        venn_spirv_put_op(f->m, SPIRV_UNDEF, (uint32_t[]){code[i + 1], id++}, 2);
    venn_spirv_put_op(f->m, SPIRV_BRANCH, back, 1);
}

static uint32_t lost_way_back(const function *f, const block *b)
{
    if (!b->merge || spirv_op(&f->m->code[b->merge]) != SPIRV_LOOP_MERGE)
        return 0;
    const uint32_t label = f->m->code[b->merge + 2];
    return find(f, label)->reached ? 0 : label;
}

// A phi of the blocks that still lead here. The ids of what comes along a lost way back are new; the
// label's value is the first of them.
static void put_phi(function *f, const block *b, const uint32_t *word)
{
    spirv_module *m = f->m;
    const uint32_t lost = lost_way_back(f, b);
    const size_t at = m->n;
    venn_spirv_put(m, word, 3);
    for (uint32_t i = 3; i + 1 < spirv_length(word); i += 2)
        if (leads(f, find(f, word[i + 1]), label_of(f, b)))
            venn_spirv_put(m, word + i, 2);
    if (lost)
        venn_spirv_put(m, (uint32_t[]){m->bound++, lost}, 2);
    if (!m->no_memory)
        m->out[at] = (uint32_t)(m->n - at) << 16 | SPIRV_PHI;
}

static void put_terminator(function *f, const block *b)
{
    const uint32_t *word = &f->m->code[b->last], only = only_way(f, b);
    if (!only)
        venn_spirv_put(f->m, word, spirv_length(word));
    else if (spirv_op(word) == SPIRV_SWITCH)
        venn_spirv_put_op(f->m, SPIRV_SWITCH, (uint32_t[]){word[1], only}, 2);
    else
        venn_spirv_put_op(f->m, SPIRV_BRANCH, &only, 1);
}

static void put_reached(function *f, const block *b)
{
    f->m->ids[label_of(f, b)].value = f->m->bound;
    for (size_t i = b->at; i < b->last; i += spirv_length(&f->m->code[i])) {
        const uint32_t *word = &f->m->code[i];
        if (spirv_op(word) == SPIRV_PHI)
            put_phi(f, b, word);
        else if (i != b->merge || keeps_merge(f, b))
            venn_spirv_put(f->m, word, spirv_length(word));
    }
    put_terminator(f, b);
}

static void put_blocks(function *f)
{
    for (const block *b = f->blocks; b < f->blocks + f->n; b++)
        if (b->reached)
            put_reached(f, b);
        else if (b->head)
            put_way_back(f, b);
        else if (b->is_merge) {
            venn_spirv_put(f->m, &f->m->code[b->at], 2);
            venn_spirv_put_op(f->m, SPIRV_UNREACHABLE, NULL, 0);
        }
}

size_t venn_spirv_put_function(spirv_module *m, size_t at)
{
    function f = {.m = m, .at = at};
    uint32_t n = 0;
    for (f.end = at; spirv_op(&m->code[f.end]) != SPIRV_FUNCTION_END;
         f.end += spirv_length(&m->code[f.end]))
        n += spirv_op(&m->code[f.end]) == SPIRV_LABEL;
    f.blocks = venn_alloc(n + 1, sizeof *f.blocks);
    block **stack = venn_alloc(n + 1, sizeof *stack);
    m->no_memory |= !f.blocks || !stack;
    size_t i = at;
    for (; !m->no_memory && i < f.end; i += spirv_length(&m->code[i])) {
        if (f.n == 0 && spirv_op(&m->code[i]) != SPIRV_LABEL)
            venn_spirv_put(m, &m->code[i], spirv_length(&m->code[i]));
        read_instruction(&f, i);
    }
    if (f.n && !m->no_memory) {
        mark_reached(&f, stack);
        mark_needed(&f);
        mark_removed(&f);
        put_blocks(&f);
    }
    venn_spirv_put(m, &m->code[f.end], 1);
    free(f.blocks);
    free(stack);
    return f.end + 1;
}
