// Norms. Gamma and beta are the parameters weight and bias, of one number per channel or feature.
#include <float.h>

#include "base/status.h"
#include "graph/graph_internal.h"
#include "nn/layer.h"
#include "venn/ops.h"

static venn_status check_eps(venn_layer *l, float otherwise)
{
    l->eps = l->eps != 0 ? l->eps : otherwise;
    if (!(l->eps > 0))
        return venn_fail(VENN_BAD_ARG, "eps is %g, must be above 0", (double)l->eps);
    return VENN_OK;
}

static int affine(int64_t n, venn_layer_param *p)
{
    p[0] = (venn_layer_param){.suffix = "weight", .shape = VENN_SHAPE(n), .low = 1, .high = 1};
    p[1] = (venn_layer_param){.suffix = "bias", .shape = VENN_SHAPE(n)};
    return 2;
}

static int channel_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    (void)l;
    return affine(in->dim[0], p);
}

static int feature_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    (void)l;
    return affine(in->dim[in->rank - 1], p);
}

// ---- Batch norm ------------------------------------------------------------------------------

static venn_status resolve_batch_norm(venn_layer *l, const venn_shape *in)
{
    if (in->rank < 1)
        return venn_fail(VENN_BAD_SHAPE, "it takes [C] or [C, ..]");
    l->sets = l->sets != 0 ? l->sets : 1;
    VENN_TRY(venn_layer_at_least("sets", l->sets, 1));
    l->momentum = l->momentum != 0 ? l->momentum : 0.1f;
    if (!(l->momentum > 0 && l->momentum <= 1))
        return venn_fail(VENN_BAD_ARG, "momentum is %g, must be in (0, 1]", (double)l->momentum);
    return check_eps(l, 1e-5f);
}

static int batch_norm_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    const venn_shape each = l->sets > 1 ? VENN_SHAPE(l->sets, in->dim[0]) : VENN_SHAPE(in->dim[0]);
    channel_params(l, in, p);
    p[0].shape = p[1].shape = each;
    p[2] = (venn_layer_param){.suffix = "running_mean", .shape = each, .buffer = true};
    p[3] = (venn_layer_param){
        .suffix = "running_var", .shape = each, .low = 1, .high = 1, .buffer = true};
    return 4;
}

static venn_tensor row_of(venn_graph *g, venn_tensor table, int32_t row)
{
    const venn_shape shape = venn_tensor_shape(g, table);
    return venn_reshape(g, venn_slice(g, table, 0, row, 1), VENN_SHAPE(shape.dim[1]));
}

static venn_tensor apply_batch_norm(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    venn_batch_norm_params params = {.mode =
                                         use->train ? VENN_BATCH_NORM_TRAIN : VENN_BATCH_NORM_EVAL,
                                     .eps = use->layer->eps,
                                     .momentum = use->layer->momentum};
    venn_tensor gamma = use->params[0], beta = use->params[1];
    if (use->layer->sets > 1) {
        if (use->set < 0 || use->set >= use->layer->sets) {
            venn_graph_fail(g, venn_fail(VENN_BAD_ARG, "batch norm of %d sets has no set %d",
                                         (int)use->layer->sets, (int)use->set));
            return VENN_NONE;
        }
        params.set = use->set;
        gamma = row_of(g, gamma, use->set);
        beta = row_of(g, beta, use->set);
    }
    return venn_batch_norm(g, x, gamma, beta, use->params[2], use->params[3], &params, NULL);
}

const venn_layer_desc venn_layer_batch_norm = {.name = "batch_norm",
                                               .resolve = resolve_batch_norm,
                                               .params = batch_norm_params,
                                               .apply = apply_batch_norm};

// ---- Of rows ---------------------------------------------------------------------------------

static venn_status resolve_layer_norm(venn_layer *l, const venn_shape *in)
{
    if (in->rank < 1)
        return venn_fail(VENN_BAD_SHAPE, "it takes [.., D]");
    return check_eps(l, 1e-5f);
}

static venn_tensor apply_layer_norm(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_layer_norm(g, x, use->params[0], use->params[1],
                           &(venn_layer_norm_params){.eps = use->layer->eps});
}

const venn_layer_desc venn_layer_layer_norm = {.name = "layer_norm",
                                               .resolve = resolve_layer_norm,
                                               .params = feature_params,
                                               .apply = apply_layer_norm};

static venn_status resolve_rms_norm(venn_layer *l, const venn_shape *in)
{
    if (in->rank < 1)
        return venn_fail(VENN_BAD_SHAPE, "it takes [.., D]");
    return check_eps(l, FLT_EPSILON);
}

static int rms_norm_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    return feature_params(l, in, p) - 1; // without the bias
}

static venn_tensor apply_rms_norm(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_rms_norm(g, x, use->params[0], &(venn_rms_norm_params){.eps = use->layer->eps});
}

const venn_layer_desc venn_layer_rms_norm = {.name = "rms_norm",
                                             .resolve = resolve_rms_norm,
                                             .params = rms_norm_params,
                                             .apply = apply_rms_norm};

// ---- Of channels -----------------------------------------------------------------------------

static venn_status resolve_group_norm(venn_layer *l, const venn_shape *in)
{
    if (in->rank < 1)
        return venn_fail(VENN_BAD_SHAPE, "it takes [C] or [C, ..]");
    VENN_TRY(venn_layer_at_least("groups", l->groups, 1));
    if (in->dim[0] % l->groups != 0)
        return venn_fail(VENN_BAD_SHAPE, "groups is %d, must divide the channels", (int)l->groups);
    return check_eps(l, 1e-5f);
}

static venn_tensor apply_group_norm(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_group_norm(
        g, x, use->params[0], use->params[1],
        &(venn_group_norm_params){.groups = use->layer->groups, .eps = use->layer->eps});
}

const venn_layer_desc venn_layer_group_norm = {.name = "group_norm",
                                               .resolve = resolve_group_norm,
                                               .params = channel_params,
                                               .apply = apply_group_norm};

static venn_status resolve_instance_norm(venn_layer *l, const venn_shape *in)
{
    if (in->rank < 2)
        return venn_fail(VENN_BAD_SHAPE, "it takes [C, ..] with at least one axis behind C");
    return check_eps(l, 1e-5f);
}

static venn_tensor apply_instance_norm(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_instance_norm(g, x, use->params[0], use->params[1],
                              &(venn_instance_norm_params){.eps = use->layer->eps});
}

const venn_layer_desc venn_layer_instance_norm = {.name = "instance_norm",
                                                  .resolve = resolve_instance_norm,
                                                  .params = channel_params,
                                                  .apply = apply_instance_norm};
