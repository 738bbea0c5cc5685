// venn/ranking.h: Algorithm 1 of the Modality Focusing Hypothesis on a config's two networks: trained
// together, then every channel of a layer of each ranked by what the other one knows of it too.
#ifndef VENN_RANKING_H
#define VENN_RANKING_H

#include "venn/distill.h"
#include "venn/salience.h"

#ifdef __cplusplus
extern "C" {
#endif

// One of the two networks.
typedef struct venn_ranked {
    char *modality, *network; // "audio", "hearing"; of several inputs joined by " + "
    double accuracy;          // on the test split as trained for the ranking; NaN without one
    venn_salience salience;
} venn_ranked;

// Both networks, ranked.
typedef struct venn_ranking {
    char *name, *data; // of the config and of its data set
    bool joint;        // trained together, gradients of their distance into both; else each alone
    venn_salience_distance distance;
    uint64_t seed;
    double seconds;
    venn_ranked teacher, student;
} venn_ranking;

// Trains the config's teacher and student with its first seed on CE + CE + agreement MSE(z_a, z_b), all
// epochs (or each alone where the config's `ranking` says so, or the teacher is loaded), measures both
// networks' salience against the other and leaves in `folder` (made if it is not there): config.yaml,
// ranking.json, teacher.safetensors, student.safetensors, and the trainings' checkpoints. A folder that
// holds a ranking is VENN_BAD_ARG, unless `resume`: then it is read, or what was begun goes on. observer and
// out may be NULL; stages are called "ranking". Statuses as venn_distill_run.
venn_status venn_distill_rank(venn_device *device, const venn_distill_config *config,
                              const char *folder, bool resume,
                              const venn_distill_observer *observer, venn_ranking *out);

// Permutations of every channel instead of the config's; 0 leaves what the file says.
venn_status venn_distill_config_set_permutations(venn_distill_config *config,
                                                 uint32_t permutations);

// Reads a folder's ranking.json. VENN_BAD_FILE names the member that is wrong.
venn_status venn_ranking_read(venn_ranking *out, const char *folder);
// Frees what it points to. Takes a zeroed one.
void venn_ranking_finish(venn_ranking *ranking);

#ifdef __cplusplus
}
#endif
#endif
