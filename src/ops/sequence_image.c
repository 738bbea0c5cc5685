// Sequences as images (see sequence_image.h).
#include "ops/sequence_image.h"
#include "venn/ops.h"

venn_tensor venn_sequence_to_image(venn_graph *g, venn_tensor x)
{
    const venn_shape s = venn_tensor_shape(g, x);
    return venn_reshape(g, x, VENN_SHAPE(s.dim[0], s.dim[1], 1, s.dim[2]));
}

venn_tensor venn_image_to_sequence(venn_graph *g, venn_tensor x)
{
    const venn_shape s = venn_tensor_shape(g, x);
    return venn_reshape(g, x, VENN_SHAPE(s.dim[0], s.dim[1], s.dim[3]));
}
