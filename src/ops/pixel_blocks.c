// Pixels in blocks (see pixel_blocks.h).
#include <stddef.h>

#include "ops/pixel_blocks.h"

const venn_param_def venn_pixel_params[] = {{"factor", VENN_PARAM_INT,
                                             offsetof(venn_pixel_shuffle_params, factor),
                                             .doc = "pixels of a block's edge (default 1)"},
                                            {NULL}};

int64_t venn_pixel_factor(venn_node *n)
{
    const venn_pixel_shuffle_params *p = n->params;
    if (n->in[0]->shape.rank != 4) {
        venn_node_error(n, "x must be [B, C, H, W]");
        return 0;
    }
    if (p->factor < 0 || p->factor > INT16_MAX) {
        venn_node_error(n, "factor=%d must be 1 or more, up to %d", (int)p->factor, INT16_MAX);
        return 0;
    }
    return p->factor ? p->factor : 1;
}

int64_t venn_pixel_of(const venn_pixel_blocks *p, int64_t at)
{
    const int64_t w = at % p->width, h = at / p->width % p->height;
    const int64_t channel = at / (p->width * p->height);
    const int64_t j = channel % p->factor, i = channel / p->factor % p->factor;
    const int64_t plane = channel / (p->factor * p->factor);
    return ((plane * p->height + h) * p->factor + i) * p->width * p->factor + w * p->factor + j;
}

void venn_pixel_cost(const venn_node *n, venn_cost *cost)
{
    cost->bytes = 8.0 * (double)n->out[0]->count;
}
