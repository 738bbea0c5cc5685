// Work that is timed in turns with a peer's (venn/bench.h).
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "bench/bench_step.h"
#include "bench/bench_work.h"
#include "bench/kernel_time.h"

enum { FIRST_WARMUP = 3, LATER_WARMUP = 1, MAX_TEXT = 1024, FIELDS = 4 };

struct venn_bench_work {
    venn_device *device;
    venn_kernel_program kernel;
    venn_step step;
    bool is_step, warm;
    int part;           // of a kernel
    venn_status status; // of making it, in the walk over a row's cases
};

static venn_program *program_of(const venn_bench_work *w)
{
    return w->is_step ? w->step.program : w->kernel.program;
}

static bool make_kernel(void *user, const venn_case *c)
{
    venn_bench_work *w = user;
    w->status = venn_kernel_program_create(&w->kernel, w->device, c, w->part);
    w->kernel.c = NULL;
    return false;
}

static venn_status read_part(const venn_op_desc *op, const char *part, int *out)
{
    *out = VENN_KERNEL_FORWARD;
    if (!part || strcmp(part, VENN_PHASE_FORWARD) == 0)
        return VENN_OK;
    for (int i = 0; i < op->n_inputs; i++)
        if (strcmp(op->inputs[i].name, part) == 0) {
            *out = i;
            return VENN_OK;
        }
    return venn_fail(VENN_BAD_ARG, "%s has no part \"%s\": \"forward\" or an operand's name",
                     op->name, part);
}

static char *trimmed(char *text)
{
    while (*text == ' ')
        text++;
    char *end = text + strlen(text);
    while (end > text && end[-1] == ' ')
        *--end = 0;
    return text;
}

static venn_status create_kernel(venn_bench_work *w, const char *what, const char *part)
{
    char text[MAX_TEXT], *rest = text, *field[FIELDS] = {"", "", "", ""};
    if (strlen(what) >= sizeof text)
        return venn_fail(VENN_BAD_ARG, "\"%.40s...\" is too long for a case", what);
    strcpy(text, what);
    for (int i = 0; i < FIELDS && rest; i++)
        field[i] = trimmed(strsep(&rest, ";"));
    const venn_op_desc *op = venn_op_find(field[0]);
    if (!op || rest)
        return venn_fail(VENN_BAD_ARG, "\"%s\" is neither a step nor a case, as \"relu; N=8; N; \"",
                         what);
    VENN_TRY(read_part(op, part, &w->part));
    const venn_case_row row = {field[0], field[1], field[2], field[3], VENN_CASE_BENCH};
    VENN_TRY(venn_case_each(op, &row, make_kernel, w));
    return w->status;
}

static venn_status create_step(venn_bench_work *w, const char *name, const char *part)
{
    const venn_step_def *def;
    VENN_TRY(venn_step_find(name, &def));
    if (part)
        return venn_fail(VENN_BAD_ARG, "a step has no part \"%s\"", part);
    return venn_step_create(&w->step, w->device, def, def->batch, false);
}

static venn_status create(venn_bench_work **out, venn_device *device, const char *what,
                          const char *part, bool whole)
{
    *out = NULL;
    venn_bench_work *w = VENN_NEW(venn_bench_work);
    if (!w)
        return VENN_NO_MEMORY;
    w->device = device;
    w->kernel.whole = whole;
    w->is_step = !strchr(what, ';');
    const venn_status status =
        w->is_step ? create_step(w, what, part) : create_kernel(w, what, part);
    if (status < 0)
        venn_bench_work_destroy(&w);
    *out = w;
    return status;
}

venn_status venn_bench_work_create(venn_bench_work **out, venn_device *device, const char *what,
                                   const char *part)
{
    return create(out, device, what, part, false);
}

venn_status venn_bench_work_result(venn_device *device, const char *what, const char *part,
                                   venn_hash *hash)
{
    venn_bench_work *w;
    uint64_t ticket = 0;
    size_t size = 0;
    venn_status status = create(&w, device, what, part, true);
    if (status == VENN_OK)
        status = venn_program_begin(program_of(w));
    if (status == VENN_OK)
        status = venn_program_run(program_of(w), &ticket);
    if (status == VENN_OK) {
        const void *y = venn_program_output(program_of(w), ticket, "y0", &size);
        *hash = venn_hash_bytes(y, size);
    }
    venn_bench_work_destroy(&w);
    return status;
}

// A kernel is what is not there to keep its result: the phases that have a name.
static double kernel_us(const venn_sampled *s, uint32_t sample)
{
    double us = 0;
    for (size_t i = 0; i < s->n_phases; i++)
        us += *s->phase[i].name ? s->phase[i].us[sample] : 0;
    return us;
}

venn_status venn_bench_work_run(venn_bench_work *w, uint32_t samples, venn_bench_time *times)
{
    const venn_sampling sampling = {
        .warmup = w->warm ? LATER_WARMUP : FIRST_WARMUP, .samples = samples, .phases = !w->is_step};
    const venn_sampled_hooks hooks = {.feed = w->is_step ? venn_step_feed : NULL, .user = &w->step};
    venn_sampled sampled;
    VENN_TRY(venn_sample_program(program_of(w), &sampling, &hooks, &sampled));
    w->warm = true;
    for (uint32_t i = 0; i < samples; i++)
        times[i] = (venn_bench_time){.wall_us = sampled.wall_us[i],
                                     .device_us = kernel_us(&sampled, i),
                                     .cpu_us = sampled.cpu_us[i]};
    venn_sampled_finish(&sampled);
    return VENN_OK;
}

void venn_bench_work_info(const venn_bench_work *work, venn_program_info *info)
{
    venn_program_get_info(program_of(work), info);
}

void venn_bench_work_destroy(venn_bench_work **work)
{
    venn_bench_work *w = *work;
    if (!w)
        return;
    if (w->is_step)
        venn_step_finish(&w->step);
    else
        venn_kernel_program_finish(&w->kernel);
    free(w);
    *work = NULL;
}
