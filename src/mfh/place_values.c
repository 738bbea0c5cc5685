// One sweep over the split (see place_values.h).
#include "mfh/place_values.h"

#include <stdlib.h>

#include "base/status.h"
#include "venn/ops.h"
#include "venn/train.h"

typedef struct reading {
    const venn_seer *seer;
    const char *place;
    int64_t channels, area;
} reading;

static void build(void *user, venn_step *s)
{
    const reading *r = user;
    venn_tap tap = {.layer = r->place};
    venn_step_apply(s, r->seer->net, &(venn_step_apply_params){.taps = &tap, .n_taps = 1});
    venn_tensor x = venn_reshape(s->g, tap.y, VENN_SHAPE(s->batch, r->channels, r->area));
    venn_graph_output(s->g, "values", venn_mean(s->g, x, &(venn_reduce_params){.axes = 1 << 2}));
}

static venn_status choose(venn_place_values *out, const float *all, const reading *r,
                          const venn_split *split, int64_t most)
{
    const int64_t n = split->n < most ? split->n : most;
    out->values = venn_alloc((size_t)(n * r->channels), sizeof *out->values);
    out->labels = venn_alloc((size_t)n, sizeof *out->labels);
    if (!out->values || !out->labels)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        const int64_t from = i * split->n / n;
        out->labels[i] = split->labels[from];
        for (int64_t c = 0; c < r->channels; c++)
            out->values[i * r->channels + c] = (double)all[from * r->channels + c];
    }
    out->samples = (venn_samples){out->values, n, r->channels};
    return VENN_OK;
}

venn_status venn_place_values_read(venn_place_values *out, venn_device *device,
                                   const venn_seer *seer, const char *place,
                                   const venn_dataset *data, venn_split_id split, int64_t most)
{
    venn_shape at;
    *out = (venn_place_values){0};
    VENN_TRY(venn_net_place(seer->net, place, &at));
    if (at.rank < 1)
        return venn_fail(VENN_BAD_ARG, "%s has no channels", place);
    reading r = {seer, place, at.dim[0], venn_shape_count(&at) / at.dim[0]};
    float *all = venn_alloc((size_t)(data->split[split].n * r.channels), sizeof *all);
    if (!all)
        return VENN_NO_MEMORY;
    const venn_fit_net net = {
        .net = seer->net, .name = "seer", .modalities = seer->modalities, .role = VENN_NET_FROZEN};
    const struct venn_sweep_output outputs[] = {{"values", all}, {NULL, NULL}};
    venn_status status = venn_sweep_run(device, &(venn_sweep){.data = data,
                                                              .split = split,
                                                              .nets = &net,
                                                              .n_nets = 1,
                                                              .user = &r,
                                                              .build = build,
                                                              .outputs = outputs});
    if (status == VENN_OK)
        status = choose(out, all, &r, &data->split[split], most);
    free(all);
    if (status < 0)
        venn_place_values_finish(out);
    return status;
}

void venn_place_values_finish(venn_place_values *values)
{
    free(values->values);
    free(values->labels);
    *values = (venn_place_values){0};
}
