// Sequences [B, C, L] seen as images [B, C, 1, L], so that ops of one dimension are those of two. Neither
// way costs anything.
#ifndef VENN_OPS_SEQUENCE_IMAGE_H
#define VENN_OPS_SEQUENCE_IMAGE_H

#include "graph/op.h"

// Also for a convolution's weights [K, C, k].
venn_tensor venn_sequence_to_image(venn_graph *g, venn_tensor x);
venn_tensor venn_image_to_sequence(venn_graph *g, venn_tensor x);

#endif
