// What each branch of the student gives, asked by a linear probe and by the nearest neighbour.
#ifndef VENN_DISTILL_BLOCK_BRANCHES_H
#define VENN_DISTILL_BLOCK_BRANCHES_H

#include "venn/distill_method.h"

enum { BRANCHES_MAX = 4 };

typedef struct branch_answers {
    double probe[BRANCHES_MAX]; // accuracy of venn_linear_probe on a branch's features
    double nearest;             // accuracy of venn_nearest_neighbour on the first one's
} branch_answers;

// Of the first n branches, which must give vectors: learnt on job->data's training split, asked on `split`.
venn_status venn_branches_ask(venn_job *job, size_t n, venn_split_id split, branch_answers *out);

#endif
