// What stands at a place of a network, for pairs of a data set, one number per channel.
#ifndef VENN_MFH_PLACE_VALUES_H
#define VENN_MFH_PLACE_VALUES_H

#include "distill/mutual_information.h"
#include "venn/salience.h"

typedef struct venn_place_values {
    venn_samples samples; // [n, channels], each the mean over its positions
    double *values;       // the samples' memory
    int32_t *labels;      // [n]
} venn_place_values;

// In evaluation mode. At most `most` pairs, evenly spaced over the split.
venn_status venn_place_values_read(venn_place_values *out, venn_device *device,
                                   const venn_seer *seer, const char *place,
                                   const venn_dataset *data, venn_split_id split, int64_t most);
void venn_place_values_finish(venn_place_values *values);

#endif
