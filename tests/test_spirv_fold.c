// Kernels with settled constants: of every kernel, for several choices, no constant is open, no branch is
// decided already, and blocks, branches and phis fit together. (Validation layers look at each as well.)
#include <criterion/criterion.h>
#include <stdlib.h>

#include "kernel/spirv_fold.h"
#include "kernel/spirv_module.h"

// Of one word after the other: how the id was made.
typedef struct folded {
    uint32_t *code;
    size_t words;
    uint32_t *maker; // opcode by id; 0: none
} folded;

static size_t id_place(uint32_t op)
{
    if (op == SPIRV_LABEL || (op >= 19 && op < SPIRV_CONSTANT_TRUE))
        return 1;
    return (op >= SPIRV_CONSTANT_TRUE && op <= SPIRV_SPEC_OP) || op == SPIRV_PHI ||
                   op == SPIRV_UNDEF
               ? 2
               : 0;
}

static folded fold(const venn_spirv *spirv, const venn_kernel_key *key)
{
    folded f = {0};
    size_t size = 0;
    cr_assert_eq(venn_spirv_fold(spirv, key, &f.code, &size), VENN_OK);
    cr_assert_not_null(f.code, "%s: its constants are used in a way not known", spirv->name);
    f.words = size / 4;
    f.maker = calloc(f.code[SPIRV_BOUND], sizeof *f.maker);
    for (size_t i = SPIRV_HEADER; i < f.words; i += spirv_length(&f.code[i])) {
        const uint32_t op = spirv_op(&f.code[i]);
        if (id_place(op))
            f.maker[f.code[i + id_place(op)]] = op;
    }
    return f;
}

// Whether the block that begins with label `from` ends with a branch to `to`.
static bool leads(const folded *f, uint32_t from, uint32_t to)
{
    bool inside = false;
    for (size_t i = SPIRV_HEADER; i < f->words; i += spirv_length(&f->code[i])) {
        const uint32_t *word = &f->code[i], op = spirv_op(word);
        inside = op == SPIRV_LABEL ? word[1] == from : inside;
        if (!inside || op < SPIRV_BRANCH || op > SPIRV_SWITCH)
            continue;
        for (uint32_t k = 1; k < spirv_length(word);
             k++) // a literal that is the same number does no harm
            if (word[k] == to)
                return true;
    }
    return false;
}

static void check_instruction(const folded *f, const uint32_t *word, uint32_t label,
                              const char *name)
{
    const uint32_t op = spirv_op(word);
    cr_assert(op < SPIRV_SPEC_TRUE || op > SPIRV_SPEC_OP, "%s: an open constant", name);
    if (op == SPIRV_BRANCH)
        cr_assert_eq(f->maker[word[1]], SPIRV_LABEL, "%s: a branch to nowhere", name);
    if (op == SPIRV_BRANCH_CONDITIONAL) {
        cr_assert(f->maker[word[1]] != SPIRV_CONSTANT_TRUE &&
                      f->maker[word[1]] != SPIRV_CONSTANT_FALSE,
                  "%s: a branch that is decided", name);
        cr_assert(f->maker[word[2]] == SPIRV_LABEL && f->maker[word[3]] == SPIRV_LABEL, "%s", name);
    }
    for (uint32_t k = 3; op == SPIRV_PHI && k < spirv_length(word); k += 2)
        cr_assert(leads(f, word[k + 1], label), "%s: a phi of a block that leads elsewhere", name);
}

static size_t check(const venn_spirv *spirv, const venn_kernel_key *key)
{
    folded f = fold(spirv, key);
    uint32_t label = 0;
    for (size_t i = SPIRV_HEADER; i < f.words; i += spirv_length(&f.code[i])) {
        if (spirv_op(&f.code[i]) == SPIRV_LABEL)
            label = f.code[i + 1];
        check_instruction(&f, &f.code[i], label, spirv->name);
    }
    free(f.code);
    free(f.maker);
    return f.words;
}

Test(spirv_fold, every_kernel)
{
    const uint32_t ones[] = {64, 1, 1, 1, 1, 1, 1, 1}, twos[] = {64, 2, 2, 2, 2, 2, 2, 2};
    const venn_kernel_key keys[] = {{.spec = ones, .n_spec = 0},
                                    {.spec = ones, .n_spec = 8},
                                    {.spec = twos, .n_spec = 8},
                                    {.spec = ones, .n_spec = 1, .storages = 0x55555555},
                                    {.spec = ones, .n_spec = 1, .storages = 0xaaaaaaaa}};
    size_t before = 0, after = 0;
    for (const venn_spirv *spirv = venn_spirv_table; spirv->name; spirv++)
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            before += spirv->size / 4;
            after += check(spirv, &keys[k]);
        }
    cr_expect(after * 3 < before * 2, "%zu of %zu words are left", after, before);
}
