// venn/distill.h: the main job. A teacher is trained on one modality (or several, fused) or loaded; a
// student is trained on another without it, and the same student, from the same initial weights and on
// the same batches, with it; over several seeds; with a table, a report and checkpoints in a run folder.
#ifndef VENN_DISTILL_H
#define VENN_DISTILL_H

#include "venn/distill_method.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Configuration ---------------------------------------------------------------------------

// A config that was read: data, networks, method, training.
typedef struct venn_distill_config venn_distill_config;

// Reads a YAML file, checked to the last key: VENN_BAD_FILE with file and line. `path` may be the name
// of an embedded config ("digits-kd"), the name of a method, for its example ("dml"), or
// "embedded:configs/digits-kd.yaml". docs/config.md lists the keys.
venn_status venn_distill_config_load(venn_distill_config **out, const char *path);
// Takes the handle's address, sets it to NULL, accepts NULL.
void venn_distill_config_destroy(venn_distill_config **config);
// Its `name`; owned by the config.
const char *venn_distill_config_name(const venn_distill_config *config);
// Overrides before a run; 0 leaves what the file says.
venn_status venn_distill_config_set(venn_distill_config *config, uint32_t seeds, uint32_t epochs,
                                    int64_t limit);
// Several methods instead of the config's: their names, separated by commas. One that the config has keeps
// its parameters, the others have their defaults. VENN_BAD_ARG or VENN_BAD_FILE, and then the config is
// only good for destroying, if there is no such method, if the config lacks what one needs, or if they
// are not scored alike.
venn_status venn_distill_config_compare(venn_distill_config *config, const char *methods);

// ---- The run ---------------------------------------------------------------------------------

// One training of a run.
typedef struct venn_distill_stage {
    const char *stage; // "teacher", "student", or "distilled"; in a comparison the method's name
    const char *phase; // of a method's training before the last: its name; else NULL
    const char *score; // what the test accuracy is: "accuracy", or the method's own
    uint64_t seed;
    uint32_t number, count; // this is training `number` (from 1) of `count` in the run
} venn_distill_stage;

// Who watches a run: of each training its start, steps, epochs and end.
typedef struct venn_distill_observer {
    void *user;
    void (*on_start)(void *user, const venn_distill_stage *stage); // may be NULL
    void (*on_step)(void *user, const venn_distill_stage *stage,
                    const venn_step_event *event); // may be NULL
    void (*on_epoch)(void *user, const venn_distill_stage *stage,
                     const venn_metrics *metrics); // may be NULL
    void (*on_end)(void *user, const venn_distill_stage *stage,
                   const venn_fit_result *result); // may be NULL
    bool (*stop)(void *user);                      // as in venn_observer; may be NULL
    venn_timeline *timeline;                       // as in venn_observer, of every training
    uint32_t timeline_steps;                       // of each training
} venn_distill_observer;

// Runs the whole job into `folder` (made if it is not there): config.yaml, environment.json,
// metrics.jsonl, summary.json, report.html, and one folder of checkpoints per training. A folder that
// already holds a run is VENN_BAD_ARG unless `resume`, which goes on where that run stopped and needs
// the same config. `command` (may be NULL) is noted in the environment. Besides the statuses of
// venn_fit_run: VENN_NO_DEVICE_MEMORY before anything is trained.
venn_status venn_distill_run(venn_device *device, const venn_distill_config *config,
                             const char *folder, bool resume, const char *command,
                             const venn_distill_observer *observer);

// Trains only the student, without a teacher, with the config's first seed: `venn train`.
venn_status venn_distill_train(venn_device *device, const venn_distill_config *config,
                               const char *folder, bool resume, const char *command,
                               const venn_distill_observer *observer);

// Evaluates weights of a finished run, or any safetensors file of the config's teacher ("teacher") or
// student ("student") network, on a split ("train", "valid", "test"). confusion: NULL, or C x C counts,
// row = label, column = prediction, to be freed by the caller; *n_classes gets C. NULL and 0 of networks that do not
// answer with one class per item.
venn_status venn_distill_evaluate(venn_device *device, const venn_distill_config *config,
                                  const char *role, const char *weights, const char *split,
                                  venn_evaluation *result, int64_t **confusion, size_t *n_classes);

// Describes a config line by line: data, networks with their layers, shapes and parameters, and what the
// distilling training step becomes on the device (nodes, dispatches, memory); with `plan`, every node with
// its place in memory.
venn_status venn_distill_inspect(venn_device *device, const venn_distill_config *config, bool plan,
                                 venn_line_fn fn, void *user);

#ifdef __cplusplus
}
#endif
#endif
