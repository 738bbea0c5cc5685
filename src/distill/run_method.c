// One training by a method: its stages one after the other, each in a folder of its own but for the last.
// Resuming runs the hooks of every stage again and takes the results of those that are done.
#include <stdlib.h>
#include <string.h>

#include "distill/run_internal.h"

static char *phase_folder(const char *folder, const job *j, size_t i)
{
    return i + 1 == j->n_stages ? venn_format("%s", folder)
                                : venn_format("%s/%s", folder, j->stages[i]->public.name);
}

static venn_status run_stage(run_state *run, run_record *record, job *j, size_t i,
                             const char *folder, const venn_observer *observer)
{
    venn_job_stage *stage = &j->stages[i]->public;
    const bool last = i + 1 == j->n_stages;
    venn_fit_result *result = &record->result;
    if (!last) {
        record->phases[i].name = stage->name;
        result = &record->phases[i].result;
        record->n_phases = i + 1;
    }
    record->stage.phase = last ? NULL : stage->name;
    VENN_TRY(stage->begin ? stage->begin(&j->public, stage) : VENN_OK);
    venn_fit fit = *venn_job_stage_fit(j, i);
    fit.folder = folder;
    fit.resume = run->resume;
    fit.observer = observer;
    VENN_TRY(venn_fit_run(run->device, &fit, result));
    return stage->end ? stage->end(&j->public, stage) : VENN_OK;
}

static venn_status run_stages(run_state *run, run_record *record, job *j, const char *folder,
                              const venn_observer *observer)
{
    record->phases = venn_alloc(j->n_stages, sizeof *record->phases);
    if (!record->phases)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < j->n_stages; i++) {
        char *own = phase_folder(folder, j, i);
        venn_status status = own ? run_stage(run, record, j, i, own, observer) : VENN_NO_MEMORY;
        free(own);
        if (status < 0)
            return j->n_stages > 1 ? venn_fail_in(status, "stage %s", j->stages[i]->public.name)
                                   : status;
    }
    memcpy(record->measures, j->measures, sizeof j->measures);
    record->n_measures = j->n_measures;
    return VENN_OK;
}

venn_status venn_run_by_method(run_state *run, const config_use *use, run_record *record,
                               uint64_t seed, const char *folder, const venn_observer *observer)
{
    job *j;
    VENN_TRY(venn_job_create(&j, run->device, run->config, use, run->data, run->student,
                             run->teacher, seed));
    venn_status status = run_stages(run, record, j, folder, observer);
    venn_job_destroy(&j);
    return status;
}

venn_status venn_run_check_method(run_state *run, const config_use *use)
{
    job *j;
    VENN_TRY(venn_job_create(&j, run->device, run->config, use, run->data, run->student,
                             run->teacher, run->config->file->first_seed));
    venn_status status = VENN_OK;
    for (size_t i = 0; i < j->n_stages && status == VENN_OK; i++)
        status = venn_fit_check(run->device, venn_job_stage_fit(j, i));
    venn_job_destroy(&j);
    return status;
}
