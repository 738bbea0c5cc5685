// A training's result as JSON: for done.json, checkpoints and the run's summary.
#ifndef VENN_TRAIN_FIT_RECORD_H
#define VENN_TRAIN_FIT_RECORD_H

#include "train/fit_internal.h"

// A new reference; numbers that are NaN become null.
json_t *venn_metrics_to_json(const venn_metrics *metrics);
json_t *venn_fit_result_to_json(const venn_fit_result *result);
// Into f->result, whose history has room for f->epochs entries. VENN_BAD_FILE names `path`.
venn_status venn_fit_result_from_json(const char *path, json_t *record, fit_state *f);

#endif
