// Plans of the coop family: products of 16-bit operands by cooperative matrices (shaders/lib/gemm_coop.glsl).
#include "kernel/kernel.h"
#include "ops/gemm.h"

enum { SUBGROUPS = 4, DEPTH = 32, TILE = 64, WIDE_TILE = 128, GROUP = 8 }; // of gemm_coop.glsl

static int64_t div_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

bool venn_gemm_is_coop(const venn_profile *profile, const venn_gemm *gemm)
{
    switch (profile->matrix.api) {
    case VENN_MATRIX_NONE:
        return false;
    case VENN_MATRIX_EMULATED:
        return gemm->type == VENN_F16 || gemm->type == VENN_BF16;
    default:
        return gemm->type == VENN_F16;
    }
}

static uint64_t shared_bytes(const venn_profile *profile, uint32_t tile)
{
    const uint32_t by_k = tile * (DEPTH + GROUP), across = DEPTH * (tile + GROUP);
    return 2 * 2 * (uint64_t)(by_k > across ? by_k : across) +
           4 * (uint64_t)SUBGROUPS * profile->matrix.m * profile->matrix.n;
}

// Wide tiles reuse more, if there are enough of them and shared memory holds two.
static uint32_t tile_of(const venn_profile *profile, const venn_gemm *gemm)
{
    const int64_t tiles = div_up(gemm->m, WIDE_TILE) * div_up(gemm->n, WIDE_TILE) * gemm->batch;
    const bool fits = gemm->m > TILE && gemm->n > TILE &&
                      profile->shared_memory >= shared_bytes(profile, WIDE_TILE);
    return fits && tiles >= profile->parallelism ? WIDE_TILE : TILE;
}

// The loops of the emulation, which nothing unrolls; a loop that is left counts once more.
static void count_trips(const venn_profile *profile, venn_gemm_plan *plan)
{
    const venn_matrix_units *units = &profile->matrix;
    const uint32_t quarter = plan->tile_m / 2, rows = quarter / units->m,
                   columns = quarter / units->n;
    const uint32_t elements = units->m * units->n / profile->subgroup_size;
    const uint32_t fill = (uint32_t)div_up(plan->tile_m * DEPTH / GROUP, plan->local_size) + 1;
    const uint32_t fragment = elements * (units->k + 2) + 1;
    const uint32_t multiply = rows * columns * fragment + columns * (rows + 1);
    const uint32_t piece = 1 + (rows + 1) + (columns + 1) + multiply;
    plan->step_trips = 1 + 2 * fill + DEPTH / units->k * piece + 1;
    const uint32_t zero = rows * columns * (elements + 2) + 1,
                   store = elements + 1 + elements / 4 + 2;
    plan->end_trips = zero + 1 + (rows + 1) + rows * (columns + 1) + rows * columns * store;
}

void venn_gemm_coop_plan(const venn_profile *profile, const venn_gemm *gemm, venn_gemm_plan *plan)
{
    plan->k_step = DEPTH;
    plan->tile_m = plan->tile_n = tile_of(profile, gemm);
    plan->local_size = SUBGROUPS * profile->subgroup_size;
    count_trips(profile, plan);
}
