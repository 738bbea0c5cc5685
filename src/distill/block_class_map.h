// Networks that name the class of every pixel, against modalities that hold it.
#ifndef VENN_DISTILL_BLOCK_CLASS_MAP_H
#define VENN_DISTILL_BLOCK_CLASS_MAP_H

#include "venn/distill_method.h"

enum { CLASS_MAPS_MAX = 4 };

// Mean over the pixels of the cross-entropy of logits [B, C, H, W], brought to the size of the labels by
// bilinear interpolation, and labels [B, 1, H', W'], f32; a label `ignore` does not count.
venn_tensor venn_class_map_loss(venn_graph *g, venn_tensor logits, venn_tensor labels, int ignore);

typedef struct venn_class_map_scores {
    double miou;  // mean over the classes that occur of |both| / |either|
    double right; // share of the pixels
} venn_class_map_scores;

// Adds the pixels of one picture to table [classes, classes]: of each class, and what they are said to be.
void venn_count_class_map(int64_t *table, int32_t classes, const float *truth, const int32_t *said,
                          int64_t pixels, int ignore);
venn_class_map_scores venn_score_class_map(const int64_t *table, int32_t classes);

// Runs over a split of job->data. build writes n logits [B, C, H, W]; `labels` is a modality [1, H', W'].
venn_status venn_judge_class_maps(venn_job *job, venn_split_id split, const char *labels,
                                  int ignore, size_t n, void *user,
                                  void (*build)(void *user, venn_step *s, venn_tensor *logits),
                                  venn_class_map_scores *out);

#endif
