#include <string.h>

#include "distill/block_features.h"

// Layers of a block bear its name and a dot.
static bool is_inside(const char *name, const char *block)
{
    const size_t length = strlen(block);
    return strncmp(name, block, length) == 0 && name[length] == '.';
}

static bool is_part_of_a_block(const venn_net *net, size_t layer)
{
    for (size_t i = 0; i < layer; i++)
        if (is_inside(venn_net_layer(net, layer).name, venn_net_layer(net, i).name))
            return true;
    return false;
}

const char *venn_block_features(const venn_net *net)
{
    bool past_last = false;
    for (size_t i = venn_net_n_layers(net); i-- > 0;)
        if (!is_part_of_a_block(net, i)) {
            if (past_last)
                return venn_net_layer(net, i).name;
            past_last = true;
        }
    return NULL;
}
