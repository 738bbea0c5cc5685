// What of a matrix product's plan is open to tuning: the tile (and with it the family: squares of 64 and 128
// are gemm_tile.glsl's, rows below the profile's family's), the k's of a shuffle iteration, and whether
// operands are copied into panels. Parts of k stay as the rule has them: they decide the bits.
#include <stdio.h>

#include "kernel/kernel.h"
#include "ops/gemm.h"

enum { TILE, STEP, PANELS, KNOBS, SQUARE = 64, SQUARE_STEP = 16 };

typedef struct problem {
    const venn_gemm *gemm;
    const venn_gemm_plan *rule;
} problem;

static int64_t div_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

// The choice as a plan; everything else of it is the rule's.
static venn_gemm_plan planned(const venn_profile *p, const venn_gemm_plan *rule,
                              const uint32_t *choice)
{
    venn_gemm_plan plan = *rule;
    plan.tile_m = choice[TILE];
    plan.panels = (venn_panels)choice[PANELS];
    if (choice[TILE] >= SQUARE) {
        plan.family = VENN_FAMILY_TILE;
        plan.tile_n = plan.tile_m;
        plan.k_step = SQUARE_STEP;
    } else {
        const bool shuffle = p->family == VENN_FAMILY_SHUFFLE;
        plan.family = shuffle ? VENN_FAMILY_SHUFFLE : VENN_FAMILY_DIRECT;
        plan.tile_n = shuffle ? 4 * p->subgroup_size : VENN_GEMM_DIRECT_COLUMNS;
        plan.k_step = shuffle ? choice[STEP] : 1;
    }
    return plan;
}

// A kernel of this family with this tile and step exists, and suits the device.
static bool exists(const venn_profile *p, const problem *of, const venn_gemm_plan *plan)
{
    const bool known = plan->k_step == of->rule->k_step, whole = plan->k_step % 4 == 0;
    switch (plan->family) {
    case VENN_FAMILY_SHUFFLE:
        return plan->tile_m <= plan->tile_n &&
               (known || (whole && (plan->k_step <= p->subgroup_size || !of->gemm->lanes_find_k)));
    case VENN_FAMILY_TILE:
        // Barriers and shared memory cost those most whose registers are shared by shuffles.
        return p->family != VENN_FAMILY_SHUFFLE && venn_profile_can(p, VENN_FAMILY_TILE) &&
               (plan->tile_m == SQUARE || p->shared_memory >= VENN_GEMM_WIDE_BYTES);
    case VENN_FAMILY_DIRECT:
    case VENN_FAMILY_COOP: // nothing of it is open
        break;
    }
    return p->family == VENN_FAMILY_DIRECT && plan->tile_m == 16;
}

static bool allowed(const venn_profile *p, const void *of_problem, const uint32_t *choice)
{
    const problem *of = of_problem;
    const venn_gemm *g = of->gemm;
    const venn_gemm_plan *rule = of->rule, plan = planned(p, rule, choice);
    if (!exists(p, of, &plan))
        return false;
    // A part is a whole number of iterations, and no iteration is beyond the limit.
    if (rule->parts > 1 && rule->k_part % plan.k_step != 0)
        return false;
    if (p->loop_limit && div_up(rule->k_part, plan.k_step) > p->loop_limit)
        return false;
    // No fewer workgroups than keep the device busy, unless the rule has fewer.
    const int64_t groups = div_up(g->m, plan.tile_m) * div_up(g->n, plan.tile_n);
    const int64_t ruled = (int64_t)rule->tiles_m * rule->tiles_n;
    return groups >= ruled || groups * rule->parts * g->batch >= p->parallelism;
}

static const venn_trial trials[] = {{"matmul; M=512 N=512 K=512; MxK KxN; ", NULL},
                                    {"matmul; M=512 N=512 K=512; MxK NxK; trans_b=1", NULL},
                                    {"matmul; M=512 N=512 K=512; KxM KxN; trans_a=1", NULL},
                                    {"matmul; M=1024 N=1024 K=1024; MxK KxN; ", NULL},
                                    {"matmul; M=1024 N=1024 K=1024; KxM KxN; trans_a=1", NULL},
                                    {"matmul; M=64 N=512 K=784; MxK NxK; trans_b=1", NULL},
                                    {"matmul; M=64 N=512 K=784; MxK NxK; trans_b=1", "b"},
                                    {"matmul; M=64 N=1024 K=3136; MxK NxK; trans_b=1", NULL},
                                    {"matmul; M=64 N=1024 K=3136; MxK NxK; trans_b=1", "a"},
                                    {"matmul; M=64 N=1024 K=3136; MxK NxK; trans_b=1", "b"},
                                    {"conv2d; N=4; Nx64x32x32 64x64x3x3 -; pad=1", NULL},
                                    {"conv2d; N=4; Nx64x32x32 64x64x3x3 -; pad=1", "x"},
                                    {"conv2d; N=4; Nx64x32x32 64x64x3x3 -; pad=1", "w"},
                                    {"conv2d; N=64; Nx32x14x14 64x32x5x5 -; pad=2", NULL},
                                    {"conv2d; N=64; Nx32x14x14 64x32x5x5 -; pad=2", "x"},
                                    {"conv2d; N=64; Nx32x14x14 64x32x5x5 -; pad=2", "w"},
                                    {"conv2d; N=64; Nx1x28x28 32x1x5x5 -; pad=2", NULL},
                                    {"conv2d; N=64; Nx1x28x28 32x1x5x5 -; pad=2", "w"},
                                    {NULL, NULL}};

const venn_tunable venn_tunable_gemm = {
    .name = "gemm",
    .metric = "time of the whole product, with the copies and sums around it",
    .n_knobs = KNOBS,
    .knobs = {{"tile", 5, {8, 16, 32, 64, 128}},
              {"step", 5, {1, 4, 5, 8, 16}},
              {"panels", 3, {VENN_PANELS_BY_RULE, VENN_PANELS_NEVER, VENN_PANELS_ALWAYS}}},
    .allowed = allowed,
    .trials = trials};

// The power of two that holds n.
static unsigned bits(int64_t n)
{
    unsigned b = 0;
    while (((int64_t)1 << b) < n)
        b++;
    return b;
}

void venn_gemm_tune(const venn_profile *profile, const venn_gemm *gemm, venn_gemm_plan *plan)
{
    char class[VENN_CLASS_TEXT];
    const problem of = {gemm, plan};
    uint32_t choice[VENN_MAX_KNOBS] = {plan->tile_m, plan->k_step, (uint32_t)plan->panels};
    snprintf(class, sizeof class, "%s m%u n%u k%u b%u", gemm->name, bits(gemm->m), bits(gemm->n),
             bits(gemm->k), bits(gemm->batch));
    if (venn_tuning_choose(profile, &venn_tunable_gemm, class, &of, choice) == VENN_CHOSEN_BY_RULE)
        return;
    *plan = planned(profile, plan, choice);
    plan->k_part = (uint32_t)(div_up(plan->k_part, plan->k_step) * plan->k_step);
    venn_gemm_fit_plan(profile, gemm, plan);
}
