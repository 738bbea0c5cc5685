// With column d permuted, a linear model's logits move by (x[pi(n), d] - x[n, d]) w[:, d]: every column of
// every model is evaluated in one program, once per permutation, without writing out the permuted inputs.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "mfh/bank_salience.h"
#include "venn/ops.h"

enum { PERMUTATION_STREAM = 2 };

typedef struct ranking {
    const venn_linear_bank *teacher;
    int64_t rows;
    const float *x;
    uint64_t key;
    uint32_t *order; // a permutation of the rows
    double *sum;     // [M, D]
    venn_program *program;
} ranking;

// moved [M, D, N]: change of column d in row n. out [M, D]: mean squared distance of the logits.
static void build(const ranking *r, venn_graph *g)
{
    const int64_t m = r->teacher->models, d = r->teacher->width, c = r->teacher->classes;
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(m, r->rows, d));
    venn_tensor student = venn_graph_input(g, "student", VENN_F32, VENN_SHAPE(m, r->rows, c));
    venn_tensor moved = venn_graph_input(g, "moved", VENN_F32, VENN_SHAPE(m, d, r->rows));
    venn_tensor w = venn_graph_var(g, r->teacher->w), b = venn_graph_var(g, r->teacher->b);
    venn_tensor z =
        venn_add(g, venn_matmul(g, x, w, VENN_NONE, &(venn_matmul_params){.trans_b = true}), b);
    venn_tensor apart = venn_reshape(g, venn_sub(g, z, student), VENN_SHAPE(m, 1, r->rows, c));
    venn_tensor slope = venn_reshape(g, venn_transpose(g, w, NULL), VENN_SHAPE(m, d, 1, c));
    venn_tensor shift = venn_mul(g, venn_reshape(g, moved, VENN_SHAPE(m, d, r->rows, 1)), slope);
    venn_tensor now = venn_add(g, apart, shift);
    venn_graph_output(
        g, "distance",
        venn_mean(g, venn_mul(g, now, now), &(venn_reduce_params){.axes = 1 << 2 | 1 << 3}));
}

static void permute(const ranking *r, uint32_t round, float *moved)
{
    const int64_t width = r->teacher->width, rows = r->rows;
    for (int64_t d = 0; d < width; d++) {
        venn_rng rng = venn_rng_make(r->key, (uint64_t)round * (uint64_t)width + (uint64_t)d,
                                     PERMUTATION_STREAM);
        venn_rng_permutation(&rng, r->order, (uint32_t)rows);
        for (int64_t m = 0; m < r->teacher->models; m++) {
            const float *x = r->x + m * rows * width + d;
            float *to = moved + (m * width + d) * rows;
            for (int64_t n = 0; n < rows; n++)
                to[n] = x[r->order[n] * width] - x[n * width];
        }
    }
}

static venn_status run_round(ranking *r, const float *student, uint32_t round)
{
    uint64_t ticket;
    size_t bytes;
    VENN_TRY(venn_program_begin(r->program));
    void *x = venn_program_input(r->program, "x", &bytes);
    memcpy(x, r->x, bytes);
    void *other = venn_program_input(r->program, "student", &bytes);
    memcpy(other, student, bytes);
    permute(r, round, venn_program_input(r->program, "moved", NULL));
    VENN_TRY(venn_program_run(r->program, &ticket));
    const float *distance = venn_program_output(r->program, ticket, "distance", &bytes);
    for (size_t i = 0; i < bytes / sizeof *distance; i++)
        r->sum[i] += (double)distance[i];
    return VENN_OK;
}

static void normalise(const ranking *r, float *scores)
{
    const int64_t width = r->teacher->width;
    for (int64_t m = 0; m < r->teacher->models; m++) {
        const double *sum = r->sum + m * width;
        double low = INFINITY, high = -INFINITY;
        for (int64_t d = 0; d < width; d++) {
            low = fmin(low, sum[d]);
            high = fmax(high, sum[d]);
        }
        for (int64_t d = 0; d < width; d++)
            scores[m * width + d] = high > low ? (float)((sum[d] - low) / (high - low)) : 0;
    }
}

static venn_status rank(ranking *r, const float *student, uint32_t permutations)
{
    venn_graph *g = NULL;
    r->order = venn_alloc((size_t)r->rows, sizeof *r->order);
    r->sum = venn_alloc((size_t)(r->teacher->models * r->teacher->width), sizeof *r->sum);
    if (!r->order || !r->sum)
        return VENN_NO_MEMORY;
    VENN_TRY(venn_graph_create(&g));
    build(r, g);
    venn_status status = venn_graph_compile(&r->program, g, r->teacher->device,
                                            &(venn_compile_params){.name = "salience", .slots = 1});
    venn_graph_destroy(&g);
    for (uint32_t round = 0; status == VENN_OK && round < permutations; round++)
        status = run_round(r, student, round);
    return status;
}

venn_status venn_bank_salience(const venn_linear_bank *teacher, int64_t rows, const float *x,
                               const float *student, uint32_t permutations, uint64_t key,
                               float *scores)
{
    ranking r = {.teacher = teacher, .rows = rows, .x = x, .key = key};
    venn_status status = rank(&r, student, permutations);
    if (status == VENN_OK)
        normalise(&r, scores);
    venn_program_destroy(&r.program);
    free(r.order);
    free(r.sum);
    return status;
}
