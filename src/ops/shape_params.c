// Shapes as params of an op (see shape_params.h).
#include "ops/shape_params.h"

const venn_param_def venn_shape_param_defs[] = {
    {"rank", VENN_PARAM_INT, offsetof(venn_shape_params, rank), 1, NULL,
     "number of axes; 0: a scalar"},
    {"dims", VENN_PARAM_INTS, offsetof(venn_shape_params, dims), VENN_MAX_RANK, NULL,
     "extents, outermost first; those beyond rank are ignored"},
    {0}};

venn_shape_params venn_shape_params_make(const venn_shape *shape)
{
    venn_shape_params params = {.rank = shape->rank};
    for (int i = 0; i < shape->rank && i < VENN_MAX_RANK; i++)
        params.dims[i] =
            shape->dim[i] < -1 || shape->dim[i] > INT32_MAX ? -2 : (int32_t)shape->dim[i];
    return params;
}

// Puts the extent that is missing for `count` elements at axis `open`.
static bool close_shape(venn_node *n, venn_shape *shape, int open, int64_t count)
{
    shape->dim[open] = 1;
    int64_t rest = venn_shape_count(shape);
    if (rest <= 0 || count % rest != 0)
        return venn_node_error(n, "extent -1 cannot be worked out for %lld elements",
                               (long long)count);
    shape->dim[open] = count / rest;
    return true;
}

bool venn_shape_params_read(venn_node *n, const venn_shape_params *params, int64_t count,
                            venn_shape *shape)
{
    if (params->rank < 0 || params->rank > VENN_MAX_RANK)
        return venn_node_error(n, "rank %d is not in 0..%d", (int)params->rank, VENN_MAX_RANK);
    *shape = (venn_shape){.rank = params->rank};
    int open = -1;
    for (int i = 0; i < params->rank; i++) {
        bool missing = params->dims[i] == -1 && count >= 0 && open < 0;
        if (params->dims[i] < 0 && !missing)
            return venn_node_error(n, "bad extent at axis %d", i);
        if (missing)
            open = i;
        shape->dim[i] = params->dims[i];
    }
    if (open >= 0)
        return close_shape(n, shape, open, count);
    if (venn_shape_count(shape) < 0)
        return venn_node_error(n, "too many elements");
    return true;
}
