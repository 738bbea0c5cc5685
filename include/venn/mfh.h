// venn/mfh.h: the Modality Focusing Hypothesis (Xue, Gao, Ren, Zhao: "The Modality Focusing Hypothesis:
// Towards Understanding Crossmodal Knowledge Distillation", ICLR 2023). Distilling a teacher of modality
// a into a student of modality b helps as far as the features that the teacher uses are shared by both
// modalities, however good the teacher itself is.
#ifndef VENN_MFH_H
#define VENN_MFH_H

#include "venn/distill.h"
#include "venn/salience.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- The modality Venn diagram ---------------------------------------------------------------

// How many decisive features (those that the label depends on) only a has, only b has, and both have.
// Counts of known features, or sums of estimated weights: any non-negative numbers.
typedef struct venn_modality_diagram {
    double only_a, only_b, shared;
} venn_modality_diagram;

// alpha = only_a / (only_a + shared), beta = only_b / (only_b + shared),
// gamma = shared / (only_a + only_b + shared). 0 where nothing is decisive.
double venn_diagram_alpha(const venn_modality_diagram *d);
double venn_diagram_beta(const venn_modality_diagram *d);
double venn_diagram_gamma(const venn_modality_diagram *d);

// ---- The synthetic Gaussian experiments ------------------------------------------------------

// What changes from point to point.
typedef enum venn_mfh_sweep {
    VENN_MFH_GAMMA,  // experiment 1: the share of common decisive features grows
    VENN_MFH_ALPHA,  // experiment 2: the teacher gets more decisive features of its own
    VENN_MFH_TABLE2, // experiment 3: the teacher keeps only what is shared
    VENN_MFH_AVD     // networks on synthetic pictures and sounds (venn_mfh_avd)
} venn_mfh_sweep;

// "gamma", "alpha", "table2", "avd"; and back, VENN_BAD_ARG for another text.
const char *venn_mfh_sweep_name(venn_mfh_sweep sweep);
venn_status venn_mfh_sweep_parse(const char *text, venn_mfh_sweep *sweep);

typedef struct venn_mfh_gaussian_params {
    venn_mfh_sweep sweep;
    uint32_t seeds;      // independent draws of the data and the models; 0: 30
    uint64_t key;        // of the generator; 0 is a key like any other
    uint32_t train_rows; // 0: 200
    uint32_t test_rows;  // 0: 1,000
    uint32_t steps;      // full-batch SGD steps of every model; 0: 1,000
    double lr;           // 0: 0.1
    double kd_weight;    // of the KL term beside the cross entropy; 0: 1
    bool batchmean;      // KL summed over classes; 0: the mean over rows and classes, as published
    uint32_t permutations; // TABLE2: of every channel in Algorithm 1; 0: 100
    bool as_published;     // TABLE2: the released script's data, sampling and swapped inputs
} venn_mfh_gaussian_params;

// Models of a point. The first three are of every sweep, the others of TABLE2.
typedef enum venn_mfh_model {
    VENN_MFH_TEACHER,         // on modality a, all its columns
    VENN_MFH_STUDENT,         // on modality b, no distillation
    VENN_MFH_DISTILLED,       // the same student, distilled from the teacher
    VENN_MFH_TRUTH_TEACHER,   // retrained on the columns that truly are shared
    VENN_MFH_TRUTH_DISTILLED, // the student distilled from that
    VENN_MFH_RANKED_TEACHER,  // retrained on the columns that Algorithm 1 ranks highest
    VENN_MFH_RANKED_DISTILLED,
    VENN_MFH_RANDOM_TEACHER, // retrained on columns taken at random
    VENN_MFH_RANDOM_DISTILLED,
    VENN_MFH_MODELS
} venn_mfh_model;

// "teacher", "student", "distilled", "truth teacher", ...
const char *venn_mfh_model_name(venn_mfh_model model);

// Over the seeds.
typedef struct venn_mfh_stat {
    double mean, std; // std: sample standard deviation, 0 for one seed
    double error;     // standard error of the mean
} venn_mfh_stat;

// One point of a sweep.
typedef struct venn_mfh_point {
    venn_modality_diagram diagram;
    venn_mfh_stat accuracy[VENN_MFH_MODELS]; // percent; NaN mean where the sweep has no such model
    venn_mfh_stat gain;                      // distilled minus student, paired by seed
    venn_mfh_stat hits; // TABLE2: share of the shared columns that Algorithm 1 finds, percent
    double paper[VENN_MFH_MODELS]; // published percent, NaN where there is none
} venn_mfh_point;

// Points of a sweep at most.
#define VENN_MFH_MAX_POINTS 8

// A sweep that was run.
typedef struct venn_mfh_result {
    venn_mfh_gaussian_params params; // with the defaults filled in
    const char *network;             // AVD: "mlp" or "cnn" (static storage); else NULL
    size_t n;
    venn_mfh_point point[VENN_MFH_MAX_POINTS];
    double seconds;
} venn_mfh_result;

// Called from time to time; false cancels.
typedef bool (*venn_mfh_progress_fn)(void *user, const char *stage, uint32_t done, uint32_t total);

// Runs a sweep, the models of all points and seeds together as one batched program per stage. Every
// model is a linear layer into two classes, trained by full-batch SGD on the cross entropy; distilled
// ones add KL(teacher || student) at temperature 1 with the teacher fixed. The points of a sweep share
// their random numbers, so differences between points are paired. progress may be NULL.
// params may be NULL. VENN_BAD_ARG names the field; VENN_CANCELLED.
venn_status venn_mfh_gaussian(venn_device *device, const venn_mfh_gaussian_params *params,
                              venn_mfh_result *result, venn_mfh_progress_fn progress, void *user);

// ---- Networks on synthetic pictures and sounds -----------------------------------------------

// What teachers and students are.
typedef enum venn_mfh_network {
    VENN_MFH_MLP, // 64 hidden units
    VENN_MFH_CNN // two 3x3 convolutions of 8 and 16 channels, pooling between them, 64 hidden units
} venn_mfh_network;

typedef struct venn_mfh_avd_params {
    venn_mfh_network network; // 0: mlp
    uint32_t seeds;           // 0: 12
    uint64_t key;             // the seeds are key, key + 1, ...
    uint32_t epochs;          // of every training; 0: 60
    uint32_t test_rows;       // 0: 4,000
} venn_mfh_avd_params;

// The first experiment with networks: teachers on the sound pictures of "synthetic:avd" (venn_dataset_load),
// students on its images, with 0, 2, 4, 6 and 8 of the eight decisive latents of each in common. 400 pairs
// to train on, Adam at 1e-3, batches of 50; distilled ones learn from CE + KL at temperature 1.
venn_status venn_mfh_avd(venn_device *device, const venn_mfh_avd_params *params,
                         venn_mfh_result *result, venn_mfh_progress_fn progress, void *user);

// ---- The diagram of real data ----------------------------------------------------------------

// The diagram of area 1 of which a share `a` of side a is common, and a share `b` of side b. Less than a
// hundredth counts as a hundredth: two sides with nothing in common say nothing of each other's size.
venn_modality_diagram venn_diagram_of_shares(double a, double b);

// Two ways to weigh a channel times two to say what share of it the other modality has:
//   salience     how much the cross-entropy of the labels rises when the channel is shuffled
//   information  mutual information of channel and label (Ross 2014); none where it is what one channel in
//                twenty would reach with the labels shuffled
//   Gaussian     1 - exp(-2 I) with I of channel and what the other side's features predict of it (ridge
//                regression on other pairs), by the Gaussian formula: the share of variance explained
//   KSG          the same by nearest neighbours (Kraskov et al. 2004)

// Ways to weigh times ways to say.
#define VENN_MFH_ESTIMATES 4
// "salience, Gaussian", "salience, KSG", "information, Gaussian", "information, KSG".
const char *venn_mfh_estimate_name(int estimate);

// One of the two networks: its channels, and what share of its decisive features the other one has.
typedef struct venn_mfh_estimate_side {
    char *modality, *network, *place; // modality and network: NULL from venn_mfh_estimate_measure
    double accuracy;                  // on the test split; NaN likewise
    int64_t n;                        // channels
    double *importance;               // [n] salience for the labels, at least 0
    double *information;              // [n] nats
    double *gaussian, *ksg;           // [n] shares, 0 to 1
    double shared[VENN_MFH_ESTIMATES];
} venn_mfh_estimate_side;

// Both networks, and the diagram by each of the estimates.
typedef struct venn_mfh_estimate {
    char *name, *data; // of config and data set; NULL from venn_mfh_estimate_measure
    int64_t rows;      // pairs that the mutual information is estimated from
    double seconds;
    venn_mfh_estimate_side a, b; // teacher, student
    venn_modality_diagram diagram[VENN_MFH_ESTIMATES];
} venn_mfh_estimate;

// Where to look, and at what; zeroed: the defaults.
typedef struct venn_mfh_estimate_params {
    const char *place_a, *place_b; // nn.h; NULL: what the last layer with parameters is given
    venn_split_id split;           // 0: the larger of validation and test
    uint32_t permutations;         // of every channel; 0: 10
    uint64_t seed;
} venn_mfh_estimate_params;

// Estimates from two trained networks and pairs that they were not trained on, at most 1,000 of them.
// Channels that are maps count by their means. params may be NULL.
venn_status venn_mfh_estimate_measure(venn_device *device, const venn_seer *a, const venn_seer *b,
                                      const venn_dataset *data,
                                      const venn_mfh_estimate_params *params,
                                      venn_mfh_estimate *out);
// The same of a config's teacher and student, each trained alone with the first seed (or the teacher
// loaded); its `ranking` names the layers. observer may be NULL; stages are called "diagram".
venn_status venn_mfh_estimate_config(venn_device *device, const venn_distill_config *config,
                                     const venn_distill_observer *observer, venn_mfh_estimate *out);
// Frees what it points to. Takes a zeroed one.
void venn_mfh_estimate_finish(venn_mfh_estimate *estimate);

// ---- The same student by several teachers ----------------------------------------------------

// One way to train the student, over the seeds; percent.
typedef struct venn_mfh_row {
    char *name;
    venn_mfh_stat teacher; // accuracy on the test split; NaN mean where there is none
    venn_mfh_stat student; // likewise
    venn_mfh_stat gain;    // student minus the one of row 0, paired by seed
} venn_mfh_row;

// Ways to train one student, side by side.
typedef struct venn_mfh_comparison {
    char *name;    // of the (first) config
    char *about;   // "teachers" or "features"
    char *data;    // name of the data set
    char *student; // its modality
    uint32_t seeds;
    size_t n;
    venn_mfh_row *rows; // [n]; row 0 is the student without a teacher
    double seconds;
} venn_mfh_comparison;

// Which teacher teaches best? Row 1 + i: config i's teacher and its student distilled from it, by its
// method; all configs should have the same data and student. Seeds and row 0 are the first config's; every
// seed has teachers of its own (but those that are loaded), with all their features. observer may be NULL;
// stages are called like the configs. VENN_BAD_FILE, VENN_CANCELLED, and what venn_fit_run returns.
venn_status venn_mfh_compare_teachers(venn_device *device,
                                      const venn_distill_config *const *configs, size_t n,
                                      const venn_distill_observer *observer,
                                      venn_mfh_comparison *out);

// Which shares of a teacher's channels to take out.
typedef struct venn_mfh_features_params {
    const double *ratios; // shares of the channels that are taken out, each in (0, 1)
    size_t n_ratios;      // 0: 0.25, 0.5, 0.75
    venn_removal how;     // what stands in their place
    const char *folder;   // of the rankings, one folder per seed; those that are there are used
} venn_mfh_features_params;

// Which features of a teacher should teach? Row 1: all; then for each ratio without those of lowest
// salience ("general, 50 % out"), without any at random, without those of highest salience. For each
// seed of the config the networks are ranked anew (venn_distill_rank) and the ranked teacher teaches in
// every row. The config's own features are ignored. Otherwise as venn_mfh_compare_teachers.
venn_status venn_mfh_compare_features(venn_device *device, venn_distill_config *config,
                                      const venn_mfh_features_params *params,
                                      const venn_distill_observer *observer,
                                      venn_mfh_comparison *out);
// Frees what it points to. Takes a zeroed one.
void venn_mfh_comparison_finish(venn_mfh_comparison *comparison);

// ---- Result files ----------------------------------------------------------------------------

// A result as JSON text (malloc'd), which the report reads: {"kind": "sweep", "diagram" or "comparison",
// "command": what made it, ...}. command may be NULL. A ranking's file is ranking.json in its folder.
venn_status venn_mfh_sweep_text(const venn_mfh_result *result, const char *command, char **text);
venn_status venn_mfh_estimate_text(const venn_mfh_estimate *estimate, const char *command,
                                   char **text);
venn_status venn_mfh_comparison_text(const venn_mfh_comparison *comparison, const char *command,
                                     char **text);

// ---- Report ----------------------------------------------------------------------------------

// Writes one self-contained HTML page of result files (JSON as above, or the ranking.json of a ranking), in
// the order given: modality diagrams, curves beside the published points, salience histograms, tables,
// each with its command. Curves need gnuplot in PATH; without it the page says so. device: named on the
// page, command: what writes it again; both may be NULL. VENN_BAD_FILE names a file that is missing or
// wrong, or a page that cannot be written.
venn_status venn_mfh_report_write(const char *path, const char *const *files, size_t n,
                                  const char *device, const char *command);

#ifdef __cplusplus
}
#endif
#endif
