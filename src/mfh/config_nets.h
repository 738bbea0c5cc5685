// The two networks of a config with its data, for experiments that train them in ways of their own: nothing
// is kept in folders.
#ifndef VENN_MFH_CONFIG_NETS_H
#define VENN_MFH_CONFIG_NETS_H

#include "distill/config_internal.h"
#include "venn/distill.h"
#include "venn/salience.h"

typedef struct venn_config_nets {
    venn_device *device;
    const venn_distill_config *config;
    const venn_distill_observer *observer;
    venn_distill_stage stage; // of the training in hand
    venn_dataset *data;
    const char *modalities[2][CONFIG_MAX_INPUTS];
    venn_seer teacher, student;
} venn_config_nets;

// `stage` (static storage) is what the observer (may be NULL) is told of `count` trainings.
// Zeroes `out` on failure.
venn_status venn_config_nets_open(venn_config_nets *out, venn_device *device,
                                  const venn_distill_config *config, const char *stage,
                                  uint32_t count, const venn_distill_observer *observer);
void venn_config_nets_close(venn_config_nets *nets);

// Trains the teacher, or the student, from the parameters that `seed` gives, on the labels alone.
// *accuracy: on the test split, in [0, 1].
venn_status venn_config_nets_train(venn_config_nets *nets, bool teacher, uint64_t seed,
                                   double *accuracy);
// Trains the student by the config's (first) method from the teacher as it is.
venn_status venn_config_nets_distill(venn_config_nets *nets, uint64_t seed, double *accuracy);
// Takes the teacher's parameters from the config's `load`.
venn_status venn_config_nets_load_teacher(venn_config_nets *nets, double *accuracy);
// Evaluates the teacher as it is.
venn_status venn_config_nets_test_teacher(venn_config_nets *nets, double *accuracy);

#endif
