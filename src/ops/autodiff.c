// The ops that differentiation itself appends (declared in graph/op.h, which knows no op by name).
#include "graph/op.h"
#include "venn/ops.h"

venn_tensor venn_autodiff_ones(venn_graph *g, venn_shape shape)
{
    return venn_fill(g, shape, 1.0f);
}

venn_tensor venn_autodiff_add(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_add(g, a, b);
}

venn_tensor venn_autodiff_cast(venn_graph *g, venn_tensor x, venn_dtype dtype)
{
    return venn_cast(g, x, dtype);
}
