// Places: where in a net values are looked at, and which channels are taken out there.
#include <stdlib.h>
#include <string.h>

#include "nn/net_internal.h"
#include "venn/ops.h"

// ---- Finding ---------------------------------------------------------------------------------

venn_status venn_net_find_place(const venn_net *net, const char *place, net_place *out)
{
    for (size_t s = 0; s <= net->n_branches; s++)
        for (size_t i = net->sections[s].first; i < net->sections[s].first + net->sections[s].n;
             i++)
            if (strcmp(net->layers[i].name, place) == 0) {
                *out = (net_place){s, venn_net_after(net, i), &net->layers[i].output,
                                   net->layers[i].is_inside};
                return VENN_OK;
            }
    for (size_t s = 0; s <= net->n_branches; s++)
        if (strcmp(net->sections[s].place, place) == 0) {
            *out = (net_place){s, net->sections[s].first, &net->sections[s].input, false};
            return VENN_OK;
        }
    return venn_fail(VENN_BAD_ARG, "net: no layer or input is named %s", place);
}

venn_status venn_net_place(const venn_net *net, const char *place, venn_shape *sample)
{
    net_place at;
    VENN_TRY(venn_net_find_place(net, place, &at));
    if (sample)
        *sample = *at.sample;
    return VENN_OK;
}

const char *venn_net_branch_end(const venn_net *net, size_t b)
{
    const net_section *section = &net->sections[b];
    return section->n ? net->layers[section->last].name : section->place;
}

// Of the layer itself or of anything inside of it.
static bool has_params(const venn_net *net, size_t layer)
{
    for (size_t i = layer; i < venn_net_after(net, layer); i++)
        if (net->layers[i].n_params)
            return true;
    return false;
}

const char *venn_net_last_features(const venn_net *net)
{
    for (size_t s = net->n_branches + 1; s-- > 0;) {
        const net_section *section = &net->sections[s];
        const char *before = section->place, *features = NULL;
        for (size_t i = section->first; i < section->first + section->n;
             i = venn_net_after(net, i)) {
            features = has_params(net, i) ? before : features;
            before = net->layers[i].name;
        }
        if (features)
            return features;
    }
    return net->sections[0].place;
}

// ---- Taking out ------------------------------------------------------------------------------

const net_removal *venn_net_find_removal(const venn_net *net, const char *place)
{
    for (const net_removal *r = net->removals; r; r = r->next)
        if (strcmp(r->place, place) == 0)
            return r;
    return NULL;
}

// keep x + (1 - keep) mean: exact where a channel stays, whatever the mean.
venn_tensor venn_net_take_out(const net_removal *removal, venn_graph *g, venn_tensor x)
{
    const venn_shape batch = venn_tensor_shape(g, x);
    venn_shape along = {.rank = batch.rank, .dim = {1, 1, 1, 1, 1, 1}};
    along.dim[1] = batch.dim[1];
    venn_tensor keep = venn_reshape(g, venn_graph_var(g, removal->keep), along);
    venn_tensor kept = venn_mul(g, x, keep);
    if (removal->how == VENN_REMOVE_ZERO)
        return kept;
    venn_tensor mean = venn_mean(g, x, &(venn_reduce_params){.axes = 1, .keepdims = true});
    return venn_add(g, kept, venn_mul(g, venn_scale(g, keep, -1, 1), mean));
}

static net_removal *add_removal(venn_net *net, const char *place)
{
    net_removal *removal = venn_arena_alloc(&net->arena, sizeof *removal);
    if (!removal)
        return NULL;
    *removal = (net_removal){.place = venn_arena_strdup(&net->arena, place)};
    return removal->place ? removal : NULL;
}

venn_status venn_net_remove(venn_net *net, const char *place, int64_t n, const bool *removed,
                            venn_removal how)
{
    venn_shape sample;
    VENN_TRY(venn_net_place(net, place, &sample));
    if (sample.rank < 1 || sample.dim[0] != n)
        return venn_fail(VENN_BAD_ARG, "net: %s has %lld channels, not %lld", place,
                         (long long)(sample.rank ? sample.dim[0] : 0), (long long)n);
    net_removal *removal = (net_removal *)venn_net_find_removal(net, place);
    if (!removal) {
        if (!(removal = add_removal(net, place)))
            return VENN_NO_MEMORY;
        VENN_TRY(
            venn_var_create(&removal->keep, net->device, place, VENN_F32, venn_shape_make(&n, 1)));
        removal->next = net->removals;
        net->removals = removal;
    }
    removal->how = how;
    float *keep = venn_alloc((size_t)n, sizeof *keep);
    if (!keep)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < n; i++)
        keep[i] = !removed || !removed[i];
    venn_status status = venn_var_write(removal->keep, keep, (size_t)n * sizeof *keep);
    free(keep);
    return status;
}
