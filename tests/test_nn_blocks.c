// Blocks: layers inside of layers, their names and places, and what they compute.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net_fixture.h"

// ---- Residual --------------------------------------------------------------------------------

static const venn_layer inner[] = {{.kind = VENN_LAYER_LINEAR, .out = 4, .name = "up"},
                                   {.kind = VENN_LAYER_RELU},
                                   {.kind = VENN_LAYER_LINEAR, .out = 4}};
static const venn_layer projection[] = {{.kind = VENN_LAYER_LINEAR, .out = 4, .no_bias = true}};
static const venn_layer deep[] = {{.kind = VENN_LAYER_LINEAR, .out = 4, .name = "in"},
                                  {.kind = VENN_LAYER_RESIDUAL,
                                   .body = inner,
                                   .n_body = 3,
                                   .shortcut = projection,
                                   .n_shortcut = 1},
                                  {.kind = VENN_LAYER_RELU, .name = "act"},
                                  {.kind = VENN_LAYER_RESIDUAL,
                                   .body = inner,
                                   .n_body = 2,
                                   .join = VENN_JOIN_CONCAT,
                                   .name = "wide"},
                                  {.kind = VENN_LAYER_LINEAR, .out = 3}};

Test(nn_blocks, names_order_and_parameters)
{
    static const char *const layers[] = {"in",  "1",    "1.up",    "1.1",    "1.2", "1.shortcut.0",
                                         "act", "wide", "wide.up", "wide.1", "4"};
    static const char *const params[] = {"in.weight",
                                         "in.bias",
                                         "1.up.weight",
                                         "1.up.bias",
                                         "1.2.weight",
                                         "1.2.bias",
                                         "1.shortcut.0.weight",
                                         "wide.up.weight",
                                         "wide.up.bias",
                                         "4.weight",
                                         "4.bias"};
    venn_device *device = open_test_device();
    venn_net *net = make_net(device, deep, COUNT(deep), VENN_SHAPE(5), 1);
    cr_assert_eq(venn_net_n_layers(net), COUNT(layers));
    for (size_t i = 0; i < COUNT(layers); i++)
        cr_expect_str_eq(venn_net_layer(net, i).name, layers[i]);
    cr_assert_eq(venn_net_n_params(net), COUNT(params));
    for (size_t i = 0; i < COUNT(params); i++)
        cr_expect_str_eq(venn_net_param_at(net, i)->name, params[i]);
    cr_expect_str_eq(venn_net_last_features(net), "wide");
    cr_expect_str_eq(venn_net_branch_end(net, 0), "4");
    venn_shape shape;
    OK(venn_net_place(net, "wide", &shape));
    cr_expect(shape.rank == 1 && shape.dim[0] == 8);
    OK(venn_net_place(net, "wide.up", &shape));
    cr_expect_eq(shape.dim[0], 4);
    OK(venn_net_freeze(net, "1", true));
    venn_var *vars[COUNT(params)];
    cr_expect_eq(venn_net_trainable(net, vars), 6);
    venn_net_destroy(&net);
    close_test_device(&device);
}

// The net above by hand, for one sample.
static void by_hand(const venn_net *net, const double *x, double *y)
{
    double in[4], up[4], body[4], shortcut[4], act[4], wide[8];
    float *w;
    dense(net, "in", x, 5, 4, true, 0, in);
    dense(net, "1.up", in, 4, 4, true, 1, up);
    dense(net, "1.2", up, 4, 4, true, 0, body);
    read_param(net, "1.shortcut.0.weight", &w);
    for (int o = 0; o < 4; o++) {
        shortcut[o] = 0;
        for (int i = 0; i < 4; i++)
            shortcut[o] += (double)w[4 * o + i] * in[i];
        act[o] = fmax(body[o] + shortcut[o], 0);
    }
    free(w);
    dense(net, "wide.up", act, 4, 4, true, 1, wide);
    memcpy(wide + 4, act, sizeof act);
    dense(net, "4", wide, 8, 3, true, 0, y);
}

Test(nn_blocks, both_ways_join)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_net(s.device, deep, COUNT(deep), VENN_SHAPE(5), 7);
    const venn_tensor x = sines(&s, VENN_SHAPE(2, 5));
    venn_tap taps[] = {{.layer = "1.1"}, {.layer = "1"}};
    venn_graph_output(s.g, "plain", venn_net_apply(net, s.g, &x, NULL));
    venn_graph_output(
        s.g, "tapped",
        venn_net_apply(net, s.g, &x, &(venn_apply_params){.taps = taps, .n_taps = 2}));
    venn_graph_output(s.g, "behind", venn_net_apply_behind(net, s.g, "1", taps[1].y, NULL, NULL));
    venn_graph_output(s.g, "inner", taps[0].y);
    run(&s, 0);
    for (int b = 0; b < 2; b++) {
        double in[5], first[4], up[4], want[3];
        for (int i = 0; i < 5; i++)
            in[i] = (double)sine(5 * b + i);
        by_hand(net, in, want);
        expect_near(output(&s, "plain") + 3 * b, want, 3, "plain");
        expect_near(output(&s, "tapped") + 3 * b, want, 3, "tapped");
        expect_near(output(&s, "behind") + 3 * b, want, 3, "behind");
        dense(net, "in", in, 5, 4, true, 0, first);
        dense(net, "1.up", first, 4, 4, true, 1, up);
        expect_near(output(&s, "inner") + 4 * b, up, 4, "inner");
    }
    cr_expect_eq(venn_net_apply_behind(net, s.g, "1.1", taps[0].y, NULL, NULL).id, 0);
    cr_expect(strstr(venn_graph_error(s.g), "inside a block"), "%s", venn_graph_error(s.g));
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn_blocks, channels_are_taken_out_inside_too)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_net(s.device, deep, COUNT(deep), VENN_SHAPE(5), 7);
    const bool all[4] = {true, true, true, true};
    OK(venn_net_remove(net, "1.2", 4, all, VENN_REMOVE_ZERO));
    OK(venn_net_remove(net, "1.shortcut.0", 4, all, VENN_REMOVE_ZERO));
    const venn_tensor x = sines(&s, VENN_SHAPE(2, 5));
    venn_tap tap = {.layer = "1"};
    venn_net_apply(net, s.g, &x, &(venn_apply_params){.taps = &tap, .n_taps = 1});
    venn_graph_output(s.g, "joined", tap.y);
    run(&s, 0);
    for (int i = 0; i < 8; i++)
        cr_expect_eq(output(&s, "joined")[i], 0);
    venn_net_destroy(&net);
    close_scene(&s);
}

// ---- ResNet's --------------------------------------------------------------------------------

static int64_t elements_of(venn_device *device, venn_layer layer, venn_shape input,
                           size_t *n_layers)
{
    venn_net *net = make_net(device, &layer, 1, input, 1);
    const int64_t n = venn_net_n_elements(net);
    *n_layers = venn_net_n_layers(net);
    venn_net_destroy(&net);
    return n;
}

Test(nn_blocks, blocks_of_resnets)
{
    const venn_shape image = VENN_SHAPE(8, 6, 6), clip = VENN_SHAPE(8, 4, 6, 6);
    size_t n;
    venn_device *device = open_test_device();
    // Two 3x3 convolutions and norms; no way round but x itself.
    venn_layer basic = {.kind = VENN_LAYER_BASIC_BLOCK, .out = 8};
    cr_expect_eq(elements_of(device, basic, image, &n), 2 * (8 * 8 * 9 + 16));
    cr_expect_eq(n, 6);
    basic.stride[0] = 2;
    cr_expect_eq(elements_of(device, basic, image, &n), 2 * (8 * 8 * 9 + 16) + 8 * 8 + 16);
    cr_expect_eq(n, 8);
    basic.out = 16;
    cr_expect_eq(elements_of(device, basic, clip, &n),
                 8 * 16 * 27 + 16 * 16 * 27 + 8 * 16 + 3 * 32);
    const venn_layer bottleneck = {.kind = VENN_LAYER_BOTTLENECK, .out = 8};
    cr_expect_eq(elements_of(device, bottleneck, image, &n),
                 8 * 2 + 2 * 2 * 9 + 2 * 8 + 4 + 4 + 16);
    cr_expect_eq(n, 9);
    const venn_layer grouped = {
        .kind = VENN_LAYER_BOTTLENECK, .out = 16, .width = 8, .groups = 4, .stride = {1, 2}};
    cr_expect_eq(elements_of(device, grouped, image, &n),
                 8 * 8 + 8 * 2 * 9 + 8 * 16 + 8 * 16 + 16 + 16 + 32 + 32);
    cr_expect_eq(n, 11);
    close_test_device(&device);
}

// A block is x itself, rectified, once its last norm's gamma is 0.
Test(nn_blocks, a_block_without_a_body_rectifies)
{
    const venn_layer layers[] = {{.kind = VENN_LAYER_BASIC_BLOCK, .out = 3, .name = "b"}};
    const float zeros[3] = {0};
    scene s;
    open_scene(&s);
    venn_net *net = make_net(s.device, layers, 1, VENN_SHAPE(3, 4, 4), 1);
    OK(venn_var_write(venn_net_param_find(net, "b.4.weight")->var, zeros, sizeof zeros));
    const venn_tensor x = sines(&s, VENN_SHAPE(2, 3, 4, 4));
    venn_graph_output(s.g, "y", venn_net_apply(net, s.g, &x, NULL));
    run(&s, 0);
    for (int i = 0; i < 96; i++)
        cr_expect_eq(output(&s, "y")[i], fmaxf(sine(i), 0));
    venn_net_destroy(&net);
    close_scene(&s);
}

static void expect_deviation(const venn_net *net, const char *name, double deviation)
{
    float *values;
    const size_t n = read_param(net, name, &values);
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (double)values[i] * (double)values[i] / (double)n;
    // Five standard errors of the mean square of a normal law.
    cr_expect(fabs(squares / (deviation * deviation) - 1) < 5 * sqrt(2 / (double)n),
              "%s: mean square %g, not %g", name, squares, deviation * deviation);
    free(values);
}

Test(nn_blocks, first_weights_follow_init)
{
    const venn_layer layers[] = {
        {.kind = VENN_LAYER_BASIC_BLOCK, .out = 32, .name = "b"},
        {.kind = VENN_LAYER_CONV, .out = 16, .kernel = {3}, .init = VENN_INIT_XAVIER, .name = "x"},
        {.kind = VENN_LAYER_CONV_TRANSPOSE,
         .out = 24,
         .kernel = {4},
         .init = VENN_INIT_KAIMING,
         .name = "t"},
        {.kind = VENN_LAYER_CONV, .out = 16, .kernel = {3}, .init = VENN_INIT_SMALL, .name = "s"}};
    venn_device *device = open_test_device();
    venn_net *net = make_net(device, layers, COUNT(layers), VENN_SHAPE(16, 8, 8), 2);
    expect_deviation(net, "b.0.weight", sqrt(2.0 / (32 * 9)));
    expect_deviation(net, "b.shortcut.0.weight", sqrt(2.0 / 32));
    expect_deviation(net, "x.weight", sqrt(2.0 / (32 * 9 + 16 * 9)));
    expect_deviation(net, "t.weight", sqrt(2.0 / (16 * 16)));
    expect_deviation(net, "s.weight", 0.02);
    float *bias;
    const size_t n = read_param(net, "x.bias", &bias);
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(bias[i], 0);
    free(bias);
    venn_net_destroy(&net);
    close_test_device(&device);
}

// ---- Errors ----------------------------------------------------------------------------------

Test(nn_blocks, what_does_not_fit_is_named)
{
    static const venn_layer narrow[] = {{.kind = VENN_LAYER_LINEAR, .out = 7}};
    static const venn_layer bad[] = {{.kind = VENN_LAYER_CONV, .out = 2, .kernel = {99}}};
    const venn_shape row = VENN_SHAPE(4), image = VENN_SHAPE(4, 8, 8);
    venn_device *device = open_test_device();
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_RESIDUAL}, row, VENN_BAD_ARG,
                   "layer 1 (residual), input [4]: ", "body is empty");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_RESIDUAL, .body = narrow, .n_body = 1},
                   row, VENN_BAD_SHAPE,
                   "layer 1 (residual), input [4]: ", "its body gives [7], its shortcut [4]");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_RESIDUAL, .body = bad, .n_body = 1},
                   image, VENN_BAD_SHAPE,
                   "layer 1 (residual), input [4, 8, 8]: layer 1.0 (conv), input [4, 8, 8]", "");
    expect_refused(
        device,
        (venn_layer){
            .kind = VENN_LAYER_RESIDUAL, .body = narrow, .n_body = 1, .join = (venn_join)5},
        row, VENN_BAD_ARG, "layer 1 (residual)", "join, 5");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_BASIC_BLOCK, .out = 4}, row,
                   VENN_BAD_SHAPE, "layer 1 (basic_block)", "[C, H, W]");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_BASIC_BLOCK, .out = 4, .kernel = {3}},
                   image, VENN_BAD_ARG, "layer 1 (basic_block)", "are fixed");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_BOTTLENECK, .out = 2}, image,
                   VENN_BAD_ARG, "layer 1 (bottleneck)", "width is 0");
    close_test_device(&device);
}
