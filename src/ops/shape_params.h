// The params of ops that are given a shape: rank and extents as plain integers, so that text can set
// them ("rank=2 dims=3,4,0,0,0,0").
#ifndef VENN_OPS_SHAPE_PARAMS_H
#define VENN_OPS_SHAPE_PARAMS_H

#include "graph/op.h"

typedef struct venn_shape_params {
    int32_t rank;
    int32_t dims[VENN_MAX_RANK];
} venn_shape_params;

extern const venn_param_def venn_shape_param_defs[];

// The same rows for the table of a params struct that has a venn_shape_params called `shape`.
#define VENN_SHAPE_PARAM_ROWS(type)                                                                \
    {"rank", VENN_PARAM_INT, offsetof(type, shape.rank), 1, NULL, "number of axes; 0: a scalar"},  \
    {                                                                                              \
        "dims", VENN_PARAM_INTS, offsetof(type, shape.dims), VENN_MAX_RANK, NULL,                  \
            "extents, outermost first; those beyond rank are ignored"                              \
    }

// Extents that do not fit become -2, which venn_shape_params_read refuses.
venn_shape_params venn_shape_params_make(const venn_shape *shape);
// The shape, or an error of node n. One extent may be -1 where `count` (else negative) is the number
// of elements that the shape must have: it is worked out.
bool venn_shape_params_read(venn_node *n, const venn_shape_params *params, int64_t count,
                            venn_shape *shape);

#endif
