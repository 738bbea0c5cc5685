// Answers place by place: losses of segmentation, and how well a segmentation covers the truth.
#ifndef VENN_DISTILL_BLOCK_PLACES_H
#define VENN_DISTILL_BLOCK_PLACES_H

#include "venn/distill_method.h"

// Cross entropy of rows of logits [P, C] with classes i32 [P], in which class c counts 1 - its share of the
// batch, and no probability counts as less than `floor`: mean over p of -w_c log max(softmax(rows)_c, floor), c the class.
venn_tensor venn_places_ce(venn_step *s, venn_tensor rows, venn_tensor classes, float floor);

// 1 - mean over classes of the squared Dice overlap of softmax(rows) with the classes (venn_dice).
venn_tensor venn_places_dice(venn_step *s, venn_tensor rows, venn_tensor classes);

// What is said of each class on average: zbar [C, C], row c the mean logits of the places of class c; *there gets
// f32 [C], 1 where the batch has the class, else 0 (and zbar 0).
venn_tensor venn_places_confusion(venn_step *s, venn_tensor rows, venn_tensor classes,
                                  venn_tensor *there);

// On the host, of logits [n, C, places] and classes [n, places] as floats. overlap [C]: 2 |said and true| / (|said| +
// |true|) over all items, NaN for a class that is in neither. confusion [C, C]: softmax(zbar_c / temperature), NaN for
// a class that is not there.
venn_status venn_places_measure(const float *logits, const float *const *classes, int64_t n,
                                int64_t n_classes, int64_t places, double temperature,
                                double *overlap, double *confusion);

#endif
