#include "distill/block_momentum.h"

#include <string.h>

#include "base/status.h"
#include "venn/ops.h"

// As many pairs as one call takes at most.
enum { AT_ONCE = 8 };

void venn_momentum_follow(venn_step *s, const venn_net *key, const venn_net *query, double momentum,
                          venn_tensor guard)
{
    // 0 stands for the default there.
    const venn_ema_params ema = {.momentum = momentum > 0 ? (float)momentum : -1};
    venn_tensor average[AT_ONCE], value[AT_ONCE];
    size_t n = 0;
    const size_t last = venn_net_n_params(key);
    for (size_t i = 0; i < last; i++) {
        const venn_net_param *k = venn_net_param_at(key, i), *q = venn_net_param_at(query, i);
        if (!k->buffer) {
            average[n] = venn_graph_var(s->g, k->var);
            value[n++] = venn_graph_var(s->g, q->var);
        }
        if (n == AT_ONCE || (n && i + 1 == last)) {
            venn_ema(s->g, n, average, value, guard, VENN_NONE, &ema);
            n = 0;
        }
    }
}
