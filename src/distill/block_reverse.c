#include "distill/block_reverse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"

enum { MAX_LAYERS = 64, BODY = 8, SHORTCUT = 2 };

// ---- Levels ----------------------------------------------------------------------------------

venn_status venn_reverse_levels(const venn_net *net, size_t n, const char *const *places,
                                reverse_levels *out)
{
    out->n = n;
    for (size_t i = 0; i < n; i++) {
        venn_shape *s = &out->shape[i];
        char text[VENN_SHAPE_TEXT_MAX];
        VENN_TRY(venn_net_place(net, places[i], s));
        const bool halves = i == 0 || (2 * s->dim[1] == out->shape[i - 1].dim[1] &&
                                       2 * s->dim[2] == out->shape[i - 1].dim[2]);
        const bool ends = i + 1 < n || (s->dim[1] % 2 == 0 && s->dim[2] % 2 == 0);
        if (s->rank != 3 || !halves || !ends)
            return venn_fail(VENN_BAD_ARG,
                             "the teacher gives %s at %s: levels are maps, each half as high and "
                             "wide as the one before it, the last of even height and width",
                             venn_shape_text(s, text, sizeof text), places[i]);
    }
    return VENN_OK;
}

// ---- Layers ----------------------------------------------------------------------------------

typedef struct maker {
    venn_layer layer[MAX_LAYERS];
    size_t n;
} maker;

static venn_layer *add(maker *m, venn_layer layer)
{
    layer.init = layer.out ? VENN_INIT_KAIMING : layer.init;
    m->layer[m->n] = layer;
    return &m->layer[m->n++];
}

// A convolution, its norm and its relu, which gets the name.
static void add_conv(maker *m, venn_layer_kind kind, int64_t out, int32_t kernel, int32_t stride,
                     const char *name)
{
    add(m, (venn_layer){.kind = kind,
                        .out = (int32_t)out,
                        .kernel = {kernel},
                        .stride = {stride},
                        .padding = {kernel / 2 * (kernel % 2), kernel / 2 * (kernel % 2)},
                        .no_bias = true});
    add(m, (venn_layer){.kind = VENN_LAYER_BATCH_NORM});
    add(m, (venn_layer){.kind = VENN_LAYER_RELU, .name = name});
}

// Where the results of several levels would not fit together, each ends in its mean: nothing asks for that.
static void end_branch(maker *m)
{
    add(m, (venn_layer){.kind = VENN_LAYER_GLOBAL_AVG_POOL});
}

static void make_filter(maker *m, int64_t channels, size_t halvings)
{
    for (size_t k = 1; k <= halvings; k++)
        add_conv(m, VENN_LAYER_CONV, channels << k, 2, 2, NULL);
    for (size_t k = halvings; k-- > 0;)
        add_conv(m, VENN_LAYER_CONV_TRANSPOSE, channels << k, 2, 2, k ? NULL : "out");
    end_branch(m);
}

static void make_amplifier(maker *m, int64_t channels, size_t unused)
{
    (void)unused;
    add_conv(m, VENN_LAYER_CONV, channels, 3, 1, NULL);
    add_conv(m, VENN_LAYER_CONV, 2 * channels, 1, 1, NULL);
    add_conv(m, VENN_LAYER_CONV, channels, 1, 1, "out");
    end_branch(m);
}

// ---- Filter and amplifier --------------------------------------------------------------------

static venn_status create_net(venn_job *job, const char *name, const char *part,
                              const venn_net_params *params, venn_net **out)
{
    char *full = venn_format("%s-%s", name, part);
    venn_status status = full ? venn_job_net(job, full, params, NULL, out) : VENN_NO_MEMORY;
    free(full);
    return status;
}

// A branch per level, from the other's features to this one's.
static venn_status create_translator(venn_job *job, const char *name, const char *part,
                                     const reverse_levels *own, const reverse_levels *other,
                                     const reverse_nets *nets,
                                     void (*make)(maker *m, int64_t channels, size_t halvings),
                                     venn_net **out)
{
    maker *m = venn_alloc(own->n, sizeof *m);
    venn_branch branches[REVERSE_LEVELS];
    if (!m)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < own->n; i++) {
        make(&m[i], own->shape[i].dim[0], own->n - i);
        branches[i] = (venn_branch){.name = nets->branch[i],
                                    .layers = m[i].layer,
                                    .n_layers = m[i].n,
                                    .input = other->shape[i]};
    }
    venn_status status = create_net(
        job, name, part, &(venn_net_params){.branches = branches, .n_branches = own->n}, out);
    free(m);
    return status;
}

void venn_reverse_translate(venn_step *s, const reverse_nets *nets, const venn_net *net, size_t n,
                            const venn_tensor *x, venn_tensor *y)
{
    venn_tap taps[REVERSE_LEVELS] = {{0}};
    char places[REVERSE_LEVELS][REVERSE_NAME + 4];
    for (size_t i = 0; i < n; i++) {
        snprintf(places[i], sizeof places[i], "%s.out", nets->branch[i]);
        taps[i] = (venn_tap){.layer = places[i]};
    }
    venn_step_apply(s, net, &(venn_step_apply_params){.x = x, .taps = taps, .n_taps = n});
    for (size_t i = 0; i < n; i++)
        y[i] = taps[i].y;
}

// ---- Bottleneck ------------------------------------------------------------------------------

// Every level is brought to the last one's size, then all of them to half of it.
static venn_status create_bottleneck(venn_job *job, const char *name, const reverse_levels *own,
                                     bool filtered, venn_net **out)
{
    enum { BLOCKS = 3 };
    const size_t last = own->n - 1;
    const int32_t width = (int32_t)own->shape[last].dim[0];
    maker *m = venn_alloc(own->n + 1, sizeof *m);
    venn_branch branches[REVERSE_LEVELS];
    if (!m)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < own->n; i++) {
        venn_shape in = own->shape[i];
        in.dim[0] *= filtered ? 2 : 1;
        for (size_t k = i; k < last; k++)
            add_conv(&m[i], VENN_LAYER_CONV, own->shape[k + 1].dim[0], 3, 2, NULL);
        if (i == last)
            add_conv(&m[i], VENN_LAYER_CONV, width, 3, 1, NULL);
        branches[i] = (venn_branch){.layers = m[i].layer, .n_layers = m[i].n, .input = in};
    }
    for (int k = 0; k < BLOCKS; k++)
        add(&m[own->n], (venn_layer){.kind = VENN_LAYER_BOTTLENECK,
                                     .out = 2 * width,
                                     .width = width,
                                     .stride = {k ? 1 : 2}});
    const venn_net_params params = {
        .branches = branches, .n_branches = own->n, .head = m[own->n].layer, .n_head = m[own->n].n};
    venn_status status = create_net(job, name, "bottleneck", &params, out);
    free(m);
    return status;
}

// ---- Decoder ---------------------------------------------------------------------------------

typedef struct doubling {
    maker body, shortcut;
} doubling;

// A residual block that doubles height and width.
static void add_doubling(maker *m, doubling *d, int64_t out, const char *name)
{
    const int64_t width = out / 2 ? out / 2 : 1;
    add_conv(&d->body, VENN_LAYER_CONV, width, 1, 1, NULL);
    add_conv(&d->body, VENN_LAYER_CONV_TRANSPOSE, width, 2, 2, NULL);
    add_conv(&d->body, VENN_LAYER_CONV, out, 1, 1, NULL);
    add_conv(&d->shortcut, VENN_LAYER_CONV_TRANSPOSE, out, 2, 2, NULL);
    add(m, (venn_layer){.kind = VENN_LAYER_RESIDUAL,
                        .body = d->body.layer,
                        .n_body = BODY, // the relu is behind the join
                        .shortcut = d->shortcut.layer,
                        .n_shortcut = SHORTCUT});
    add(m, (venn_layer){.kind = VENN_LAYER_RELU, .name = name});
}

static venn_status create_decoder(venn_job *job, const char *name, const reverse_levels *own,
                                  int blocks, reverse_nets *nets)
{
    const venn_shape *last = &own->shape[own->n - 1];
    maker *m = venn_alloc(1, sizeof *m);
    doubling *d = venn_alloc(own->n, sizeof *d);
    venn_status status = m && d ? VENN_OK : VENN_NO_MEMORY;
    for (size_t i = own->n; status == VENN_OK && i-- > 0;) {
        const int32_t out = (int32_t)own->shape[i].dim[0];
        add_doubling(m, &d[i], out, blocks == 1 ? nets->stage[i] : NULL);
        for (int k = 1; k < blocks; k++)
            add(m, (venn_layer){.kind = VENN_LAYER_BOTTLENECK,
                                .out = out,
                                .width = out / 2 ? out / 2 : 1,
                                .name = k + 1 == blocks ? nets->stage[i] : NULL});
    }
    if (status == VENN_OK) {
        const venn_branch branch = {
            .layers = m->layer,
            .n_layers = m->n,
            .input = VENN_SHAPE(2 * last->dim[0], last->dim[1] / 2, last->dim[2] / 2)};
        status =
            create_net(job, name, "decoder",
                       &(venn_net_params){.branches = &branch, .n_branches = 1}, &nets->decoder);
    }
    free(m);
    free(d);
    return status;
}

venn_status venn_reverse_create(venn_job *job, const char *name, const reverse_levels *own,
                                const reverse_levels *other, bool filter, bool amplifier,
                                int blocks, reverse_nets *out)
{
    *out = (reverse_nets){NULL};
    for (size_t i = 0; i < own->n; i++) {
        snprintf(out->stage[i], REVERSE_NAME, "stage-%zu", i + 1);
        snprintf(out->branch[i], REVERSE_NAME, "level-%zu", i + 1);
    }
    if (other && filter)
        VENN_TRY(
            create_translator(job, name, "filter", own, other, out, make_filter, &out->filter));
    if (other && amplifier)
        VENN_TRY(create_translator(job, name, "amplifier", own, other, out, make_amplifier,
                                   &out->amplifier));
    VENN_TRY(create_bottleneck(job, name, own, out->filter != NULL, &out->bottleneck));
    return create_decoder(job, name, own, blocks, out);
}
