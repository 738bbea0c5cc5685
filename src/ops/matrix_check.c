// The test of a device's cooperative matrices (kernel.h): products of numbers in f16, of shapes that reach
// fragments, tiles, their edges, both orders of both operands, a long sum and a batch, against matmul's own
// reference. Half of a step of f16 is what the stored result loses; as much again is left for sums that are
// rounded as f32, and not for sums that are kept in f16.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph/op.h"
#include "kernel/kernel.h"
#include "venn/ops.h"

extern const venn_op_desc venn_op_matmul;

typedef struct product {
    int64_t batch, m, n, k;
    bool trans_a, trans_b, bias;
} product;

enum { A, B, BIAS, Y, TENSORS };

typedef struct trial {
    const product *p;
    venn_matmul_params params;
    venn_value value[TENSORS]; // shapes alone
    uint16_t *bits[BIAS + 1];
    double *number[TENSORS];
} trial;

static venn_shape shape_of(int64_t batch, int64_t rows, int64_t columns, bool flipped)
{
    const int64_t dim[] = {batch, flipped ? columns : rows, flipped ? rows : columns};
    return batch == 1 ? venn_shape_make(dim + 1, 2) : venn_shape_make(dim, 3);
}

static venn_status create_trial(trial *t, const product *p)
{
    const venn_shape shapes[] = {[A] = shape_of(p->batch, p->m, p->k, p->trans_a),
                                 [B] = shape_of(p->batch, p->k, p->n, p->trans_b),
                                 [BIAS] = venn_shape_make(&p->n, 1),
                                 [Y] = shape_of(p->batch, p->m, p->n, false)};
    uint32_t seed = 1;
    *t = (trial){.p = p, .params = {.trans_a = p->trans_a, .trans_b = p->trans_b}};
    for (int i = 0; i < TENSORS; i++) {
        venn_value *v = &t->value[i];
        v->shape = shapes[i];
        v->count = venn_shape_count(&shapes[i]);
        t->number[i] = venn_alloc((size_t)v->count, sizeof(double));
        if (!t->number[i])
            return VENN_NO_MEMORY;
        if (i == Y)
            break;
        t->bits[i] = venn_alloc((size_t)v->count, sizeof(uint16_t));
        if (!t->bits[i])
            return VENN_NO_MEMORY;
        for (int64_t k = 0; k < v->count; k++) {
            seed = seed * 1664525u + 1013904223u;
            t->bits[i][k] = venn_f16_from_f32((float)(seed >> 8) * 0x1p-23f - 1);
            t->number[i][k] = (double)venn_f16_to_f32(t->bits[i][k]);
        }
    }
    return VENN_OK;
}

static void destroy_trial(trial *t)
{
    for (int i = 0; i < TENSORS; i++)
        free(t->number[i]);
    for (int i = 0; i <= BIAS; i++)
        free(t->bits[i]);
}

static void compute_reference(trial *t)
{
    const venn_node node = {.op = &venn_op_matmul,
                            .params = &t->params,
                            .n_in = 3,
                            .n_out = 1,
                            .in = {&t->value[A], &t->value[B], t->p->bias ? &t->value[BIAS] : NULL},
                            .out = {&t->value[Y]}};
    const venn_ref ref = {.node = &node,
                          .x = {t->number[A], t->number[B], t->p->bias ? t->number[BIAS] : NULL},
                          .y = {t->number[Y]}};
    venn_op_matmul.ref(&ref);
}

static venn_status compare(const trial *t, const uint16_t *got)
{
    double squares = 0;
    for (int64_t i = 0; i < t->value[Y].count; i++)
        squares += t->number[Y][i] * t->number[Y][i];
    const double rms = sqrt(squares / (double)t->value[Y].count);
    for (int64_t i = 0; i < t->value[Y].count; i++) {
        const double want = t->number[Y][i], is = (double)venn_f16_to_f32(got[i]);
        if (!(fabs(is - want) <= 0x1p-10 * fabs(want) + 0x1p-14 * rms))
            return venn_fail(VENN_UNSUPPORTED, "%lld x %lld x %lld%s%s: element %lld is %g, not %g",
                             (long long)t->p->m, (long long)t->p->n, (long long)t->p->k,
                             t->p->trans_a ? ", a transposed" : "",
                             t->p->trans_b ? ", b transposed" : "", (long long)i, is, want);
    }
    return VENN_OK;
}

static void fill(venn_program *program, const char *name, const trial *t, int i)
{
    size_t bytes;
    uint16_t *to = venn_program_input(program, name, &bytes);
    for (int64_t k = 0; to && k < t->value[i].count; k++)
        to[k] = t->bits[i][k];
}

static venn_status run(venn_program *program, const trial *t)
{
    uint64_t ticket;
    VENN_TRY(venn_program_begin(program));
    fill(program, "a", t, A);
    fill(program, "b", t, B);
    fill(program, "bias", t, BIAS);
    VENN_TRY(venn_program_run(program, &ticket));
    const uint16_t *y = venn_program_output(program, ticket, "y", NULL);
    return y ? compare(t, y) : venn_fail(VENN_INTERNAL, "the result is not there");
}

static venn_status try_product(venn_device *device, trial *t)
{
    venn_graph *g = NULL;
    venn_program *program = NULL;
    compute_reference(t);
    VENN_TRY(venn_graph_create(&g));
    const venn_tensor a = venn_graph_input(g, "a", VENN_F16, t->value[A].shape);
    const venn_tensor b = venn_graph_input(g, "b", VENN_F16, t->value[B].shape);
    const venn_tensor bias =
        t->p->bias ? venn_graph_input(g, "bias", VENN_F16, t->value[BIAS].shape) : VENN_NONE;
    venn_graph_output(g, "y", venn_matmul(g, a, b, bias, &t->params));
    venn_status status = venn_graph_compile(&program, g, device, NULL);
    if (status == VENN_OK)
        status = run(program, t);
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    return status;
}

venn_status venn_matrix_test(venn_device *device)
{
    static const product products[] = {
        {1, 16, 16, 16, false, false, false},  {1, 64, 64, 32, false, false, false},
        {1, 64, 64, 32, true, true, false},    {1, 129, 140, 96, false, true, true},
        {1, 132, 129, 65, true, false, true},  {1, 37, 70, 53, true, true, true},
        {3, 40, 24, 100, false, false, false}, {1, 1, 1, 1, false, false, true},
        {1, 64, 64, 2048, false, false, false}};
    venn_status status = VENN_OK;
    for (size_t i = 0; status == VENN_OK && i < sizeof products / sizeof *products; i++) {
        trial t;
        status = create_trial(&t, &products[i]);
        if (status == VENN_OK)
            status = try_product(device, &t);
        destroy_trial(&t);
    }
    return status;
}
