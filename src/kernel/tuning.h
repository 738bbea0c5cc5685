// Choices that kernels leave open, and who makes them for a device: the caller, the user's wisdom (what
// `venn tune` measured there), the rows that venn ships for the driver (assets/tuned), or the op's own rule,
// in this order. No choice changes what is added up in which order: tuned or not, results have the same
// bits, and the tuner drops a choice that breaks this.
#ifndef VENN_KERNEL_TUNING_H
#define VENN_KERNEL_TUNING_H

#include "base/status.h"
#include "kernel/profile.h"
#include "venn/device.h"

enum { VENN_MAX_KNOBS = 4, VENN_KNOB_VALUES = 6, VENN_MAX_TUNABLES = 8, VENN_CLASS_TEXT = 64 };

typedef struct venn_knob {
    const char *name;
    int n;
    uint32_t values[VENN_KNOB_VALUES]; // that the tuner tries and a row may have
} venn_knob;

// Work to measure a tunable by: as in venn_bench_work_create.
typedef struct venn_trial {
    const char *work, *part;
} venn_trial;

// One family of kernels, declared beside them in src/ops.
typedef struct venn_tunable {
    const char *name;   // "gemm": a word
    const char *metric; // what is made small, one line
    int n_knobs;
    venn_knob knobs[VENN_MAX_KNOBS];
    // Constraints: whether kernels can do `problem` so on this device.
    bool (*allowed)(const venn_profile *profile, const void *problem, const uint32_t *choice);
    // Of one that is the same for all problems: makes it the profile's. NULL: ops ask for each problem.
    void (*apply)(venn_profile *profile, const uint32_t *choice);
    const venn_trial *trials; // ended by work NULL
} venn_tunable;

// All of them, ended by NULL: defined in src/ops/tunables.c.
extern const venn_tunable *const venn_tunables[];

typedef enum venn_chosen_by {
    VENN_CHOSEN_BY_RULE,
    VENN_CHOSEN_BY_SHIPPED,
    VENN_CHOSEN_BY_WISDOM,
    VENN_CHOSEN_BY_CALLER
} venn_chosen_by;

// What was measured for one class of problems.
typedef struct venn_tuned_row {
    const venn_tunable *tunable;
    char class[VENN_CLASS_TEXT]; // shape class, words
    uint32_t choice[VENN_MAX_KNOBS];
    double us, rule_us; // with the choice and by the op's rule
} venn_tuned_row;

typedef struct venn_tuned_rows {
    venn_tuned_row *row; // malloc'd
    size_t n;
} venn_tuned_rows;

venn_status venn_tuned_rows_add(venn_tuned_rows *rows, const venn_tuned_row *row);

// A class that was asked for, what its rule says, and who chose. For tuners: while there is one, no rows
// count, only the caller's choices.
typedef void (*venn_tuning_listener)(void *user, const venn_tunable *tunable, const char *class,
                                     const uint32_t *rule, venn_chosen_by by);

// Of one device; owned by its kernels. The fields are the tuner's and the loader's.
typedef struct venn_tuning {
    venn_tuned_rows wisdom, shipped;
    char wisdom_note[200]; // why there is no wisdom, or where it is from
    struct {
        const venn_tunable *tunable;
        uint32_t choice[VENN_MAX_KNOBS];
    } caller[VENN_MAX_TUNABLES]; // overrides; tunable NULL: none
    venn_tuning_listener listener;
    void *listener_user;
    uint32_t rule_group; // the profile's elementwise_group before anything was applied
} venn_tuning;

// choice[] holds what the op's rule says; replaced by what was tuned for the class, if that is allowed.
// tuning NULL: nothing is.
venn_chosen_by venn_tuning_choose(const venn_profile *profile, const venn_tunable *tunable,
                                  const char *class, const void *problem, uint32_t *choice);
// Makes choices of tunables that are the device's (apply), after rows or overrides changed.
void venn_tuning_apply(venn_profile *profile);
// "rows=16 step=8": knobs that are not named keep what choice[] holds. VENN_BAD_ARG, naming the word.
venn_status venn_tuning_read_choice(const venn_tunable *tunable, const char *text,
                                    uint32_t *choice);
void venn_tuning_write_choice(const venn_tunable *tunable, const uint32_t *choice, char *text,
                              size_t size);
// Makes it the caller's choice from now on; NULL: no longer.
void venn_tuning_override(venn_profile *profile, const venn_tunable *tunable,
                          const uint32_t *choice);
const venn_tunable *venn_tuning_find(const char *name); // NULL: there is none

// ---- Wisdom: wisdom.c ------------------------------------------------------------------------

// The file: VENN_WISDOM, or wisdom-UUID.txt in the cache folder; NULL for VENN_WISDOM=none. malloc'd.
venn_status venn_wisdom_path(const venn_device_info *device, char **path);
// Reads rows from a file's text. VENN_BAD_FILE, naming the file, the line and what is wrong, for text that
// is broken or was measured on another device, driver or kernels; no row is kept then. name: for messages.
// device NULL: shipped rows, which name a driver instead.
venn_status venn_wisdom_parse(const char *name, const char *text, const venn_device_info *device,
                              venn_tuned_rows *rows);
venn_status venn_wisdom_write(const char *path, const venn_device_info *device,
                              const venn_tuned_rows *rows);
// Reads all that there is for a device. A wisdom file that cannot be used is named in the log (warning)
// and in wisdom_note, and ignored.
venn_status venn_tuning_load(venn_tuning *tuning, const venn_device *device, venn_profile *profile);
void venn_tuning_finish(venn_tuning *tuning);

// Text of assets/tuned, made by cmake/VennAssets.cmake; ended by driver NULL.
typedef struct venn_shipped_text {
    const char *driver; // "llvmpipe"
    const char *text;
} venn_shipped_text;
extern const venn_shipped_text venn_shipped_texts[];

#endif
