// A queue of past embeddings, as MoCo keeps: a variable [rows, width] and the place where the next rows go.
#ifndef VENN_DISTILL_BLOCK_QUEUE_H
#define VENN_DISTILL_BLOCK_QUEUE_H

#include "venn/distill_method.h"

typedef struct past_queue {
    venn_var *rows, *position;
} past_queue;

// Adds both to the job under these names. The queue begins with directions of length 1, drawn from the job's
// seed and `stream`.
venn_status venn_queue_create(venn_job *job, const char *name, const char *position_name,
                              int64_t rows, int64_t width, uint32_t stream, past_queue *out);

// The queue's content before this step's venn_enqueue; and that, for an objective's `after`.
venn_tensor venn_queue_rows(venn_step *s, const past_queue *queue);
void venn_queue_add(venn_step *s, const past_queue *queue, venn_tensor rows, venn_tensor guard);

#endif
