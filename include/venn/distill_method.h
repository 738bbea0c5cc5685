// venn/distill_method.h: what a distillation method is, and what it is given. A method is one file,
// src/distill/method_<name>.c, and one line in src/distill/methods.def; docs/methods.md shows how to
// write one. Part of distill.h.
//
// The run makes a job for every training by a method: one student from one seed. The method's setup
// declares what the training needs besides the config's student and teacher (networks, variables, arrays
// on the host) and its stages, which then run one after the other. Each stage is a venn_fit (train.h),
// already filled in from the config; its objective builds the graph of the step (train_objective.h). A method
// without setup has one stage with the method's objective.
#ifndef VENN_DISTILL_METHOD_H
#define VENN_DISTILL_METHOD_H

#include <stddef.h>

#include "venn/train.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Parameters ------------------------------------------------------------------------------

// What a config may say for a parameter, and the member's type in C.
typedef enum venn_method_param_type {
    VENN_METHOD_FLOAT, // double
    VENN_METHOD_INT,   // int
    VENN_METHOD_BOOL,  // bool
    VENN_METHOD_ENUM,  // int, names[value]
    VENN_METHOD_TEXT   // const char *: the name of a layer, of a network
} venn_method_param_type;

// One parameter of a method; made by VENN_PARAM_FLOAT and its kin.
typedef struct venn_method_param {
    const char *key; // in a config
    venn_method_param_type type;
    size_t offset;            // of the member
    double value;             // default
    const char *text;         // TEXT: default, may be NULL
    double low, high;         // numbers: allowed range, both included
    const char *const *names; // ENUM, NULL-terminated
    const char *doc;          // one line
    const char *source;       // of the default: "paper", "official code", "chosen here: why"
} venn_method_param;

// Rows of a method's table, which ends with {0}. `type` is the struct that holds the values, `field` its
// member and at the same time the key in a config.
#define VENN_PARAM_FLOAT(type, field, value, low, high, doc, source)                               \
    {                                                                                              \
#field, VENN_METHOD_FLOAT, offsetof(type, field), value, NULL, low, high, NULL, doc,       \
            source                                                                                 \
    }
// The same of a whole number.
#define VENN_PARAM_INT(type, field, value, low, high, doc, source)                                 \
    {                                                                                              \
#field, VENN_METHOD_INT, offsetof(type, field), value, NULL, low, high, NULL, doc, source  \
    }
// The same of a yes or no.
#define VENN_PARAM_BOOL(type, field, value, doc, source)                                           \
    {                                                                                              \
#field, VENN_METHOD_BOOL, offsetof(type, field), value, NULL, 0, 1, NULL, doc, source      \
    }
// The same of one of several names.
#define VENN_PARAM_ENUM(type, field, value, names, doc, source)                                    \
    {                                                                                              \
#field, VENN_METHOD_ENUM, offsetof(type, field), value, NULL, 0, 0, names, doc, source     \
    }
// The same of a text; NULL: none.
#define VENN_PARAM_TEXT(type, field, text, doc, source)                                            \
    {                                                                                              \
#field, VENN_METHOD_TEXT, offsetof(type, field), 0, text, 0, 0, NULL, doc, source          \
    }

// ---- A training by a method ------------------------------------------------------------------

// A model of the config: the student or the teacher.
typedef enum venn_job_model { VENN_JOB_STUDENT, VENN_JOB_TEACHER } venn_job_model;

// What a method is given for one training. `user` of every hook of an objective is the job.
typedef struct venn_job {
    venn_device *device;
    const venn_dataset *data;
    const void *params; // the method's
    void *state;        // state_size bytes, zero at first
    uint64_t seed;
    uint32_t epochs, batch;   // of the student's training, as the config has them
    uint32_t steps;           // the same, per epoch; 0: every batch once
    venn_optim_params optim;  // the same
    uint32_t checkpoints;     // the same, kept of each training
    venn_precision precision; // the same
    venn_net *student;        // initialised from the seed
    venn_net *teacher;        // trained or loaded, or NULL: the method does not need one
    const char *const *student_modalities, *const *teacher_modalities; // one per input
    size_t n_student_inputs, n_teacher_inputs; // n_teacher_inputs 0: the config has no teacher
} venn_job;

// A training within a job.
typedef struct venn_job_stage venn_job_stage;
struct venn_job_stage {
    const char *name; // of its folder; static storage
    // What the training is. Filled in: the student is the main network, the others and variables are
    // those of the job (the teacher frozen), data and settings are the config's. Change what differs,
    // networks by venn_stage_net; `others` itself, `objective`, `folder`, `resume` and `observer` are set
    // by the run.
    venn_fit fit;
    venn_net *main; // the network that is evaluated and saved under plain names; the student
    venn_objective objective; // the method's; `user` is the job
    // Before and after the stage, on the host, in every run, also when the stage was finished by an
    // earlier one that is resumed: `begin` may compute data and variables from the networks as the
    // stages before left them; `end` may measure. May be NULL.
    venn_status (*begin)(venn_job *job, venn_job_stage *stage);
    venn_status (*end)(venn_job *job, venn_job_stage *stage);
};

// The following are for setup. Names are unique in the job and copied. Everything belongs to the job.

// A further network of a config model's architecture, initialised anew (from the seed and the order of
// these calls), on the same modalities.
venn_status venn_job_clone(venn_job *job, const char *name, venn_job_model model, venn_net **out);
// The network of one input of a model alone, without fusion and head, on that input's modality.
venn_status venn_job_input_net(venn_job *job, const char *name, venn_job_model model, size_t input,
                               venn_net **out);
// The network called `network` in the config, for samples of this shape; modality NULL: it is only
// applied to given tensors.
venn_status venn_job_config_net(venn_job *job, const char *name, const char *network,
                                venn_shape input, const char *modality, venn_net **out);
// A network of layers given here; modalities as in venn_fit_net, must outlive the job.
venn_status venn_job_net(venn_job *job, const char *name, const venn_net_params *params,
                         const char *const *modalities, venn_net **out);
// A single linear layer [in] -> [out]: a projection, a head.
venn_status venn_job_linear(venn_job *job, const char *name, int64_t in, int64_t out_features,
                            venn_net **out);
// A variable: a parameter (trains) or state. values: its elements, NULL: zeros.
venn_status venn_job_var(venn_job *job, const char *name, venn_dtype dtype, venn_shape shape,
                         bool trains, const void *values, venn_var **out);
// An array on the host that checkpoints keep, zero at first.
venn_status venn_job_array(venn_job *job, const char *name, venn_dtype dtype, venn_shape shape,
                           void **data);
// Data made by venn_dataset_select or venn_dataset_create: the job destroys them.
void venn_job_own_data(venn_job *job, venn_dataset *data);
// Appends a stage. After the networks and variables. NULL after an error, which the next of these calls
// and the run return.
venn_job_stage *venn_job_add_stage(venn_job *job, const char *name);
// The entry of a network (the student's too) in a stage: role, lr_scale, optim, cache.
venn_fit_net *venn_stage_net(venn_job_stage *stage, const venn_net *net);

// For `begin`, `end` and the objective's hooks.

// venn_sweep_run with the job's networks, and its data if sweep->data is NULL.
venn_status venn_job_sweep(venn_job *job, const venn_sweep *sweep);
// Runs a network over a split in evaluation mode; rows gets its outputs.
venn_status venn_job_forward(venn_job *job, const venn_net *net, const venn_dataset *data,
                             venn_split_id split, float *rows);
// Accuracy and cross-entropy of a network's logits on its modalities.
venn_status venn_job_evaluate(venn_job *job, const venn_net *net, const venn_dataset *data,
                              venn_split_id split, venn_evaluation *result);
// A result besides the score, reported with the run: "peer accuracy". name: static storage. A second
// value of one name replaces the first.
void venn_job_measure(venn_job *job, const char *name, double value);

// ---- Methods ---------------------------------------------------------------------------------

// What a config must have for a method, and what the method makes of it.
typedef enum venn_method_need {
    VENN_NEEDS_TEACHER = 1,      // a teacher, trained alone or loaded, then frozen
    VENN_NEEDS_SECOND_MODEL = 2, // the teacher's section, as a second network that it trains itself
    VENN_NEEDS_TWO_INPUTS = 4,   // a student of at least two inputs
    VENN_NEEDS_NO_PAIRS = 8,     // does not use the pairing of modalities
    VENN_NEEDS_NO_LABELS = 16,   // uses pairs without labels
    VENN_NEEDS_MEMORY = 32,      // a queue, a buffer or averages that live from step to step
    VENN_NEEDS_STAGES = 64,      // several trainings one after the other
    VENN_NEEDS_FEATURES = 128    // the teacher's `features`: which of them teach
} venn_method_need;

// The words of need number i (1 << i), such as "teacher"; NULL past the last.
const char *venn_method_need_text(unsigned i);

// A term of a method's loss, as `venn methods` shows it.
typedef struct venn_method_equation {
    const char *name; // as its term is reported: "ce", "kd"; "loss": the sum
    const char *formula;
} venn_method_equation;

// A method: its table of parameters, what it is for people, and its two hooks.
typedef struct venn_method {
    const char *name;
    const char *summary;                   // one line, with the formula
    const char *reference;                 // where it comes from
    const char *status;                    // what has been checked of it: "target met: ..."
    uint32_t needs;                        // venn_method_need, or-ed
    const venn_method_equation *equations; // ends with name NULL
    size_t params_size;
    const venn_method_param *params; // ends with key NULL
    size_t state_size;               // bytes of job->state
    const char *score; // what `score` of the objective gives, in [0, 1]; NULL: "accuracy"
    bool places;       // takes students that answer place by place, [C, X..], too
    bool tags;         // takes data whose pairs are of several classes (venn_dataset_set_tags), too
    bool alone;        // a plainly trained student is nothing to compare with: the run has none
    venn_objective objective;            // of the stages, unless setup changes it; user is not used
    venn_status (*setup)(venn_job *job); // NULL: one stage
    void (*finish)(venn_job *job);       // frees what state holds; NULL: nothing
} venn_method;

// The methods in order, NULL past the last; and by name, NULL if there is none.
const venn_method *venn_method_at(size_t index);
const venn_method *venn_method_find(const char *name);

#ifdef __cplusplus
}
#endif
#endif
