// Who chooses (see tuning.h).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/tuning.h"

const venn_tunable *venn_tuning_find(const char *name)
{
    for (const venn_tunable *const *t = venn_tunables; *t; t++)
        if (strcmp((*t)->name, name) == 0)
            return *t;
    return NULL;
}

static const venn_tuned_row *find_row(const venn_tuned_rows *rows, const venn_tunable *tunable,
                                      const char *class)
{
    for (size_t i = 0; i < rows->n; i++)
        if (rows->row[i].tunable == tunable && strcmp(rows->row[i].class, class) == 0)
            return &rows->row[i];
    return NULL;
}

static bool take(const venn_profile *profile, const venn_tunable *tunable, const void *problem,
                 const uint32_t *from, uint32_t *choice)
{
    if (!tunable->allowed(profile, problem, from))
        return false;
    memcpy(choice, from, sizeof *choice * (size_t)tunable->n_knobs);
    return true;
}

static venn_chosen_by decide(const venn_profile *profile, const venn_tunable *tunable,
                             const char *class, const void *problem, uint32_t *choice)
{
    const venn_tuning *tuning = profile->tuning;
    for (size_t i = 0; i < VENN_MAX_TUNABLES; i++)
        if (tuning->caller[i].tunable == tunable)
            return take(profile, tunable, problem, tuning->caller[i].choice, choice)
                       ? VENN_CHOSEN_BY_CALLER
                       : VENN_CHOSEN_BY_RULE;
    if (tuning->listener)
        return VENN_CHOSEN_BY_RULE;
    const venn_tuned_row *row = find_row(&tuning->wisdom, tunable, class);
    if (row && take(profile, tunable, problem, row->choice, choice))
        return VENN_CHOSEN_BY_WISDOM;
    row = find_row(&tuning->shipped, tunable, class);
    return row && take(profile, tunable, problem, row->choice, choice) ? VENN_CHOSEN_BY_SHIPPED
                                                                       : VENN_CHOSEN_BY_RULE;
}

venn_chosen_by venn_tuning_choose(const venn_profile *profile, const venn_tunable *tunable,
                                  const char *class, const void *problem, uint32_t *choice)
{
    uint32_t rule[VENN_MAX_KNOBS];
    const venn_tuning *tuning = profile->tuning;
    if (!tuning)
        return VENN_CHOSEN_BY_RULE;
    memcpy(rule, choice, sizeof rule);
    const venn_chosen_by by = decide(profile, tunable, class, problem, choice);
    if (tuning->listener)
        tuning->listener(tuning->listener_user, tunable, class, rule, by);
    return by;
}

void venn_tuning_apply(venn_profile *profile)
{
    profile->elementwise_group = profile->tuning->rule_group;
    for (const venn_tunable *const *t = venn_tunables; *t; t++) {
        uint32_t choice[VENN_MAX_KNOBS] = {profile->elementwise_group};
        if ((*t)->apply &&
            venn_tuning_choose(profile, *t, "all", NULL, choice) != VENN_CHOSEN_BY_RULE)
            (*t)->apply(profile, choice);
    }
}

void venn_tuning_override(venn_profile *profile, const venn_tunable *tunable,
                          const uint32_t *choice)
{
    venn_tuning *tuning = profile->tuning;
    size_t slot = 0;
    while (slot + 1 < VENN_MAX_TUNABLES && tuning->caller[slot].tunable != tunable &&
           tuning->caller[slot].tunable)
        slot++;
    tuning->caller[slot].tunable = tunable;
    if (choice) {
        memcpy(tuning->caller[slot].choice, choice, sizeof tuning->caller[slot].choice);
    } else { // the last one takes the place
        size_t last = slot;
        while (last + 1 < VENN_MAX_TUNABLES && tuning->caller[last + 1].tunable)
            last++;
        tuning->caller[slot] = tuning->caller[last];
        tuning->caller[last].tunable = NULL;
    }
    venn_tuning_apply(profile);
}

// ---- Text ------------------------------------------------------------------------------------

static bool is_value(const venn_knob *knob, uint32_t value)
{
    for (int i = 0; i < knob->n; i++)
        if (knob->values[i] == value)
            return true;
    return false;
}

static venn_status read_knob(const venn_tunable *t, const char *word, size_t length,
                             uint32_t *choice)
{
    for (int k = 0; k < t->n_knobs; k++) {
        const size_t name = strlen(t->knobs[k].name);
        if (length <= name + 1 || strncmp(word, t->knobs[k].name, name) != 0 || word[name] != '=')
            continue;
        char *end;
        const unsigned long value = strtoul(word + name + 1, &end, 10);
        if (end != word + length || !is_value(&t->knobs[k], (uint32_t)value))
            return venn_fail(VENN_BAD_ARG, "%s: \"%.*s\" is no value of %s", t->name, (int)length,
                             word, t->knobs[k].name);
        choice[k] = (uint32_t)value;
        return VENN_OK;
    }
    char names[128] = "";
    for (int k = 0; k < t->n_knobs; k++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s=", k ? ", " : "",
                 t->knobs[k].name);
    return venn_fail(VENN_BAD_ARG, "%s: \"%.*s\" is none of %s", t->name, (int)length, word, names);
}

void venn_tuning_write_choice(const venn_tunable *tunable, const uint32_t *choice, char *text,
                              size_t size)
{
    *text = 0;
    for (int k = 0; k < tunable->n_knobs; k++) {
        const size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s=%u", k ? " " : "", tunable->knobs[k].name,
                 choice[k]);
    }
}

venn_status venn_tuning_read_choice(const venn_tunable *tunable, const char *text, uint32_t *choice)
{
    for (const char *word = text + strspn(text, " "); *word;) {
        const size_t length = strcspn(word, " ");
        VENN_TRY(read_knob(tunable, word, length, choice));
        word += length;
        word += strspn(word, " ");
    }
    return VENN_OK;
}
