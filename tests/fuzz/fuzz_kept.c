// Readers of what venn keeps in its cache: wisdom, verdicts.
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "kernel/kernel.h"
#include "kernel/tuning.h"
#include "venn/tune.h"

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

void fuzz_verdict(const uint8_t *data, size_t size)
{
    static const venn_device_info device = {.uuid_text = "00", .driver = "any"};
    venn_verdict verdict;
    char text[256];
    fuzz_file("doctor-00.json", data, size);
    setenv("XDG_CACHE_HOME", fuzz_cache(), 1);
    venn_verdict_load(&device, &verdict);
    venn_verdict_text(&verdict, text, sizeof text);
}
