#include "distill/block_late_fusion.h"

#include <string.h>

#include "base/status.h"
#include "venn/ops.h"

venn_status venn_late_fusion_of(late_fusion *out, const venn_net *net, venn_fusion fusion,
                                const char *method)
{
    const size_t n = venn_net_n_branches(net), n_layers = venn_net_n_layers(net);
    *out = (late_fusion){.net = net, .n = n, .shared = fusion == VENN_FUSE_MEAN};
    // The last layer is linear, and the head's first: the head is this layer.
    if (n < 2 || n > LATE_FUSION_MAX || venn_net_fusion(net) != fusion || n_layers == 0 ||
        venn_net_layer(net, n_layers - 1).kind != VENN_LAYER_LINEAR ||
        strcmp(venn_net_last_features(net), "head.input") != 0)
        return venn_fail(VENN_BAD_ARG,
                         "method %s: the student needs 2 to %d inputs, fusion: %s and a head of "
                         "one linear layer",
                         method, LATE_FUSION_MAX, out->shared ? "mean" : "concat");
    for (size_t m = 0; m < n; m++) {
        venn_shape sample;
        out->end[m] = venn_net_branch_end(net, m);
        VENN_TRY(venn_net_place(net, out->end[m], &sample));
        out->width[m] = venn_shape_count(&sample);
    }
    size_t last = venn_net_n_params(net) - 1;
    if (venn_var_shape(venn_net_param_at(net, last)->var).rank == 1)
        out->bias = venn_net_param_at(net, last--)->var;
    out->weight = venn_net_param_at(net, last)->var;
    return VENN_OK;
}

venn_tensor venn_late_fusion_apply(const venn_net *net, venn_step *s, venn_tensor *features)
{
    const size_t n = venn_net_n_branches(net);
    venn_tap taps[LATE_FUSION_MAX] = {{0}};
    for (size_t m = 0; m < n; m++)
        taps[m].layer = venn_net_branch_end(net, m);
    venn_tensor z = venn_step_apply(s, net, &(venn_step_apply_params){.taps = taps, .n_taps = n});
    for (size_t m = 0; m < n; m++)
        features[m] = taps[m].y;
    return z;
}

venn_tensor venn_late_fusion_alone(const late_fusion *f, venn_step *s, size_t m,
                                   venn_tensor features)
{
    venn_tensor w = venn_graph_var(s->g, f->weight);
    venn_tensor bias = f->bias ? venn_graph_var(s->g, f->bias) : VENN_NONE;
    if (!f->shared) {
        int64_t start = 0;
        for (size_t i = 0; i < m; i++)
            start += f->width[i];
        w = venn_slice(s->g, w, 1, start, f->width[m]);
        bias = bias.id ? venn_scale(s->g, bias, 1.0f / (float)f->n, 0) : bias;
    }
    return venn_matmul(s->g, features, w, bias, &(venn_matmul_params){.trans_b = true});
}

size_t venn_late_fusion_branch(const late_fusion *f, const venn_var *var)
{
    // Parameters stand branch after branch; each branch's layers are named "<branch>.<layer>".
    const char *name = venn_var_name(var);
    for (size_t i = 0; i < venn_net_n_params(f->net); i++)
        if (venn_net_param_at(f->net, i)->var == var)
            for (size_t m = 0; m < f->n; m++) {
                const char *dot = strchr(f->end[m], '.');
                const size_t length = dot ? (size_t)(dot - f->end[m]) + 1 : 0;
                if (length && strncmp(name, f->end[m], length) == 0)
                    return m;
            }
    return f->n;
}
