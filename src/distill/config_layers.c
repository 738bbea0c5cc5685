// Layers from the configuration, and networks that a configuration has from elsewhere.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "distill/config_internal.h"

// ---- Numbers ---------------------------------------------------------------------------------

typedef struct place {
    const venn_distill_config *config;
    const char *network;
    unsigned layer;
} place;

// "5", "5x3" or "5x3x3" into the first of `most` numbers; one number goes to all of them if `all`. NULL
// leaves zeros.
static venn_status parse_numbers(const place *p, const char *key, const char *text, int most,
                                 bool all, int32_t *numbers)
{
    if (!text)
        return VENN_OK;
    const char *rest = text;
    int n = 0;
    bool good = true;
    do {
        char *end;
        const long value = strtol(rest, &end, 10);
        good = good && end != rest && *rest >= '0' && *rest <= '9' && n < most && value <= 65536;
        if (good)
            numbers[n++] = (int32_t)value;
        rest = end + 1;
        good = good && (*end == 0 || *end == 'x');
        if (*end == 0)
            break;
    } while (good);
    if (!good)
        return venn_config_fail_at(
            p->config, p->network, text,
            venn_fail(VENN_BAD_FILE,
                      "network %s, layer %u: %s is \"%s\", it must be like 5 or 5x3%s", p->network,
                      p->layer, key, text, most > 2 ? " or 5x3x3" : ""));
    for (int i = 1; n == 1 && all && i < most; i++)
        numbers[i] = numbers[0];
    return VENN_OK;
}

static venn_status parse_windows(const place *p, const config_layer *from, venn_layer *out)
{
    VENN_TRY(parse_numbers(p, "kernel", from->kernel, 3, false, out->kernel));
    VENN_TRY(parse_numbers(p, "stride", from->stride, 3, false, out->stride));
    VENN_TRY(parse_numbers(p, "dilation", from->dilation, 3, false, out->dilation));
    VENN_TRY(parse_numbers(p, "padding", from->padding, 3, true, out->padding));
    VENN_TRY(
        parse_numbers(p, "output_padding", from->output_padding, 3, true, out->output_padding));
    return parse_numbers(p, "size", from->size, 2, true, out->size);
}

// ---- Layers ----------------------------------------------------------------------------------

static venn_status convert_list(const place *p, const config_layer *from, unsigned n,
                                venn_layer **out);

static venn_status convert_layer(const place *p, const config_layer *from, venn_layer *out)
{
    venn_layer *body = NULL, *shortcut = NULL;
    *out = (venn_layer){.kind = from->layer,
                        .name = from->name,
                        .out = from->out,
                        .groups = from->groups,
                        .sets = from->sets,
                        .no_bias = from->no_bias,
                        .init = from->init,
                        .width = from->width,
                        .factor = from->factor,
                        .nearest = from->nearest,
                        .align_corners = from->align_corners,
                        .border = from->border,
                        .approximate = from->approximate,
                        .slope = from->slope,
                        .beta = from->beta,
                        .threshold = from->threshold,
                        .power = from->power,
                        .bend = from->bend,
                        .p = from->p,
                        .std = from->std,
                        .tokens = from->tokens,
                        .heads = from->heads,
                        .causal = from->causal,
                        .sinusoidal = from->sinusoidal,
                        .reverse = from->reverse,
                        .bidirectional = from->bidirectional,
                        .last = from->last,
                        .eps = from->eps,
                        .momentum = from->momentum,
                        .join = from->join};
    VENN_TRY(parse_windows(p, from, out));
    VENN_TRY(convert_list(p, from->body, from->body_count, &body));
    out->body = body;
    out->n_body = from->body_count;
    VENN_TRY(convert_list(p, from->shortcut, from->shortcut_count, &shortcut));
    out->shortcut = shortcut;
    out->n_shortcut = from->shortcut_count;
    return VENN_OK;
}

static venn_status convert_list(const place *p, const config_layer *from, unsigned n,
                                venn_layer **out)
{
    *out = NULL;
    if (n == 0)
        return VENN_OK;
    venn_layer *layers = venn_alloc(n, sizeof *layers);
    if (!layers)
        return VENN_NO_MEMORY;
    venn_status status = VENN_OK;
    for (unsigned k = 0; k < n && status == VENN_OK; k++) {
        place at = {p->config, p->network, k};
        status = convert_layer(&at, &from[k], &layers[k]);
    }
    if (status < 0) {
        venn_config_free_layers(layers, n);
        return status;
    }
    *out = layers;
    return VENN_OK;
}

venn_status venn_config_convert_layers(const venn_distill_config *c, const config_network *network,
                                       venn_layer **layers, size_t *n)
{
    const place p = {c, network->name, 0};
    *n = 0;
    VENN_TRY(convert_list(&p, network->layers, network->layers_count, layers));
    *n = network->layers_count;
    return VENN_OK;
}

void venn_config_free_layers(venn_layer *layers, size_t n)
{
    for (size_t i = 0; layers && i < n; i++) {
        venn_config_free_layers((venn_layer *)layers[i].body, layers[i].n_body);
        venn_config_free_layers((venn_layer *)layers[i].shortcut, layers[i].n_shortcut);
    }
    free(layers);
}

// ---- Networks from elsewhere -----------------------------------------------------------------

static const char *const folder = "networks/", *const suffix = ".yaml";

enum { KNOWN_MAX = 512 };

// The names of the networks compiled in.
static void list_known(char known[KNOWN_MAX])
{
    size_t used = 0;
    known[0] = 0;
    for (size_t i = 0; venn_embedded_name(i); i++) {
        const char *name = venn_embedded_name(i);
        if (strncmp(name, folder, strlen(folder)) == 0 && used < KNOWN_MAX)
            used += (size_t)snprintf(known + used, KNOWN_MAX - used, "%s%.*s", used ? ", " : "",
                                     (int)(strlen(name) - strlen(folder) - strlen(suffix)),
                                     name + strlen(folder));
    }
}

static venn_status fail_unknown(const venn_distill_config *c, const config_network *network)
{
    char known[KNOWN_MAX];
    list_known(known);
    venn_fail(VENN_BAD_FILE,
              "network %s is from \"%s\", which is no file and none of those compiled in: %s",
              network->name, network->from, known);
    venn_config_fail_at(c, "networks:", network->from, VENN_BAD_FILE);
    return VENN_BAD_FILE;
}

// A name without slash and suffix is one that is compiled in.
static venn_status parse_from(const venn_distill_config *c, const config_network *network,
                              config_network **out)
{
    const void *data;
    size_t size;
    char *name = venn_format("%s%s%s", folder, network->from, suffix);
    char *path = c->folder ? venn_path_join(c->folder, network->from) : venn_strdup(network->from);
    venn_status status = name && path ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK && !strpbrk(network->from, "/.") &&
        venn_embedded_find(name, &data, &size))
        status = venn_config_parse_network(name, data, size, out);
    else if (status == VENN_OK && !venn_file_exists(path))
        status = fail_unknown(c, network);
    else if (status == VENN_OK) {
        void *text = NULL;
        status = venn_file_read(path, 1 << 20, &text, &size);
        if (status == VENN_OK)
            status = venn_config_parse_network(path, text, size, out);
        free(text);
    }
    free(name);
    free(path);
    return status;
}

static venn_status set_out(const venn_distill_config *c, config_network *network)
{
    if (network->out == 0)
        return VENN_OK;
    for (unsigned k = network->layers_count; k > 0; k--)
        if (network->layers[k - 1].layer == VENN_LAYER_LINEAR) {
            network->layers[k - 1].out = network->out;
            network->out = 0;
            return VENN_OK;
        }
    return venn_config_fail_at(c, "networks:", network->name,
                               venn_fail(VENN_BAD_FILE,
                                         "network %s has an out, but no linear layer to give it to",
                                         network->name));
}

static venn_status load_network(const venn_distill_config *c, config_network *network)
{
    if (network->from && network->layers_count)
        return venn_config_fail_at(
            c, "networks:", network->name,
            venn_fail(VENN_BAD_FILE, "network %s has layers and from; it may have one of them",
                      network->name));
    if (network->from) {
        config_network *other = NULL;
        VENN_TRY(parse_from(c, network, &other));
        network->layers = other->layers;
        network->layers_count = other->layers_count;
        other->layers = NULL;
        other->layers_count = 0;
        venn_config_free_network(other);
        free(network->from);
        network->from = NULL;
    }
    return set_out(c, network);
}

venn_status venn_config_load_networks(venn_distill_config *c)
{
    for (unsigned i = 0; i < c->file->networks_count; i++)
        VENN_TRY(load_network(c, &c->file->networks[i]));
    return VENN_OK;
}
