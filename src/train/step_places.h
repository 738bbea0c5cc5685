// What an answer is held against: a label per item, or a class per place.
#ifndef VENN_TRAIN_STEP_PLACES_H
#define VENN_TRAIN_STEP_PLACES_H

#include "venn/train_objective.h"

// The main network's z [B, C] with the labels, or z [B, C, X..] as rows [B X.., C] with the classes of the places of
// its first modality. true: of places.
bool venn_step_questions(venn_step *s, venn_tensor z, venn_tensor *rows, venn_tensor *classes);

// Whether there is something to hold z against: maps of a modality without target are no answers.
bool venn_step_can_count(venn_step *s, venn_tensor z);

#endif
