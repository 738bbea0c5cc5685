// What an answer is held against: a label per item, or a class per place.
#ifndef VENN_TRAIN_STEP_PLACES_H
#define VENN_TRAIN_STEP_PLACES_H

#include "venn/train_objective.h"

// The main network's z [B, C] with the labels, or z [B, C, X..] as rows [B X.., C] with the classes of the places of
// its first modality. true: of places.
bool venn_step_questions(venn_step *s, venn_tensor z, venn_tensor *rows, venn_tensor *classes);

// cross_entropy's ignore_index for the places of the main network's first modality: -1 if some have no class, else 0.
int32_t venn_step_void(const venn_step *s);

// Whether right answers of a training step can be counted: maps of a modality without target are no answers, and tags
// have no one class that is right.
bool venn_step_can_count(venn_step *s, venn_tensor z);

#endif
