// The standard training steps, on random data.
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "base/thread.h"
#include "venn/bench.h"
#include "venn/nn.h"
#include "venn/ops.h"
#include "venn/optim.h"

enum { BATCH = 64, CLASSES = 10 };

static const venn_layer lenet_layers[] = {
    {.kind = VENN_LAYER_CONV, .out = 32, .kernel = {5}, .padding = {2, 2}},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_MAX_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_CONV, .out = 64, .kernel = {5}, .padding = {2, 2}},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_MAX_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_FLATTEN},
    {.kind = VENN_LAYER_LINEAR, .out = 1024},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_LINEAR, .out = CLASSES},
};

static const venn_layer mlp_layers[] = {
    {.kind = VENN_LAYER_LINEAR, .out = 512},     {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_LINEAR, .out = 512},     {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_LINEAR, .out = CLASSES},
};

static const struct step {
    const char *name;
    const venn_layer *layers;
    size_t n_layers;
    venn_shape input;
} steps[] = {
    {"lenet", lenet_layers, sizeof lenet_layers / sizeof *lenet_layers, {3, {1, 28, 28}}},
    {"mlp", mlp_layers, sizeof mlp_layers / sizeof *mlp_layers, {1, {784}}},
};

const char *venn_bench_step_name(size_t index)
{
    return index < sizeof steps / sizeof *steps ? steps[index].name : NULL;
}

typedef struct bench_step {
    venn_net *net;
    venn_optim *optim;
    venn_program *program;
} bench_step;

static venn_status build(bench_step *s, const struct step *step, venn_graph *g)
{
    venn_shape shape = {step->input.rank + 1, {BATCH}};
    memcpy(shape.dim + 1, step->input.dim, (size_t)step->input.rank * sizeof *shape.dim);
    venn_shape logits = {2, {BATCH, CLASSES}}, rows = {1, {BATCH}};
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, shape);
    venn_tensor labels = venn_graph_input(g, "labels", VENN_I32, rows);
    venn_tensor teacher = venn_graph_input(g, "teacher", VENN_F32, logits);
    venn_graph_phase(g, "student forward");
    venn_tensor z = venn_net_apply(s->net, g, &x, &(venn_apply_params){.train = true});
    venn_graph_phase(g, "loss");
    venn_kl_div_params kl = {.temperature = 4, .t_squared = true};
    venn_tensor loss = venn_add(g, venn_cross_entropy(g, z, labels, NULL),
                                venn_kl_div(g, z, teacher, VENN_NONE, &kl));
    venn_graph_output(g, "loss", loss);
    return venn_optim_minimize(s->optim, g, loss);
}

static venn_status create(bench_step *s, venn_device *device, const struct step *step,
                          bool timestamps)
{
    venn_branch branch = {.layers = step->layers, .n_layers = step->n_layers, .input = step->input};
    VENN_TRY(venn_net_create(&s->net, device,
                             &(venn_net_params){.branches = &branch, .n_branches = 1}, 1));
    venn_var **vars = venn_alloc(venn_net_n_params(s->net), sizeof(venn_var *));
    if (!vars)
        return VENN_NO_MEMORY;
    venn_optim_group group = {.vars = vars, .n = venn_net_trainable(s->net, vars)};
    venn_status status = venn_optim_create(
        &s->optim, device, &(venn_optim_params){.kind = VENN_OPTIM_ADAM}, 1, &group);
    free(vars);
    venn_graph *g = NULL;
    if (status == VENN_OK)
        status = venn_graph_create(&g);
    if (status == VENN_OK)
        status = build(s, step, g);
    if (status == VENN_OK)
        status = venn_graph_compile(
            &s->program, g, device,
            &(venn_compile_params){.name = step->name, .timestamps = timestamps});
    venn_graph_destroy(&g);
    return status;
}

static void finish(bench_step *s)
{
    venn_program_destroy(&s->program);
    venn_optim_destroy(&s->optim);
    venn_net_destroy(&s->net);
}

static void fill_normal(bench_step *s, const char *name, uint32_t stream)
{
    size_t bytes;
    float *x = venn_program_input(s->program, name, &bytes);
    venn_rng rng = venn_rng_make(1, 0, stream);
    for (size_t i = 0; i < bytes / sizeof *x; i++)
        x[i] = venn_rng_normal(&rng);
}

static venn_status run_once(bench_step *s, const float *batch, size_t bytes)
{
    VENN_TRY(venn_program_begin(s->program));
    memcpy(venn_program_input(s->program, "x", NULL), batch, bytes);
    VENN_TRY(venn_optim_feed(s->optim, s->program, 0));
    return venn_program_run(s->program, NULL);
}

// Every slot gets labels and teacher logits once; the batch is copied in every step, as in training.
static venn_status measure(bench_step *s, uint32_t warmup, uint32_t samples, double *us)
{
    size_t bytes = 0;
    float *batch = NULL;
    venn_status status = VENN_OK;
    for (uint32_t i = 0; i < warmup + samples && status == VENN_OK; i++) {
        if (i < 3) {
            status = venn_program_begin(s->program);
            int32_t *labels = venn_program_input(s->program, "labels", NULL);
            for (int k = 0; labels && k < BATCH; k++)
                labels[k] = k % CLASSES;
            fill_normal(s, "teacher", 1);
        }
        if (!batch) {
            fill_normal(s, "x", 0);
            const void *x = venn_program_input(s->program, "x", &bytes);
            batch = venn_alloc(1, bytes);
            if (!batch)
                return VENN_NO_MEMORY;
            memcpy(batch, x, bytes);
        }
        uint64_t start = venn_clock_ns();
        if (status == VENN_OK)
            status = run_once(s, batch, bytes);
        if (i >= warmup)
            us[i - warmup] = (double)(venn_clock_ns() - start) * 1e-3;
    }
    free(batch);
    return status;
}

static const struct step *find_step(const char *name)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].name, name) == 0)
            return &steps[i];
    venn_fail(VENN_BAD_ARG, "there is no step \"%s\": lenet or mlp", name);
    return NULL;
}

venn_status venn_bench_step(venn_device *device, const char *name, uint32_t warmup,
                            uint32_t samples, double *us, venn_program_info *info)
{
    const struct step *step = find_step(name);
    if (!step)
        return VENN_BAD_ARG;
    bench_step s = {0};
    venn_status status = create(&s, device, step, false);
    if (status == VENN_OK)
        status = measure(&s, warmup < 3 ? 3 : warmup, samples, us);
    if (status == VENN_OK)
        venn_program_get_info(s.program, info);
    finish(&s);
    return status;
}

venn_status venn_bench_step_nodes(venn_device *device, const char *name, venn_node_time_fn fn,
                                  void *user)
{
    const struct step *step = find_step(name);
    double us[3];
    if (!step)
        return VENN_BAD_ARG;
    bench_step s = {0};
    venn_status status = create(&s, device, step, true);
    if (status == VENN_OK)
        status = measure(&s, 3, 3, us);
    if (status == VENN_OK)
        status = venn_program_node_times(s.program, fn, user);
    finish(&s);
    return status;
}
