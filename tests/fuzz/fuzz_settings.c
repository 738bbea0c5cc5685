// Readers of what people write: configs, descriptions of data sets; and of wisdom, which venn writes.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/description.h"
#include "distill/config_internal.h"
#include "fuzz.h"
#include "kernel/kernel.h"
#include "kernel/tuning.h"

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

void fuzz_description(const uint8_t *data, size_t size)
{
    venn_description_file file;
    if (venn_description_read(&file, fuzz_file("set.yaml", data, size)) == VENN_OK)
        venn_description_finish(&file);
}

static void parse_wisdom(const char *text, const venn_device_info *device)
{
    venn_tuned_rows rows;
    if (venn_wisdom_parse("wisdom.txt", text, device, &rows) == VENN_OK)
        free(rows.row);
}

// As it is, and as the rows behind a head that fits: no input would guess the hash of the kernels.
void fuzz_wisdom(const uint8_t *data, size_t size)
{
    static const venn_device_info device = {.uuid_text = "0123456789abcdef", .driver_version = 7};
    char *text = NULL, *whole = NULL;
    if (asprintf(&text, "%.*s", (int)size, (const char *)data) < 0)
        return;
    if (asprintf(&whole, "venn wisdom 1\ndevice %s\ndriver 7\nshaders %s\n%s\nend\n",
                 device.uuid_text, venn_shader_hash(), text) >= 0) {
        parse_wisdom(text, NULL);
        parse_wisdom(whole, &device);
        free(whole);
    }
    free(text);
}
