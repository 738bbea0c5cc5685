// Every kind of layer: the shapes that it gives and the parameters that it has, that it is the op of its
// name, and what it refuses.
#include <stdio.h>
#include <string.h>

#include "net_fixture.h"

#define K(name) VENN_LAYER_##name

// ---- Shapes and parameters -------------------------------------------------------------------

typedef struct layer_case {
    venn_layer layer;
    venn_shape input;
    const char *output, *params; // "weight [2, 3] bias [2]"
} layer_case;

static const layer_case cases[] = {
    {{K(LINEAR), .out = 4, .init = VENN_INIT_XAVIER}, {1, {3}}, "[4]", "weight [4, 3] bias [4]"},
    {{K(CONV), .out = 4, .kernel = {3}}, {2, {3, 9}}, "[4, 7]", "weight [4, 3, 3] bias [4]"},
    {{K(CONV), .out = 6, .kernel = {3}, .stride = {2}, .padding = {1, 1}, .groups = 3,
      .no_bias = true},
     {3, {3, 9, 8}},
     "[6, 5, 4]",
     "weight [6, 1, 3, 3]"},
    {{K(CONV), .out = 2, .kernel = {1, 3}, .dilation = {1, 2}},
     {3, {3, 9, 8}},
     "[2, 9, 4]",
     "weight [2, 3, 1, 3] bias [2]"},
    {{K(CONV), .out = 4, .kernel = {3, 2, 1}, .padding = {1, 0, 0}, .stride = {2, 1, 1}},
     {4, {2, 5, 4, 3}},
     "[4, 3, 3, 3]",
     "weight [4, 2, 3, 2, 1] bias [4]"},
    {{K(CONV_TRANSPOSE), .out = 4, .kernel = {4}, .stride = {2}, .padding = {1}},
     {2, {3, 5}},
     "[4, 10]",
     "weight [3, 4, 4] bias [4]"},
    {{K(CONV_TRANSPOSE), .out = 4, .kernel = {3}, .stride = {2}, .padding = {1, 1},
      .output_padding = {1, 1}, .groups = 2},
     {3, {6, 5, 4}},
     "[4, 10, 8]",
     "weight [6, 2, 3, 3] bias [4]"},
    {{K(CONV_TRANSPOSE), .out = 1, .kernel = {2}, .stride = {2}, .no_bias = true},
     {4, {3, 2, 3, 4}},
     "[1, 4, 6, 8]",
     "weight [3, 1, 2, 2, 2]"},
    {{K(BATCH_NORM)}, {1, {5}}, "[5]", "weight [5] bias [5] running_mean [5] running_var [5]"},
    {{K(BATCH_NORM)},
     {2, {5, 3}},
     "[5, 3]",
     "weight [5] bias [5] running_mean [5] running_var [5]"},
    {{K(BATCH_NORM)},
     {4, {2, 3, 4, 5}},
     "[2, 3, 4, 5]",
     "weight [2] bias [2] running_mean [2] running_var [2]"},
    {{K(LAYER_NORM)}, {2, {3, 6}}, "[3, 6]", "weight [6] bias [6]"},
    {{K(RMS_NORM)}, {1, {6}}, "[6]", "weight [6]"},
    {{K(GROUP_NORM), .groups = 3}, {3, {6, 2, 2}}, "[6, 2, 2]", "weight [6] bias [6]"},
    {{K(INSTANCE_NORM)}, {3, {6, 2, 2}}, "[6, 2, 2]", "weight [6] bias [6]"},
    {{K(GELU), .approximate = VENN_GELU_TANH}, {2, {3, 4}}, "[3, 4]", ""},
    {{K(LEAKY_RELU), .slope = 0.2f}, {3, {3, 2, 2}}, "[3, 2, 2]", ""},
    {{K(SILU)}, {1, {3}}, "[3]", ""},
    {{K(SOFTPLUS), .beta = 2}, {1, {3}}, "[3]", ""},
    {{K(MAX_POOL), .kernel = {2}}, {2, {3, 9}}, "[3, 4]", ""},
    {{K(MAX_POOL), .kernel = {3}, .stride = {2}, .padding = {1, 1}},
     {3, {2, 7, 8}},
     "[2, 4, 4]",
     ""},
    {{K(MAX_POOL), .kernel = {3, 2}, .stride = {1}}, {4, {2, 5, 6, 7}}, "[2, 3, 5, 5]", ""},
    {{K(AVG_POOL), .kernel = {2}}, {4, {2, 4, 6, 8}}, "[2, 2, 3, 4]", ""},
    {{K(AVG_POOL), .kernel = {5}, .stride = {1}, .padding = {2}}, {2, {2, 9}}, "[2, 9]", ""},
    {{K(GLOBAL_AVG_POOL)}, {2, {3, 7}}, "[3]", ""},
    {{K(GLOBAL_AVG_POOL)}, {3, {3, 7, 2}}, "[3]", ""},
    {{K(GLOBAL_AVG_POOL)}, {4, {3, 7, 2, 5}}, "[3]", ""},
    {{K(ADAPTIVE_AVG_POOL), .size = {3, 4}}, {3, {2, 7, 5}}, "[2, 3, 4]", ""},
    {{K(ADAPTIVE_MAX_POOL), .size = {7, 14}}, {3, {2, 6, 60}}, "[2, 7, 14]", ""},
    {{K(FLATTEN)}, {4, {2, 3, 4, 5}}, "[120]", ""},
    {{K(PAD), .padding = {2, 1}, .border = VENN_PAD_SYMMETRIC}, {3, {2, 3, 4}}, "[2, 7, 6]", ""},
    {{K(RESIZE), .factor = 2}, {3, {2, 3, 4}}, "[2, 6, 8]", ""},
    {{K(RESIZE), .size = {5, 3}, .align_corners = true}, {3, {2, 3, 4}}, "[2, 5, 3]", ""},
    {{K(RESIZE), .size = {7}, .nearest = true}, {3, {2, 3, 4}}, "[2, 7, 4]", ""},
    {{K(PIXEL_SHUFFLE), .factor = 2}, {3, {8, 3, 4}}, "[2, 6, 8]", ""},
    {{K(PIXEL_UNSHUFFLE), .factor = 3}, {3, {1, 3, 6}}, "[9, 1, 2]", ""},
    {{K(DROPOUT)}, {2, {2, 3}}, "[2, 3]", ""},
    {{K(GAUSSIAN_NOISE), .std = 0.1f}, {2, {2, 3}}, "[2, 3]", ""},
};

static void describe_params(const venn_net *net, char *text, size_t size)
{
    char shape_text[VENN_SHAPE_TEXT_MAX];
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < venn_net_n_params(net); i++) {
        const venn_net_param *p = venn_net_param_at(net, i);
        const venn_shape shape = venn_var_shape(p->var);
        used += (size_t)snprintf(text + used, size - used, "%s%s %s", i ? " " : "",
                                 p->name + strlen("0."),
                                 venn_shape_text(&shape, shape_text, sizeof shape_text));
    }
}

Test(nn_layers, shapes_and_parameters)
{
    venn_device *device = open_test_device();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[VENN_SHAPE_TEXT_MAX], params[512];
        venn_net *net = make_net(device, &cases[i].layer, 1, cases[i].input, 1);
        const char *kind = venn_layer_kind_name(cases[i].layer.kind);
        const venn_shape shape = venn_net_output_shape(net);
        cr_expect_str_eq(venn_shape_text(&shape, text, sizeof text), cases[i].output, "%zu %s: %s",
                         i, kind, text);
        describe_params(net, params, sizeof params);
        cr_expect_str_eq(params, cases[i].params, "%zu %s: %s", i, kind, params);
        venn_net_destroy(&net);
    }
    close_test_device(&device);
}

// In training mode, with a gradient for x; what leaves the network is f32.
static void apply_in_half(const venn_net *net, venn_shape input)
{
    venn_graph *g;
    venn_tensor dx;
    venn_shape batch = {.rank = input.rank + 1, .dim = {2}};
    memcpy(batch.dim + 1, input.dim, sizeof *batch.dim * (size_t)input.rank);
    OK(venn_graph_create(&g));
    const venn_tensor x = venn_graph_input(g, "x", VENN_F32, batch);
    const venn_tensor y =
        venn_net_apply(net, g, &x, &(venn_apply_params){.train = true, .storage = VENN_F16});
    OK(venn_graph_gradients(g, venn_sum(g, y, NULL), VENN_NONE, 1, &x, &dx));
    cr_expect(venn_tensor_dtype(g, y) == VENN_F32 && venn_tensor_dtype(g, dx) == VENN_F32);
    venn_graph_destroy(&g);
}

Test(nn_layers, all_take_16_bit_storage)
{
    venn_device *device = open_test_device();
    for (size_t i = 0; i < COUNT(cases); i++) {
        venn_net *net = make_net(device, &cases[i].layer, 1, cases[i].input, 1);
        apply_in_half(net, cases[i].input);
        venn_net_destroy(&net);
    }
    close_test_device(&device);
}

Test(nn_layers, every_kind_has_a_name_of_its_own)
{
    for (int a = 0; a < VENN_LAYER_KINDS; a++) {
        cr_assert_not_null(venn_layer_kind_name((venn_layer_kind)a));
        for (int b = 0; b < a; b++)
            cr_assert_str_neq(venn_layer_kind_name((venn_layer_kind)a),
                              venn_layer_kind_name((venn_layer_kind)b));
    }
    cr_assert_null(venn_layer_kind_name(VENN_LAYER_KINDS));
}

// ---- Values ----------------------------------------------------------------------------------

// p: the layer's parameters in order.
#define WANT(name)                                                                                 \
    static venn_tensor want_##name(venn_graph *g, venn_tensor x, const venn_tensor *p)

WANT(conv3d)
{
    const venn_conv3d_params params = {
        .stride = {2, 1, 1}, .pad = {1, 0, 2}, .dilation = {1, 1, 2}};
    return venn_conv3d(g, x, p[0], p[1], &params);
}

WANT(conv1d)
{
    const venn_conv1d_params params = {.stride = 2, .pad = 1, .groups = 2};
    return venn_relu(g, venn_conv1d(g, x, p[0], p[1], &params));
}

WANT(conv_transpose2d)
{
    const venn_conv_transpose2d_params params = {
        .stride = {2, 1}, .pad = {1, 0}, .output_pad = {1, 0}};
    return venn_tanh(g, venn_conv_transpose2d(g, x, p[0], p[1], &params));
}

WANT(layer_norm)
{
    return venn_layer_norm(g, x, p[0], p[1], &(venn_layer_norm_params){0.5f});
}

WANT(rms_norm)
{
    return venn_rms_norm(g, x, p[0], NULL);
}

WANT(group_norm)
{
    return venn_group_norm(g, x, p[0], p[1], &(venn_group_norm_params){.groups = 2, .eps = 1e-5f});
}

WANT(instance_norm)
{
    return venn_instance_norm(g, x, p[0], p[1], NULL);
}

WANT(leaky_relu)
{
    (void)p;
    return venn_leaky_relu(g, x, &(venn_leaky_relu_params){0.2f});
}

WANT(softplus)
{
    (void)p;
    return venn_softplus(g, x, &(venn_softplus_params){.beta = 2, .threshold = 1});
}

WANT(gelu)
{
    (void)p;
    return venn_gelu(g, x, &(venn_gelu_params){VENN_GELU_TANH});
}

WANT(max_pool3d)
{
    (void)p;
    return venn_max_pool3d(g, x, &(venn_pool3d_params){{2, 3, 2}, {1, 2, 2}, {0, 1, 1}});
}

WANT(avg_pool1d)
{
    (void)p;
    return venn_avg_pool1d(g, x, &(venn_pool1d_params){3, 3, 1});
}

WANT(adaptive_max_pool2d)
{
    (void)p;
    return venn_adaptive_max_pool2d(g, x, &(venn_adaptive_pool2d_params){{2, 3}});
}

WANT(pad2d)
{
    (void)p;
    return venn_pad2d(g, x, &(venn_pad2d_params){{2, 2, 1, 1}, VENN_PAD_REFLECT});
}

WANT(resize)
{
    (void)p;
    return venn_resize_bilinear(g, x, &(venn_resize_bilinear_params){{12, 10}, true});
}

WANT(pixel_shuffle)
{
    (void)p;
    return venn_pixel_shuffle(g, x, &(venn_pixel_shuffle_params){2});
}

static const struct {
    venn_layer layers[2];
    size_t n;
    venn_shape input;
    venn_tensor (*want)(venn_graph *g, venn_tensor x, const venn_tensor *p);
} values[] = {
    {{{K(CONV), .out = 3, .kernel = {3, 2, 2}, .stride = {2, 1, 1}, .padding = {1, 0, 2},
       .dilation = {1, 1, 2}}},
     1,
     {4, {2, 5, 4, 3}},
     want_conv3d},
    {{{K(CONV), .out = 4, .kernel = {3}, .stride = {2}, .padding = {1}, .groups = 2}, {K(RELU)}},
     2,
     {2, {4, 9}},
     want_conv1d},
    {{{K(CONV_TRANSPOSE), .out = 3, .kernel = {3}, .stride = {2, 1}, .padding = {1},
       .output_padding = {1}},
      {K(TANH)}},
     2,
     {3, {2, 4, 5}},
     want_conv_transpose2d},
    {{{K(LAYER_NORM), .eps = 0.5f}}, 1, {2, {4, 5}}, want_layer_norm},
    {{{K(RMS_NORM)}}, 1, {2, {4, 5}}, want_rms_norm},
    {{{K(GROUP_NORM), .groups = 2}}, 1, {2, {4, 5}}, want_group_norm},
    {{{K(INSTANCE_NORM)}}, 1, {2, {4, 5}}, want_instance_norm},
    {{{K(LEAKY_RELU), .slope = 0.2f}}, 1, {2, {4, 5}}, want_leaky_relu},
    {{{K(SOFTPLUS), .beta = 2, .threshold = 1}}, 1, {2, {4, 5}}, want_softplus},
    {{{K(GELU), .approximate = VENN_GELU_TANH}}, 1, {2, {4, 5}}, want_gelu},
    {{{K(MAX_POOL), .kernel = {2, 3}, .stride = {1, 2, 2}, .padding = {0, 1, 1}}},
     1,
     {4, {2, 3, 5, 4}},
     want_max_pool3d},
    {{{K(AVG_POOL), .kernel = {3}, .padding = {1}}}, 1, {2, {4, 9}}, want_avg_pool1d},
    {{{K(ADAPTIVE_MAX_POOL), .size = {2, 3}}}, 1, {3, {2, 5, 4}}, want_adaptive_max_pool2d},
    {{{K(PAD), .padding = {2, 1}, .border = VENN_PAD_REFLECT}}, 1, {3, {2, 5, 4}}, want_pad2d},
    {{{K(RESIZE), .factor = 3, .size = {0, 10}, .align_corners = true}},
     1,
     {3, {2, 4, 4}},
     want_resize},
    {{{K(PIXEL_SHUFFLE), .factor = 2}}, 1, {3, {4, 3, 2}}, want_pixel_shuffle},
};

Test(nn_layers, layers_are_the_ops_of_their_names)
{
    for (size_t i = 0; i < COUNT(values); i++) {
        scene s;
        open_scene(&s);
        venn_net *net = make_net(s.device, values[i].layers, values[i].n, values[i].input, 3);
        venn_shape batch = {.rank = values[i].input.rank + 1, .dim = {2}};
        memcpy(batch.dim + 1, values[i].input.dim,
               sizeof *batch.dim * (size_t)values[i].input.rank);
        const venn_tensor x = sines(&s, batch);
        venn_tensor params[4];
        for (size_t k = 0; k < venn_net_n_params(net); k++)
            params[k] = venn_graph_var(s.g, venn_net_param_at(net, k)->var);
        const venn_tensor y = venn_net_apply(net, s.g, &x, &(venn_apply_params){.train = true});
        const venn_tensor want = values[i].want(s.g, x, params);
        venn_graph_output(s.g, "y", y);
        venn_graph_output(s.g, "want", want);
        run(&s, 0);
        const venn_shape shape = venn_tensor_shape(s.g, want);
        const int64_t n = venn_shape_count(&shape);
        const float *got = output(&s, "y"), *wanted = output(&s, "want");
        for (int64_t k = 0; k < n; k++)
            cr_assert(got[k] - wanted[k] < 1e-6f && wanted[k] - got[k] < 1e-6f,
                      "case %zu [%lld]: %g, %g", i, (long long)k, (double)got[k],
                      (double)wanted[k]);
        venn_net_destroy(&net);
        close_scene(&s);
    }
}

Test(nn_layers, noise_is_for_training)
{
    const venn_layer layer = {K(GAUSSIAN_NOISE), .std = 0.5f};
    scene s;
    open_scene(&s);
    venn_net *net = make_net(s.device, &layer, 1, VENN_SHAPE(64), 1);
    const venn_tensor x = sines(&s, VENN_SHAPE(16, 64));
    cr_expect_eq(venn_net_apply(net, s.g, &x, NULL).id, x.id);
    venn_graph_output(s.g, "y", venn_net_apply(net, s.g, &x, &(venn_apply_params){.train = true}));
    run(&s, 0);
    double squares = 0;
    for (int i = 0; i < 1024; i++) {
        const double z = (double)(output(&s, "y")[i] - sine(i));
        squares += z * z / 1024;
    }
    cr_expect(squares > 0.2 && squares < 0.3, "%g", squares); // six standard errors
    venn_net_destroy(&net);
    close_scene(&s);
}

// ---- Errors ----------------------------------------------------------------------------------

Test(nn_layers, what_does_not_fit_is_named)
{
    venn_device *device = open_test_device();
    const venn_shape image = VENN_SHAPE(3, 8, 8), row = VENN_SHAPE(9), sequence = VENN_SHAPE(4, 9);
    const struct {
        venn_layer layer;
        venn_shape input;
        venn_status status;
        const char *word;
    } bad[] = {
        {{K(CONV), .out = 2, .kernel = {3, 5}}, sequence, VENN_BAD_ARG, "kernel has more numbers"},
        {{K(CONV), .out = 2, .kernel = {3}, .padding = {1, 2}},
         sequence,
         VENN_BAD_ARG,
         "padding has more"},
        {{K(CONV), .out = 2, .kernel = {3}, .init = (venn_init)9}, image, VENN_BAD_ARG, "init, 9"},
        {{K(CONV), .out = 3, .kernel = {3}, .groups = 2},
         image,
         VENN_BAD_ARG,
         "must divide out, 3"},
        {{K(CONV_TRANSPOSE), .out = 2, .kernel = {3}, .output_padding = {1, 1}},
         image,
         VENN_BAD_SHAPE,
         "output_pad=1"},
        {{K(LAYER_NORM), .eps = -1}, row, VENN_BAD_ARG, "eps is -1"},
        {{K(GROUP_NORM)}, image, VENN_BAD_ARG, "groups is 0"},
        {{K(GROUP_NORM), .groups = 2}, image, VENN_BAD_SHAPE, "must divide the channels"},
        {{K(INSTANCE_NORM)}, row, VENN_BAD_SHAPE, "behind C"},
        {{K(BATCH_NORM), .momentum = 2}, row, VENN_BAD_ARG, "momentum is 2"},
        {{K(SOFTPLUS), .beta = -1}, row, VENN_BAD_ARG, "beta -1"},
        {{K(GELU), .approximate = (venn_gelu_form)5}, row, VENN_BAD_ARG, "approximation, 5"},
        {{K(GLOBAL_AVG_POOL)}, row, VENN_BAD_SHAPE, "[C, L]"},
        {{K(ADAPTIVE_AVG_POOL), .size = {-1}}, image, VENN_BAD_ARG, "size is -1"},
        {{K(ADAPTIVE_MAX_POOL), .size = {2}}, sequence, VENN_BAD_SHAPE, "[C, H, W]"},
        {{K(PAD), .padding = {9, 9}, .border = VENN_PAD_REFLECT}, image, VENN_BAD_SHAPE, "border"},
        {{K(PAD), .border = (venn_pad_mode)7}, image, VENN_BAD_ARG, "border, 7"},
        {{K(RESIZE), .factor = -2}, image, VENN_BAD_ARG, "factor is -2"},
        {{K(RESIZE), .nearest = true, .align_corners = true}, image, VENN_BAD_ARG, "align_corners"},
        {{K(PIXEL_SHUFFLE), .factor = 2}, image, VENN_BAD_SHAPE, "multiple of 4"},
        {{K(PIXEL_UNSHUFFLE), .factor = 3}, image, VENN_BAD_SHAPE, "must divide"},
        {{K(GAUSSIAN_NOISE)}, row, VENN_BAD_ARG, "std is 0"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        char start[64];
        snprintf(start, sizeof start, "layer 1 (%s), input ",
                 venn_layer_kind_name(bad[i].layer.kind));
        expect_refused(device, bad[i].layer, bad[i].input, bad[i].status, start, bad[i].word);
    }
    close_test_device(&device);
}
