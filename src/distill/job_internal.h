// A training by a method: what its setup declared.
#ifndef VENN_DISTILL_JOB_INTERNAL_H
#define VENN_DISTILL_JOB_INTERNAL_H

#include "base/status.h"
#include "distill/config_internal.h"

enum {
    JOB_MAX_NETS = 32,
    JOB_MAX_VARS = 64,
    JOB_MAX_ARRAYS = 16,
    JOB_MAX_DATA = 64,
    JOB_MAX_STAGES = 64,
    JOB_MAX_MEASURES = 32
};

// A stage with room for the tables that its fit points to.
typedef struct job_stage {
    venn_job_stage public; // first
    venn_fit_net nets[JOB_MAX_NETS], others[JOB_MAX_NETS];
    size_t n_nets;
} job_stage;

typedef struct job_measure {
    const char *name;
    double value;
} job_measure;

typedef struct job {
    venn_job public; // first: a venn_job is the head of one
    const venn_distill_config *config;
    const config_use *use;
    venn_status status; // the first error of setup
    const char *student_modalities[CONFIG_MAX_INPUTS], *teacher_modalities[CONFIG_MAX_INPUTS];
    venn_fit_net nets[JOB_MAX_NETS]; // student, teacher if there is one, then those of the method
    size_t n_nets, n_given;          // n_given are the run's own, the others belong to the job
    venn_fit_var vars[JOB_MAX_VARS];
    size_t n_vars;
    venn_fit_array arrays[JOB_MAX_ARRAYS];
    size_t n_arrays;
    venn_dataset *data[JOB_MAX_DATA];
    size_t n_data;
    job_stage *stages[JOB_MAX_STAGES];
    size_t n_stages;
    job_measure measures[JOB_MAX_MEASURES];
    size_t n_measures;
} job;

// job.c: the job with the declarations of one of the config's methods, which is not given the teacher if it
// needs none. student and teacher (may be NULL) stay the caller's.
venn_status venn_job_create(job **out, venn_device *device, const venn_distill_config *config,
                            const config_use *use, const venn_dataset *data, venn_net *student,
                            venn_net *teacher, uint64_t seed);
void venn_job_destroy(job **j);
// The stage's fit, ready for venn_fit_run but for folder, resume and observer.
const venn_fit *venn_job_stage_fit(job *j, size_t stage);

#endif
