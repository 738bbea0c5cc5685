// Finding the tensor that went bad first: the step is built again with memory of its own for every value,
// run on the same batch (the guard has kept the parameters), and searched in execution order.
#include <stdio.h>

#include "train/fit_internal.h"

static venn_status rerun(fit_state *f, venn_program *program, uint64_t step)
{
    venn_loader *loaders[FIT_MAX_STREAMS] = {NULL};
    venn_status status = venn_fit_loaders_start(f, step - 1, loaders);
    if (status == VENN_OK)
        status = venn_program_begin(program);
    if (status == VENN_OK)
        status = venn_fit_feed(f, program, loaders, step - 1);
    if (status == VENN_OK)
        status = venn_program_run(program, NULL);
    venn_fit_loaders_destroy(loaders);
    return status;
}

venn_status venn_fit_diagnose(fit_state *f, uint64_t step, double loss)
{
    char first[128] = "the loss";
    venn_graph *g = NULL;
    venn_program *program = NULL;
    venn_compile_params params = {.name = "diagnosis", .keep_all = true, .slots = 1};
    if (venn_graph_create(&g) == VENN_OK && venn_fit_build(f, g) == VENN_OK &&
        venn_graph_compile(&program, g, f->device, &params) == VENN_OK &&
        rerun(f, program, step) == VENN_OK) {
        const char *name = venn_program_first_nonfinite(program);
        if (name)
            snprintf(first, sizeof first, "%s", name);
    }
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    return venn_fail(
        VENN_NOT_FINITE,
        "the loss became %g at step %llu; the first tensor that went bad is %s; the last good "
        "checkpoint is kept: lower the learning rate, clip the gradients or check the data%s",
        loss, (unsigned long long)step, first,
        f->storage == VENN_F16 ? ", or train in bf16 or f32: f16 ends at 65504" : "");
}
