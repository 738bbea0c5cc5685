#include "distill/block_class_map.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "venn/ops.h"

// [B, C, H, W] -> [B, H', W', C]
static venn_tensor spread(venn_graph *g, venn_tensor logits, int64_t height, int64_t width)
{
    const venn_resize_bilinear_params size = {.size = {(int32_t)height, (int32_t)width}};
    const venn_transpose_params last = {.perm = {0, 2, 3, 1}};
    return venn_transpose(g, venn_resize_bilinear(g, logits, &size), &last);
}

venn_tensor venn_class_map_loss(venn_graph *g, venn_tensor logits, venn_tensor labels, int ignore)
{
    const venn_shape shape = venn_tensor_shape(g, labels);
    if (shape.rank != 4)
        return VENN_NONE;
    venn_tensor classes = venn_to_i32(
        g, venn_reshape(g, labels, VENN_SHAPE(shape.dim[0], shape.dim[2], shape.dim[3])));
    return venn_cross_entropy(g, spread(g, logits, shape.dim[2], shape.dim[3]), classes,
                              &(venn_cross_entropy_params){.ignore_index = ignore});
}

// ---- Judging ---------------------------------------------------------------------------------

typedef struct question {
    size_t n;
    int64_t height, width;
    void *user;
    void (*build)(void *user, venn_step *s, venn_tensor *logits);
} question;

static const char *const outputs[CLASS_MAPS_MAX] = {"map 0", "map 1", "map 2", "map 3"};

static void build_maps(void *user, venn_step *s)
{
    const question *q = user;
    venn_tensor logits[CLASS_MAPS_MAX] = {{0}};
    q->build(q->user, s, logits);
    for (size_t k = 0; k < q->n && venn_graph_status(s->g) >= 0; k++)
        venn_graph_output(s->g, outputs[k],
                          venn_argmax(s->g, spread(s->g, logits[k], q->height, q->width)));
}

void venn_count_class_map(int64_t *table, int32_t classes, const float *truth, const int32_t *said,
                          int64_t pixels, int ignore)
{
    for (int64_t i = 0; i < pixels; i++) {
        const int32_t is = (int32_t)truth[i];
        if ((ignore && is == ignore) || is < 0 || is >= classes || said[i] >= classes)
            continue;
        table[is * classes + said[i]]++;
    }
}

venn_class_map_scores venn_score_class_map(const int64_t *table, int32_t classes)
{
    int64_t right = 0, all = 0, occurring = 0;
    double sum = 0;
    for (int32_t k = 0; k < classes; k++) {
        const int64_t both = table[k * classes + k];
        int64_t either = -both;
        for (int32_t j = 0; j < classes; j++) {
            either += table[k * classes + j] + table[j * classes + k];
            all += table[k * classes + j];
        }
        right += both;
        sum += either ? (double)both / (double)either : 0;
        occurring += either > 0;
    }
    return (venn_class_map_scores){occurring ? sum / (double)occurring : NAN,
                                   all ? (double)right / (double)all : NAN};
}

static venn_status compare(const venn_job *job, venn_split_id split, int32_t labels, int ignore,
                           const int32_t *said, venn_class_map_scores *out)
{
    const int32_t c = job->data->class_count;
    const int64_t pixels = venn_shape_count(&job->data->modalities[labels].shape);
    int64_t *table = venn_alloc((size_t)c * (size_t)c, sizeof *table);
    if (!table)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < job->data->split[split].n; i++)
        venn_count_class_map(table, c, venn_dataset_item(job->data, split, labels, i),
                             said + i * pixels, pixels, ignore);
    *out = venn_score_class_map(table, c);
    free(table);
    return VENN_OK;
}

venn_status venn_judge_class_maps(venn_job *job, venn_split_id split, const char *labels,
                                  int ignore, size_t n, void *user,
                                  void (*build)(void *user, venn_step *s, venn_tensor *logits),
                                  venn_class_map_scores *out)
{
    int32_t index;
    VENN_TRY(venn_dataset_modality(job->data, labels, &index));
    const venn_shape *shape = &job->data->modalities[index].shape;
    const size_t size = (size_t)(job->data->split[split].n * venn_shape_count(shape));
    struct venn_sweep_output to[CLASS_MAPS_MAX + 1] = {{0}};
    int32_t *said = venn_alloc(n * size + 1, sizeof *said);
    venn_status status = said ? VENN_OK : VENN_NO_MEMORY;
    question q = {n, shape->dim[1], shape->dim[2], user, build};
    for (size_t k = 0; k < n; k++)
        to[k] = (struct venn_sweep_output){outputs[k], said + k * size};
    const venn_sweep sweep = {
        .split = split, .batch = 32, .user = &q, .build = build_maps, .outputs = to};
    if (status == VENN_OK)
        status = venn_job_sweep(job, &sweep);
    for (size_t k = 0; k < n && status == VENN_OK; k++)
        status = compare(job, split, index, ignore, said + k * size, &out[k]);
    free(said);
    return status;
}
