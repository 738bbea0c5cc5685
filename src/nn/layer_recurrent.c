// GRU and LSTM over a sequence, one way or both. Parameters as PyTorch has them: weight_ih, weight_hh, bias_ih,
// bias_hh, and those of the way back behind them.
#include <math.h>

#include "base/status.h"
#include "nn/layer.h"

static venn_status resolve(venn_layer *l, const venn_shape *in)
{
    VENN_TRY(venn_layer_sequence_of(in));
    if (l->reverse && l->bidirectional)
        return venn_fail(VENN_BAD_ARG, "reverse has no meaning where it is bidirectional");
    return venn_layer_at_least("out", l->out, 1);
}

static int add_way(const venn_layer *l, int64_t width, int64_t gates, bool back,
                   venn_layer_param *p)
{
    static const char *const names[2][4] = {
        {"weight_ih", "weight_hh", "bias_ih", "bias_hh"},
        {"weight_ih_reverse", "weight_hh_reverse", "bias_ih_reverse", "bias_hh_reverse"}};
    const int64_t wide = gates * l->out;
    const venn_shape shapes[] = {VENN_SHAPE(wide, width), VENN_SHAPE(wide, l->out),
                                 VENN_SHAPE(wide), VENN_SHAPE(wide)};
    const float bound = 1 / sqrtf((float)l->out);
    const int n = l->no_bias ? 2 : 4;
    for (int i = 0; i < n; i++)
        p[i] = (venn_layer_param){
            .suffix = names[back][i], .shape = shapes[i], .low = -bound, .high = bound};
    return n;
}

static int params(const venn_layer *l, const venn_shape *in, int64_t gates, venn_layer_param *p)
{
    const int n = add_way(l, in->dim[1], gates, false, p);
    return l->bidirectional ? n + add_way(l, in->dim[1], gates, true, p + n) : n;
}

static int gru_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    return params(l, in, 3, p);
}

static int lstm_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    return params(l, in, 4, p);
}

// One way over all steps: every state, and the one behind the last step.
typedef venn_tensor (*way)(venn_graph *g, venn_tensor x, const venn_recurrent_weights *weights,
                           bool reverse, venn_tensor *last);

static venn_tensor gru(venn_graph *g, venn_tensor x, const venn_recurrent_weights *weights,
                       bool reverse, venn_tensor *last)
{
    return venn_gru(g, x, VENN_NONE, weights, VENN_NONE, &(venn_recurrent_params){reverse}, last);
}

static venn_tensor lstm(venn_graph *g, venn_tensor x, const venn_recurrent_weights *weights,
                        bool reverse, venn_tensor *last)
{
    venn_recurrent_state state;
    const venn_tensor y =
        venn_lstm(g, x, NULL, weights, VENN_NONE, &(venn_recurrent_params){reverse}, &state);
    *last = state.h;
    return y;
}

static venn_tensor apply(const venn_layer_use *use, venn_graph *g, venn_tensor x, way go)
{
    const venn_layer *l = use->layer;
    const int n = l->no_bias ? 2 : 4, ways = l->bidirectional ? 2 : 1;
    venn_tensor y[2], last[2];
    for (int i = 0; i < ways; i++) {
        const venn_tensor *p = use->params + i * n;
        const venn_recurrent_weights weights = {p[0], p[1], l->no_bias ? VENN_NONE : p[2],
                                                l->no_bias ? VENN_NONE : p[3]};
        y[i] = go(g, x, &weights, i ? true : l->reverse, &last[i]);
    }
    const venn_tensor *wanted = l->last ? last : y;
    return ways > 1 ? venn_concat(g, 2, wanted, l->last ? 1 : 2) : wanted[0];
}

static venn_tensor apply_gru(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return apply(use, g, x, gru);
}

static venn_tensor apply_lstm(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return apply(use, g, x, lstm);
}

const venn_layer_desc venn_layer_gru = {
    .name = "gru", .resolve = resolve, .params = gru_params, .apply = apply_gru};
const venn_layer_desc venn_layer_lstm = {
    .name = "lstm", .resolve = resolve, .params = lstm_params, .apply = apply_lstm};
