// What answers are worth: counts per class, and the scores that papers make of them.
#ifndef VENN_TRAIN_JUDGE_H
#define VENN_TRAIN_JUDGE_H

#include "venn/data.h"

typedef struct judge {
    int32_t classes;
    int64_t *both, *said, *truth; // [classes]: answers that are right, all answers, all truths
    int64_t right, all;           // answers; of tags, of yes and no alike
    double each;                  // sum over items of their own F1
    int64_t items;
} judge;

venn_status venn_judge_open(judge *j, int32_t classes);
void venn_judge_close(judge *j);
void venn_judge_clear(judge *j);

// One answer of one class; is -1 has no class and does not count.
void venn_judge_class(judge *j, int32_t said, int32_t is);
// An item's answers to all classes, logits above 0 being yes, against 1 and 0.
void venn_judge_tags(judge *j, const float *logits, const float *truth);

double venn_judge_score(const judge *j, venn_score score);

#endif
