// The gamma knob on networks: teacher on the sound pictures, student on the images of synthetic:avd. The
// five designs of one seed share all random numbers but for which latents the sound shows.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "base/thread.h"
#include "mfh/seeds_stat.h"
#include "venn/mfh.h"
#include "venn/ops.h"
#include "venn/train.h"

enum { DESIGNS = 5, LATENTS = 16 };

typedef struct bench {
    venn_device *device;
    venn_mfh_avd_params p;
    venn_dataset *data;
    double *accuracy[3]; // teacher, student, distilled: [DESIGNS, seeds]
    uint32_t done;
    venn_mfh_progress_fn progress;
    void *user;
} bench;

// ---- Networks --------------------------------------------------------------------------------

static const venn_layer mlp[] = {{.kind = VENN_LAYER_FLATTEN},
                                 {.kind = VENN_LAYER_LINEAR, .out = 64},
                                 {.kind = VENN_LAYER_RELU},
                                 {.kind = VENN_LAYER_LINEAR, .out = 4}};
static const venn_layer cnn[] = {
    {.kind = VENN_LAYER_CONV, .out = 8, .kernel = {3}, .padding = {1, 1}},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_MAX_POOL, .kernel = {2}},
    {.kind = VENN_LAYER_CONV, .out = 16, .kernel = {3}, .padding = {1, 1}},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_FLATTEN},
    {.kind = VENN_LAYER_LINEAR, .out = 64},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_LINEAR, .out = 4}};

static venn_status make_net(const bench *b, int32_t modality, uint64_t seed, venn_net **net)
{
    venn_branch branch = {.layers = b->p.network == VENN_MFH_CNN ? cnn : mlp,
                          .n_layers = b->p.network == VENN_MFH_CNN ? sizeof cnn / sizeof *cnn
                                                                   : sizeof mlp / sizeof *mlp,
                          .input = b->data->modalities[modality].shape};
    return venn_net_create(net, b->device, &(venn_net_params){.branches = &branch, .n_branches = 1},
                           seed);
}

// CE + KL(teacher || student) at temperature 1.
static venn_tensor distilling(void *user, venn_step *s)
{
    const venn_fit *fit = user;
    venn_tensor student = venn_step_apply(s, fit->net, NULL);
    venn_tensor teacher = venn_step_apply(s, fit->others[0].net, NULL);
    return venn_add(s->g, venn_step_ce(s, student),
                    venn_kl_div(s->g, student, teacher, VENN_NONE, NULL));
}

static venn_status train(bench *b, venn_net *net, const char *const *modality, uint64_t seed,
                         const venn_fit_net *teacher, double *percent)
{
    venn_fit fit = {.net = net,
                    .modalities = modality,
                    .data = b->data,
                    .epochs = b->p.epochs,
                    .batch = 50,
                    .seed = seed,
                    .optim = {.kind = VENN_OPTIM_ADAM, .lr = 1e-3},
                    .others = teacher,
                    .n_others = teacher ? 1 : 0};
    const venn_objective objective = {.user = &fit, .loss = distilling};
    if (teacher)
        fit.objective = &objective;
    venn_fit_result result;
    if (b->progress && !b->progress(b->user, "training", b->done, DESIGNS * 3 * b->p.seeds))
        return venn_fail(VENN_CANCELLED, "cancelled");
    VENN_TRY(venn_fit_run(b->device, &fit, &result));
    *percent = 100 * result.test_accuracy;
    venn_fit_result_finish(&result);
    b->done++;
    return VENN_OK;
}

// The three trainings of one design and seed. A plain student sees the same images whatever the sound
// shows, so it is trained once per seed.
static venn_status train_three(bench *b, uint32_t design, uint32_t seed)
{
    static const char *const image[] = {"image"}, *const sound[] = {"sound"};
    const size_t at = (size_t)design * b->p.seeds + seed;
    const uint64_t key = b->p.key + seed;
    venn_net *teacher = NULL, *student = NULL;
    venn_status status = make_net(b, 1, key, &teacher);
    if (status == VENN_OK)
        status = make_net(b, 0, key, &student);
    if (status == VENN_OK)
        status = train(b, teacher, sound, key, NULL, &b->accuracy[0][at]);
    if (design)
        b->accuracy[1][at] = b->accuracy[1][seed];
    else if (status == VENN_OK)
        status = train(b, student, image, key, NULL, &b->accuracy[1][at]);
    if (status == VENN_OK)
        status = venn_net_init(student, key);
    if (status == VENN_OK)
        status = train(b, student, image, key,
                       &(venn_fit_net){.net = teacher,
                                       .name = "teacher",
                                       .modalities = sound,
                                       .role = VENN_NET_FROZEN,
                                       .cache = true},
                       &b->accuracy[2][at]);
    venn_net_destroy(&teacher);
    venn_net_destroy(&student);
    return status;
}

static venn_status run_design(bench *b, uint32_t design, uint32_t seed)
{
    char source[128];
    snprintf(source, sizeof source, "synthetic:avd,shared=%u,seed=%llu,test=%u", 2 * design,
             (unsigned long long)b->p.key + seed, b->p.test_rows);
    VENN_TRY(venn_dataset_load(&b->data, source, NULL));
    venn_status status = train_three(b, design, seed);
    venn_dataset_destroy(&b->data);
    return status;
}

// ---- Result ----------------------------------------------------------------------------------

static void fill_point(const bench *b, uint32_t design, venn_mfh_point *point)
{
    const double apart = LATENTS / 2 - 2 * design;
    const size_t at = (size_t)design * b->p.seeds;
    point->diagram = (venn_modality_diagram){apart, apart, 2 * design};
    for (int m = 0; m < VENN_MFH_MODELS; m++) {
        point->accuracy[m] = m < 3 ? venn_seeds_stat(b->accuracy[m] + at, NULL, b->p.seeds)
                                   : (venn_mfh_stat){.mean = NAN};
        point->paper[m] = NAN;
    }
    point->gain = venn_seeds_stat(b->accuracy[VENN_MFH_DISTILLED] + at,
                                  b->accuracy[VENN_MFH_STUDENT] + at, b->p.seeds);
    point->hits = (venn_mfh_stat){.mean = NAN};
}

static venn_status run(bench *b, venn_mfh_result *result)
{
    for (int m = 0; m < 3; m++)
        if (!(b->accuracy[m] = venn_alloc((size_t)DESIGNS * b->p.seeds, sizeof(double))))
            return VENN_NO_MEMORY;
    for (uint32_t design = 0; design < DESIGNS; design++)
        for (uint32_t seed = 0; seed < b->p.seeds; seed++)
            VENN_TRY(run_design(b, design, seed));
    result->n = DESIGNS;
    for (uint32_t design = 0; design < DESIGNS; design++)
        fill_point(b, design, &result->point[design]);
    return VENN_OK;
}

venn_status venn_mfh_avd(venn_device *device, const venn_mfh_avd_params *params,
                         venn_mfh_result *result, venn_mfh_progress_fn progress, void *user)
{
    const uint64_t start = venn_clock_ns();
    bench b = {.device = device, .progress = progress, .user = user};
    if (params)
        b.p = *params;
    b.p.seeds = b.p.seeds ? b.p.seeds : 12;
    b.p.epochs = b.p.epochs ? b.p.epochs : 60;
    b.p.test_rows = b.p.test_rows ? b.p.test_rows : 4000;
    *result =
        (venn_mfh_result){.params = {.sweep = VENN_MFH_AVD, .seeds = b.p.seeds, .key = b.p.key},
                          .network = b.p.network == VENN_MFH_CNN ? "cnn" : "mlp"};
    venn_status status = run(&b, result);
    for (int m = 0; m < 3; m++)
        free(b.accuracy[m]);
    result->seconds = (double)(venn_clock_ns() - start) * 1e-9;
    return status;
}
