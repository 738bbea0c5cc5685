// Fixture of the tests of training: a data set and a network that every device trains in no time, and
// folders for checkpoints.
#ifndef TOY_TRAINING_H
#define TOY_TRAINING_H

#include "venn/train.h"

enum { TOY_TRAIN = 200, TOY_TEST = 60, TOY_WIDTH = 12, TOY_CLASSES = 3 };

// Modalities "a" (clear) and "b" (less so), [12] each; a validation and a test split of 60 pairs.
venn_dataset *toy_data(void);
// [12] -> 16, relu, dropout, [3].
venn_net *toy_net(venn_device *device, uint64_t seed);
// The same in threads, where nothing can be asserted.
venn_status toy_net_make(venn_net **net, venn_device *device, uint64_t seed);

// A new empty folder, to be removed by toy_remove_folder, which frees the path too.
char *toy_folder(void);
void toy_remove_folder(char *path);
// Are the files of that name in two folders equal, byte for byte?
bool toy_same_file(const char *a, const char *b, const char *name);

#endif
