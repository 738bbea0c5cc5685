// Everything that `venn tune` can tune.
#include "kernel/tuning.h"

static bool elementwise_allowed(const venn_profile *profile, const void *problem,
                                const uint32_t *choice)
{
    (void)problem;
    return choice[0] >= profile->subgroup_size && choice[0] <= profile->max_workgroup_size;
}

static void elementwise_apply(venn_profile *profile, const uint32_t *choice)
{
    profile->elementwise_group = choice[0];
}

static const venn_trial elementwise_trials[] = {{"add; N=4194304; N N; ", NULL},
                                                {"relu; N=4194304; N; ", NULL},
                                                {"softmax; M=4096 C=1024; MxC; ", NULL},
                                                {NULL, NULL}};

static const venn_tunable elementwise = {
    .name = "elementwise",
    .metric = "time of add, relu and row softmax over 16 MiB, one after the other",
    .n_knobs = 1,
    .knobs = {{"group", 5, {32, 64, 128, 256, 512}}},
    .allowed = elementwise_allowed,
    .apply = elementwise_apply,
    .trials = elementwise_trials};

extern const venn_tunable venn_tunable_gemm;

const venn_tunable *const venn_tunables[] = {&venn_tunable_gemm, &elementwise, NULL};
