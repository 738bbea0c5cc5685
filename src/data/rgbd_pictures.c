#include "data/rgbd_pictures.h"

#include <stdlib.h>

#include "base/status.h"
#include "data/dataset.h"

static venn_status add_split(venn_dataset *dataset, const rgbd_pictures *all, venn_split_id id)
{
    const int64_t n = all->n[id], pixels = (int64_t)all->size * all->size;
    if (n == 0)
        return VENN_OK;
    float *data = venn_alloc((size_t)(n * pixels), 5 * sizeof *data);
    int32_t *labels = venn_alloc((size_t)n, sizeof *labels);
    venn_status status = VENN_NO_MEMORY;
    if (data && labels) {
        float *x[] = {data, data + 3 * n * pixels, data + 4 * n * pixels};
        venn_rng rng = venn_rng_make(all->seed, 0, all->stream + (uint32_t)id);
        for (int64_t i = 0; i < n; i++) {
            rgbd_picture p = {all->size, all->size, x[0] + 3 * i * pixels, x[1] + i * pixels};
            labels[i] = all->draw(all->user, &rng, id, i, &p, x[2] + i * pixels);
        }
        status = venn_dataset_set_split(dataset, id, n, labels,
                                        (const float *const[]){x[0], x[1], x[2]});
    }
    free(data);
    free(labels);
    return status;
}

venn_status venn_rgbd_pictures_make(venn_dataset **out, const char *name, const rgbd_pictures *all)
{
    const char *const names[] = {"rgb", "depth", all->map};
    const venn_shape shapes[] = {VENN_SHAPE(3, all->size, all->size),
                                 VENN_SHAPE(1, all->size, all->size),
                                 VENN_SHAPE(1, all->size, all->size)};
    venn_dataset *dataset = NULL;
    VENN_TRY(venn_dataset_create(&dataset, name, all->classes, NULL, 3, names, shapes));
    venn_status status = VENN_OK;
    for (int s = 0; s < VENN_SPLITS && status == VENN_OK; s++)
        status = add_split(dataset, all, (venn_split_id)s);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}
