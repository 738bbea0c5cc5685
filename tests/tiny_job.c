#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "op_files.h"
#include "tiny_job.h"

enum { PAIRS = 48 };

const char tiny_data[] =
    "name: tiny\n"
    "classes: [a, b, c]\n"
    "labels: {kind: npy, train: {file: label.npy}, test: {file: label.npy}}\n"
    "modalities:\n"
    "  - {name: picture, kind: npy, shape: [8], train: {file: picture.npy}, test: {file: "
    "picture.npy}}\n"
    "  - {name: sound, kind: npy, shape: [4], train: {file: sound.npy}, test: {file: sound.npy}}\n"
    "validation: {fraction: 0.25, seed: 1}\n";

const char tiny_config[] = "name: tiny\n"
                           "data: data.yaml\n"
                           "seeds: 2\n"
                           "networks:\n"
                           "  - name: small\n"
                           "    layers:\n"
                           "      - {layer: linear, out: 8}\n"
                           "      - {layer: tanh}\n"
                           "      - {layer: linear, out: 3}\n"
                           "training:\n"
                           "  epochs: 2\n"
                           "  batch: 8\n"
                           "  optimizer: {kind: adam, lr: 0.01}\n"
                           "teacher:\n"
                           "  inputs: [{modality: sound, network: small}]\n"
                           "  cache: true\n"
                           "student:\n"
                           "  inputs: [{modality: picture, network: small}]\n"
                           "method:\n"
                           "  name: kd\n"
                           "  temperature: 2\n";

void tiny_write(void)
{
    int32_t label[PAIRS];
    for (int i = 0; i < PAIRS; i++)
        label[i] = i * i % 7 % 3;
    save_ints("label.npy", VENN_I32, PAIRS, label);
    free(numbers("picture.npy", VENN_SHAPE(PAIRS, 8), 0.1, 1));
    free(numbers("sound.npy", VENN_SHAPE(PAIRS, 4), 0.2, 1));
    scratch_text("data.yaml", tiny_data);
    scratch_text("job.yaml", tiny_config);
}

static void replace_first(char *text, size_t size, const char *old, const char *new)
{
    char changed[4096];
    const char *at = strstr(text, old);
    cr_assert(at, "no \"%s\" to change", old);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    snprintf(text, size, "%s", changed);
}

void tiny_changed(const char *file, const char *original, ...)
{
    char text[4096];
    snprintf(text, sizeof text, "%s", original);
    va_list args;
    va_start(args, original);
    for (const char *old; (old = va_arg(args, const char *));)
        replace_first(text, sizeof text, old, va_arg(args, const char *));
    va_end(args);
    scratch_text(file, text);
}
