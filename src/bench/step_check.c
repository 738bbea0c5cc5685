// The numerics gate of training steps: the same step, of a batch that the host can afford, beside its
// double-precision execution.
#include <math.h>

#include "base/status.h"
#include "bench/bench_step.h"
#include "graph/graph_internal.h"
#include "graph/reference.h"

// With fewer samples many gradients are next to nothing, of which Adam makes whole steps all the same: then it is
// rounding that decides where they go.
enum { CHECKED_STEPS = 3, CHECKED_BATCH = 4 };

static void copy_inputs(venn_step *s, venn_reference *reference)
{
    for (uint32_t i = 0; i < s->g->n_values; i++) {
        const venn_value *value = s->g->values[i];
        if (!value->is_input)
            continue;
        const void *from = venn_program_input(s->program, value->name, NULL);
        double *to = venn_reference_value(reference, venn_value_tensor(value));
        for (int64_t k = 0; k < value->count; k++)
            to[k] = value->dtype == VENN_F32 ? (double)((const float *)from)[k]
                                             : ((const int32_t *)from)[k];
    }
}

static venn_status train(venn_step *s, venn_reference *reference, double *error)
{
    for (uint32_t i = 0; i < CHECKED_STEPS; i++) {
        uint64_t ticket;
        VENN_TRY(venn_program_begin(s->program));
        VENN_TRY(venn_step_feed(s, s->program, i));
        copy_inputs(s, reference);
        VENN_TRY(venn_program_run(s->program, &ticket));
        VENN_TRY(venn_reference_run(reference));
        const double got =
            (double)*(const float *)venn_program_output(s->program, ticket, "loss", NULL);
        const double want = *venn_reference_value(reference, s->loss);
        const double off = fabs(got - want) / fabs(want);
        *error = off <= *error ? *error : off; // a NaN stays
    }
    return VENN_OK;
}

venn_status venn_bench_step_error(venn_device *device, const char *name, double *error)
{
    const venn_step_def *def;
    VENN_TRY(venn_step_find(name, &def));
    return venn_step_check(device, def, error);
}

venn_status venn_step_check(venn_device *device, const venn_step_def *def, double *error)
{
    venn_step s;
    venn_reference *reference = NULL;
    *error = 0;
    venn_status status = venn_step_create(&s, device, def, CHECKED_BATCH, false);
    if (status == VENN_OK)
        status = venn_reference_create(&reference, s.g);
    if (status == VENN_OK)
        status = venn_reference_read_vars(reference);
    if (status == VENN_OK)
        status = train(&s, reference, error);
    venn_reference_destroy(&reference);
    venn_step_finish(&s);
    return status;
}
