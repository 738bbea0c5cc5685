#include "train/sweep.h"

#include <string.h>

enum { INPUT_MAX = 64 << 20 }; // bytes of a batch

// Fewer items at once where they are large: clips of 25 MB each, say.
static uint32_t fitting(uint32_t batch, const venn_fit_net *nets, size_t n_nets,
                        const venn_dataset *data)
{
    int64_t item = 0;
    int32_t m;
    for (const venn_fit_net *net = nets; net < nets + n_nets; net++)
        for (size_t i = 0; net->modalities && i < venn_net_n_branches(net->net); i++)
            if (venn_dataset_modality(data, net->modalities[i], &m) == VENN_OK)
                item += venn_shape_count(&data->modalities[m].shape) * (int64_t)sizeof(float);
    batch = batch ? batch : 256;
    while (batch > 1 && batch * item > INPUT_MAX)
        batch /= 2;
    return batch;
}

venn_status venn_sweep_open(sweep *s, venn_device *device, const venn_dataset *data, uint32_t batch,
                            const venn_fit_net *nets, size_t n_nets, sweep_build build, void *user)
{
    venn_graph *g;
    *s = (sweep){.stream = {.data = data, .batch = fitting(batch, nets, n_nets, data)}};
    step_build b = {.public = {.batch = s->stream.batch},
                    .streams = &s->stream,
                    .n_streams = 1,
                    .nets = nets,
                    .n_nets = n_nets};
    VENN_TRY(venn_graph_create(&g));
    b.public.g = g;
    build(user, &b.public);
    venn_compile_params params = {.name = "evaluation", .slots = 2};
    venn_status status = venn_graph_compile(&s->program, g, device, &params);
    venn_graph_destroy(&g);
    return status;
}

void venn_sweep_close(sweep *s)
{
    venn_program_destroy(&s->program);
}

venn_status venn_sweep_each(sweep *s, venn_split_id id, sweep_take take, void *user)
{
    const venn_split *split = &s->stream.data->split[id];
    const int64_t batch = s->stream.batch;
    uint64_t ticket = 0, before = 0;
    s->stream.split = id;
    // One batch is filled while the one before it runs.
    for (int64_t first = 0; first < split->n + batch; first += batch) {
        if (first < split->n) {
            VENN_TRY(venn_program_begin(s->program));
            venn_step_write_rows(&s->stream, s->program, first);
            VENN_TRY(venn_program_submit(s->program, &ticket));
        }
        if (first > 0) {
            int64_t past = first - batch, n = split->n - past < batch ? split->n - past : batch;
            VENN_TRY(venn_program_wait(s->program, before));
            VENN_TRY(take(user, s->program, before, past, n));
        }
        before = ticket;
    }
    return VENN_OK;
}

// ---- Gathering -------------------------------------------------------------------------------

typedef struct gathering {
    const venn_sweep *sweep;
    size_t batch;
} gathering;

static venn_status gather(void *user, venn_program *program, uint64_t ticket, int64_t first,
                          int64_t n)
{
    const gathering *of = user;
    const size_t batch = of->batch;
    for (const struct venn_sweep_output *out = of->sweep->outputs; out->name; out++) {
        size_t bytes;
        const void *from = venn_program_output(program, ticket, out->name, &bytes);
        if (!from || bytes % batch)
            return venn_fail(VENN_BAD_ARG, "the graph of a sweep has no output %s of %zu rows",
                             out->name, batch);
        const size_t row = bytes / batch;
        memcpy((char *)out->rows + (size_t)first * row, from, (size_t)n * row);
    }
    return VENN_OK;
}

venn_status venn_sweep_run(venn_device *device, const venn_sweep *p)
{
    sweep s;
    venn_status status =
        venn_sweep_open(&s, device, p->data, p->batch, p->nets, p->n_nets, p->build, p->user);
    gathering of = {p, s.stream.batch};
    if (status == VENN_OK)
        status = venn_sweep_each(&s, p->split, gather, &of);
    venn_sweep_close(&s);
    return status;
}
