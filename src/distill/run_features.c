// The teacher of a run of which only some features may teach: the network that was ranked, with channels
// taken out. Hidden channels mean something in that one network only, so its weights come along.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "distill/run_internal.h"
#include "venn/ranking.h"

static const config_features *features_of(const run_state *run)
{
    const config_model *teacher = run->config->file->teacher;
    return teacher ? teacher->features : NULL;
}

bool venn_run_trains_teacher(const run_state *run)
{
    const config_features *features = features_of(run);
    // A network without parameters is what it is: logits that came with the data.
    if (!run->teacher || venn_net_n_elements(run->teacher) == 0)
        return false;
    return features ? features->semantics == CONFIG_FEATURES_DROP
                    : !run->config->file->teacher->load;
}

static bool is_input(const venn_net *net, const char *place)
{
    for (size_t i = 0; i < venn_net_n_layers(net); i++)
        if (strcmp(venn_net_layer(net, i).name, place) == 0)
            return false;
    return true;
}

static venn_status take_out(run_state *run, const venn_salience *s)
{
    const config_features *features = features_of(run);
    bool *removed = venn_alloc((size_t)s->n, sizeof *removed);
    if (!removed)
        return VENN_NO_MEMORY;
    run->channels = s->n;
    run->removed =
        venn_features_choose(features->mode, features->ratio != 0 ? features->ratio : 0.75, s->n,
                             s->score, run->config->file->first_seed, removed);
    venn_status status = venn_net_remove(
        run->teacher, s->place, s->n, removed,
        features->semantics == CONFIG_FEATURES_MEAN ? VENN_REMOVE_MEAN : VENN_REMOVE_ZERO);
    free(removed);
    run->place = venn_strdup(s->place);
    return status == VENN_OK && !run->place ? VENN_NO_MEMORY : status;
}

// A teacher that is trained anew without some of its inputs begins as any other would.
static venn_status load_weights(run_state *run, const char *folder, const char *place)
{
    if (venn_run_trains_teacher(run) && is_input(run->teacher, place))
        return VENN_OK;
    char *path = venn_path_join(folder, "teacher.safetensors");
    venn_status status = path ? venn_net_load(run->teacher, path) : VENN_NO_MEMORY;
    free(path);
    return status;
}

static venn_status choose(run_state *run, const char *folder, bool make)
{
    venn_ranking ranking;
    VENN_TRY(make ? venn_distill_rank(run->device, run->config, folder, run->resume, run->observer,
                                      &ranking)
                  : venn_ranking_read(&ranking, folder));
    venn_status status = load_weights(run, folder, ranking.teacher.salience.place);
    if (status == VENN_OK)
        status = take_out(run, &ranking.teacher.salience);
    venn_ranking_finish(&ranking);
    return status;
}

venn_status venn_run_choose_features(run_state *run)
{
    const config_features *features = features_of(run);
    if (!features)
        return VENN_OK;
    if (features->ranking) {
        const venn_status status = choose(run, features->ranking, false);
        return status < 0 ? venn_config_fail_at(run->config, "features:", "ranking", status)
                          : VENN_OK;
    }
    char *folder = venn_path_join(run->folder, "ranking");
    const venn_status status = folder ? choose(run, folder, true) : VENN_NO_MEMORY;
    free(folder);
    return status;
}
