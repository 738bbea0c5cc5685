// The standard training steps, on random data: their networks, and one of them built and fed.
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "bench/bench_step.h"
#include "venn/ops.h"

enum { CLASSES = 10 };

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

// ResNet-18 as it is for images of 32x32, and one of its kind with a 143rd of its parameters.
static const venn_layer resnet18_layers[] = {
    {.kind = VENN_LAYER_CONV, .out = 64, .kernel = {3}, .padding = {1, 1}, .no_bias = true},
    {.kind = VENN_LAYER_BATCH_NORM},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 64},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 64},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 128, .stride = {2}},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 128},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 256, .stride = {2}},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 256},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 512, .stride = {2}},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 512},
    {.kind = VENN_LAYER_GLOBAL_AVG_POOL},
    {.kind = VENN_LAYER_LINEAR, .out = CLASSES},
};

static const venn_layer resnet8_layers[] = {
    {.kind = VENN_LAYER_CONV, .out = 16, .kernel = {3}, .padding = {1, 1}, .no_bias = true},
    {.kind = VENN_LAYER_BATCH_NORM},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 16},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 32, .stride = {2}},
    {.kind = VENN_LAYER_BASIC_BLOCK, .out = 64, .stride = {2}},
    {.kind = VENN_LAYER_GLOBAL_AVG_POOL},
    {.kind = VENN_LAYER_LINEAR, .out = CLASSES},
};

// Encoders of sequences of 32 rows: four blocks of 128 features teach two of 64.
#define BLOCK                                                                                      \
    {                                                                                              \
        .kind = VENN_LAYER_TRANSFORMER_BLOCK, .heads = 4                                           \
    }
static const venn_layer deep_encoder_layers[] = {
    {.kind = VENN_LAYER_LINEAR, .out = 128},
    {.kind = VENN_LAYER_POSITIONS},
    BLOCK,
    BLOCK,
    BLOCK,
    BLOCK,
    {.kind = VENN_LAYER_LAYER_NORM},
    {.kind = VENN_LAYER_MEAN_POOL},
    {.kind = VENN_LAYER_LINEAR, .out = CLASSES},
};

static const venn_layer encoder_layers[] = {
    {.kind = VENN_LAYER_LINEAR, .out = 64},
    {.kind = VENN_LAYER_POSITIONS},
    BLOCK,
    BLOCK,
    {.kind = VENN_LAYER_LAYER_NORM},
    {.kind = VENN_LAYER_MEAN_POOL},
    {.kind = VENN_LAYER_LINEAR, .out = CLASSES},
};

#define STUDENT(list) .student = list, .n_student = sizeof(list) / sizeof *(list)
#define TEACHER(list) .teacher = list, .n_teacher = sizeof(list) / sizeof *(list)

static const venn_step_def steps[] = {
    {"lenet", STUDENT(lenet_layers), .input = {3, {1, 28, 28}}, .batch = 64},
    {"mlp", STUDENT(mlp_layers), .input = {1, {784}}, .batch = 64},
    {"lenet-kd", STUDENT(lenet_layers), TEACHER(lenet_layers), {3, {1, 28, 28}}, 64, true},
    {"mlp-kd", STUDENT(mlp_layers), TEACHER(mlp_layers), {1, {784}}, 64, true},
    {"resnet18-kd", STUDENT(resnet8_layers), TEACHER(resnet18_layers), {3, {3, 32, 32}}, 8, false},
    {"transformer-kd",
     STUDENT(encoder_layers),
     TEACHER(deep_encoder_layers),
     {2, {32, 32}},
     32,
     false},
};

const char *venn_bench_step_name(size_t index)
{
    return index < sizeof steps / sizeof *steps ? steps[index].name : NULL;
}

venn_status venn_step_find(const char *name, const venn_step_def **def)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].name, name) == 0) {
            *def = &steps[i];
            return VENN_OK;
        }
    char names[256] = "";
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        strncat(names, i ? ", " : "", sizeof names - strlen(names) - 1);
        strncat(names, steps[i].name, sizeof names - strlen(names) - 1);
    }
    return venn_fail(VENN_BAD_ARG, "there is no step \"%s\", only %s", name, names);
}

// ---- One step --------------------------------------------------------------------------------

static venn_status create_net(venn_net **net, venn_device *device, const venn_layer *layers,
                              size_t n, venn_shape input, uint64_t seed)
{
    venn_branch branch = {.layers = layers, .n_layers = n, .input = input};
    return venn_net_create(net, device, &(venn_net_params){.branches = &branch, .n_branches = 1},
                           seed);
}

static venn_status create_optim(venn_step *s, venn_device *device)
{
    venn_var **vars = venn_alloc(venn_net_n_params(s->net), sizeof(venn_var *));
    if (!vars)
        return VENN_NO_MEMORY;
    venn_optim_group group = {.vars = vars, .n = venn_net_trainable(s->net, vars)};
    venn_status status = venn_optim_create(
        &s->optim, device, &(venn_optim_params){.kind = VENN_OPTIM_ADAM}, 1, &group);
    free(vars);
    return status;
}

static venn_status build(venn_step *s)
{
    const venn_step_def *def = s->def;
    venn_graph *g = s->g;
    venn_shape shape = {def->input.rank + 1, {s->batch}};
    memcpy(shape.dim + 1, def->input.dim, (size_t)def->input.rank * sizeof *shape.dim);
    venn_shape logits = {2, {s->batch, CLASSES}}, rows = {1, {s->batch}};
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, shape);
    venn_tensor labels = venn_graph_input(g, "labels", VENN_I32, rows);
    venn_graph_phase(g, VENN_PHASE_TEACHER);
    venn_tensor teacher = def->teacher ? venn_net_apply(s->teacher, g, &x, NULL)
                                       : venn_graph_input(g, "teacher", VENN_F32, logits);
    venn_graph_phase(g, VENN_PHASE_STUDENT);
    venn_tensor z = venn_net_apply(s->net, g, &x, &(venn_apply_params){.train = true});
    venn_graph_phase(g, VENN_PHASE_LOSS);
    venn_kl_div_params kl = {.temperature = 4, .t_squared = true};
    s->loss = venn_add(g, venn_cross_entropy(g, z, labels, NULL),
                       venn_kl_div(g, z, teacher, VENN_NONE, &kl));
    venn_graph_output(g, "loss", s->loss);
    return venn_optim_minimize(s->optim, g, s->loss);
}

static float *normal(size_t count, uint32_t stream)
{
    float *x = venn_alloc(count, sizeof *x);
    venn_rng rng = venn_rng_make(1, 0, stream);
    for (size_t i = 0; x && i < count; i++)
        x[i] = venn_rng_normal(&rng);
    return x;
}

static venn_status make_data(venn_step *s)
{
    s->x = normal((size_t)venn_shape_count(&s->def->input) * s->batch, 0);
    s->logits = normal((size_t)s->batch * CLASSES, 1);
    s->labels = venn_alloc(s->batch, sizeof *s->labels);
    if (!s->x || !s->logits || !s->labels)
        return VENN_NO_MEMORY;
    for (uint32_t i = 0; i < s->batch; i++)
        s->labels[i] = (int32_t)(i % CLASSES);
    return VENN_OK;
}

venn_status venn_step_create(venn_step *s, venn_device *device, const venn_step_def *def,
                             uint32_t batch, bool timestamps)
{
    *s = (venn_step){.def = def, .batch = batch};
    VENN_TRY(make_data(s));
    VENN_TRY(create_net(&s->net, device, def->student, def->n_student, def->input, 1));
    if (def->teacher)
        VENN_TRY(create_net(&s->teacher, device, def->teacher, def->n_teacher, def->input, 2));
    VENN_TRY(create_optim(s, device));
    VENN_TRY(venn_graph_create(&s->g));
    VENN_TRY(build(s));
    return venn_graph_compile(&s->program, s->g, device,
                              &(venn_compile_params){.name = def->name, .timestamps = timestamps});
}

static void write_input(venn_program *program, const char *name, const void *data)
{
    size_t bytes;
    void *to = venn_program_input(program, name, &bytes);
    if (to)
        memcpy(to, data, bytes);
}

venn_status venn_step_feed(void *step, venn_program *program, uint32_t run)
{
    venn_step *s = step;
    (void)run;
    write_input(program, "x", s->x);
    write_input(program, "labels", s->labels);
    write_input(program, "teacher", s->logits);
    return venn_optim_feed(s->optim, program, 0);
}

void venn_step_finish(venn_step *s)
{
    venn_program_destroy(&s->program);
    venn_graph_destroy(&s->g);
    venn_optim_destroy(&s->optim);
    venn_net_destroy(&s->teacher);
    venn_net_destroy(&s->net);
    free(s->x);
    free(s->logits);
    free(s->labels);
}
