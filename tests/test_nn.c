// Networks: shapes and names, what is refused, several branches.
#include <string.h>

#include "net_fixture.h"

Test(nn, shapes_names_and_sizes_of_a_convolutional_net)
{
    const struct {
        const char *name, *output;
        int64_t n_elements;
    } want[] = {
        {"c1", "[6, 28, 28]", 156}, {"1", "[6, 28, 28]", 12},    {"2", "[6, 28, 28]", 0},
        {"3", "[6, 14, 14]", 0},    {"4", "[16, 10, 10]", 2400}, {"5", "[16, 10, 10]", 0},
        {"6", "[16, 5, 5]", 0},     {"7", "[400]", 0},           {"8", "[400]", 0},
        {"logits", "[10]", 4010},
    };
    const char *const params[] = {"c1.weight", "c1.bias",        "1.weight",
                                  "1.bias",    "1.running_mean", "1.running_var",
                                  "4.weight",  "logits.weight",  "logits.bias"};
    venn_device *device = open_test_device();
    venn_net *net = make_net(device, fixture_lenet, COUNT(fixture_lenet), VENN_SHAPE(1, 28, 28), 1);
    char text[VENN_SHAPE_TEXT_MAX];
    cr_assert_eq(venn_net_n_layers(net), COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        venn_layer_info info = venn_net_layer(net, i);
        cr_assert_str_eq(info.name, want[i].name);
        cr_assert_str_eq(venn_shape_text(&info.output, text, sizeof text), want[i].output);
        cr_assert_eq(info.n_elements, want[i].n_elements, "layer %s", info.name);
    }
    cr_assert_eq(venn_net_n_params(net), COUNT(params));
    for (size_t i = 0; i < COUNT(params); i++) {
        const venn_net_param *p = venn_net_param_at(net, i);
        cr_assert_str_eq(p->name, params[i]);
        cr_assert_str_eq(venn_var_name(p->var), params[i]);
        cr_assert_eq(p->buffer, strstr(params[i], "running") != NULL);
    }
    cr_assert_eq(venn_net_n_elements(net), 156 + 12 + 2400 + 4010);
    venn_shape out = venn_net_output_shape(net);
    cr_assert_str_eq(venn_shape_text(&out, text, sizeof text), "[10]");
    venn_net_destroy(&net);
    close_test_device(&device);
}

Test(nn, what_does_not_fit_is_named)
{
    venn_device *device = open_test_device();
    const venn_shape image = VENN_SHAPE(3, 8, 8), row = VENN_SHAPE(9);
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_LINEAR, .out = 2}, image, VENN_BAD_SHAPE,
                   "layer 1 (linear), input [3, 8, 8]: ", "flatten");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_LINEAR}, row, VENN_BAD_ARG,
                   "layer 1 (linear), input [9]: ", "out is 0");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_CONV, .out = 2, .kernel = {3}}, row,
                   VENN_BAD_SHAPE, "layer 1 (conv), input [9]: ", "[C, H, W]");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_CONV, .out = 2, .kernel = {9}}, image,
                   VENN_BAD_SHAPE, "layer 1 (conv), input [3, 8, 8]: ", "");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_CONV, .out = 2}, image, VENN_BAD_ARG,
                   "layer 1 (conv), input [3, 8, 8]: ", "kernel is 0");
    expect_refused(device,
                   (venn_layer){.kind = VENN_LAYER_CONV, .out = 4, .kernel = {3}, .groups = 2},
                   image, VENN_BAD_SHAPE, "layer 1 (conv), input [3, 8, 8]: ", "groups");
    expect_refused(device,
                   (venn_layer){.kind = VENN_LAYER_CONV, .out = 4, .kernel = {3}, .stride = {-1}},
                   image, VENN_BAD_ARG, "layer 1 (conv)", "stride");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_MAX_POOL, .kernel = {2}}, row,
                   VENN_BAD_SHAPE, "layer 1 (max_pool), input [9]: ", "[C, H, W]");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_AVG_POOL, .kernel = {9}}, image,
                   VENN_BAD_SHAPE, "layer 1 (avg_pool), input [3, 8, 8]: ", "");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_DROPOUT, .p = 1}, row, VENN_BAD_ARG,
                   "layer 1 (dropout), input [9]: ", "p is 1");
    expect_refused(device, (venn_layer){.kind = VENN_LAYER_TANH, .name = "0"}, row, VENN_BAD_ARG,
                   "two layers", "0");
    expect_refused(device, (venn_layer){.kind = (venn_layer_kind)77}, row, VENN_BAD_ARG, "layer 1",
                   "77");
    close_test_device(&device);
}

// ---- Branches --------------------------------------------------------------------------------

static const venn_layer picture[] = {{.kind = VENN_LAYER_FLATTEN},
                                     {.kind = VENN_LAYER_LINEAR, .out = 3}};
static const venn_layer sound[] = {{.kind = VENN_LAYER_LINEAR, .out = 3, .name = "fc"}};
static const venn_layer head[] = {{.kind = VENN_LAYER_LINEAR, .out = 2}};

static venn_net *make_fused(venn_device *device, venn_fusion fusion)
{
    const venn_branch branches[] = {
        {.name = "image", .layers = picture, .n_layers = 2, .input = VENN_SHAPE(1, 2, 2)},
        {.layers = sound, .n_layers = 1, .input = VENN_SHAPE(5)},
    };
    venn_net_params params = {.branches = branches,
                              .n_branches = 2,
                              .fusion = fusion,
                              .head = head,
                              .n_head = fusion == VENN_FUSE_CONCAT};
    venn_net *net;
    OK(venn_net_create(&net, device, &params, 9));
    return net;
}

static void expect_fused(venn_fusion fusion)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_fused(s.device, fusion);
    cr_assert_not_null(venn_net_param_find(net, "image.1.weight"));
    cr_assert_not_null(venn_net_param_find(net, "branch1.fc.bias"));
    venn_tensor x[] = {sines(&s, VENN_SHAPE(1, 1, 2, 2)), sines(&s, VENN_SHAPE(1, 5))};
    venn_graph_output(s.g, "y", venn_net_apply(net, s.g, x, NULL));
    run(&s, 0);
    double in[5], both[6], want[3];
    for (int i = 0; i < 5; i++)
        in[i] = sine(i);
    dense(net, "image.1", in, 4, 3, true, 0, both);
    dense(net, "branch1.fc", in, 5, 3, true, 0, both + 3);
    if (fusion == VENN_FUSE_CONCAT)
        dense(net, "head.0", both, 6, 2, true, 0, want);
    else
        for (int i = 0; i < 3; i++)
            want[i] = (both[i] + both[3 + i]) / (fusion == VENN_FUSE_MEAN ? 2 : 1);
    expect_near(output(&s, "y"), want, fusion == VENN_FUSE_CONCAT ? 2 : 3, "y");
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn, branches_fuse_by_concatenation_sum_and_mean)
{
    expect_fused(VENN_FUSE_CONCAT);
    expect_fused(VENN_FUSE_SUM);
    expect_fused(VENN_FUSE_MEAN);
}

Test(nn, branches_that_cannot_fuse_are_refused)
{
    venn_device *device = open_test_device();
    const venn_branch branches[] = {
        {.layers = picture, .n_layers = 0, .input = VENN_SHAPE(1, 2, 2)},
        {.layers = sound, .n_layers = 1, .input = VENN_SHAPE(5)},
    };
    venn_net_params params = {.branches = branches, .n_branches = 2};
    venn_net *net;
    cr_assert_eq(venn_net_create(&net, device, &params, 1), VENN_BAD_SHAPE);
    cr_assert(strstr(venn_error_message(), "fusion"), "%s", venn_error_message());
    cr_assert_eq(venn_net_create(&net, device, &(venn_net_params){0}, 1), VENN_BAD_ARG);
    close_test_device(&device);
}

Test(nn, a_branch_freezes_by_name)
{
    venn_device *device = open_test_device();
    venn_net *net = make_fused(device, VENN_FUSE_CONCAT);
    venn_var *vars[8];
    cr_assert_eq(venn_net_trainable(net, vars), 6);
    OK(venn_net_freeze(net, "image", true));
    cr_assert_eq(venn_net_trainable(net, vars), 4);
    venn_net_destroy(&net);
    close_test_device(&device);
}
