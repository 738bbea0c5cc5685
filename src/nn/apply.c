// Appending a network to a graph.
#include <stdlib.h>
#include <string.h>

#include "graph/graph_internal.h"
#include "nn/net_internal.h"
#include "venn/ops.h"

static bool is_product(const net_layer *layer)
{
    return layer->spec.kind == VENN_LAYER_LINEAR || layer->spec.kind == VENN_LAYER_CONV ||
           layer->spec.kind == VENN_LAYER_CONV_TRANSPOSE;
}

// Embeddings read whole numbers; recurrent layers read back what they store, step by step.
static bool is_wide(venn_layer_kind kind)
{
    return kind == VENN_LAYER_EMBEDDING || kind == VENN_LAYER_GRU || kind == VENN_LAYER_LSTM;
}

venn_tensor venn_net_layer_apply(const venn_net *net, venn_graph *g, size_t index, bool fuse,
                                 const venn_apply_params *p, venn_tensor x)
{
    const net_layer *layer = &net->layers[index];
    venn_layer_use use = {.layer = &layer->spec,
                          .epilogue = fuse ? &net->layers[index + 1].spec : NULL,
                          .train = p->train,
                          .set = p->set};
    for (size_t i = 0; i < layer->n_params; i++)
        use.params[i] = venn_graph_var(g, net->params[layer->first_param + i].public.var);
    if (is_product(layer)) // what is read most; vectors are not worth a copy
        use.params[0] = venn_cast(g, use.params[0], p->storage);
    const bool is_wide_layer = is_wide(layer->spec.kind);
    if (layer->spec.kind != VENN_LAYER_FLATTEN)
        x = venn_cast(g, x, is_wide_layer ? VENN_F32 : p->storage);
    x = venn_layer_find(layer->spec.kind)->apply(&use, g, x);
    return is_wide_layer ? venn_cast(g, x, p->storage) : x;
}

venn_tensor venn_net_fuse(const venn_net *net, venn_graph *g, const venn_tensor *y)
{
    if (net->n_branches == 1)
        return y[0];
    if (net->fusion == VENN_FUSE_CONCAT)
        return venn_concat(g, net->n_branches, y, 1);
    venn_tensor sum = y[0];
    for (size_t i = 1; i < net->n_branches; i++)
        sum = venn_add(g, sum, y[i]);
    return net->fusion == VENN_FUSE_SUM ? sum : venn_scale(g, sum, 1 / (float)net->n_branches, 0);
}

static venn_tap *find_tap(const venn_apply_params *p, const char *layer)
{
    for (size_t i = 0; i < p->n_taps; i++)
        if (strcmp(p->taps[i].layer, layer) == 0)
            return &p->taps[i];
    return NULL;
}

// What is wanted of the values at a place: channels out, then a look at the rest.
static venn_tensor visit(const venn_net *net, venn_graph *g, const char *place, venn_tensor x,
                         const venn_apply_params *p)
{
    const net_removal *removal = venn_net_find_removal(net, place);
    venn_tap *tap = find_tap(p, place);
    if (removal)
        x = venn_net_take_out(removal, g, x);
    if (tap)
        tap->y = venn_cast(g, x, VENN_F32);
    return x;
}

static bool is_visited(const venn_net *net, const char *place, const venn_apply_params *p)
{
    return find_tap(p, place) || venn_net_find_removal(net, place);
}

static venn_tensor apply_layers(const venn_net *net, venn_graph *g, size_t from, size_t end,
                                venn_tensor x, const venn_apply_params *p);

static venn_tensor apply_block(const venn_net *net, venn_graph *g, size_t i, venn_tensor x,
                               const venn_apply_params *p)
{
    const net_layer *block = &net->layers[i];
    const size_t middle = i + 1 + block->n_body;
    const venn_tensor body = apply_layers(net, g, i + 1, middle, x, p);
    const venn_tensor shortcut = apply_layers(net, g, middle, venn_net_after(net, i), x, p);
    return venn_layer_find(block->spec.kind)->join(&block->spec, g, body, shortcut);
}

// From layer `from` on to before layer `end`, both on one level.
static venn_tensor apply_layers(const venn_net *net, venn_graph *g, size_t from, size_t end,
                                venn_tensor x, const venn_apply_params *p)
{
    for (size_t i = from, next; i < end; i = next) {
        next = venn_net_after(net, i);
        if (venn_layer_find(net->layers[i].spec.kind)->paths) {
            x = apply_block(net, g, i, x, p);
        } else {
            bool fuse = next < end && !is_visited(net, net->layers[i].name, p) &&
                        venn_layer_fuses(&net->layers[i].spec, &net->layers[next].spec);
            x = venn_net_layer_apply(net, g, i, fuse, p, x);
            i = fuse ? next : i;
            next = venn_net_after(net, i);
        }
        x = visit(net, g, net->layers[i].name, x, p);
    }
    return x;
}

static venn_tensor apply_section(const venn_net *net, venn_graph *g, const net_section *section,
                                 venn_tensor x, const venn_apply_params *p)
{
    x = visit(net, g, section->place, x, p);
    return apply_layers(net, g, section->first, section->first + section->n, x, p);
}

static bool fits(const venn_shape *sample, const venn_shape *batch)
{
    if (batch->rank != sample->rank + 1)
        return false;
    for (int i = 0; i < sample->rank; i++)
        if (batch->dim[i + 1] != sample->dim[i])
            return false;
    return true;
}

static venn_status check_inputs(const venn_net *net, const venn_graph *g, const venn_tensor *x)
{
    char want[VENN_SHAPE_TEXT_MAX], got[VENN_SHAPE_TEXT_MAX];
    for (size_t b = 0; b < net->n_branches; b++) {
        const net_section *section = &net->sections[b];
        venn_shape shape = venn_tensor_shape(g, x[b]);
        if (!fits(&section->input, &shape))
            return venn_fail(VENN_BAD_SHAPE, "net: x%s%s must be a batch of samples %s, got %s",
                             *section->name ? " of " : "", section->name,
                             venn_shape_text(&section->input, want, sizeof want),
                             venn_shape_text(&shape, got, sizeof got));
        if (shape.dim[0] != venn_tensor_shape(g, x[0]).dim[0])
            return venn_fail(VENN_BAD_SHAPE, "net: the branches' batches differ: %lld and %lld",
                             (long long)venn_tensor_shape(g, x[0]).dim[0], (long long)shape.dim[0]);
    }
    return VENN_OK;
}

static venn_status check_taps(const venn_net *net, const venn_apply_params *p)
{
    for (size_t i = 0; i < p->n_taps; i++) {
        p->taps[i].y = VENN_NONE;
        VENN_TRY(venn_net_place(net, p->taps[i].layer, NULL));
    }
    return VENN_OK;
}

static venn_tensor fail(venn_graph *g, venn_status status)
{
    venn_graph_fail(g, status);
    return VENN_NONE;
}

static venn_tensor apply_head(const venn_net *net, venn_graph *g, const venn_tensor *y,
                              const venn_apply_params *p)
{
    return apply_section(net, g, &net->sections[net->n_branches], venn_net_fuse(net, g, y), p);
}

venn_tensor venn_net_apply(const venn_net *net, venn_graph *g, const venn_tensor *x,
                           const venn_apply_params *params)
{
    const venn_apply_params none = {0};
    const venn_apply_params *p = params ? params : &none;
    if (venn_graph_status(g) < 0)
        return VENN_NONE;
    venn_status status = check_taps(net, p);
    if (status == VENN_OK)
        status = check_inputs(net, g, x);
    venn_tensor *y = status == VENN_OK ? venn_alloc(net->n_branches, sizeof *y) : NULL;
    if (!y)
        return fail(g, status < 0 ? status : VENN_NO_MEMORY);
    for (size_t b = 0; b < net->n_branches; b++)
        y[b] = apply_section(net, g, &net->sections[b], x[b], p);
    for (size_t b = 0; b < net->n_branches && net->n_branches > 1; b++)
        y[b] = venn_cast(g, y[b], p->storage);
    venn_tensor z = apply_head(net, g, y, p);
    free(y);
    return venn_cast(g, z, VENN_F32);
}

venn_tensor venn_net_apply_behind(const venn_net *net, venn_graph *g, const char *place,
                                  venn_tensor y, const venn_tensor *branches,
                                  const venn_apply_params *params)
{
    const venn_apply_params none = {0};
    const venn_apply_params *p = params ? params : &none;
    net_place at;
    if (venn_graph_status(g) < 0)
        return VENN_NONE;
    venn_status status = check_taps(net, p);
    if (status == VENN_OK)
        status = venn_net_find_place(net, place, &at);
    if (status == VENN_OK && at.is_inside)
        status = venn_fail(VENN_BAD_ARG,
                           "net: %s is inside a block, whose other way begins before it; take the "
                           "block or a place outside of it",
                           place);
    if (status < 0)
        return fail(g, status);
    const net_section *section = &net->sections[at.section];
    y = apply_layers(net, g, at.before, section->first + section->n, y, p);
    if (at.section == net->n_branches)
        return venn_cast(g, y, VENN_F32);
    venn_tensor *all = venn_alloc(net->n_branches, sizeof *all);
    if (!all)
        return fail(g, VENN_NO_MEMORY);
    for (size_t b = 0; b < net->n_branches; b++)
        all[b] = venn_cast(g, b == at.section ? y : branches[b], p->storage);
    y = apply_head(net, g, all, p);
    free(all);
    return venn_cast(g, y, VENN_F32);
}
