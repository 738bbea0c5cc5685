// The reader of configs.
#include <stdlib.h>

#include "distill/config_internal.h"
#include "fuzz.h"

static void convert_networks(const venn_distill_config *c)
{
    for (unsigned i = 0; i < c->file->networks_count; i++) {
        venn_layer *layers = NULL;
        size_t n = 0;
        if (venn_config_convert_layers(c, &c->file->networks[i], &layers, &n) == VENN_OK)
            venn_config_free_layers(layers, n);
    }
}

void fuzz_config(const uint8_t *data, size_t size)
{
    venn_distill_config *config = NULL;
    if (venn_distill_config_load(&config, fuzz_file("config.yaml", data, size)) < 0)
        return;
    char *text = NULL;
    size_t length;
    convert_networks(config);
    if (venn_config_print(config->file, &text, &length) == VENN_OK)
        free(text);
    venn_distill_config_destroy(&config);
}
