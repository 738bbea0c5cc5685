// The synthetic experiments. Model m of a bank belongs to point m / seeds and seed m % seeds. What differs
// between banks of a sweep is what they see and whom they learn from.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "base/thread.h"
#include "mfh/bank_salience.h"
#include "mfh/seeds_stat.h"
#include "mfh/sweep_points.h"

enum { CLASSES = 2, RANDOM_STREAM = 3 };

// Inputs of both modalities and labels of all models: x[0] is a's, x[1] is b's.
typedef struct rows {
    int64_t n;
    float *x[2];
    int32_t *labels;
} rows;

typedef struct lab {
    venn_device *device;
    venn_mfh_gaussian_params p;
    venn_sweep_point points[VENN_MFH_MAX_POINTS];
    size_t n_points;
    int64_t models, width[2];
    rows train, test, fresh;           // fresh: equal to train unless as_published
    float *teacher;                    // logits of the teacher in hand, [M, rows, C]
    double *accuracy[VENN_MFH_MODELS]; // by model of the bank
    double *hits;
    const char *stage;
    venn_mfh_progress_fn progress;
    void *user;
} lab;

// ---- Data ------------------------------------------------------------------------------------

static venn_status draw_rows(lab *l, rows *r, int64_t n, venn_gaussian_split split)
{
    r->n = n;
    for (int side = 0; side < 2; side++)
        r->x[side] = venn_alloc((size_t)(l->models * n * l->width[side]), sizeof(float));
    r->labels = venn_alloc((size_t)(l->models * n), sizeof *r->labels);
    if (!r->x[0] || !r->x[1] || !r->labels)
        return VENN_NO_MEMORY;
    for (int64_t m = 0; m < l->models; m++)
        VENN_TRY(venn_gaussian_draw(
            &l->points[m / l->p.seeds].design, l->p.key, (uint64_t)(m % l->p.seeds), split, n,
            r->x[0] + m * n * l->width[0], r->x[1] + m * n * l->width[1], r->labels + m * n));
    return VENN_OK;
}

static void free_rows(rows *r)
{
    free(r->x[0]);
    free(r->x[1]);
    free(r->labels);
}

// Columns keep[m][0 .. n-1] of a's rows, moved to the front; nothing else is left of them.
static float *keep_columns(const lab *l, const rows *r, const int64_t *keep)
{
    const int64_t width = l->width[0];
    float *x = venn_alloc((size_t)(l->models * r->n * width), sizeof *x);
    for (int64_t m = 0; x && m < l->models; m++) {
        const int64_t n = l->points[m / l->p.seeds].design.b.to;
        for (int64_t row = m * r->n; row < (m + 1) * r->n; row++)
            for (int64_t k = 0; k < n; k++)
                x[row * width + k] = r->x[0][row * width + keep[m * width + k]];
    }
    return x;
}

// ---- One bank --------------------------------------------------------------------------------

static bool tell_progress(void *user, uint32_t done)
{
    const lab *l = user;
    return !l->progress || l->progress(l->user, l->stage, done, l->p.steps);
}

static venn_bank_training training(lab *l, const char *stage)
{
    l->stage = stage;
    return (venn_bank_training){.steps = l->p.steps,
                                .lr = l->p.lr,
                                .kd_weight = l->p.kd_weight,
                                .batchmean = l->p.batchmean,
                                .progress = tell_progress,
                                .user = l};
}

// A student has the same first parameters with and without distillation.
static venn_status init_bank(const lab *l, venn_linear_bank *bank, int64_t models, int side)
{
    uint64_t *seeds = venn_alloc((size_t)models, sizeof *seeds);
    if (!seeds)
        return VENN_NO_MEMORY;
    for (int64_t m = 0; m < models; m++)
        seeds[m] = l->p.key * 0x9e3779b97f4a7c15u + (uint64_t)(m % l->p.seeds * 2 + side);
    venn_status status =
        venn_linear_bank_init(bank, l->device, models, l->width[side], CLASSES, seeds);
    free(seeds);
    return status;
}

static void count_right(const float *z, const int32_t *labels, int64_t models, int64_t n,
                        double *accuracy)
{
    for (int64_t m = 0; m < models; m++) {
        int64_t right = 0;
        for (int64_t r = m * n; r < (m + 1) * n; r++)
            right += (z[r * CLASSES + 1] > z[r * CLASSES]) == labels[r];
        accuracy[m] = 100.0 * (double)right / (double)n;
    }
}

static venn_status test_bank(const lab *l, const venn_linear_bank *bank, const float *x,
                             double *accuracy)
{
    float *z = venn_alloc((size_t)(bank->models * l->test.n * CLASSES), sizeof *z);
    venn_status status = z ? venn_linear_bank_logits(bank, l->test.n, x, z) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        count_right(z, l->test.labels, bank->models, l->test.n, accuracy);
    free(z);
    return status;
}

// Trains `models` models of one side on x of `data` and tests them on test_x. A teacher's logits on the
// training rows go to l->teacher; a student with `distil` learns from them.
typedef struct job {
    venn_mfh_model model;
    int side;
    int64_t models;
    const rows *data;
    const float *x, *test_x;
    bool distil;
} job;

static venn_status run_job(lab *l, const job *j)
{
    venn_linear_bank bank = {0};
    venn_linear_bank *banks[] = {&bank};
    const venn_bank_data data = {j->data->n, j->x, j->data->labels, j->distil ? l->teacher : NULL};
    const venn_bank_training how = training(l, venn_mfh_model_name(j->model));
    venn_status status = init_bank(l, &bank, j->models, j->side);
    if (status == VENN_OK)
        status = venn_linear_bank_train(banks, &data, 1, false, &how);
    if (status == VENN_OK)
        status = test_bank(l, &bank, j->test_x, l->accuracy[j->model]);
    if (status == VENN_OK && j->side == 0)
        status = venn_linear_bank_logits(&bank, j->data->n, j->x, l->teacher);
    venn_linear_bank_finish(&bank);
    return status;
}

// The released script gives its students the teacher's inputs to learn from.
static const float *student_x(const lab *l, bool regular)
{
    return l->p.as_published && regular ? l->fresh.x[0] : l->fresh.x[1];
}

static venn_status run_student(lab *l, venn_mfh_model model, bool regular, bool distil)
{
    // Where all points show b the same, the plain student is the same as well.
    const bool same = model == VENN_MFH_STUDENT && l->p.sweep != VENN_MFH_TABLE2;
    return run_job(l, &(job){.model = model,
                             .side = 1,
                             .models = same ? l->p.seeds : l->models,
                             .data = &l->fresh,
                             .x = student_x(l, regular),
                             .test_x = l->test.x[1],
                             .distil = distil});
}

static venn_status run_regular(lab *l)
{
    VENN_TRY(run_job(l, &(job){.model = VENN_MFH_TEACHER,
                               .models = l->models,
                               .data = &l->fresh,
                               .x = l->fresh.x[0],
                               .test_x = l->test.x[0]}));
    VENN_TRY(run_student(l, VENN_MFH_STUDENT, true, false));
    return run_student(l, VENN_MFH_DISTILLED, true, true);
}

// ---- Retrained teachers ----------------------------------------------------------------------

// Algorithm 1: both networks trained together, then the channels of a ranked. scores [M, width].
static venn_status rank_columns(lab *l, float *scores)
{
    venn_linear_bank a = {0}, b = {0};
    venn_linear_bank *banks[] = {&a, &b};
    const venn_bank_data data[] = {{l->train.n, l->train.x[0], l->train.labels, NULL},
                                   {l->train.n, l->train.x[1], l->train.labels, NULL}};
    venn_bank_training how = training(l, "joint training");
    how.lr = 0.01;
    how.momentum = 0.9;
    float *z = venn_alloc((size_t)(l->models * l->train.n * CLASSES), sizeof *z);
    venn_status status = z ? init_bank(l, &a, l->models, 0) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = init_bank(l, &b, l->models, 1);
    if (status == VENN_OK)
        status = venn_linear_bank_train(banks, data, 2, true, &how);
    if (status == VENN_OK)
        status = venn_linear_bank_logits(&b, l->train.n, l->train.x[1], z);
    if (status == VENN_OK)
        status = venn_bank_salience(&a, l->train.n, l->train.x[0], z, l->p.permutations, l->p.key,
                                    scores);
    venn_linear_bank_finish(&a);
    venn_linear_bank_finish(&b);
    free(z);
    return status;
}

static void keep_truth(int64_t width, int64_t *keep)
{
    for (int64_t k = 0; k < width; k++)
        keep[k] = k;
}

// The highest scores first; of equal ones the earlier column.
static void keep_ranked(const float *scores, int64_t width, int64_t *keep)
{
    keep_truth(width, keep);
    for (int64_t i = 1; i < width; i++) {
        int64_t column = keep[i], k = i;
        for (; k > 0 && scores[keep[k - 1]] < scores[column]; k--)
            keep[k] = keep[k - 1];
        keep[k] = column;
    }
}

static void keep_random(const lab *l, int64_t seed, int64_t width, int64_t *keep)
{
    uint32_t order[64];
    venn_rng rng = venn_rng_make(l->p.key, (uint64_t)seed, RANDOM_STREAM);
    venn_rng_permutation(&rng, order, (uint32_t)width);
    for (int64_t k = 0; k < width; k++)
        keep[k] = l->p.as_published ? venn_rng_below(&rng, (uint32_t)width) : order[k];
}

// Share of the first n columns of keep that b has too, percent.
static double hit_rate(const int64_t *keep, int64_t n)
{
    int64_t hits = 0;
    for (int64_t k = 0; k < n; k++)
        hits += keep[k] < n;
    return 100.0 * (double)hits / (double)n;
}

static void choose(lab *l, venn_mfh_model model, const float *scores, int64_t *keep)
{
    const int64_t width = l->width[0];
    for (int64_t m = 0; m < l->models; m++) {
        int64_t *mine = keep + m * width;
        if (model == VENN_MFH_TRUTH_TEACHER)
            keep_truth(width, mine);
        else if (model == VENN_MFH_RANKED_TEACHER)
            keep_ranked(scores + m * width, width, mine);
        else
            keep_random(l, m % l->p.seeds, width, mine);
        if (model == VENN_MFH_RANKED_TEACHER)
            l->hits[m] = hit_rate(mine, l->points[m / l->p.seeds].design.b.to);
    }
}

static venn_status run_kept(lab *l, venn_mfh_model model, const int64_t *keep)
{
    float *x = keep_columns(l, &l->fresh, keep), *test_x = keep_columns(l, &l->test, keep);
    venn_status status = x && test_x ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = run_job(
            l,
            &(job){
                .model = model, .models = l->models, .data = &l->fresh, .x = x, .test_x = test_x});
    free(x);
    free(test_x);
    if (status == VENN_OK)
        status = run_student(l, model + 1, false, true);
    return status;
}

static venn_status run_removals(lab *l)
{
    const size_t count = (size_t)(l->models * l->width[0]);
    float *scores = venn_alloc(count, sizeof *scores);
    int64_t *keep = venn_alloc(count, sizeof *keep);
    venn_status status = scores && keep ? rank_columns(l, scores) : VENN_NO_MEMORY;
    for (int model = VENN_MFH_TRUTH_TEACHER; status == VENN_OK && model < VENN_MFH_MODELS;
         model += 2) {
        choose(l, (venn_mfh_model)model, scores, keep);
        status = run_kept(l, (venn_mfh_model)model, keep);
    }
    free(scores);
    free(keep);
    return status;
}

// ---- Result ----------------------------------------------------------------------------------

static void fill_point(const lab *l, size_t at, venn_mfh_point *point)
{
    const uint32_t seeds = l->p.seeds;
    const bool table2 = l->p.sweep == VENN_MFH_TABLE2;
    point->diagram = venn_gaussian_diagram(&l->points[at].design);
    memcpy(point->paper, l->points[at].paper, sizeof point->paper);
    const double *student = l->accuracy[VENN_MFH_STUDENT] + (table2 ? at * seeds : 0);
    const double *distilled = l->accuracy[VENN_MFH_DISTILLED] + at * seeds;
    for (int m = 0; m < VENN_MFH_MODELS; m++)
        point->accuracy[m] = table2 || m <= VENN_MFH_DISTILLED
                                 ? venn_seeds_stat(l->accuracy[m] + at * seeds, NULL, seeds)
                                 : (venn_mfh_stat){.mean = NAN};
    point->accuracy[VENN_MFH_STUDENT] = venn_seeds_stat(student, NULL, seeds);
    point->gain = venn_seeds_stat(distilled, student, seeds);
    point->hits =
        table2 ? venn_seeds_stat(l->hits + at * seeds, NULL, seeds) : (venn_mfh_stat){.mean = NAN};
}

static venn_status fill_defaults(venn_mfh_gaussian_params *p)
{
    p->seeds = p->seeds ? p->seeds : 30;
    p->train_rows = p->train_rows ? p->train_rows : 200;
    p->test_rows = p->test_rows ? p->test_rows : 1000;
    p->steps = p->steps ? p->steps : 1000;
    p->lr = p->lr != 0 ? p->lr : 0.1;
    p->kd_weight = p->kd_weight != 0 ? p->kd_weight : 1;
    p->permutations = p->permutations ? p->permutations : 100;
    if (p->seeds > 1024)
        return venn_fail(VENN_BAD_ARG, "seeds: %u is more than 1024", p->seeds);
    if (p->sweep > VENN_MFH_TABLE2)
        return venn_fail(VENN_BAD_ARG, "sweep: %s is not of Gaussian data",
                         venn_mfh_sweep_name(p->sweep));
    if (!(p->lr > 0) || !(p->kd_weight > 0))
        return venn_fail(VENN_BAD_ARG, "%s must be positive", p->lr > 0 ? "kd_weight" : "lr");
    return VENN_OK;
}

static venn_status prepare(lab *l)
{
    l->n_points = venn_sweep_points(&l->p, l->points);
    l->models = (int64_t)l->n_points * l->p.seeds;
    l->width[0] = l->points[0].design.a.width;
    l->width[1] = l->points[0].design.b.width;
    VENN_TRY(draw_rows(l, &l->train, l->p.train_rows, VENN_GAUSSIAN_TRAIN));
    VENN_TRY(draw_rows(l, &l->test, l->p.test_rows, VENN_GAUSSIAN_TEST));
    VENN_TRY(draw_rows(l, &l->fresh, l->p.train_rows,
                       l->p.as_published ? VENN_GAUSSIAN_FRESH : VENN_GAUSSIAN_TRAIN));
    for (int m = 0; m < VENN_MFH_MODELS; m++)
        if (!(l->accuracy[m] = venn_alloc((size_t)l->models, sizeof(double))))
            return VENN_NO_MEMORY;
    l->hits = venn_alloc((size_t)l->models, sizeof *l->hits);
    l->teacher = venn_alloc((size_t)(l->models * l->p.train_rows * CLASSES), sizeof *l->teacher);
    return l->hits && l->teacher ? VENN_OK : VENN_NO_MEMORY;
}

static void finish(lab *l)
{
    free_rows(&l->train);
    free_rows(&l->test);
    free_rows(&l->fresh);
    for (int m = 0; m < VENN_MFH_MODELS; m++)
        free(l->accuracy[m]);
    free(l->hits);
    free(l->teacher);
}

venn_status venn_mfh_gaussian(venn_device *device, const venn_mfh_gaussian_params *params,
                              venn_mfh_result *result, venn_mfh_progress_fn progress, void *user)
{
    const uint64_t start = venn_clock_ns();
    lab l = {.device = device, .progress = progress, .user = user};
    if (params)
        l.p = *params;
    VENN_TRY(fill_defaults(&l.p));
    venn_status status = prepare(&l);
    if (status == VENN_OK)
        status = run_regular(&l);
    if (status == VENN_OK && l.p.sweep == VENN_MFH_TABLE2)
        status = run_removals(&l);
    *result = (venn_mfh_result){.params = l.p, .n = l.n_points};
    for (size_t i = 0; status == VENN_OK && i < l.n_points; i++)
        fill_point(&l, i, &result->point[i]);
    result->seconds = (double)(venn_clock_ns() - start) * 1e-9;
    finish(&l);
    return status;
}
