// Data and parameters live on the device as variables, so a step uploads nothing but its learning rate.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "mfh/linear_bank.h"
#include "venn/ops.h"
#include "venn/optim.h"

enum { MAX_BANKS = 4, INIT_STREAM = 1, PROGRESS_STEPS = 50 };

// ---- Parameters ------------------------------------------------------------------------------

static venn_status draw(venn_linear_bank *bank, const uint64_t *seeds)
{
    const size_t per_model = (size_t)(bank->classes * bank->width);
    float *w = venn_alloc((size_t)bank->models * per_model, sizeof *w);
    float *b = venn_alloc((size_t)(bank->models * bank->classes), sizeof *b);
    venn_status status = w && b ? VENN_OK : VENN_NO_MEMORY;
    const float bound = 1.0f / sqrtf((float)bank->width);
    for (int64_t m = 0; status == VENN_OK && m < bank->models; m++) {
        venn_rng rng = venn_rng_make(seeds[m], 0, INIT_STREAM);
        for (size_t i = 0; i < per_model; i++)
            w[(size_t)m * per_model + i] = venn_rng_uniform(&rng, -bound, bound);
        for (int64_t c = 0; c < bank->classes; c++)
            b[m * bank->classes + c] = venn_rng_uniform(&rng, -bound, bound);
    }
    if (status == VENN_OK)
        status = venn_var_write(bank->w, w, venn_var_bytes(bank->w));
    if (status == VENN_OK)
        status = venn_var_write(bank->b, b, venn_var_bytes(bank->b));
    free(w);
    free(b);
    return status;
}

venn_status venn_linear_bank_init(venn_linear_bank *bank, venn_device *device, int64_t models,
                                  int64_t width, int64_t classes, const uint64_t *seeds)
{
    *bank =
        (venn_linear_bank){.device = device, .models = models, .width = width, .classes = classes};
    VENN_TRY(venn_var_create(&bank->w, device, "w", VENN_F32, VENN_SHAPE(models, classes, width)));
    VENN_TRY(venn_var_create(&bank->b, device, "b", VENN_F32, VENN_SHAPE(models, 1, classes)));
    return draw(bank, seeds);
}

void venn_linear_bank_finish(venn_linear_bank *bank)
{
    venn_var_destroy(&bank->w);
    venn_var_destroy(&bank->b);
}

static venn_tensor logits(const venn_linear_bank *bank, venn_graph *g, venn_tensor x)
{
    venn_tensor w = venn_graph_var(g, bank->w), b = venn_graph_var(g, bank->b);
    return venn_add(g, venn_matmul(g, x, w, VENN_NONE, &(venn_matmul_params){.trans_b = true}), b);
}

// ---- Training --------------------------------------------------------------------------------

typedef struct trainer {
    venn_linear_bank *const *banks;
    const venn_bank_data *data;
    size_t n;
    const venn_bank_training *training;
    venn_var *x[MAX_BANKS], *labels[MAX_BANKS], *teacher[MAX_BANKS];
    venn_optim *optim;
    venn_program *program;
} trainer;

static venn_status upload(venn_var **var, venn_device *device, const char *name, venn_dtype dtype,
                          venn_shape shape, const void *data)
{
    VENN_TRY(venn_var_create(var, device, name, dtype, shape));
    return venn_var_write(*var, data, venn_var_bytes(*var));
}

static venn_status upload_data(trainer *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const venn_linear_bank *bank = t->banks[i];
        const venn_bank_data *data = &t->data[i];
        VENN_TRY(upload(&t->x[i], bank->device, "x", VENN_F32,
                        VENN_SHAPE(bank->models, data->rows, bank->width), data->x));
        VENN_TRY(upload(&t->labels[i], bank->device, "labels", VENN_I32,
                        VENN_SHAPE(bank->models, data->rows), data->labels));
        if (data->teacher)
            VENN_TRY(upload(&t->teacher[i], bank->device, "teacher", VENN_F32,
                            VENN_SHAPE(bank->models, data->rows, bank->classes), data->teacher));
    }
    return VENN_OK;
}

// Summed over the models, which share nothing, a loss gives every one its own gradient.
static venn_tensor bank_loss(const trainer *t, venn_graph *g, size_t i, venn_tensor z)
{
    const float rows = (float)t->data[i].rows;
    const venn_cross_entropy_params hard = {.reduction = VENN_REDUCE_SUM};
    venn_tensor loss = venn_scale(
        g, venn_cross_entropy(g, z, venn_graph_var(g, t->labels[i]), &hard), 1 / rows, 0);
    if (!t->teacher[i])
        return loss;
    const venn_kl_div_params soft = {.reduction = VENN_KL_SUM};
    const float terms = rows * (t->training->batchmean ? 1 : (float)t->banks[i]->classes);
    venn_tensor kl = venn_kl_div(g, z, venn_graph_var(g, t->teacher[i]), VENN_NONE, &soft);
    return venn_add(g, loss, venn_scale(g, kl, (float)t->training->kd_weight / terms, 0));
}

static venn_status build(trainer *t, venn_graph *g, bool agree)
{
    venn_tensor z[MAX_BANKS], loss = VENN_NONE;
    for (size_t i = 0; i < t->n; i++) {
        z[i] = logits(t->banks[i], g, venn_graph_var(g, t->x[i]));
        venn_tensor own = bank_loss(t, g, i, z[i]);
        loss = i ? venn_add(g, loss, own) : own;
    }
    if (agree && t->n == 2) {
        venn_tensor apart = venn_sub(g, z[0], z[1]);
        const float terms = (float)(t->data[0].rows * t->banks[0]->classes);
        loss = venn_add(g, loss,
                        venn_scale(g, venn_sum(g, venn_mul(g, apart, apart), NULL), 1 / terms, 0));
    }
    venn_graph_output(g, "loss", loss);
    return venn_optim_minimize(t->optim, g, loss);
}

static venn_status create_optim(trainer *t)
{
    venn_var *vars[2 * MAX_BANKS];
    for (size_t i = 0; i < t->n; i++) {
        vars[2 * i] = t->banks[i]->w;
        vars[2 * i + 1] = t->banks[i]->b;
    }
    const venn_optim_group group = {.vars = vars, .n = 2 * t->n};
    const venn_optim_params params = {
        .kind = VENN_OPTIM_SGD, .lr = t->training->lr, .momentum = (float)t->training->momentum};
    return venn_optim_create(&t->optim, t->banks[0]->device, &params, 1, &group);
}

static venn_status compile(trainer *t, bool agree)
{
    venn_graph *g = NULL;
    VENN_TRY(venn_graph_create(&g));
    venn_status status = build(t, g, agree);
    if (status == VENN_OK)
        status = venn_graph_compile(&t->program, g, t->banks[0]->device,
                                    &(venn_compile_params){.name = "linear bank"});
    venn_graph_destroy(&g);
    return status;
}

static venn_status run(trainer *t)
{
    uint64_t ticket = 0;
    for (uint32_t step = 0; step < t->training->steps; step++) {
        VENN_TRY(venn_program_begin(t->program));
        VENN_TRY(venn_optim_feed(t->optim, t->program, 0));
        VENN_TRY(venn_program_submit(t->program, &ticket));
        if (step % PROGRESS_STEPS == 0 && t->training->progress &&
            !t->training->progress(t->training->user, step))
            return venn_fail(VENN_CANCELLED, "cancelled");
    }
    if (ticket == 0)
        return VENN_OK;
    VENN_TRY(venn_program_wait(t->program, ticket));
    const float *loss = venn_program_output(t->program, ticket, "loss", NULL);
    if (!isfinite(*loss))
        return venn_fail(VENN_NOT_FINITE,
                         "the loss of a linear model became %g: lower the "
                         "learning rate",
                         (double)*loss);
    return VENN_OK;
}

venn_status venn_linear_bank_train(venn_linear_bank *const *banks, const venn_bank_data *data,
                                   size_t n, bool agree, const venn_bank_training *training)
{
    if (n < 1 || n > MAX_BANKS)
        return venn_fail(VENN_BAD_ARG, "1 to %d banks train together, not %zu", MAX_BANKS, n);
    if (agree && n != 2)
        return venn_fail(VENN_BAD_ARG, "two banks can agree, not %zu", n);
    trainer t = {.banks = banks, .data = data, .n = n, .training = training};
    venn_status status = upload_data(&t);
    if (status == VENN_OK)
        status = create_optim(&t);
    if (status == VENN_OK)
        status = compile(&t, agree);
    if (status == VENN_OK)
        status = run(&t);
    venn_program_destroy(&t.program);
    venn_optim_destroy(&t.optim);
    for (size_t i = 0; i < n; i++) {
        venn_var_destroy(&t.x[i]);
        venn_var_destroy(&t.labels[i]);
        venn_var_destroy(&t.teacher[i]);
    }
    return status;
}

// ---- Use -------------------------------------------------------------------------------------

venn_status venn_linear_bank_logits(const venn_linear_bank *bank, int64_t rows, const float *x,
                                    float *z)
{
    venn_graph *g = NULL;
    venn_program *program = NULL;
    uint64_t ticket;
    size_t bytes;
    VENN_TRY(venn_graph_create(&g));
    venn_tensor in =
        venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(bank->models, rows, bank->width));
    venn_graph_output(g, "z", logits(bank, g, in));
    venn_status status = venn_graph_compile(
        &program, g, bank->device, &(venn_compile_params){.name = "linear bank", .slots = 1});
    if (status == VENN_OK)
        status = venn_program_begin(program);
    if (status == VENN_OK) {
        void *to = venn_program_input(program, "x", &bytes);
        memcpy(to, x, bytes);
        status = venn_program_run(program, &ticket);
    }
    if (status == VENN_OK) {
        const void *from = venn_program_output(program, ticket, "z", &bytes);
        memcpy(z, from, bytes);
    }
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    return status;
}
