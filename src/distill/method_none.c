// none: the labels alone.
//   loss = CE(y, softmax(z))
#include "venn/distill.h"

static const venn_method_param params[] = {{0}};

static venn_tensor loss(const void *values, venn_objective_context *c)
{
    (void)values;
    return venn_objective_ce.loss(NULL, c);
}

const venn_method venn_method_none = {
    .name = "none",
    .summary = "no teacher: mean cross-entropy against the labels",
    .reference = "",
    .params = params,
    .loss = loss,
};
