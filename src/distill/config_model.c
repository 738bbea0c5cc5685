// Networks from the configuration.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "distill/config_internal.h"

static venn_status convert_layers(const venn_distill_config *c, const char *name,
                                  venn_layer **layers, size_t *n)
{
    return venn_config_convert_layers(c, venn_config_find_network(c, name), layers, n);
}

venn_status venn_config_load_data(const venn_distill_config *c, venn_dataset **out)
{
    venn_dataset_params params = {.limit = {c->file->limit}};
    venn_status status = venn_dataset_load(out, c->file->data, &params);
    bool missing = status == VENN_BAD_FILE && !venn_file_exists(c->file->data);
    return missing ? venn_config_fail_at(c, NULL, "data:", status) : status;
}

void venn_config_modalities(const config_model *model, const char *out[CONFIG_MAX_INPUTS])
{
    for (unsigned i = 0; i < model->inputs_count; i++)
        out[i] = model->inputs[i].modality;
}

char *venn_config_inputs_text(const config_model *model, bool networks)
{
    char *text = venn_strdup("");
    for (unsigned i = 0; text && i < model->inputs_count; i++) {
        const config_input *input = &model->inputs[i];
        char *longer = venn_format("%s%s%s", text, i ? " + " : "",
                                   networks ? input->network : input->modality);
        free(text);
        text = longer;
    }
    return text;
}

static venn_status create(const venn_distill_config *c, venn_device *device,
                          const config_model *model, const venn_dataset *data, uint64_t seed,
                          venn_branch *branches, venn_layer **layers, size_t *n_head,
                          venn_net **out)
{
    venn_net_params params = {
        .branches = branches, .n_branches = model->inputs_count, .fusion = model->fusion};
    for (unsigned i = 0; i < model->inputs_count; i++) {
        const char *modality = model->inputs[i].modality;
        int32_t index;
        venn_status status = venn_dataset_modality(data, modality, &index);
        if (status < 0)
            return venn_config_fail_at(
                c, model == c->file->teacher ? "teacher:" : "student:", modality, VENN_BAD_FILE);
        VENN_TRY(convert_layers(c, model->inputs[i].network, &layers[i], &branches[i].n_layers));
        branches[i].layers = layers[i];
        branches[i].name = model->inputs_count > 1 ? modality : NULL;
        branches[i].input = data->modalities[index].shape;
    }
    if (model->head) {
        VENN_TRY(convert_layers(c, model->head, &layers[model->inputs_count], n_head));
        params.head = layers[model->inputs_count];
        params.n_head = *n_head;
    }
    venn_status status = venn_net_create(out, device, &params, seed);
    if (status == VENN_OK)
        return VENN_OK;
    // Of several inputs the layer's own name tells the branch.
    return venn_fail_in(status, "%s: network %s", c->path,
                        model->inputs_count > 1 ? "of the fused model" : model->inputs[0].network);
}

venn_status venn_config_create_net(const venn_distill_config *c, venn_device *device,
                                   const config_model *model, const venn_dataset *data,
                                   uint64_t seed, venn_net **out)
{
    venn_branch branches[CONFIG_MAX_INPUTS] = {{0}};
    venn_layer *layers[CONFIG_MAX_INPUTS + 1] = {NULL};
    size_t n_head = 0;
    *out = NULL;
    venn_status status = create(c, device, model, data, seed, branches, layers, &n_head, out);
    for (unsigned i = 0; i < model->inputs_count; i++)
        venn_config_free_layers(layers[i], branches[i].n_layers);
    venn_config_free_layers(layers[model->inputs_count], n_head);
    return status;
}

venn_status venn_config_create_layers(const venn_distill_config *c, venn_device *device,
                                      const char *network, venn_shape input, uint64_t seed,
                                      venn_net **out)
{
    venn_layer *layers = NULL;
    venn_branch branch = {.input = input};
    *out = NULL;
    venn_status status = convert_layers(c, network, &layers, &branch.n_layers);
    branch.layers = layers;
    if (status == VENN_OK)
        status = venn_net_create(out, device,
                                 &(venn_net_params){.branches = &branch, .n_branches = 1}, seed);
    venn_config_free_layers(layers, branch.n_layers);
    return status < 0 ? venn_fail_in(status, "%s: network %s", c->path, network) : VENN_OK;
}
