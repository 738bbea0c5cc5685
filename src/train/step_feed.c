// Batches into the inputs of a program.
#include <stdio.h>
#include <string.h>

#include "train/step_internal.h"

venn_status venn_find_modality(const venn_dataset *data, const char *name, const venn_net *net,
                               uint32_t branch, int32_t *index)
{
    VENN_TRY(venn_dataset_modality(data, name, index));
    venn_shape have = data->modalities[*index].shape, want = venn_net_input_shape(net, branch);
    char a[VENN_SHAPE_TEXT_MAX], b[VENN_SHAPE_TEXT_MAX];
    if (venn_shape_count(&have) != venn_shape_count(&want))
        return venn_fail(VENN_BAD_SHAPE, "modality %s is %s per sample, the network takes %s", name,
                         venn_shape_text(&have, a, sizeof a), venn_shape_text(&want, b, sizeof b));
    return VENN_OK;
}

void venn_step_labels_name(const step_stream *stream, char name[STEP_MAX_NAME])
{
    snprintf(name, STEP_MAX_NAME, "%s%slabels", stream->name ? stream->name : "",
             stream->name ? "." : "");
}

void venn_step_write_batch(const step_stream *stream, venn_program *program,
                           const venn_batch *batch)
{
    size_t bytes;
    char name[STEP_MAX_NAME];
    for (uint32_t i = 0; i < stream->n; i++) {
        void *input = venn_program_input(program, stream->input[i], &bytes);
        if (input)
            memcpy(input, batch->x[i], bytes);
    }
    venn_step_labels_name(stream, name);
    void *labels = venn_program_input(program, name, &bytes);
    if (labels)
        memcpy(labels, batch->labels, bytes);
}

// Past the end the last row is repeated.
void venn_step_write_rows(const step_stream *stream, venn_program *program, int64_t first)
{
    const venn_split *split = &stream->data->split[stream->split];
    char name[STEP_MAX_NAME];
    for (uint32_t m = 0; m < stream->n; m++) {
        size_t bytes;
        char *to = venn_program_input(program, stream->input[m], &bytes);
        const size_t row = bytes / stream->batch;
        for (int64_t i = 0; to && i < stream->batch; i++) {
            int64_t k = first + i < split->n ? first + i : split->n - 1;
            memcpy(to + (size_t)i * row,
                   venn_dataset_item(stream->data, stream->split, stream->modality[m], k), row);
        }
    }
    venn_step_labels_name(stream, name);
    int32_t *labels = venn_program_input(program, name, NULL);
    for (int64_t i = 0; labels && i < stream->batch; i++)
        labels[i] = split->labels[first + i < split->n ? first + i : split->n - 1];
}

// ---- What hooks use --------------------------------------------------------------------------

void venn_feed_scalar(const venn_step_feed *feed, const char *name, double value)
{
    float narrow = (float)value, *to = venn_program_input(feed->program, name, NULL);
    if (to)
        *to = narrow;
}

void *venn_feed_input(const venn_step_feed *feed, const char *name, size_t *bytes)
{
    return venn_program_input(feed->program, name, bytes);
}

const void *venn_result_output(const venn_step_result *result, const char *name, size_t *bytes)
{
    return venn_program_output(result->program, result->ticket, name, bytes);
}
