// venn/salience.h: which features of a network another modality knows as well. Step 2 of Algorithm 1 of the
// Modality Focusing Hypothesis (Xue, Gao, Ren, Zhao: ICLR 2023): a channel matters for what two modalities
// have in common if the network's results move away from the other network's when that channel alone is
// shuffled over the pairs. And choosing, by that order, which features of a teacher may teach.
#ifndef VENN_SALIENCE_H
#define VENN_SALIENCE_H

#include "venn/data.h"
#include "venn/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Salience --------------------------------------------------------------------------------

// Between two networks' logits, a mean over pairs and classes.
typedef enum venn_salience_distance {
    VENN_SALIENCE_MSE, // squared difference
    VENN_SALIENCE_L1   // absolute difference
} venn_salience_distance;

// Where to look, and at how much; zeroed: the defaults.
typedef struct venn_salience_params {
    const char *place; // of the network (nn.h); NULL: what its last layer with parameters is given
    uint32_t permutations; // of every channel; 0: 10
    uint32_t rows;         // at most so many pairs are shuffled among each other; 0: 512
    venn_salience_distance distance;
    venn_split_id split; // 0: training
    uint64_t seed;       // of the permutations
} venn_salience_params;

// Of the channels of one place: a channel is an index of the first axis of a sample there.
typedef struct venn_salience {
    char *place;
    int64_t n; // channels
    double *
        score; // [n] (distance - least) / (greatest - least), 0 where all are equal. High: what the
               // other modality knows too depends on this channel
    double *distance;       // [n] to the other network's logits, with this channel shuffled
    double *effect;         // [n] to the network's own logits: how much it uses the channel at all
    double *loss;           // [n] cross-entropy of the labels, with this channel shuffled
    double base, base_loss; // distance and cross-entropy with nothing shuffled
    uint32_t permutations;
    int64_t rows; // pairs that were shuffled, in all
} venn_salience;

// A network with the data for its branches.
typedef struct venn_seer {
    venn_net *net;
    const char *const *modalities;
} venn_seer;

// Both networks in evaluation mode on paired data; they must give logits of one shape. All permutations of
// a block of channels are one run of one program, each with permutations of its own. Averages over
// batches of equal size, at most `rows` pairs each; fewer pairs than there are batches are left over and
// not used. VENN_BAD_ARG names what does not fit; VENN_NO_MEMORY.
venn_status venn_salience_measure(venn_device *device, const venn_seer *of, const venn_seer *other,
                                  const venn_dataset *data, const venn_salience_params *params,
                                  venn_salience *out);
// Frees what it points to. Takes a zeroed one.
void venn_salience_finish(venn_salience *salience);

// ---- Choosing features -----------------------------------------------------------------------

// Which channels are taken out of a teacher.
typedef enum venn_feature_mode {
    VENN_FEATURES_GENERAL,  // those of lowest score: what both modalities know stays
    VENN_FEATURES_SPECIFIC, // those of highest score: what only the teacher knows stays
    VENN_FEATURES_RANDOM    // any
} venn_feature_mode;

// "general", "specific", "random".
const char *venn_feature_mode_name(venn_feature_mode mode);

// Marks floor(ratio n) of n channels, ratio in [0, 1). Of equal scores the earlier channel counts as the
// lower. Random ones are drawn without replacement by Philox from `seed`; score may then be NULL.
// Returns how many.
int64_t venn_features_choose(venn_feature_mode mode, double ratio, int64_t n, const double *score,
                             uint64_t seed, bool *removed);

#ifdef __cplusplus
}
#endif
#endif
