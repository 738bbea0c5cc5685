#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net_fixture.h"

const venn_layer fixture_lenet[10] = {
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

const venn_layer fixture_mlp[5] = {
    {.kind = VENN_LAYER_LINEAR, .out = 7},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_LINEAR, .out = 5, .no_bias = true},
    {.kind = VENN_LAYER_SIGMOID},
    {.kind = VENN_LAYER_LINEAR, .out = 3},
};

venn_net *make_net(venn_device *device, const venn_layer *layers, size_t n, venn_shape input,
                   uint64_t seed)
{
    venn_branch branch = {.layers = layers, .n_layers = n, .input = input};
    venn_net *net;
    OK(venn_net_create(&net, device, &(venn_net_params){.branches = &branch, .n_branches = 1},
                       seed));
    return net;
}

venn_net *make_mlp(venn_device *device, uint64_t seed)
{
    return make_net(device, fixture_mlp, COUNT(fixture_mlp), VENN_SHAPE(4), seed);
}

size_t read_param(const venn_net *net, const char *name, float **values)
{
    const venn_net_param *p = venn_net_param_find(net, name);
    cr_assert_not_null(p, "no parameter %s", name);
    size_t bytes = venn_var_bytes(p->var);
    *values = malloc(bytes);
    OK(venn_var_read(p->var, *values, bytes));
    return bytes / sizeof(float);
}

void net_hash(const venn_net *net, char text[33])
{
    OK(venn_net_hash(net, text));
}

void expect_refused(venn_device *device, venn_layer layer, venn_shape input, venn_status status,
                    const char *start, const char *word)
{
    const venn_layer layers[] = {{.kind = VENN_LAYER_RELU}, layer};
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

void open_scene(scene *s)
{
    *s = (scene){.device = open_test_device()};
    OK(venn_graph_create(&s->g));
}

float sine(int64_t i)
{
    return (float)sin(0.7 + 1.9 * (double)i);
}

venn_tensor sines(scene *s, venn_shape shape)
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

void run(scene *s, uint64_t rng_step)
{
    if (!s->program)
        OK(venn_graph_compile(&s->program, s->g, s->device, NULL));
    OK(venn_program_begin(s->program));
    venn_program_set_rng(s->program, 1, rng_step);
    OK(venn_program_run(s->program, &s->ticket));
}

const float *output(scene *s, const char *name)
{
    const float *values = venn_program_output(s->program, s->ticket, name, NULL);
    cr_assert_not_null(values, "no output %s", name);
    return values;
}

void close_scene(scene *s)
{
    venn_program_destroy(&s->program);
    venn_graph_destroy(&s->g);
    for (int i = 0; i < s->n_vars; i++)
        venn_var_destroy(&s->vars[i]);
    close_test_device(&s->device);
}

void dense(const venn_net *net, const char *layer, const double *x, int in, int out, bool bias,
           int act, double *y)
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

void expect_near(const float *got, const double *want, int n, const char *what)
{
    for (int i = 0; i < n; i++)
        cr_assert(fabs(got[i] - want[i]) < 2e-6, "%s[%d] is %.8g, not %.8g", what, i,
                  (double)got[i], want[i]);
}
