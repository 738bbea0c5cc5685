#include "distill/block_normality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "distill/block_anomaly.h"
#include "venn/ops.h"

// ---- What is normal --------------------------------------------------------------------------

static float greatest(const float *x, int64_t n)
{
    float most = x[0];
    for (int64_t i = 1; i < n; i++)
        most = x[i] > most ? x[i] : most;
    return most;
}

// The kind of the pair's anomaly, counted from 1; 0: none.
static int kind_of(const venn_dataset *data, venn_split_id split, int32_t mask, int normal,
                   int64_t i)
{
    const int64_t pixels = venn_shape_count(&data->modalities[mask].shape);
    const float most = greatest(venn_dataset_item(data, split, mask, i), pixels);
    return most > (float)normal ? (int)ceilf(most) - normal : 0;
}

venn_status venn_select_normal(const venn_dataset *data, const char *mask, int normal,
                               venn_dataset **out)
{
    int64_t *rows[VENN_SPLITS] = {NULL};
    venn_selection select[VENN_SPLITS] = {{0}};
    int32_t index;
    VENN_TRY(venn_dataset_modality(data, mask, &index));
    venn_status status = VENN_OK;
    for (int s = VENN_TRAIN; s <= VENN_VALID && status == VENN_OK; s++) {
        const int64_t n = data->split[s].n;
        rows[s] = venn_alloc((size_t)n + 1, sizeof **rows);
        status = rows[s] ? VENN_OK : VENN_NO_MEMORY;
        for (int64_t i = 0; rows[s] && i < n; i++)
            if (kind_of(data, (venn_split_id)s, index, normal, i) == 0)
                rows[s][select[s].n++] = i;
        select[s].rows = rows[s];
        select[s].none = select[s].n == 0;
    }
    if (status == VENN_OK && select[VENN_TRAIN].none)
        status = venn_fail(VENN_BAD_ARG, "no training picture is normal by its %s", mask);
    if (status == VENN_OK)
        status = venn_dataset_select(out, data, select);
    for (int s = 0; s < VENN_SPLITS; s++)
        free(rows[s]);
    return status;
}

// ---- Maps ------------------------------------------------------------------------------------

static const char *const raw_names[NORMALITY_MAPS] = {"map 0", "map 1"};
static const char *const smooth_names[NORMALITY_MAPS] = {"smooth 0", "smooth 1"};

static void build(void *user, venn_step *s)
{
    const venn_normality_params *p = user;
    venn_tensor maps[NORMALITY_MAPS] = {{0}};
    p->build(p->user, s, maps);
    const venn_gaussian_blur_params blur = {.sigma = (float)p->sigma, .mode = VENN_PAD_SYMMETRIC};
    for (int k = 0; k < 1 + p->two; k++) {
        venn_graph_output(s->g, raw_names[k], maps[k]);
        venn_graph_output(s->g, smooth_names[k], venn_gaussian_blur(s->g, maps[k], &blur));
    }
}

typedef struct maps {
    float *raw[NORMALITY_MAPS], *smooth[NORMALITY_MAPS]; // [n, pixels]
    int count;
    int64_t n;
} maps;

static void release(maps *m)
{
    for (int k = 0; k < NORMALITY_MAPS; k++) {
        free(m->raw[k]);
        free(m->smooth[k]);
    }
}

static venn_status gather(venn_job *job, const venn_normality_params *p, const venn_dataset *data,
                          venn_split_id split, int64_t pixels, maps *out)
{
    struct venn_sweep_output to[2 * NORMALITY_MAPS + 1] = {{0}};
    *out = (maps){.count = 1 + p->two, .n = data->split[split].n};
    for (int k = 0; k < out->count; k++) {
        out->raw[k] = venn_alloc((size_t)(out->n * pixels) + 1, sizeof(float));
        out->smooth[k] = venn_alloc((size_t)(out->n * pixels) + 1, sizeof(float));
        if (!out->raw[k] || !out->smooth[k])
            return VENN_NO_MEMORY;
        to[2 * k] = (struct venn_sweep_output){raw_names[k], out->raw[k]};
        to[2 * k + 1] = (struct venn_sweep_output){smooth_names[k], out->smooth[k]};
    }
    const venn_sweep sweep = {.data = data,
                              .split = split,
                              .batch = 32,
                              .user = (void *)p,
                              .build = build,
                              .outputs = to};
    return venn_job_sweep(job, &sweep);
}

static void standardise(float *x, int64_t n, const float *like, int64_t n_like)
{
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n_like; i++)
        sum += (double)like[i];
    const double mean = sum / (double)n_like;
    for (int64_t i = 0; i < n_like; i++)
        squares += ((double)like[i] - mean) * ((double)like[i] - mean);
    const double std = sqrt(squares / (double)n_like);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)(((double)x[i] - mean) / (std > 0 ? std : 1));
}

// ---- Judging ---------------------------------------------------------------------------------

typedef struct truth {
    bool *pixel; // [n, pixels]
    int *kind;   // [n]
    float *score, *kept;
    bool *positive;
    int64_t n, pixels;
} truth;

static venn_status look_up(const venn_dataset *data, int32_t mask, int normal, truth *t)
{
    t->n = data->split[VENN_TEST].n;
    t->pixels = venn_shape_count(&data->modalities[mask].shape);
    t->pixel = venn_alloc((size_t)(t->n * t->pixels) + 1, sizeof *t->pixel);
    t->kind = venn_alloc((size_t)t->n + 1, sizeof *t->kind);
    t->score = venn_alloc((size_t)t->n + 1, 2 * sizeof *t->score);
    t->positive = venn_alloc((size_t)t->n + 1, sizeof *t->positive);
    if (!t->pixel || !t->kind || !t->score || !t->positive)
        return VENN_NO_MEMORY;
    t->kept = t->score + t->n;
    for (int64_t i = 0; i < t->n; i++) {
        const float *x = venn_dataset_item(data, VENN_TEST, mask, i);
        t->kind[i] = kind_of(data, VENN_TEST, mask, normal, i);
        for (int64_t k = 0; k < t->pixels; k++)
            t->pixel[i * t->pixels + k] = x[k] > (float)normal;
    }
    return VENN_OK;
}

static void forget(truth *t)
{
    free(t->pixel);
    free(t->kind);
    free(t->score);
    free(t->positive);
}

// Of pictures of this kind (0: of any) against the normal ones; fills t->kept and t->positive.
static int64_t keep(truth *t, int kind)
{
    int64_t n = 0;
    for (int64_t i = 0; i < t->n; i++)
        if (t->kind[i] == 0 || kind == 0 || t->kind[i] == kind) {
            t->kept[n] = t->score[i];
            t->positive[n++] = t->kind[i] != 0;
        }
    return n;
}

static double auroc_of(truth *t, int kind)
{
    const int64_t n = keep(t, kind);
    return venn_auroc(t->kept, t->positive, n);
}

static void score_pictures(truth *t, const float *map)
{
    for (int64_t i = 0; i < t->n; i++)
        t->score[i] = greatest(map + i * t->pixels, t->pixels);
}

// The maps are standardised; their sum goes into the first.
static void judge(truth *t, maps *m, venn_normality *out)
{
    const int64_t all = t->n * t->pixels;
    for (int k = 0; k < m->count; k++) {
        score_pictures(t, m->smooth[k]);
        out->map_auroc[k] = auroc_of(t, 0);
        for (int kind = 0; kind < NORMALITY_KINDS; kind++)
            out->kind_map_auroc[kind][k] = auroc_of(t, kind + 1);
    }
    float *sum = m->smooth[0];
    for (int k = 1; k < m->count; k++)
        for (int64_t i = 0; i < all; i++)
            sum[i] += m->smooth[k][i];
    score_pictures(t, sum);
    out->auroc = auroc_of(t, 0);
    out->average_precision = venn_average_precision(t->kept, t->positive, keep(t, 0));
    for (int kind = 0; kind < NORMALITY_KINDS; kind++)
        out->kind_auroc[kind] = auroc_of(t, kind + 1);
    out->pixel_auroc = venn_auroc(sum, t->pixel, all);
}

venn_status venn_judge_normality(venn_job *job, const venn_normality_params *p, venn_normality *out)
{
    int32_t mask;
    truth t = {0};
    maps normal = {{NULL}}, test = {{NULL}};
    venn_dataset *data = NULL;
    *out = (venn_normality){.two = p->two};
    VENN_TRY(venn_dataset_modality(job->data, p->mask, &mask));
    const venn_shape shape = job->data->modalities[mask].shape;
    venn_status status = look_up(job->data, mask, p->normal, &t);
    if (status == VENN_OK)
        status = venn_select_normal(job->data, p->mask, p->normal, &data);
    if (status == VENN_OK)
        status = gather(job, p, data, data->split[VENN_VALID].n ? VENN_VALID : VENN_TRAIN, t.pixels,
                        &normal);
    if (status == VENN_OK)
        status = gather(job, p, job->data, VENN_TEST, t.pixels, &test);
    if (status == VENN_OK) {
        for (int k = 0; k < normal.count; k++)
            standardise(test.smooth[k], t.n * t.pixels, normal.raw[k], normal.n * t.pixels);
        judge(&t, &test, out);
        out->region_overlap =
            venn_region_overlap(test.smooth[0], t.pixel, t.n, shape.dim[shape.rank - 2],
                                shape.dim[shape.rank - 1], 0.3);
    }
    release(&normal);
    release(&test);
    forget(&t);
    venn_dataset_destroy(&data);
    return status;
}

void venn_measure_normality(venn_job *job, const venn_normality *found)
{
    static const char *const kinds[] = {"kind_1_auroc", "kind_2_auroc", "kind_3_auroc"};
    static const char *const alone[] = {"first_auroc", "second_auroc"};
    static const char *const kinds_alone[][NORMALITY_MAPS] = {
        {"kind_1_first_auroc", "kind_1_second_auroc"},
        {"kind_2_first_auroc", "kind_2_second_auroc"},
        {"kind_3_first_auroc", "kind_3_second_auroc"}};
    venn_job_measure(job, "pixel_auroc", found->pixel_auroc);
    venn_job_measure(job, "region_overlap", found->region_overlap);
    venn_job_measure(job, "average_precision", found->average_precision);
    for (int k = 0; found->two && k < NORMALITY_MAPS; k++)
        venn_job_measure(job, alone[k], found->map_auroc[k]);
    for (int kind = 0; kind < NORMALITY_KINDS; kind++) {
        if (isnan(found->kind_auroc[kind]))
            continue;
        venn_job_measure(job, kinds[kind], found->kind_auroc[kind]);
        for (int k = 0; found->two && k < NORMALITY_MAPS; k++)
            venn_job_measure(job, kinds_alone[kind][k], found->kind_map_auroc[kind][k]);
    }
}
