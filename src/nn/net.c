// Building a network: names, shapes, parameters. Shapes are found by applying every layer, for a batch
// of one, to a scratch graph that is never compiled: the ops' own shape rules decide.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/graph_internal.h"
#include "nn/net_internal.h"

// One sample's shape as a batch of one, and back.
static venn_shape with_batch(const venn_shape *sample)
{
    venn_shape shape = {.rank = sample->rank + 1, .dim = {1}};
    for (int i = 0; i < sample->rank; i++)
        shape.dim[i + 1] = sample->dim[i];
    return shape;
}

static venn_shape without_batch(const venn_shape *batch)
{
    return batch->rank > 0 ? venn_shape_make(batch->dim + 1, batch->rank - 1) : VENN_SCALAR;
}

// ---- Names -----------------------------------------------------------------------------------

static const char *keep(venn_net *net, char *text)
{
    char *kept = text ? venn_arena_strdup(&net->arena, text) : NULL;
    free(text);
    return kept;
}

static const char *section_name(venn_net *net, const venn_net_params *params, size_t s)
{
    if (s == params->n_branches)
        return "head";
    if (params->branches[s].name)
        return venn_arena_strdup(&net->arena, params->branches[s].name);
    return params->n_branches == 1 ? "" : keep(net, venn_format("branch%zu", s));
}

static const char *input_name(venn_net *net, const char *section)
{
    return keep(net, venn_format("%s%sinput", section, *section ? "." : ""));
}

// prefix: of a section, or a block's full name with what stands for the way.
static const char *layer_name(venn_net *net, const char *prefix, const venn_layer *layer,
                              size_t index)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", index);
    return keep(
        net, venn_format("%s%s%s", prefix, *prefix ? "." : "", layer->name ? layer->name : number));
}

static venn_status check_name(const venn_net *net, const char *name)
{
    for (size_t i = 0; i < net->n_layers; i++)
        if (strcmp(net->layers[i].name, name) == 0)
            return venn_fail(VENN_BAD_ARG, "two layers of the net are named %s; rename one", name);
    return VENN_OK;
}

// ---- Layers ----------------------------------------------------------------------------------

typedef struct builder {
    venn_net *net;
    venn_graph *g;
    int depth; // of blocks
} builder;

static venn_status add_layers(builder *b, const char *prefix, const venn_layer *layers, size_t n,
                              venn_tensor *x);

static venn_shape sample_of(const builder *b, venn_tensor x)
{
    const venn_shape batch = venn_tensor_shape(b->g, x);
    return without_batch(&batch);
}

static venn_status add_param(venn_net *net, const char *layer, const venn_layer_param *want)
{
    const char *name = keep(net, venn_format("%s.%s", layer, want->suffix));
    if (!name)
        return VENN_NO_MEMORY;
    net_param *p = &net->params[net->n_params];
    *p = (net_param){.public = {.name = name, .buffer = want->buffer},
                     .low = want->low,
                     .high = want->high,
                     .std = want->std,
                     .fill = want->fill};
    VENN_TRY(venn_var_create(&p->public.var, net->device, name, VENN_F32, want->shape));
    net->n_params++;
    return VENN_OK;
}

static venn_status add_params(venn_net *net, net_layer *layer)
{
    const venn_layer_desc *desc = venn_layer_find(layer->spec.kind);
    venn_layer_param want[VENN_LAYER_MAX_PARAMS];
    const int n = desc->params ? desc->params(&layer->spec, &layer->input, want) : 0;
    layer->first_param = net->n_params;
    for (int i = 0; i < n; i++)
        VENN_TRY(add_param(net, layer->name, &want[i]));
    layer->n_params = (size_t)n;
    return VENN_OK;
}

// Both ways through a block, and their end.
static venn_status add_block(builder *b, net_layer *layer, venn_tensor *x)
{
    const venn_layer_desc *desc = venn_layer_find(layer->spec.kind);
    const size_t first = b->net->n_layers;
    const char *other = keep(b->net, venn_format("%s.shortcut", layer->name));
    venn_layer_paths paths = {0};
    venn_tensor body = *x, shortcut = *x;
    if (!other)
        return VENN_NO_MEMORY;
    desc->paths(&layer->spec, &layer->input, &paths);
    b->depth++;
    VENN_TRY(add_layers(b, layer->name, paths.body, paths.n_body, &body));
    layer->n_body = b->net->n_layers - first;
    VENN_TRY(add_layers(b, other, paths.shortcut, paths.n_shortcut, &shortcut));
    layer->n_inside = b->net->n_layers - first;
    b->depth--;
    char text[VENN_SHAPE_TEXT_MAX], other_text[VENN_SHAPE_TEXT_MAX];
    const venn_shape one = sample_of(b, body), two = sample_of(b, shortcut);
    if (layer->spec.join == VENN_JOIN_ADD && !venn_shape_equal(&one, &two))
        return venn_fail(VENN_BAD_SHAPE, "its body gives %s, its shortcut %s; they must be equal",
                         venn_shape_text(&one, text, sizeof text),
                         venn_shape_text(&two, other_text, sizeof other_text));
    *x = desc->join(&layer->spec, b->g, body, shortcut);
    return VENN_OK;
}

static venn_status fill_layer(builder *b, net_layer *layer, venn_tensor *x)
{
    const venn_layer_desc *desc = venn_layer_find(layer->spec.kind);
    const venn_apply_params once = {0};
    if (desc->resolve)
        VENN_TRY(desc->resolve(&layer->spec, &layer->input));
    VENN_TRY(add_params(b->net, layer));
    if (desc->paths)
        VENN_TRY(add_block(b, layer, x));
    else
        *x = venn_net_layer_apply(b->net, b->g, (size_t)(layer - b->net->layers), NULL, &once, *x);
    VENN_TRY(venn_graph_status(b->g));
    layer->spec.name = NULL;
    layer->spec.body = layer->spec.shortcut = NULL;
    layer->output = sample_of(b, *x);
    if (venn_shape_count(&layer->output) < 1)
        return venn_fail(VENN_BAD_SHAPE, "nothing would be left of it");
    return VENN_OK;
}

static venn_status add_layer(builder *b, const char *prefix, const venn_layer *spec, size_t index,
                             venn_tensor *x)
{
    venn_net *net = b->net;
    char text[VENN_SHAPE_TEXT_MAX];
    net_layer *layer = &net->layers[net->n_layers];
    *layer = (net_layer){.spec = *spec,
                         .name = layer_name(net, prefix, spec, index),
                         .input = sample_of(b, *x),
                         .is_inside = b->depth > 0};
    if (!layer->name)
        return VENN_NO_MEMORY;
    if (!venn_layer_find(spec->kind))
        return venn_fail(VENN_BAD_ARG, "layer %s: no such kind, %d", layer->name, (int)spec->kind);
    VENN_TRY(check_name(net, layer->name));
    net->n_layers++;
    venn_status status = fill_layer(b, layer, x);
    if (status < 0)
        return venn_fail_in(status, "layer %s (%s), input %s", layer->name,
                            venn_layer_kind_name(spec->kind),
                            venn_shape_text(&layer->input, text, sizeof text));
    return VENN_OK;
}

static venn_status add_layers(builder *b, const char *prefix, const venn_layer *layers, size_t n,
                              venn_tensor *x)
{
    for (size_t i = 0; i < n; i++)
        VENN_TRY(add_layer(b, prefix, &layers[i], i, x));
    return VENN_OK;
}

static venn_status add_section(venn_net *net, size_t s, const venn_layer *layers, size_t n,
                               venn_graph *g, venn_tensor *x)
{
    net_section *section = &net->sections[s];
    builder b = {net, g, 0};
    section->first = net->n_layers;
    VENN_TRY(add_layers(&b, section->name, layers, n, x));
    section->n = net->n_layers - section->first;
    for (size_t i = section->first; i < net->n_layers; i = venn_net_after(net, i))
        section->last = i;
    return VENN_OK;
}

// ---- The whole -------------------------------------------------------------------------------

static venn_status check_input(const venn_branch *branch, const char *name)
{
    char text[VENN_SHAPE_TEXT_MAX];
    if (branch->input.rank >= VENN_MAX_RANK || venn_shape_count(&branch->input) < 1)
        return venn_fail(VENN_BAD_SHAPE, "branch \"%s\": input %s is no shape of a sample", name,
                         venn_shape_text(&branch->input, text, sizeof text));
    return VENN_OK;
}

static venn_status add_branch(venn_net *net, const venn_net_params *params, size_t b, venn_graph *g,
                              venn_tensor *y)
{
    const venn_branch *branch = &params->branches[b];
    net_section *section = &net->sections[b];
    char input[24];
    snprintf(input, sizeof input, "x%zu", b);
    section->name = section_name(net, params, b);
    section->input = branch->input;
    section->place = section->name ? input_name(net, section->name) : NULL;
    if (!section->place)
        return VENN_NO_MEMORY;
    VENN_TRY(check_input(branch, section->name));
    *y = venn_graph_input(g, input, VENN_F32, with_batch(&branch->input));
    VENN_TRY(venn_graph_status(g)); // else the first layer would be blamed for having no input
    return add_section(net, b, branch->layers, branch->n_layers, g, y);
}

// [C, X..] of one X.
static bool equal_but_channels(const venn_shape *a, const venn_shape *b)
{
    bool equal = a->rank == b->rank && a->rank > 0;
    for (int i = 1; equal && i < a->rank; i++)
        equal = a->dim[i] == b->dim[i];
    return equal;
}

static venn_status check_fusion(const venn_net *net, const venn_graph *g, const venn_tensor *y)
{
    char first[VENN_SHAPE_TEXT_MAX], other[VENN_SHAPE_TEXT_MAX];
    if (net->fusion != VENN_FUSE_CONCAT && net->fusion != VENN_FUSE_SUM &&
        net->fusion != VENN_FUSE_MEAN)
        return venn_fail(VENN_BAD_ARG, "net: no such fusion, %d", (int)net->fusion);
    for (size_t b = 0; net->n_branches > 1 && b < net->n_branches; b++) {
        venn_shape a = venn_tensor_shape(g, y[0]), c = venn_tensor_shape(g, y[b]);
        a = without_batch(&a), c = without_batch(&c);
        venn_shape_text(&a, first, sizeof first);
        venn_shape_text(&c, other, sizeof other);
        if (net->fusion == VENN_FUSE_CONCAT && !equal_but_channels(&a, &c))
            return venn_fail(
                VENN_BAD_SHAPE,
                "fusion by concatenation takes [D] from every branch, or maps of equal "
                "extents, \"%s\" gives %s and \"%s\" gives %s; flatten layers make [D]",
                net->sections[0].name, first, net->sections[b].name, other);
        if (net->fusion != VENN_FUSE_CONCAT && !venn_shape_equal(&a, &c))
            return venn_fail(VENN_BAD_SHAPE,
                             "fusion takes equal shapes, \"%s\" gives %s and \"%s\" gives %s",
                             net->sections[0].name, first, net->sections[b].name, other);
    }
    return VENN_OK;
}

static venn_status build(venn_net *net, const venn_net_params *params, venn_graph *g)
{
    venn_tensor *y = venn_arena_alloc(&net->arena, params->n_branches * sizeof *y);
    if (!y)
        return VENN_NO_MEMORY;
    for (size_t b = 0; b < params->n_branches; b++)
        VENN_TRY(add_branch(net, params, b, g, &y[b]));
    VENN_TRY(check_fusion(net, g, y));
    venn_tensor x = venn_net_fuse(net, g, y);
    if (venn_graph_status(g) < 0)
        return venn_fail_in(venn_graph_status(g), "fusion of %zu branches", params->n_branches);
    net_section *head = &net->sections[params->n_branches];
    venn_shape batch = venn_tensor_shape(g, x);
    *head = (net_section){.name = "head", .place = "head.input", .input = without_batch(&batch)};
    VENN_TRY(add_section(net, params->n_branches, params->head, params->n_head, g, &x));
    batch = venn_tensor_shape(g, x);
    net->output = without_batch(&batch);
    return VENN_OK;
}

static size_t count_layers(const venn_layer *layers, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += venn_layer_count(&layers[i]);
    return count;
}

static venn_status allocate(venn_net *net, const venn_net_params *params)
{
    size_t n = count_layers(params->head, params->n_head);
    for (size_t b = 0; b < params->n_branches; b++)
        n += count_layers(params->branches[b].layers, params->branches[b].n_layers);
    net->layers = venn_arena_alloc(&net->arena, (n + 1) * sizeof *net->layers);
    net->params =
        venn_arena_alloc(&net->arena, (n + 1) * VENN_LAYER_MAX_PARAMS * sizeof *net->params);
    net->sections = venn_arena_alloc(&net->arena, (params->n_branches + 1) * sizeof *net->sections);
    net->n_branches = params->n_branches;
    net->fusion = params->fusion;
    return net->layers && net->params && net->sections ? VENN_OK : VENN_NO_MEMORY;
}

// What trains side by side, for the optimizer.
static venn_status gather(venn_net *net)
{
    venn_var **vars = venn_alloc(net->n_params + 1, sizeof(venn_var *));
    venn_status status =
        vars ? venn_vars_gather(venn_net_trainable(net, vars), vars) : VENN_NO_MEMORY;
    free(vars);
    return status;
}

static venn_status create(venn_net *net, const venn_net_params *params, uint64_t seed)
{
    venn_graph *g;
    if (!params || params->n_branches < 1)
        return venn_fail(VENN_BAD_ARG, "a net needs at least one branch");
    VENN_TRY(allocate(net, params));
    VENN_TRY(venn_graph_create(&g));
    venn_status status = build(net, params, g);
    venn_graph_destroy(&g);
    if (status == VENN_OK)
        status = gather(net);
    return status < 0 ? status : venn_net_init(net, seed);
}

venn_status venn_net_create(venn_net **out, venn_device *device, const venn_net_params *params,
                            uint64_t seed)
{
    *out = NULL;
    venn_net *net = VENN_NEW(venn_net);
    if (!net)
        return VENN_NO_MEMORY;
    net->device = device;
    venn_status status = create(net, params, seed);
    if (status < 0)
        venn_net_destroy(&net);
    *out = net;
    return status;
}

void venn_net_destroy(venn_net **handle)
{
    venn_net *net = *handle;
    if (!net)
        return;
    for (size_t i = 0; i < net->n_params; i++)
        venn_var_destroy(&net->params[i].public.var);
    for (net_removal *r = net->removals; r; r = r->next)
        venn_var_destroy(&r->keep);
    venn_arena_finish(&net->arena);
    free(net);
    *handle = NULL;
}

size_t venn_net_n_branches(const venn_net *net)
{
    return net->n_branches;
}

venn_fusion venn_net_fusion(const venn_net *net)
{
    return net->fusion;
}

venn_shape venn_net_input_shape(const venn_net *net, size_t branch)
{
    return branch < net->n_branches ? net->sections[branch].input : VENN_SCALAR;
}

venn_shape venn_net_output_shape(const venn_net *net)
{
    return net->output;
}

size_t venn_net_n_layers(const venn_net *net)
{
    return net->n_layers;
}

venn_layer_info venn_net_layer(const venn_net *net, size_t i)
{
    if (i >= net->n_layers)
        return (venn_layer_info){0};
    const net_layer *layer = &net->layers[i];
    venn_layer_info info = {.name = layer->name, .kind = layer->spec.kind, .output = layer->output};
    for (size_t k = 0; k < layer->n_params; k++) {
        const venn_net_param *p = &net->params[layer->first_param + k].public;
        venn_shape shape = venn_var_shape(p->var);
        info.n_elements += p->buffer ? 0 : venn_shape_count(&shape);
    }
    return info;
}
