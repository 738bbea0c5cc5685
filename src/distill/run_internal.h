// A run of the main job: its trainings so far and the files it leaves.
#ifndef VENN_DISTILL_RUN_INTERNAL_H
#define VENN_DISTILL_RUN_INTERNAL_H

#include <jansson.h>

#include "base/status.h"
#include "distill/job_internal.h"

// A stage of a method before its last.
typedef struct run_phase {
    const char *name;
    venn_fit_result result;
} run_phase;

// One training of the run.
typedef struct run_record {
    venn_distill_stage stage;
    venn_fit_result result;
    run_phase *phases;
    size_t n_phases;
    job_measure measures[JOB_MAX_MEASURES];
    size_t n_measures;
    bool begun, done;
} run_record;

typedef struct run_state {
    venn_device *device;
    const venn_distill_config *config;
    const venn_distill_observer *observer;
    const char *folder, *command;
    bool resume;
    bool distills; // not the student alone
    venn_dataset *data;
    venn_net *teacher, *student; // teacher NULL: the method needs none
    const char *teacher_modalities[CONFIG_MAX_INPUTS], *student_modalities[CONFIG_MAX_INPUTS];
    char hash_before[33], hash_after[33];
    run_record *records;
    uint32_t n_records;
    run_record *current;
    char *place; // where channels of the teacher are taken out; NULL: nowhere
    int64_t channels, removed;
    venn_evaluation loaded; // of a teacher that was loaded, on the test split
    double seconds;
} run_state;

// run_method.c: a student by one of the config's methods; are its stages possible?
venn_status venn_run_by_method(run_state *run, const config_use *use, run_record *record,
                               uint64_t seed, const char *folder, const venn_observer *observer);
venn_status venn_run_check_method(run_state *run, const config_use *use);

// run_features.c: does the config have the teacher trained in the run? And the choice of its features:
// makes or reads the ranking, gives run->teacher its weights and takes the channels out.
bool venn_run_trains_teacher(const run_state *run);
venn_status venn_run_choose_features(run_state *run);

// run_files.c
// Takes the object, and fails without memory if it is NULL.
venn_status venn_run_write_json(const run_state *run, const char *name, json_t *object);
venn_status venn_run_begin_folder(run_state *run);
venn_status venn_run_write_metrics(const run_state *run);
// run_summary.c
venn_status venn_run_write_summary(const run_state *run);

#endif
