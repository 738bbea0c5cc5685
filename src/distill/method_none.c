// none: the labels alone.
//   loss = CE(y, softmax(z))
#include "venn/distill.h"

static const venn_method_param params[] = {{0}};
static const venn_method_equation equations[] = {{"ce", "CE(y, z)"}, {0}};

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    return venn_step_ce(s, venn_step_apply(s, job->student, NULL));
}

const venn_method venn_method_none = {
    .name = "none",
    .summary = "no teacher: mean cross-entropy against the labels",
    .reference = "",
    .places = true,
    .tags = true,
    .status = "baseline",
    .needs = VENN_NEEDS_TEACHER,
    .equations = equations,
    .params = params,
    .objective = {.loss = loss},
};
