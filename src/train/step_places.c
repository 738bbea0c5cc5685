// Networks that answer place by place, [B, C, X..]: their answers as rows, and the classes of the places as labels.
#include "train/step_places.h"

#include <string.h>

#include "graph/graph_internal.h"
#include "train/fit_internal.h"
#include "venn/ops.h"

venn_tensor venn_step_target(venn_step *s, const char *stream, const char *modality)
{
    const step_build *b = (const step_build *)s;
    for (uint32_t i = 0; i < b->n_streams; i++) {
        const step_stream *of = &b->streams[i];
        int32_t m;
        if (stream ? !of->name || strcmp(of->name, stream) != 0 : of->name != NULL)
            continue;
        if (venn_dataset_modality(of->data, modality, &m) < 0)
            break;
        const char *target = of->data->modalities[m].target;
        if (target)
            return venn_to_i32(s->g,
                               venn_reshape(s->g, venn_step_x(s, stream, target), VENN_SHAPE(-1)));
        venn_fail(VENN_BAD_ARG, "data set %s: modality %s has no target, no class of each place",
                  of->data->name, modality);
        break;
    }
    venn_graph_fail(s->g, VENN_BAD_ARG);
    return VENN_NONE;
}

venn_tensor venn_step_place_rows(venn_step *s, venn_tensor z)
{
    const venn_shape shape = venn_tensor_shape(s->g, z);
    venn_transpose_params last = {.perm = {0}};
    int64_t places = shape.rank ? shape.dim[0] : 1;
    for (int i = 2; i < shape.rank; i++) {
        last.perm[i - 1] = i;
        places *= shape.dim[i];
    }
    if (shape.rank <= 2)
        return z;
    last.perm[shape.rank - 1] = 1;
    return venn_reshape(s->g, venn_transpose(s->g, z, &last), VENN_SHAPE(places, shape.dim[1]));
}

bool venn_step_questions(venn_step *s, venn_tensor z, venn_tensor *rows, venn_tensor *classes)
{
    const step_build *b = (const step_build *)s;
    const char *const *modalities = b->nets[0].modalities;
    *rows = venn_step_place_rows(s, z);
    if (rows->id == z.id || !modalities) {
        *classes = venn_step_labels(s, NULL);
        return false;
    }
    *classes = venn_step_target(s, NULL, modalities[0]);
    return true;
}

venn_tensor venn_step_tags(venn_step *s, const char *stream)
{
    const step_build *b = (const step_build *)s;
    for (uint32_t i = 0; i < b->n_streams; i++) {
        const step_stream *of = &b->streams[i];
        if (stream ? of->name && strcmp(of->name, stream) == 0 : !of->name) {
            if (!of->data->tags)
                return VENN_NONE;
            const venn_tensor tags = venn_step_x(s, stream, of->data->tags);
            return venn_reshape(s->g, tags, VENN_SHAPE(of->batch, of->data->class_count));
        }
    }
    return VENN_NONE;
}

int32_t venn_step_void(const venn_step *s)
{
    const step_build *b = (const step_build *)s;
    const venn_dataset *d = b->streams[0].data;
    int32_t m;
    return b->nets[0].modalities &&
                   venn_dataset_modality(d, b->nets[0].modalities[0], &m) == VENN_OK &&
                   d->modalities[m].void_places
               ? -1
               : 0;
}

bool venn_step_can_count(venn_step *s, venn_tensor z)
{
    const step_build *b = (const step_build *)s;
    const venn_dataset *d = b->streams[0].data;
    int32_t m;
    if (venn_tensor_shape(s->g, z).rank <= 2)
        return !d->tags;
    return b->nets[0].modalities &&
           venn_dataset_modality(d, b->nets[0].modalities[0], &m) == VENN_OK &&
           d->modalities[m].target;
}
