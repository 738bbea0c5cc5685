// A training run in progress, shared by the files of src/train.
#ifndef VENN_TRAIN_FIT_INTERNAL_H
#define VENN_TRAIN_FIT_INTERNAL_H

#include <jansson.h>

#include "base/status.h"
#include "venn/io.h"
#include "venn/train.h"

enum { FIT_MAX_FEEDS = 8, FIT_SLOTS = 3, FIT_TIMES = 1024 };

typedef struct evaluator evaluator;

// One data array that goes into the program: modality `source` of the loader, as input `name`.
typedef struct fit_feed {
    char name[16];
    uint32_t source;
    venn_shape shape; // per sample
} fit_feed;

// Sums over the present epoch; part of the checkpoint, so that resuming in mid-epoch is exact.
typedef struct fit_sums {
    double loss, terms[VENN_MAX_TERMS], correct, seconds;
    uint64_t steps;
} fit_sums;

typedef struct fit_state {
    venn_device *device;
    const venn_fit *fit;
    venn_fit_result *result;
    uint32_t epochs, batch, per_epoch, n_classes;
    venn_optim *optim;
    venn_program *program;
    venn_loader *loader;
    evaluator *evaluator;
    float *teacher_logits;  // cached: [n_train, C]
    venn_named_array *best; // the best parameters, where there is no folder to keep them

    // What the loader delivers and where it goes.
    int32_t sources[FIT_MAX_FEEDS]; // modality numbers
    uint32_t n_sources;
    fit_feed feeds[FIT_MAX_FEEDS];
    uint32_t n_feeds;
    const char *term_names[VENN_MAX_TERMS];
    int n_terms;

    // Where training is: the next step is batch `index` of epoch `epoch` (both from 0).
    uint32_t epoch, index;
    uint64_t steps;
    fit_sums sums;
    double last_loss;
    uint64_t pending[FIT_SLOTS];
    uint32_t n_pending;
    double times[FIT_TIMES];
    uint32_t n_times;
} fit_state;

// fit_graph.c: the training step as a graph; sets feeds and terms.
venn_status venn_fit_plan_feeds(fit_state *f);
venn_status venn_fit_build(fit_state *f, venn_graph *g);
// Writes one batch into the program's next slot.
void venn_fit_feed_batch(fit_state *f, venn_program *program, const venn_batch *batch);
venn_status venn_fit_optim_create(fit_state *f);

// fit.c: a loader of the training split that begins at batch `index` of `epoch`.
venn_status venn_fit_start_loader(const fit_state *f, int64_t epoch, int64_t index,
                                  venn_loader **out);

// fit_checkpoint.c
venn_status venn_fit_save(fit_state *f);
venn_status venn_fit_load(fit_state *f, bool *found);
venn_status venn_fit_save_best(fit_state *f);
venn_status venn_fit_load_best(fit_state *f);
venn_status venn_fit_save_done(fit_state *f);
venn_status venn_fit_load_done(fit_state *f, bool *found);

// nonfinite.c: after a loss that is not finite: says in the message which tensor was the first.
venn_status venn_fit_diagnose(fit_state *f, uint64_t step, double loss);

// evaluate.c: an evaluation program that is compiled once.
venn_status venn_evaluator_create(evaluator **out, venn_device *device, venn_net *net,
                                  const char *const *modalities, const venn_dataset *data,
                                  uint32_t batch, bool logits);
void venn_evaluator_destroy(evaluator **e);
venn_status venn_evaluator_run(evaluator *e, venn_split_id split, venn_evaluation *result,
                               float *logits, int32_t *predictions);
// Index of the modality that feeds branch `branch` of net; an error if it is not there or of another
// size than the branch takes.
venn_status venn_find_modality(const venn_dataset *data, const char *name, const venn_net *net,
                               uint32_t branch, int32_t *index);

#endif
