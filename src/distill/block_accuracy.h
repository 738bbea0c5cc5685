// Accuracies of several classifiers at once: of heads, of a network on one modality alone.
#ifndef VENN_DISTILL_BLOCK_ACCURACY_H
#define VENN_DISTILL_BLOCK_ACCURACY_H

#include "venn/distill_method.h"

enum { ACCURACIES_MAX = 8 };

// "first_alone_accuracy" and so on: of what is said on a modality alone.
extern const char *const venn_alone_accuracy[4];

// Runs over the test split of job->data; build writes n tensors of logits [B, C]. Each one's accuracy is
// reported under its name (venn_job_measure).
venn_status venn_measure_accuracies(venn_job *job, size_t n, const char *const *names, void *user,
                                    void (*build)(void *user, venn_step *s, venn_tensor *logits));

#endif
