// Networks of configurations: those compiled in, those in files, and layers inside of layers.
#include <criterion/criterion.h>
#include <string.h>

#include "distill/config_internal.h"
#include "net_fixture.h"
#include "op_files.h"

// A config whose first network is `network` (YAML), written to the scratch folder and loaded.
static venn_status load(const char *network, venn_distill_config **config)
{
    char text[4096];
    snprintf(text, sizeof text,
             "data: digits\n"
             "networks:\n"
             "%s"
             "method: {name: none}\n"
             "teacher:\n"
             "  inputs: [{modality: image, network: mine}]\n"
             "student:\n"
             "  inputs: [{modality: image, network: mine}]\n",
             network);
    scratch_text("networks.yaml", text);
    return venn_distill_config_load(config, scratch_path("networks.yaml"));
}

static venn_net *create(venn_device *device, const char *network, venn_shape input)
{
    venn_distill_config *config;
    venn_net *net;
    OK(load(network, &config));
    OK(venn_config_create_layers(config, device, "mine", input, 1, &net));
    venn_distill_config_destroy(&config);
    return net;
}

// ---- Compiled in -----------------------------------------------------------------------------

// Parameters as torch.nn counts them.
static const struct {
    const char *name;
    venn_shape input;
    int64_t parameters, classes;
} known[] = {
    {"avmnist-audio", {3, {1, 112, 112}}, 162172, 10},
    {"avmnist-image", {3, {1, 28, 28}}, 11404, 10},
    {"lenet", {3, {1, 28, 28}}, 54338, 10},
    {"ravdess-audio", {3, {1, 40, 256}}, 13236104, 8},
    {"ravdess-image", {3, {3, 256, 512}}, 13071560, 8},
    {"resnet18", {3, {3, 224, 224}}, 11689512, 1000},
    {"resnet18-32", {3, {3, 32, 32}}, 11173962, 10},
    {"resnet50", {3, {3, 224, 224}}, 25557032, 1000},
    {"unet8", {3, {1, 32, 32}}, 14819, 3},
    {"vggsound-audio", {3, {1, 513, 313}}, 11221540, 100},
    {"vggsound-video", {4, {3, 32, 112, 112}}, 52022052, 100},
};

Test(networks, those_compiled_in_have_the_right_size)
{
    venn_device *device = open_test_device();
    for (size_t i = 0; i < COUNT(known); i++) {
        char text[128];
        snprintf(text, sizeof text, "  - {name: mine, from: %s}\n", known[i].name);
        venn_net *net = create(device, text, known[i].input);
        const venn_shape out = venn_net_output_shape(net);
        cr_expect_eq(venn_net_n_elements(net), known[i].parameters, "%s: %lld", known[i].name,
                     (long long)venn_net_n_elements(net));
        // One answer, or one for each place of the input.
        cr_expect((out.rank == 1 || out.dim[1] == known[i].input.dim[1]) &&
                      out.dim[0] == known[i].classes,
                  "%s", known[i].name);
        venn_net_destroy(&net);
    }
    close_test_device(&device);
}

Test(networks, all_that_are_compiled_in_are_known_here)
{
    size_t n = 0;
    for (size_t i = 0; venn_embedded_name(i); i++)
        n += strncmp(venn_embedded_name(i), "networks/", 9) == 0;
    cr_expect_eq(n, COUNT(known));
}

// ---- From files, and with another end ----------------------------------------------------------

Test(networks, a_file_or_a_name_and_another_end)
{
    venn_device *device = open_test_device();
    scratch_text("tiny.yaml",
                 "layers:\n  - {layer: flatten}\n  - {layer: linear, out: 5}\n  - {layer: tanh}\n");
    venn_net *net = create(device, "  - {name: mine, from: tiny.yaml, out: 3}\n", VENN_SHAPE(2, 2));
    cr_expect_eq(venn_net_n_elements(net), 15);
    venn_net_destroy(&net);
    net = create(device, "  - {name: mine, from: lenet, out: 4}\n", VENN_SHAPE(1, 28, 28));
    cr_expect_eq(venn_net_output_shape(net).dim[0], 4);
    venn_net_destroy(&net);
    close_test_device(&device);
}

// What a run folder keeps stands by itself.
Test(networks, a_printed_config_holds_the_layers)
{
    venn_distill_config *config;
    char *text;
    size_t size;
    OK(load("  - {name: mine, from: resnet18-32, out: 7}\n", &config));
    OK(venn_config_print(config->file, &text, &size));
    cr_expect(strstr(text, "basic_block") && strstr(text, "kaiming") && strstr(text, "out: 7"),
              "%s", text);
    cr_expect_null(strstr(text, "from:"));
    free(text);
    venn_distill_config_destroy(&config);
}

// ---- Layers inside of layers -------------------------------------------------------------------

Test(networks, bodies_are_lists_of_layers)
{
    static const char unet[] =
        "  - name: mine\n"
        "    layers:\n"
        "      - layer: residual\n"
        "        name: outer\n"
        "        join: concat\n"
        "        body:\n"
        "          - {layer: conv, out: 4, kernel: 4, stride: 2, padding: 1, init: small}\n"
        "          - {layer: leaky_relu, slope: 0.2}\n"
        "          - layer: residual\n"
        "            body: [{layer: instance_norm}, {layer: silu}]\n"
        "            shortcut: [{layer: conv, out: 4, kernel: 1}]\n"
        "          - {layer: conv_transpose, out: 3, kernel: 4x4, stride: 2, padding: 1x1}\n"
        "      - {layer: resize, size: 5x7, nearest: yes}\n"
        "      - {layer: pad, padding: 1x0, border: symmetric}\n"
        "      - {layer: gelu, approximate: tanh}\n";
    venn_device *device = open_test_device();
    venn_net *net = create(device, unet, VENN_SHAPE(2, 8, 8));
    char text[VENN_SHAPE_TEXT_MAX];
    const venn_shape out = venn_net_output_shape(net);
    cr_expect_str_eq(venn_shape_text(&out, text, sizeof text), "[5, 7, 7]");
    cr_expect_not_null(venn_net_param_find(net, "outer.2.shortcut.0.weight"));
    cr_expect_eq(venn_net_n_layers(net), 11);
    venn_net_destroy(&net);
    close_test_device(&device);
}

// An anchor stands for a block that is used several times.
// Patches, a transformer's block and recurrent layers, with every key that only these have.
Test(networks, sequences)
{
    venn_device *device = open_test_device();
    venn_net *net = create(device,
                           "  - name: mine\n"
                           "    layers:\n"
                           "      - {layer: conv, out: 8, kernel: 7, stride: 7}\n"
                           "      - {layer: sequence}\n"
                           "      - {layer: positions, sinusoidal: yes}\n"
                           "      - {layer: transformer_block, heads: 2, causal: yes, p: 0.1}\n"
                           "      - {layer: lstm, out: 5, bidirectional: yes}\n"
                           "      - {layer: gru, out: 4, reverse: yes, last: yes, no_bias: yes}\n"
                           "      - {layer: linear, out: 10}\n",
                           VENN_SHAPE(1, 28, 28));
    cr_expect_eq(venn_net_n_elements(net), 400 + 872 + 600 + 168 + 50);
    cr_expect_str_eq(venn_net_layer(net, 5).name, "3.attend.norm");
    venn_net_destroy(&net);
    net = create(device,
                 "  - name: mine\n"
                 "    layers: [{layer: embedding, tokens: 9, out: 3}, {layer: mean_pool}]\n",
                 VENN_SHAPE(5));
    cr_expect_eq(venn_net_n_elements(net), 27);
    venn_net_destroy(&net);
    close_test_device(&device);
}

Test(networks, anchors)
{
    venn_device *device = open_test_device();
    venn_net *net = create(device,
                           "  - name: mine\n"
                           "    layers:\n"
                           "      - &block {layer: basic_block, out: 4}\n"
                           "      - *block\n"
                           "      - *block\n",
                           VENN_SHAPE(4, 6));
    cr_expect_eq(venn_net_n_elements(net), 3 * 2 * (4 * 4 * 3 + 8));
    venn_net_destroy(&net);
    close_test_device(&device);
}

// ---- Errors ----------------------------------------------------------------------------------

static void expect_bad(const char *network, const char *line, const char *word)
{
    venn_distill_config *config;
    cr_expect_eq(load(network, &config), VENN_BAD_FILE, "%s", network);
    cr_expect(strstr(venn_error_message(), line), "%s", venn_error_message());
    cr_expect(strstr(venn_error_message(), word), "%s", venn_error_message());
}

Test(networks, what_is_wrong_is_named)
{
    expect_bad("  - {name: mine, from: resnet19}\n", "networks.yaml:3", "lenet, ravdess-audio");
    expect_bad("  - {name: mine, from: none.yaml}\n", "networks.yaml:3", "none.yaml");
    expect_bad("  - {name: mine, from: lenet, layers: [{layer: relu}]}\n", "networks.yaml:3",
               "layers and from");
    expect_bad("  - {name: mine, out: 3, layers: [{layer: relu}]}\n", "networks.yaml:3",
               "no linear layer");
    scratch_text("broken.yaml", "layers:\n  - {layer: relu}\n  - {layer: rely}\n");
    expect_bad("  - {name: mine, from: broken.yaml}\n", "broken.yaml:3", "rely");
    scratch_text("other.yaml", "name: x\nlayers: []\n");
    expect_bad("  - {name: mine, from: other.yaml}\n", "other.yaml:1", "name");
    expect_bad("  - {name: mine, layers: [{layer: residual, body: [{layer: conv, kernal: 3}]}]}\n",
               "networks.yaml:3", "kernal");
}

static void expect_bad_number(const char *numbers)
{
    char network[128];
    venn_distill_config *config;
    venn_net *net;
    venn_device *device = open_test_device();
    snprintf(network, sizeof network,
             "  - {name: mine, layers: [{layer: conv, out: 2, kernel: %s}]}\n", numbers);
    OK(load(network, &config));
    cr_expect_eq(venn_config_create_layers(config, device, "mine", VENN_SHAPE(1, 9, 9), 1, &net),
                 VENN_BAD_FILE, "%s", numbers);
    cr_expect(strstr(venn_error_message(), "networks.yaml:3") &&
                  strstr(venn_error_message(), numbers) && strstr(venn_error_message(), "5x3x3"),
              "%s", venn_error_message());
    venn_distill_config_destroy(&config);
    close_test_device(&device);
}

Test(networks, numbers_of_windows)
{
    expect_bad_number("3x");
    expect_bad_number("x3");
    expect_bad_number("3x-1");
    expect_bad_number("3x3x3x3");
    expect_bad_number("70000");
    expect_bad_number("3 x 3");
}
