// A step's graph under construction, and what it has asked of the data.
#ifndef VENN_TRAIN_STEP_INTERNAL_H
#define VENN_TRAIN_STEP_INTERNAL_H

#include "base/status.h"
#include "venn/train.h"

enum { STEP_MAX_FEEDS = 12, STEP_MAX_NAME = 64 };

struct fit_state;

// A source of batches; modalities in the order in which the graph asked for them.
typedef struct step_stream {
    const char *name; // NULL: the main one
    const venn_dataset *data;
    venn_split_id split;
    uint32_t batch;
    uint32_t n;
    int32_t modality[STEP_MAX_FEEDS];
    char input[STEP_MAX_FEEDS][STEP_MAX_NAME]; // of the graph, one per modality
} step_stream;

typedef struct step_build {
    venn_step public; // first: a venn_step is the head of one
    step_stream *streams;
    uint32_t n_streams;
    const venn_fit_net *nets; // the main one first
    size_t n_nets;
    struct fit_state *fit; // NULL: an evaluation
    venn_tensor counted;   // logits for the training accuracy
    venn_tensor loss;      // the sum of all that is minimised
} step_build;

// step_feed.c: rows first .. first + rows of a split, or a loader's batch, into the program's inputs.
void venn_step_write_batch(const step_stream *stream, venn_program *program,
                           const venn_batch *batch);
void venn_step_write_rows(const step_stream *stream, venn_program *program, int64_t first);
void venn_step_labels_name(const step_stream *stream, char name[STEP_MAX_NAME]);

// Index of the modality that feeds branch `branch` of net; an error if it is not there or of another
// size than the branch takes.
venn_status venn_find_modality(const venn_dataset *data, const char *name, const venn_net *net,
                               uint32_t branch, int32_t *index);

#endif
