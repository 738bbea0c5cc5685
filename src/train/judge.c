#include "train/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

venn_status venn_judge_open(judge *j, int32_t classes)
{
    *j = (judge){.classes = classes, .both = venn_alloc(3 * (size_t)classes, sizeof *j->both)};
    if (!j->both)
        return VENN_NO_MEMORY;
    j->said = j->both + classes;
    j->truth = j->said + classes;
    return VENN_OK;
}

void venn_judge_close(judge *j)
{
    free(j->both);
    *j = (judge){0};
}

void venn_judge_clear(judge *j)
{
    memset(j->both, 0, 3 * (size_t)j->classes * sizeof *j->both);
    j->right = j->all = j->items = 0;
    j->each = 0;
}

void venn_judge_class(judge *j, int32_t said, int32_t is)
{
    if (is < 0 || is >= j->classes)
        return;
    j->truth[is]++;
    if (said >= 0 && said < j->classes)
        j->said[said]++;
    j->both[is] += said == is;
    j->right += said == is;
    j->each += said == is;
    j->all++;
    j->items++;
}

void venn_judge_tags(judge *j, const float *logits, const float *truth)
{
    int64_t both = 0, either = 0;
    for (int32_t c = 0; c < j->classes; c++) {
        const bool said = logits[c] > 0, is = truth[c] > 0;
        j->said[c] += said;
        j->truth[c] += is;
        j->both[c] += said && is;
        j->right += said == is;
        both += said && is;
        either += said + is;
    }
    j->all += j->classes;
    j->each += either ? 2.0 * (double)both / (double)either : 0;
    j->items++;
}

// Of one class, or of counts of all; 0 where nothing is said and nothing is true.
static double f1(int64_t both, int64_t said, int64_t truth)
{
    return said + truth ? 2.0 * (double)both / (double)(said + truth) : 0;
}

double venn_judge_score(const judge *j, venn_score score)
{
    int64_t both = 0, said = 0, truth = 0, occur = 0;
    double overlap = 0, plain = 0, weighted = 0;
    for (int32_t c = 0; c < j->classes; c++) {
        const int64_t either = j->said[c] + j->truth[c] - j->both[c];
        const double own = f1(j->both[c], j->said[c], j->truth[c]);
        both += j->both[c];
        said += j->said[c];
        truth += j->truth[c];
        occur += either > 0;
        overlap += either ? (double)j->both[c] / (double)either : 0;
        plain += own;
        weighted += own * (double)j->truth[c];
    }
    switch (score) {
    case VENN_SCORE_ACCURACY:
        return j->all ? (double)j->right / (double)j->all : NAN;
    case VENN_SCORE_MEAN_IOU:
        return occur ? overlap / (double)occur : NAN;
    case VENN_SCORE_F1_MICRO:
        return f1(both, said, truth);
    case VENN_SCORE_F1_MACRO:
        return plain / j->classes;
    case VENN_SCORE_F1_WEIGHTED:
        return truth ? weighted / (double)truth : 0;
    case VENN_SCORE_F1_SAMPLES:
        return j->items ? j->each / (double)j->items : NAN;
    }
    return NAN;
}
