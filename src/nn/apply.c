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

venn_tensor venn_net_layer_apply(const venn_net *net, venn_graph *g, size_t index,
                                 const venn_layer *epilogue, const venn_apply_params *p,
                                 venn_tensor x)
{
    const net_layer *layer = &net->layers[index];
    venn_layer_use use = {
        .layer = &layer->spec, .epilogue = epilogue, .train = p->train, .set = p->set};
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

// ---- Side by side ----------------------------------------------------------------------------

// Runs of a net through its layers, one or more, which are at the same layer at any time.
typedef struct walk {
    const venn_net *net;
    venn_graph *g;
    size_t n;                   // runs
    const venn_apply_params *p; // [n]
    const venn_meeting *meeting;
} walk;

static venn_tap *find_tap(const venn_apply_params *p, const char *layer)
{
    for (size_t i = 0; i < p->n_taps; i++)
        if (strcmp(p->taps[i].layer, layer) == 0)
            return &p->taps[i];
    return NULL;
}

static bool is_met(const walk *w, const char *place)
{
    for (size_t i = 0; w->meeting && i < w->meeting->n_places; i++)
        if (strcmp(w->meeting->places[i], place) == 0)
            return true;
    return false;
}

static void meet(const walk *w, const char *place, venn_tensor *x)
{
    for (size_t k = 0; k < w->n; k++)
        x[k] = venn_cast(w->g, x[k], VENN_F32);
    w->meeting->meet(w->meeting->user, w->g, place, x);
    for (size_t k = 0; k < w->n; k++)
        x[k] = venn_cast(w->g, x[k], w->p[k].storage);
}

// What is wanted of the values at a place: channels out, runs that meet, then a look at the rest.
static void visit(const walk *w, const char *place, venn_tensor *x)
{
    const net_removal *removal = venn_net_find_removal(w->net, place);
    for (size_t k = 0; removal && k < w->n; k++)
        x[k] = venn_net_take_out(removal, w->g, x[k]);
    if (is_met(w, place))
        meet(w, place, x);
    for (size_t k = 0; k < w->n; k++) {
        venn_tap *tap = find_tap(&w->p[k], place);
        if (tap)
            tap->y = venn_cast(w->g, x[k], VENN_F32);
    }
}

static bool is_visited(const walk *w, const char *place)
{
    bool tapped = false;
    for (size_t k = 0; k < w->n; k++)
        tapped |= find_tap(&w->p[k], place) != NULL;
    return tapped || is_met(w, place) || venn_net_find_removal(w->net, place);
}

static void apply_layers(const walk *w, size_t from, size_t end, venn_tensor *x);

static void apply_block(const walk *w, size_t i, venn_tensor *x)
{
    const net_layer *block = &w->net->layers[i];
    const size_t middle = i + 1 + block->n_body;
    venn_tensor shortcut[VENN_MAX_ABREAST];
    memcpy(shortcut, x, w->n * sizeof *x);
    apply_layers(w, i + 1, middle, x);
    apply_layers(w, middle, venn_net_after(w->net, i), shortcut);
    for (size_t k = 0; k < w->n; k++)
        x[k] = venn_layer_find(block->spec.kind)->join(&block->spec, w->g, x[k], shortcut[k]);
}

// Whether layer i is a relu that goes with the max pool behind it: the two commute, and behind the pool
// there is less to do, on the way back most of all.
static bool sinks(const walk *w, size_t i, size_t end, venn_tensor x)
{
    const net_layer *layers = w->net->layers;
    const size_t next = venn_net_after(w->net, i);
    return next < end && layers[i].spec.kind == VENN_LAYER_RELU &&
           layers[next].spec.kind == VENN_LAYER_MAX_POOL && venn_tensor_shape(w->g, x).rank == 4 &&
           !is_visited(w, layers[i].name);
}

// From layer `from` on to before layer `end`, both on one level.
static void apply_layers(const walk *w, size_t from, size_t end, venn_tensor *x)
{
    const venn_net *net = w->net;
    for (size_t i = from, next; i < end; i = next) {
        next = venn_net_after(net, i);
        if (venn_layer_find(net->layers[i].spec.kind)->paths) {
            apply_block(w, i, x);
        } else {
            const bool sunk = sinks(w, i, end, *x);
            const bool fuse = next < end && !is_visited(w, net->layers[i].name) &&
                              venn_layer_fuses(&net->layers[i].spec, &net->layers[next].spec) &&
                              !sinks(w, next, end, *x);
            const venn_layer *epilogue = fuse   ? &net->layers[next].spec
                                         : sunk ? &net->layers[i].spec
                                                : NULL;
            for (size_t k = 0; k < w->n; k++)
                x[k] = venn_net_layer_apply(net, w->g, sunk ? next : i, epilogue, &w->p[k], x[k]);
            i = fuse || sunk ? next : i;
            next = venn_net_after(net, i);
        }
        visit(w, net->layers[i].name, x);
    }
}

static void apply_section(const walk *w, const net_section *section, venn_tensor *x)
{
    visit(w, section->place, x);
    apply_layers(w, section->first, section->first + section->n, x);
}

// ---- Checks ----------------------------------------------------------------------------------

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

// y[b * n + k]: what branch b gives in run k. z [n].
static void apply_head(const walk *w, const venn_tensor *y, venn_tensor *z)
{
    const size_t n_branches = w->net->n_branches;
    for (size_t k = 0; k < w->n; k++) {
        venn_tensor *of = venn_alloc(n_branches, sizeof *of);
        if (!of) {
            fail(w->g, VENN_NO_MEMORY);
            return;
        }
        for (size_t b = 0; b < n_branches; b++)
            of[b] = n_branches > 1 ? venn_cast(w->g, y[b * w->n + k], w->p[k].storage) : y[k];
        z[k] = venn_net_fuse(w->net, w->g, of);
        free(of);
    }
    apply_section(w, &w->net->sections[n_branches], z);
    for (size_t k = 0; k < w->n; k++)
        z[k] = venn_cast(w->g, z[k], VENN_F32);
}

static void apply_branches(const walk *w, const venn_tensor *x, venn_tensor *y)
{
    for (size_t b = 0; b < w->net->n_branches; b++) {
        for (size_t k = 0; k < w->n; k++)
            y[b * w->n + k] = x[k * w->net->n_branches + b];
        apply_section(w, &w->net->sections[b], y + b * w->n);
    }
}

static venn_status check_meeting(const venn_net *net, size_t n, const venn_meeting *meeting)
{
    if (n < 1 || n > VENN_MAX_ABREAST)
        return venn_fail(VENN_BAD_ARG, "net: %zu runs side by side, it can be 1 to %d", n,
                         VENN_MAX_ABREAST);
    for (size_t i = 0; meeting && i < meeting->n_places; i++)
        VENN_TRY(venn_net_place(net, meeting->places[i], NULL));
    return VENN_OK;
}

void venn_net_apply_abreast(const venn_net *net, venn_graph *g, size_t n, const venn_tensor *x,
                            const venn_apply_params *params, const venn_meeting *meeting,
                            venn_tensor *z)
{
    const venn_apply_params none[VENN_MAX_ABREAST] = {{0}};
    const walk w = {net, g, n, params ? params : none, meeting};
    for (size_t k = 0; k < n; k++)
        z[k] = VENN_NONE;
    if (venn_graph_status(g) < 0)
        return;
    venn_status status = check_meeting(net, n, meeting);
    for (size_t k = 0; status == VENN_OK && k < n; k++) {
        status = check_taps(net, &w.p[k]);
        if (status == VENN_OK)
            status = check_inputs(net, g, x + k * net->n_branches);
    }
    venn_tensor *y = status == VENN_OK ? venn_alloc(n * net->n_branches, sizeof *y) : NULL;
    if (!y) {
        fail(g, status < 0 ? status : VENN_NO_MEMORY);
        return;
    }
    apply_branches(&w, x, y);
    apply_head(&w, y, z);
    free(y);
}

venn_tensor venn_net_apply(const venn_net *net, venn_graph *g, const venn_tensor *x,
                           const venn_apply_params *params)
{
    venn_tensor y;
    venn_net_apply_abreast(net, g, 1, x, params, NULL, &y);
    return y;
}

venn_tensor venn_net_apply_behind(const venn_net *net, venn_graph *g, const char *place,
                                  venn_tensor y, const venn_tensor *branches,
                                  const venn_apply_params *params)
{
    const venn_apply_params none = {0};
    const walk w = {net, g, 1, params ? params : &none, NULL};
    net_place at;
    if (venn_graph_status(g) < 0)
        return VENN_NONE;
    venn_status status = check_taps(net, w.p);
    if (status == VENN_OK)
        status = venn_net_find_place(net, place, &at);
    if (status == VENN_OK && at.is_inside)
        status = venn_fail(VENN_BAD_ARG,
                           "net: %s is inside a block, whose other way begins before it; take the "
                           "block or a place outside of it",
                           place);
    if (status != VENN_OK)
        return fail(g, status);
    const net_section *section = &net->sections[at.section];
    apply_layers(&w, at.before, section->first + section->n, &y);
    if (at.section == net->n_branches)
        return venn_cast(g, y, VENN_F32);
    venn_tensor *all = venn_alloc(net->n_branches, sizeof *all), z = VENN_NONE;
    if (!all)
        return fail(g, VENN_NO_MEMORY);
    for (size_t b = 0; b < net->n_branches; b++)
        all[b] = venn_cast(g, b == at.section ? y : branches[b], w.p->storage);
    apply_head(&w, all, &z);
    free(all);
    return z;
}
