// Measuring what kernels leave open (kernel/tuning.h): for each class of problems, from the rule's choice on,
// one knob after the other, every value that the constraints allow; the choice and the rule take turns, so
// that a busy machine hits both. What is kept must give the rule's bits.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/thread.h"
#include "bench/bench_work.h"
#include "kernel/kernel.h"
#include "venn/tune.h"

enum { ROUNDS = 3, MOST_RUNS = 8 };
#define ROUND_US 20e3 // of one side's turn, about
#define WORTH 0.97    // a choice must be so much faster than the rule
#define HOPELESS 1.5  // a first round so much slower ends a choice's trial

typedef struct tuner {
    venn_device *device;
    venn_profile *profile;
    const venn_tune_params *params;
    venn_tune_result *result;
    venn_tuned_rows rows; // found now
    // Of the tunable and trial at hand:
    const venn_tunable *tunable;
    const venn_trial *trial;
    char class[VENN_CLASS_TEXT];
    uint32_t rule[VENN_MAX_KNOBS];
    venn_chosen_by by;
    uint64_t end_ns;
} tuner;

static void listen(void *user, const venn_tunable *tunable, const char *class, const uint32_t *rule,
                   venn_chosen_by by)
{
    tuner *t = user;
    if (tunable != t->tunable)
        return;
    snprintf(t->class, sizeof t->class, "%s", class);
    memcpy(t->rule, rule, sizeof t->rule);
    t->by = by;
}

// ---- One side against the other --------------------------------------------------------------

// The trials of a tunable that is the same for all problems are one work; else there is one trial.
enum { MOST_WORKS = 4 };
typedef struct side {
    venn_bench_work *work[MOST_WORKS];
    int n;
    double best[MOST_WORKS]; // us of the fastest run
} side;

static void finish_side(side *s)
{
    for (int i = 0; i < s->n; i++)
        venn_bench_work_destroy(&s->work[i]);
}

// choice NULL: the rule's. *taken: whether constraints let the choice pass.
static venn_status make_side(tuner *t, const uint32_t *choice, side *s, bool *taken)
{
    *s = (side){0};
    t->by = VENN_CHOSEN_BY_RULE;
    venn_tuning_override(t->profile, t->tunable, choice);
    *taken = t->by == VENN_CHOSEN_BY_CALLER; // of one that is applied
    venn_status status = VENN_OK;
    const venn_trial *trial = t->trial;
    do {
        status = venn_bench_work_create(&s->work[s->n], t->device, trial->work, trial->part);
        s->best[s->n] = INFINITY;
        s->n += status == VENN_OK;
        trial++;
    } while (status == VENN_OK && t->tunable->apply && trial->work && s->n < MOST_WORKS);
    *taken = *taken || t->by == VENN_CHOSEN_BY_CALLER;
    return status;
}

static venn_status run_side(tuner *t, side *s, uint32_t runs)
{
    venn_bench_time times[MOST_RUNS];
    for (int i = 0; i < s->n; i++) {
        VENN_TRY(venn_bench_work_run(s->work[i], runs, times));
        for (uint32_t k = 0; k < runs; k++) {
            const double device = times[k].device_us > 0 ? times[k].device_us : times[k].wall_us;
            s->best[i] = fmin(s->best[i], t->profile->software ? times[k].cpu_us : device);
        }
    }
    return VENN_OK;
}

static double total(const side *s)
{
    double us = 0;
    for (int i = 0; i < s->n; i++)
        us += s->best[i];
    return us;
}

static venn_status race(tuner *t, side *a, side *b)
{
    VENN_TRY(run_side(t, a, 1));
    VENN_TRY(run_side(t, b, 1));
    const double runs = ceil(ROUND_US / fmax(total(a), 1));
    for (int round = 0; round < ROUNDS && total(b) < HOPELESS * total(a); round++) {
        VENN_TRY(run_side(t, a, runs < MOST_RUNS ? (uint32_t)runs : MOST_RUNS));
        VENN_TRY(run_side(t, b, runs < MOST_RUNS ? (uint32_t)runs : MOST_RUNS));
    }
    return VENN_OK;
}

// ---- One class -------------------------------------------------------------------------------

static venn_status result_of(tuner *t, const uint32_t *choice, const venn_trial *trial,
                             venn_hash *hash)
{
    venn_tuning_override(t->profile, t->tunable, choice);
    return venn_bench_work_result(t->device, trial->work, trial->part, hash);
}

static venn_status same_bits(tuner *t, const uint32_t *choice, bool *same)
{
    const venn_trial *trial = t->trial;
    *same = true;
    do {
        venn_hash ruled, chosen;
        VENN_TRY(result_of(t, NULL, trial, &ruled));
        VENN_TRY(result_of(t, choice, trial, &chosen));
        *same = *same && ruled.low == chosen.low && ruled.high == chosen.high;
        trial++;
    } while (t->tunable->apply && trial->work);
    return VENN_OK;
}

// Tries row->choice with knob k at `value`; takes it over if it is faster and right.
static venn_status try_value(tuner *t, side *rule, venn_tuned_row *row, int k, uint32_t value)
{
    uint32_t choice[VENN_MAX_KNOBS];
    side s;
    bool taken, same = false;
    memcpy(choice, row->choice, sizeof choice);
    choice[k] = value;
    venn_status status = make_side(t, choice, &s, &taken);
    if (status == VENN_OK && taken)
        status = race(t, rule, &s);
    const double us = taken ? total(&s) : INFINITY;
    finish_side(&s);
    row->rule_us = total(rule);
    if (status == VENN_OK && us < row->us && us < WORTH * row->rule_us) {
        status = same_bits(t, choice, &same);
        if (same) {
            row->us = us;
            memcpy(row->choice, choice, sizeof choice);
        }
    }
    return status;
}

static venn_status try_values(tuner *t, side *rule, venn_tuned_row *row)
{
    for (int k = 0; k < t->tunable->n_knobs; k++) {
        const uint32_t before = row->choice[k];
        for (int i = 0; i < t->tunable->knobs[k].n; i++)
            if (t->tunable->knobs[k].values[i] != before && venn_clock_ns() < t->end_ns)
                VENN_TRY(try_value(t, rule, row, k, t->tunable->knobs[k].values[i]));
    }
    return VENN_OK;
}

static void tell_row(tuner *t, const venn_tuned_row *row)
{
    venn_tune_row r = {.tunable = row->tunable->name,
                       .what = row->class,
                       .us = row->us,
                       .rule_us = row->rule_us,
                       .changed = memcmp(row->choice, t->rule,
                                         sizeof *row->choice * (size_t)row->tunable->n_knobs) != 0};
    venn_tuning_write_choice(row->tunable, row->choice, r.choice, sizeof r.choice);
    t->result->classes++;
    t->result->changed += r.changed;
    t->result->worst = fmin(t->result->worst, row->us / row->rule_us);
    if (t->params->row)
        t->params->row(t->params->user, &r);
}

static bool is_known(const tuner *t)
{
    for (size_t i = 0; i < t->rows.n; i++)
        if (t->rows.row[i].tunable == t->tunable && strcmp(t->rows.row[i].class, t->class) == 0)
            return true;
    return false;
}

static venn_status tune_class(tuner *t, const venn_trial *trial)
{
    const double seconds = t->params->limit_seconds > 0 ? t->params->limit_seconds : 20;
    side rule;
    bool taken;
    t->trial = trial;
    *t->class = 0;
    t->end_ns = venn_clock_ns() + (uint64_t)(seconds * 1e9);
    venn_status status = make_side(t, NULL, &rule, &taken);
    if (status == VENN_OK && *t->class && !is_known(t)) {
        venn_tuned_row row = {.tunable = t->tunable};
        memcpy(row.class, t->class, sizeof row.class);
        memcpy(row.choice, t->rule, sizeof row.choice);
        status = run_side(t, &rule, 1);
        row.us = row.rule_us = total(&rule);
        if (status == VENN_OK)
            status = try_values(t, &rule, &row);
        row.us = fmin(row.us, row.rule_us);
        if (status == VENN_OK)
            status = venn_tuned_rows_add(&t->rows, &row);
        if (status == VENN_OK)
            tell_row(t, &row);
    }
    finish_side(&rule);
    t->trial = NULL;
    return status;
}

static venn_status tune_tunable(tuner *t, const venn_tunable *tunable)
{
    const venn_trial own[] = {{t->params->work, t->params->part}, {0}};
    t->tunable = tunable;
    if (t->params->work)
        return tunable->apply ? VENN_OK : tune_class(t, own);
    for (const venn_trial *trial = tunable->trials; trial->work; trial++) {
        VENN_TRY(tune_class(t, trial));
        if (tunable->apply)
            break;
    }
    return VENN_OK;
}

// ---- All -------------------------------------------------------------------------------------

static venn_status tune_all(tuner *t)
{
    const char *only = t->params->only;
    if (only && !venn_tuning_find(only))
        return venn_fail(VENN_BAD_ARG, "there is nothing to tune of the name \"%s\"", only);
    for (const venn_tunable *const *one = venn_tunables; *one; one++)
        if (!only || strcmp((*one)->name, only) == 0) {
            const venn_status status = tune_tunable(t, *one);
            venn_tuning_override(t->profile, *one, NULL);
            VENN_TRY(status);
        }
    return VENN_OK;
}

// The rows found now, and those known before of other classes.
static venn_status keep_rows(tuner *t)
{
    venn_tuning *tuning = t->profile->tuning;
    for (size_t i = 0; i < tuning->wisdom.n; i++) {
        const venn_tuned_row *old = &tuning->wisdom.row[i];
        t->tunable = old->tunable;
        memcpy(t->class, old->class, sizeof t->class);
        if (!is_known(t))
            VENN_TRY(venn_tuned_rows_add(&t->rows, old));
    }
    free(tuning->wisdom.row);
    tuning->wisdom = t->rows;
    t->rows = (venn_tuned_rows){0};
    venn_tuning_apply(t->profile);
    char *path;
    const venn_device_info *info = venn_device_get_info(t->device);
    VENN_TRY(venn_wisdom_path(info, &path));
    if (!path)
        return VENN_OK;
    snprintf(t->result->path, sizeof t->result->path, "%s", path);
    snprintf(tuning->wisdom_note, sizeof tuning->wisdom_note, "by %.150s", path);
    const venn_status status = venn_wisdom_write(path, info, &tuning->wisdom);
    free(path);
    return status;
}

venn_status venn_tune(venn_device *device, const venn_tune_params *params, venn_tune_result *result)
{
    const venn_tune_params defaults = {0};
    venn_kernels *kernels;
    VENN_TRY(venn_kernels_of(device, &kernels));
    tuner t = {.device = device,
               .profile = venn_kernels_tune(kernels),
               .params = params ? params : &defaults,
               .result = result};
    if (t.profile->restricted)
        return venn_fail(VENN_BAD_ARG, "with VENN_FAKE_LIMITS the device is not itself: nothing "
                                       "to tune");
    *result = (venn_tune_result){.worst = 1};
    t.profile->tuning->listener = listen;
    t.profile->tuning->listener_user = &t;
    venn_status status = tune_all(&t);
    t.profile->tuning->listener = NULL;
    venn_tuning_apply(t.profile);
    if (status == VENN_OK)
        status = keep_rows(&t);
    free(t.rows.row);
    return status;
}

venn_status venn_tune_override(venn_device *device, const char *name, const char *choice)
{
    venn_kernels *kernels;
    uint32_t values[VENN_MAX_KNOBS];
    VENN_TRY(venn_kernels_of(device, &kernels));
    const venn_tunable *tunable = venn_tuning_find(name);
    if (!tunable)
        return venn_fail(VENN_BAD_ARG, "there is nothing to tune of the name \"%s\"", name);
    memset(values, 0xff, sizeof values);
    if (choice)
        VENN_TRY(venn_tuning_read_choice(tunable, choice, values));
    for (int k = 0; choice && k < tunable->n_knobs; k++)
        if (values[k] == UINT32_MAX)
            return venn_fail(VENN_BAD_ARG, "%s: \"%s\" has no %s=", name, choice,
                             tunable->knobs[k].name);
    venn_tuning_override(venn_kernels_tune(kernels), tunable, choice ? values : NULL);
    return VENN_OK;
}
