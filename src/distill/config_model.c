// Networks from the configuration.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "distill/config_internal.h"

// "5" or "5x3" into a pair; NULL leaves zeros.
static venn_status parse_pair(const venn_distill_config *c, const char *network, unsigned layer,
                              const char *key, const char *text, int32_t pair[2])
{
    char *end;
    if (!text)
        return VENN_OK;
    long first = strtol(text, &end, 10), second = first;
    if (end != text && *end == 'x') {
        const char *rest = end + 1;
        second = strtol(rest, &end, 10);
        if (end == rest)
            first = -1;
    }
    if (end == text || *end || first < 0 || second < 0 || first > 65536 || second > 65536)
        return venn_config_fail_at(
            c, network, text,
            venn_fail(VENN_BAD_FILE, "network %s, layer %u: %s is \"%s\", it must be like 5 or 5x3",
                      network, layer, key, text));
    pair[0] = (int32_t)first;
    pair[1] = (int32_t)second;
    return VENN_OK;
}

static venn_status convert_layer(const venn_distill_config *c, const config_network *network,
                                 unsigned k, venn_layer *out)
{
    const config_layer *from = &network->layers[k];
    *out = (venn_layer){.kind = from->layer,
                        .name = from->name,
                        .out = from->out,
                        .groups = from->groups,
                        .sets = from->sets,
                        .no_bias = from->no_bias,
                        .p = from->p,
                        .eps = from->eps,
                        .momentum = from->momentum};
    VENN_TRY(parse_pair(c, network->name, k, "kernel", from->kernel, out->kernel));
    VENN_TRY(parse_pair(c, network->name, k, "stride", from->stride, out->stride));
    VENN_TRY(parse_pair(c, network->name, k, "padding", from->padding, out->padding));
    return parse_pair(c, network->name, k, "dilation", from->dilation, out->dilation);
}

static venn_status convert_layers(const venn_distill_config *c, const char *name,
                                  venn_layer **layers, size_t *n)
{
    const config_network *network = venn_config_find_network(c, name);
    *n = network->layers_count;
    *layers = venn_alloc(*n, sizeof **layers);
    if (!*layers)
        return VENN_NO_MEMORY;
    for (unsigned k = 0; k < network->layers_count; k++)
        VENN_TRY(convert_layer(c, network, k, &(*layers)[k]));
    return VENN_OK;
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
                          venn_branch *branches, venn_layer **layers, venn_net **out)
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
        VENN_TRY(convert_layers(c, model->head, &layers[model->inputs_count], &params.n_head));
        params.head = layers[model->inputs_count];
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
    *out = NULL;
    venn_status status = create(c, device, model, data, seed, branches, layers, out);
    for (int i = 0; i <= CONFIG_MAX_INPUTS; i++)
        free(layers[i]);
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
    free(layers);
    return status < 0 ? venn_fail_in(status, "%s: network %s", c->path, network) : VENN_OK;
}
