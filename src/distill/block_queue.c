#include "distill/block_queue.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "venn/ops.h"

static void draw_directions(float *rows, int64_t n, int64_t width, venn_rng *rng)
{
    for (float *row = rows; row < rows + n * width; row += width) {
        double squares = 0;
        for (int64_t j = 0; j < width; j++) {
            row[j] = venn_rng_normal(rng);
            squares += (double)row[j] * (double)row[j];
        }
        for (int64_t j = 0; j < width; j++)
            row[j] = (float)((double)row[j] / sqrt(squares));
    }
}

venn_status venn_queue_create(venn_job *job, const char *name, const char *position_name,
                              int64_t rows, int64_t width, uint32_t stream, past_queue *out)
{
    float *values = venn_alloc((size_t)(rows * width), sizeof *values);
    if (!values)
        return VENN_NO_MEMORY;
    venn_rng rng = venn_rng_make(job->seed, 0, stream);
    draw_directions(values, rows, width, &rng);
    venn_status status =
        venn_job_var(job, name, VENN_F32, VENN_SHAPE(rows, width), false, values, &out->rows);
    free(values);
    return status < 0 ? status
                      : venn_job_var(job, position_name, VENN_I32, VENN_SHAPE(1), false, NULL,
                                     &out->position);
}

venn_tensor venn_queue_rows(venn_step *s, const past_queue *queue)
{
    return venn_graph_var(s->g, queue->rows);
}

void venn_queue_add(venn_step *s, const past_queue *queue, venn_tensor rows, venn_tensor guard)
{
    venn_enqueue(s->g, venn_graph_var(s->g, queue->rows), venn_graph_var(s->g, queue->position),
                 rows, guard);
}
