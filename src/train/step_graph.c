// Building the graph of a step: inputs appear when they are first asked for.
#include <stdio.h>
#include <string.h>

#include "graph/graph_internal.h"
#include "train/fit_internal.h"
#include "train/step_places.h"
#include "venn/ops.h"

static step_build *of(venn_step *s)
{
    return (step_build *)s;
}

static venn_tensor refuse(venn_step *s, venn_status status)
{
    venn_graph_fail(s->g, status);
    return VENN_NONE;
}

// ---- Data ------------------------------------------------------------------------------------

static venn_shape batched(uint32_t batch, const venn_shape *sample)
{
    venn_shape shape = {.rank = sample->rank + 1, .dim = {batch}};
    for (int i = 0; i < sample->rank; i++)
        shape.dim[i + 1] = sample->dim[i];
    return shape;
}

static step_stream *find_stream(venn_step *s, const char *name)
{
    step_build *b = of(s);
    for (uint32_t i = 0; i < b->n_streams; i++) {
        const char *other = b->streams[i].name;
        if (name ? other && strcmp(other, name) == 0 : !other)
            return &b->streams[i];
    }
    venn_graph_fail(s->g, venn_fail(VENN_BAD_ARG, "there is no data stream \"%s\"", name));
    return NULL;
}

static venn_tensor stream_input(venn_step *s, step_stream *stream, int32_t modality)
{
    const venn_modality *m = &stream->data->modalities[modality];
    for (uint32_t i = 0; i < stream->n; i++)
        if (stream->modality[i] == modality)
            return venn_graph_find_input(s->g, stream->input[i]);
    if (stream->n == STEP_MAX_FEEDS || m->shape.rank + 1 > VENN_MAX_RANK)
        return refuse(s, venn_fail(VENN_BAD_ARG, "modality %s: more than %d modalities in a step",
                                   m->name, STEP_MAX_FEEDS));
    char *name = stream->input[stream->n];
    snprintf(name, STEP_MAX_NAME, "%s.%s", stream->name ? stream->name : "x", m->name);
    stream->modality[stream->n++] = modality;
    return venn_graph_input(s->g, name, VENN_F32, batched(stream->batch, &m->shape));
}

venn_tensor venn_step_x(venn_step *s, const char *stream_name, const char *modality)
{
    int32_t index;
    step_stream *stream = find_stream(s, stream_name);
    if (!stream)
        return VENN_NONE;
    venn_status status = venn_dataset_modality(stream->data, modality, &index);
    return status < 0 ? refuse(s, status) : stream_input(s, stream, index);
}

venn_tensor venn_step_labels(venn_step *s, const char *stream_name)
{
    char name[STEP_MAX_NAME];
    step_stream *stream = find_stream(s, stream_name);
    if (!stream)
        return VENN_NONE;
    venn_step_labels_name(stream, name);
    venn_tensor known = venn_graph_find_input(s->g, name);
    return known.id ? known
                    : venn_graph_input(s->g, name, VENN_I32,
                                       venn_shape_make((int64_t[]){stream->batch}, 1));
}

// ---- Networks --------------------------------------------------------------------------------

static const venn_fit_net *find_net(const step_build *b, const venn_net *net)
{
    for (size_t i = 0; i < b->n_nets; i++)
        if (b->nets[i].net == net)
            return &b->nets[i];
    return NULL;
}

static venn_status gather_inputs(venn_step *s, const venn_fit_net *part, const venn_net *net,
                                 const char *stream_name, venn_tensor *x)
{
    step_stream *stream = find_stream(s, stream_name);
    if (!stream)
        return venn_graph_status(s->g);
    if (!part || !part->modalities)
        return venn_fail(VENN_BAD_ARG,
                         "network %s is applied without inputs, and no modalities "
                         "are given for it",
                         part && part->name ? part->name : "");
    for (uint32_t i = 0; i < venn_net_n_branches(net); i++) {
        int32_t modality;
        venn_shape shape = venn_net_input_shape(net, i);
        VENN_TRY(venn_find_modality(stream->data, part->modalities[i], net, i, &modality));
        x[i] =
            venn_reshape(s->g, stream_input(s, stream, modality), batched(stream->batch, &shape));
    }
    return VENN_OK;
}

static venn_tensor cached_logits(venn_step *s, const venn_fit_net *part)
{
    char name[STEP_MAX_NAME];
    venn_shape shape = venn_net_output_shape(part->net);
    snprintf(name, sizeof name, "logits.%s", part->name);
    venn_tensor known = venn_graph_find_input(s->g, name);
    return known.id ? known : venn_graph_input(s->g, name, VENN_F32, batched(s->batch, &shape));
}

static bool in_training_mode(const venn_step *s, const venn_fit_net *part, venn_step_mode mode)
{
    if (mode != VENN_STEP_AUTO)
        return mode == VENN_STEP_TRAIN;
    return s->training && !(part && part->role == VENN_NET_FROZEN);
}

static venn_status begin_run(venn_step *s, const venn_fit_net *part, const venn_net *net,
                             const venn_step_apply_params *p, venn_tensor *x,
                             venn_apply_params *apply)
{
    const step_build *b = of(s);
    const size_t n = venn_net_n_branches(net);
    *apply = (venn_apply_params){.train = in_training_mode(s, part, p->mode),
                                 .set = p->set,
                                 .taps = p->taps,
                                 .n_taps = p->n_taps,
                                 .storage = b->fit ? b->fit->storage : VENN_F32};
    if (n > STEP_MAX_FEEDS)
        return venn_fail(VENN_BAD_ARG, "a network of %zu inputs, at most %d", n, STEP_MAX_FEEDS);
    if (!p->x)
        return gather_inputs(s, part, net, p->stream, x);
    memcpy(x, p->x, n * sizeof *x);
    return VENN_OK;
}

static venn_status begin_runs(venn_step *s, const venn_fit_net *part, const venn_net *net, size_t n,
                              const venn_step_apply_params *params, venn_tensor *x,
                              venn_apply_params *apply)
{
    const size_t n_branches = venn_net_n_branches(net);
    VENN_TRY(venn_graph_status(s->g));
    for (size_t k = 0; k < n && k < VENN_MAX_ABREAST; k++) // more are refused by the net
        VENN_TRY(begin_run(s, part, net, &params[k], x + k * n_branches, &apply[k]));
    return VENN_OK;
}

void venn_step_apply_abreast(venn_step *s, const venn_net *net, size_t n,
                             const venn_step_apply_params *params, const venn_meeting *meeting,
                             venn_tensor *y)
{
    const venn_fit_net *part = find_net(of(s), net);
    venn_tensor x[VENN_MAX_ABREAST * STEP_MAX_FEEDS];
    venn_apply_params apply[VENN_MAX_ABREAST];
    venn_status status = begin_runs(s, part, net, n, params, x, apply);
    if (status < 0) {
        refuse(s, status);
        for (size_t k = 0; k < n; k++)
            y[k] = VENN_NONE;
        return;
    }
    // Whatever an objective appends besides networks is its loss.
    venn_graph_phase(s->g,
                     part && part->role == VENN_NET_FROZEN ? "teacher forward" : "student forward");
    venn_net_apply_abreast(net, s->g, n, x, apply, meeting, y);
    venn_graph_phase(s->g, "loss");
    if (!of(s)->counted.id && part == of(s)->nets)
        of(s)->counted = y[0];
}

venn_tensor venn_step_apply(venn_step *s, const venn_net *net, const venn_step_apply_params *params)
{
    const venn_step_apply_params none = {0};
    const venn_fit_net *part = find_net(of(s), net);
    venn_tensor y;
    if (venn_graph_status(s->g) < 0)
        return VENN_NONE;
    if (!params && part && part->cache && part->role == VENN_NET_FROZEN && s->training)
        return cached_logits(s, part);
    venn_step_apply_abreast(s, net, 1, params ? params : &none, NULL, &y);
    return y;
}

void venn_step_count(venn_step *s, venn_tensor logits)
{
    of(s)->counted = logits;
}

// ---- Terms and inputs ------------------------------------------------------------------------

void venn_step_term(venn_step *s, const char *name, venn_tensor value)
{
    fit_state *f = of(s)->fit;
    if (!f || venn_graph_status(s->g) < 0)
        return;
    if (f->n_terms == VENN_MAX_TERMS) {
        venn_graph_fail(s->g,
                        venn_fail(VENN_BAD_ARG, "more than %d terms: %s", VENN_MAX_TERMS, name));
        return;
    }
    f->terms[f->n_terms++] = (fit_term){name, !value.id};
    if (value.id)
        venn_graph_output(s->g, name, value);
}

venn_tensor venn_step_input(venn_step *s, const char *name, venn_dtype dtype, venn_shape shape)
{
    return venn_graph_input(s->g, name, dtype, shape);
}

venn_tensor venn_step_scalar(venn_step *s, const char *name)
{
    return venn_graph_input(s->g, name, VENN_F32, VENN_SCALAR);
}

venn_tensor venn_step_wrong(venn_step *s, venn_tensor logits)
{
    venn_tensor rows, classes;
    const venn_tensor tags = venn_step_tags(s, NULL);
    if (tags.id)
        return venn_bce_with_logits(s->g, logits, tags, VENN_NONE, NULL);
    const bool places = venn_step_questions(s, logits, &rows, &classes);
    const venn_cross_entropy_params p = {.ignore_index = places ? venn_step_void(s) : 0};
    return venn_cross_entropy(s->g, rows, classes, &p);
}

venn_tensor venn_step_ce(venn_step *s, venn_tensor logits)
{
    venn_tensor loss = venn_step_wrong(s, logits);
    venn_step_term(s, "ce", loss);
    return loss;
}
