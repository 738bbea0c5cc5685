// Networks: shapes and their errors, initialisation, freezing, copying and hashing, what the layers
// compute, taps, several branches.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "device_fixture.h"
#include "venn/venn.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const venn_layer lenet[] = {
    {.kind = VENN_LAYER_CONV, .out = 6, .kernel = {5}, .padding = {2, 2}, .name = "c1"},
    {.kind = VENN_LAYER_BATCH_NORM},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_MAX_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_CONV, .out = 16, .kernel = {5}, .no_bias = true},
    {.kind = VENN_LAYER_TANH},
    {.kind = VENN_LAYER_AVG_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_FLATTEN},
    {.kind = VENN_LAYER_DROPOUT, .p = 0.25f},
    {.kind = VENN_LAYER_LINEAR, .out = 10, .name = "logits"},
};

static const venn_layer mlp[] = {
    {.kind = VENN_LAYER_LINEAR, .out = 7},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_LINEAR, .out = 5, .no_bias = true},
    {.kind = VENN_LAYER_SIGMOID},
    {.kind = VENN_LAYER_LINEAR, .out = 3},
};

static venn_net *make(venn_device *device, const venn_layer *layers, size_t n, venn_shape input,
                      uint64_t seed)
{
    venn_branch branch = {.layers = layers, .n_layers = n, .input = input};
    venn_net *net;
    OK(venn_net_create(&net, device, &(venn_net_params){.branches = &branch, .n_branches = 1},
                       seed));
    return net;
}

static venn_net *make_mlp(venn_device *device, uint64_t seed)
{
    return make(device, mlp, COUNT(mlp), VENN_SHAPE(4), seed);
}

// *values is malloc'd.
static size_t read_param(const venn_net *net, const char *name, float **values)
{
    const venn_net_param *p = venn_net_param_find(net, name);
    cr_assert_not_null(p, "no parameter %s", name);
    size_t bytes = venn_var_bytes(p->var);
    *values = malloc(bytes);
    OK(venn_var_read(p->var, *values, bytes));
    return bytes / sizeof(float);
}

static void hash(const venn_net *net, char text[33])
{
    OK(venn_net_hash(net, text));
}

// ---- Shapes and names ------------------------------------------------------------------------

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
    venn_net *net = make(device, lenet, COUNT(lenet), VENN_SHAPE(1, 28, 28), 1);
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

static void expect_error(venn_device *device, venn_layer second, venn_shape input,
                         venn_status status, const char *start, const char *word)
{
    const venn_layer layers[] = {{.kind = VENN_LAYER_RELU}, second};
    venn_branch branch = {.layers = layers, .n_layers = 2, .input = input};
    venn_net *net;
    venn_status got =
        venn_net_create(&net, device, &(venn_net_params){.branches = &branch, .n_branches = 1}, 1);
    cr_assert_eq(got, status, "%s: %s", start, venn_error_message());
    cr_assert_null(net);
    cr_assert_eq(strncmp(venn_error_message(), start, strlen(start)), 0, "%s",
                 venn_error_message());
    cr_assert(strstr(venn_error_message(), word), "%s", venn_error_message());
}

Test(nn, what_does_not_fit_is_named)
{
    venn_device *device = open_test_device();
    const venn_shape image = VENN_SHAPE(3, 8, 8), row = VENN_SHAPE(9);
    expect_error(device, (venn_layer){.kind = VENN_LAYER_LINEAR, .out = 2}, image, VENN_BAD_SHAPE,
                 "layer 1 (linear), input [3, 8, 8]: ", "flatten");
    expect_error(device, (venn_layer){.kind = VENN_LAYER_LINEAR}, row, VENN_BAD_ARG,
                 "layer 1 (linear), input [9]: ", "out is 0");
    expect_error(device, (venn_layer){.kind = VENN_LAYER_CONV, .out = 2, .kernel = {3}}, row,
                 VENN_BAD_SHAPE, "layer 1 (conv), input [9]: ", "[C, H, W]");
    expect_error(device, (venn_layer){.kind = VENN_LAYER_CONV, .out = 2, .kernel = {9}}, image,
                 VENN_BAD_SHAPE, "layer 1 (conv), input [3, 8, 8]: ", "");
    expect_error(device, (venn_layer){.kind = VENN_LAYER_CONV, .out = 2}, image, VENN_BAD_ARG,
                 "layer 1 (conv), input [3, 8, 8]: ", "kernel is 0, 0");
    expect_error(device,
                 (venn_layer){.kind = VENN_LAYER_CONV, .out = 4, .kernel = {3}, .groups = 2}, image,
                 VENN_BAD_SHAPE, "layer 1 (conv), input [3, 8, 8]: ", "groups");
    expect_error(device,
                 (venn_layer){.kind = VENN_LAYER_CONV, .out = 4, .kernel = {3}, .stride = {-1}},
                 image, VENN_BAD_ARG, "layer 1 (conv)", "stride");
    expect_error(device, (venn_layer){.kind = VENN_LAYER_MAX_POOL, .kernel = {2}}, row,
                 VENN_BAD_SHAPE, "layer 1 (max_pool), input [9]: ", "[C, H, W]");
    expect_error(device, (venn_layer){.kind = VENN_LAYER_AVG_POOL, .kernel = {9}}, image,
                 VENN_BAD_SHAPE, "layer 1 (avg_pool), input [3, 8, 8]: ", "");
    expect_error(device, (venn_layer){.kind = VENN_LAYER_DROPOUT, .p = 1}, row, VENN_BAD_ARG,
                 "layer 1 (dropout), input [9]: ", "p is 1");
    expect_error(device, (venn_layer){.kind = VENN_LAYER_TANH, .name = "0"}, row, VENN_BAD_ARG,
                 "two layers", "0");
    expect_error(device, (venn_layer){.kind = (venn_layer_kind)77}, row, VENN_BAD_ARG, "layer 1",
                 "77");
    close_test_device(&device);
}

// ---- Parameters ------------------------------------------------------------------------------

static void expect_uniform(const venn_net *net, const char *name, double fan_in)
{
    float *values;
    size_t n = read_param(net, name, &values);
    double bound = 1 / sqrt(fan_in), most = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs(values[i]));
        sum += values[i];
        squares += (double)values[i] * values[i];
    }
    cr_assert(most <= bound * (1 + 1e-6), "%s: %g beyond %g", name, most, bound);
    // Five standard errors of mean and mean square of U(-bound, bound).
    double rms = bound / sqrt(3), root = sqrt((double)n);
    cr_assert(fabs(sum / (double)n) < 5 * rms / root, "%s: mean %g", name, sum / (double)n);
    cr_assert(fabs(squares / (double)n - rms * rms) < 5 * rms * rms * 0.9 / root,
              "%s: mean square %g, not %g", name, squares / (double)n, rms * rms);
    free(values);
}

static void expect_all(const venn_net *net, const char *name, float value)
{
    float *values;
    size_t n = read_param(net, name, &values);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(values[i], value, "%s[%zu] = %g", name, i, (double)values[i]);
    free(values);
}

Test(nn, initial_values_have_the_right_law)
{
    venn_device *device = open_test_device();
    venn_net *net = make(device, lenet, COUNT(lenet), VENN_SHAPE(1, 28, 28), 3);
    expect_uniform(net, "c1.weight", 25);
    expect_uniform(net, "c1.bias", 25);
    expect_uniform(net, "4.weight", 150);
    expect_uniform(net, "logits.weight", 400);
    expect_uniform(net, "logits.bias", 400);
    expect_all(net, "1.weight", 1);
    expect_all(net, "1.bias", 0);
    expect_all(net, "1.running_mean", 0);
    expect_all(net, "1.running_var", 1);
    venn_net_destroy(&net);
    close_test_device(&device);
}

Test(nn, initial_values_follow_seed_and_position_alone)
{
    venn_device *device = open_test_device();
    venn_net *a = make_mlp(device, 5), *b = make_mlp(device, 5), *c = make_mlp(device, 6);
    char ha[33], hb[33], hc[33];
    hash(a, ha), hash(b, hb), hash(c, hc);
    cr_assert_str_eq(ha, hb);
    cr_assert_str_neq(ha, hc);
    OK(venn_net_init(c, 5));
    hash(c, hc);
    cr_assert_str_eq(ha, hc);

    // Parameter 2 is the second layer's weight [5, 7]: stream 2 of the documented generator.
    float *values;
    size_t n = read_param(a, "2.weight", &values);
    venn_rng rng = venn_rng_make(5, 0x696e6974u, 2);
    float bound = (float)(1 / sqrt(7));
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(values[i], venn_rng_uniform(&rng, -bound, bound));
    free(values);
    venn_net_destroy(&a);
    venn_net_destroy(&b);
    venn_net_destroy(&c);
    close_test_device(&device);
}

Test(nn, freezing_takes_parameters_out_of_training)
{
    venn_device *device = open_test_device();
    venn_net *net = make(device, lenet, COUNT(lenet), VENN_SHAPE(1, 28, 28), 1);
    venn_var *vars[16];
    cr_assert_eq(venn_net_trainable(net, vars), 7); // 9 parameters, 2 of them buffers
    OK(venn_net_freeze(net, "c1", true));
    cr_assert_eq(venn_net_trainable(net, vars), 5);
    cr_assert_eq(vars[0], venn_net_param_find(net, "1.weight")->var);
    cr_assert(venn_net_param_find(net, "c1.bias")->frozen);
    OK(venn_net_freeze(net, "logits.bias", true));
    cr_assert_eq(venn_net_trainable(net, vars), 4);
    OK(venn_net_freeze(net, NULL, true));
    cr_assert_eq(venn_net_trainable(net, vars), 0);
    OK(venn_net_freeze(net, "", false));
    cr_assert_eq(venn_net_trainable(net, vars), 7);
    OK(venn_net_freeze(net, "7", true)); // has no parameters, but is there
    cr_assert_eq(venn_net_freeze(net, "c", true), VENN_BAD_ARG);
    cr_assert(strstr(venn_error_message(), "c"), "%s", venn_error_message());
    venn_net_destroy(&net);
    close_test_device(&device);
}

Test(nn, copies_are_equal_and_need_the_same_layout)
{
    venn_device *device = open_test_device();
    venn_net *a = make_mlp(device, 1), *b = make_mlp(device, 2);
    venn_net *other = make(device, mlp, COUNT(mlp), VENN_SHAPE(6), 1);
    venn_net *shorter = make(device, mlp, 2, VENN_SHAPE(4), 1);
    char ha[33], hb[33];
    OK(venn_net_copy(b, a));
    hash(a, ha), hash(b, hb);
    cr_assert_str_eq(ha, hb);
    cr_assert_eq(venn_net_copy(other, a), VENN_BAD_SHAPE);
    cr_assert(strstr(venn_error_message(), "0.weight [7, 6]"), "%s", venn_error_message());
    cr_assert_eq(venn_net_copy(shorter, a), VENN_BAD_SHAPE);
    venn_net_destroy(&a);
    venn_net_destroy(&b);
    venn_net_destroy(&other);
    venn_net_destroy(&shorter);
    close_test_device(&device);
}

// ---- In a graph ------------------------------------------------------------------------------

// A graph in the making and one run of it; each net input is a variable that holds sines.
typedef struct scene {
    venn_device *device;
    venn_graph *g;
    venn_program *program;
    venn_var *vars[4];
    int n_vars;
    uint64_t ticket;
} scene;

static void open_scene(scene *s)
{
    *s = (scene){.device = open_test_device()};
    OK(venn_graph_create(&s->g));
}

static float sine(int64_t i)
{
    return (float)sin(0.7 + 1.9 * (double)i);
}

static venn_tensor sines(scene *s, venn_shape shape)
{
    int64_t n = venn_shape_count(&shape);
    float *values = malloc((size_t)n * sizeof *values);
    for (int64_t i = 0; i < n; i++)
        values[i] = sine(i);
    venn_var **var = &s->vars[s->n_vars++];
    OK(venn_var_create(var, s->device, "x", VENN_F32, shape));
    OK(venn_var_write(*var, values, (size_t)n * sizeof *values));
    free(values);
    return venn_graph_var(s->g, *var);
}

static void run(scene *s, uint64_t rng_step)
{
    if (!s->program)
        OK(venn_graph_compile(&s->program, s->g, s->device, NULL));
    OK(venn_program_begin(s->program));
    venn_program_set_rng(s->program, 1, rng_step);
    OK(venn_program_run(s->program, &s->ticket));
}

static const float *output(scene *s, const char *name)
{
    const float *values = venn_program_output(s->program, s->ticket, name, NULL);
    cr_assert_not_null(values, "no output %s", name);
    return values;
}

static void close_scene(scene *s)
{
    venn_program_destroy(&s->program);
    venn_graph_destroy(&s->g);
    for (int i = 0; i < s->n_vars; i++)
        venn_var_destroy(&s->vars[i]);
    close_test_device(&s->device);
}

// y = act(w x + b) for one sample; act: 0 none, 1 relu, 2 sigmoid.
static void dense(const venn_net *net, const char *layer, const double *x, int in, int out,
                  bool bias, int act, double *y)
{
    char name[32];
    float *w, *b = NULL;
    snprintf(name, sizeof name, "%s.weight", layer);
    read_param(net, name, &w);
    snprintf(name, sizeof name, "%s.bias", layer);
    if (bias)
        read_param(net, name, &b);
    for (int o = 0; o < out; o++) {
        double z = bias ? b[o] : 0;
        for (int i = 0; i < in; i++)
            z += (double)w[o * in + i] * x[i];
        y[o] = act == 1 ? fmax(z, 0) : act == 2 ? 1 / (1 + exp(-z)) : z;
    }
    free(w);
    free(b);
}

static void expect_near(const float *got, const double *want, int n, const char *what)
{
    for (int i = 0; i < n; i++)
        cr_assert(fabs(got[i] - want[i]) < 2e-6, "%s[%d] is %.8g, not %.8g", what, i,
                  (double)got[i], want[i]);
}

Test(nn, a_net_computes_what_its_layers_say_tapped_or_not)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_mlp(s.device, 11);
    venn_tensor x = sines(&s, VENN_SHAPE(2, 4));
    venn_tap taps[] = {{.layer = "0"}, {.layer = "1"}, {.layer = "3"}, {.layer = "4"}};
    venn_graph_output(s.g, "plain", venn_net_apply(net, s.g, &x, NULL));
    venn_tensor y = venn_net_apply(net, s.g, &x, &(venn_apply_params){.taps = taps, .n_taps = 4});
    cr_assert_eq(y.id, taps[3].y.id);
    venn_graph_output(s.g, "0", taps[0].y);
    venn_graph_output(s.g, "1", taps[1].y);
    venn_graph_output(s.g, "3", taps[2].y);
    venn_graph_output(s.g, "y", y);
    run(&s, 0);
    for (int b = 0; b < 2; b++) {
        double in[4], linear[7], relu[7], sigmoid[5], logits[3];
        for (int i = 0; i < 4; i++)
            in[i] = sine(4 * b + i);
        dense(net, "0", in, 4, 7, true, 0, linear);
        dense(net, "0", in, 4, 7, true, 1, relu);
        dense(net, "2", relu, 7, 5, false, 2, sigmoid);
        dense(net, "4", sigmoid, 5, 3, true, 0, logits);
        expect_near(output(&s, "0") + 7 * b, linear, 7, "0");
        expect_near(output(&s, "1") + 7 * b, relu, 7, "1");
        expect_near(output(&s, "3") + 5 * b, sigmoid, 5, "3");
        expect_near(output(&s, "y") + 3 * b, logits, 3, "y");
        expect_near(output(&s, "plain") + 3 * b, logits, 3, "plain");
    }
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn, activations_become_part_of_the_layer_before)
{
    scene s;
    venn_program_info plain, tapped;
    for (int i = 0; i < 2; i++) {
        open_scene(&s);
        venn_net *net = make_mlp(s.device, 11);
        venn_tensor x = sines(&s, VENN_SHAPE(2, 4));
        venn_tap tap = {.layer = "0"};
        venn_apply_params params = {.taps = &tap, .n_taps = (size_t)i};
        venn_graph_output(s.g, "y", venn_net_apply(net, s.g, &x, &params));
        run(&s, 0);
        venn_program_get_info(s.program, i ? &tapped : &plain);
        venn_net_destroy(&net);
        close_scene(&s);
    }
    cr_assert_eq(plain.nodes, 3);
    cr_assert_eq(tapped.nodes, 4);
}

Test(nn, two_uses_in_one_graph_share_their_parameters)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_mlp(s.device, 4);
    venn_tensor x = sines(&s, VENN_SHAPE(3, 4));
    venn_tensor one = venn_sum(s.g, venn_net_apply(net, s.g, &x, NULL), NULL);
    venn_tensor two = venn_add(s.g, one, venn_sum(s.g, venn_net_apply(net, s.g, &x, NULL), NULL));
    venn_tensor w = venn_graph_var(s.g, venn_net_param_find(net, "0.weight")->var), dw[2];
    OK(venn_graph_gradients(s.g, one, VENN_NONE, 1, &w, &dw[0]));
    OK(venn_graph_gradients(s.g, two, VENN_NONE, 1, &w, &dw[1]));
    venn_graph_output(s.g, "dw1", dw[0]);
    venn_graph_output(s.g, "dw2", dw[1]);
    run(&s, 0);
    double largest = 0;
    for (int i = 0; i < 28; i++) {
        float once = output(&s, "dw1")[i], twice = output(&s, "dw2")[i];
        cr_assert(fabs(twice - 2 * once) < 1e-6, "%d: %g, %g", i, (double)once, (double)twice);
        largest = fmax(largest, fabs(once));
    }
    cr_assert(largest > 1e-3);
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn, training_mode_drops_and_moves_statistics_and_evaluation_does_not)
{
    const venn_layer layers[] = {{.kind = VENN_LAYER_BATCH_NORM, .momentum = 0.5f},
                                 {.kind = VENN_LAYER_DROPOUT}};
    scene s;
    open_scene(&s);
    venn_net *net = make(s.device, layers, 2, VENN_SHAPE(32), 1);
    venn_tensor x = sines(&s, VENN_SHAPE(16, 32));
    venn_graph_output(s.g, "train",
                      venn_net_apply(net, s.g, &x, &(venn_apply_params){.train = true}));
    run(&s, 0);
    int zeros = 0;
    float first[512];
    memcpy(first, output(&s, "train"), sizeof first);
    for (int i = 0; i < 512; i++)
        zeros += first[i] == 0;
    cr_assert(zeros > 200 && zeros < 312, "%d of 512 dropped", zeros);
    run(&s, 1);
    cr_assert_neq(memcmp(first, output(&s, "train"), sizeof first), 0);
    float *mean;
    read_param(net, "0.running_mean", &mean);
    for (int c = 0; c < 32; c++) {
        double want = 0;
        for (int b = 0; b < 16; b++)
            want += sine(32 * b + c) / 16;
        cr_assert(fabs(mean[c] - 0.75 * want) < 1e-6); // two steps of a half
    }
    free(mean);
    venn_program_destroy(&s.program);

    venn_graph_destroy(&s.g);
    OK(venn_graph_create(&s.g));
    char before[33], after[33];
    OK(venn_net_init(net, 1));
    hash(net, before);
    x = venn_graph_var(s.g, s.vars[0]);
    venn_graph_output(s.g, "eval", venn_net_apply(net, s.g, &x, NULL));
    run(&s, 0);
    for (int i = 0; i < 512; i++)
        cr_assert(fabs(output(&s, "eval")[i] - sine(i)) < 1e-4);
    hash(net, after);
    cr_assert_str_eq(before, after);
    venn_net_destroy(&net);
    close_scene(&s);
}

static void expect_apply_error(venn_shape shape, const char *tap_name, const char *word)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_mlp(s.device, 1);
    venn_tensor x = venn_graph_input(s.g, "x", VENN_F32, shape);
    venn_tap tap = {.layer = tap_name};
    venn_apply_params params = {.taps = &tap, .n_taps = tap_name != NULL};
    cr_assert_eq(venn_net_apply(net, s.g, &x, &params).id, 0);
    cr_assert(venn_graph_status(s.g) < 0);
    cr_assert(strstr(venn_graph_error(s.g), word), "%s", venn_graph_error(s.g));
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn, inputs_and_taps_that_do_not_fit_are_errors_of_the_graph)
{
    expect_apply_error(VENN_SHAPE(2, 5), NULL, "[4], got [2, 5]");
    expect_apply_error(VENN_SHAPE(4), NULL, "[4], got [4]");
    expect_apply_error(VENN_SHAPE(2, 4), "nowhere", "nowhere");
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
