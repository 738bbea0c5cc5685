// A network that follows another: the moving average of its weights (MoCo's key encoder, a mean teacher).
#ifndef VENN_DISTILL_BLOCK_MOMENTUM_H
#define VENN_DISTILL_BLOCK_MOMENTUM_H

#include "venn/distill_method.h"

// Appends k = momentum k + (1 - momentum) q for every parameter of two networks of one layout; buffers (running
// statistics) are left alone. For an objective's `after`, whose guard it takes.
void venn_momentum_follow(venn_step *s, const venn_net *key, const venn_net *query, double momentum,
                          venn_tensor guard);

#endif
