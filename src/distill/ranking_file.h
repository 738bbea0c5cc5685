// The file of a ranking: ranking.json.
#ifndef VENN_DISTILL_RANKING_FILE_H
#define VENN_DISTILL_RANKING_FILE_H

#include "base/status.h"
#include "distill/config_internal.h"
#include "venn/ranking.h"

// Fills what is known before anything is trained.
venn_status venn_ranking_describe(venn_ranking *out, const venn_distill_config *config,
                                  const venn_dataset *data);
bool venn_ranking_exists(const char *folder);
venn_status venn_ranking_write(const venn_ranking *ranking, const char *folder);
// config.yaml, so that the folder says what made it.
venn_status venn_ranking_write_config(const venn_distill_config *config, const char *folder);

#endif
