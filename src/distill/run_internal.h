// A run of the main job: its trainings so far and the files it leaves.
#ifndef VENN_DISTILL_RUN_INTERNAL_H
#define VENN_DISTILL_RUN_INTERNAL_H

#include "base/status.h"
#include "distill/config_internal.h"

// One training of the run.
typedef struct run_record {
    venn_distill_stage stage;
    venn_fit_result result;
    bool begun, done;
} run_record;

typedef struct run_state {
    venn_device *device;
    const venn_distill_config *config;
    const venn_distill_observer *observer;
    const char *folder, *command;
    bool resume;
    venn_dataset *data;
    venn_net *teacher, *student;
    const char *teacher_modalities[CONFIG_MAX_INPUTS], *student_modalities[CONFIG_MAX_INPUTS];
    char hash_before[33], hash_after[33];
    run_record *records;
    uint32_t n_records;
    run_record *current;
    venn_evaluation loaded; // of a teacher that was loaded, on the test split
    double seconds;
} run_state;

// run_files.c
venn_status venn_run_begin_folder(run_state *run);
venn_status venn_run_write_metrics(const run_state *run);
venn_status venn_run_write_summary(const run_state *run);

#endif
