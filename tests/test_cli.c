// The program's refusals, as users meet them: each bad input ends with its exit code and one line on
// standard error that names the thing and the fix, and leaves no run folder behind.
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data_files.h"
#include "op_files.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/io.h"

// The exit codes of `venn help`.
enum { USAGE = 2, INPUT = 3, DEVICE = 4, MEMORY = 5 };

static int distill(const char *config)
{
    int code = shell("$venn distill %s -o run", config);
    cr_assert(!venn_file_exists(scratch_path("run")), "a run folder was made: %s", printed_err);
    return code;
}

// ---- Commands --------------------------------------------------------------------------------

Test(cli, help_and_version)
{
    SUCCEEDS("$venn help");
    cr_assert(strstr(printed_out, "distill ") && strstr(printed_out, "Exit codes: 0 success"));
    SUCCEEDS("$venn version");
    cr_assert(strstr(printed_out, "venn ") && strstr(printed_out, "shaders "), "%s", printed_out);
    static const char *const commands[] = {"distill", "train",   "eval",   "inspect",
                                           "bench",   "compare", "doctor", "op",
                                           "ops",     "devices", "version"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        SUCCEEDS("$venn %s --help", commands[i]);
        cr_assert(strstr(printed_out, "Usage: venn "), "%s", printed_out);
        cr_assert_str_empty(printed_err);
    }
}

Test(cli, refuses_a_wrong_command_line)
{
    fails(shell("$venn distil digits"), USAGE, "\"distil\"", "venn help", NULL);
    cr_assert_eq(shell("$venn"), USAGE);
    cr_assert_eq(shell("$venn distill"), USAGE);
    cr_assert(strstr(printed_err, "which config?"), "%s", printed_err);
    cr_assert_eq(shell("$venn distill digits --seeds 0"), USAGE);
    cr_assert(strstr(printed_err, "--seeds") && strstr(printed_err, "\"0\""), "%s", printed_err);
    cr_assert_eq(shell("$venn distill --resume run --epochs 3"), USAGE);
    cr_assert(strstr(printed_err, "--resume"), "%s", printed_err);
    cr_assert_eq(shell("$venn eval job.yaml"), USAGE);
    cr_assert_eq(shell("$venn distill digits --no-such-option"), USAGE);
    fails(shell("$venn distill nothing"), INPUT, "\"nothing\"", "embedded", NULL);
}

Test(cli, puts_ops_to_the_test)
{
    SUCCEEDS("$venn ops relu argmax --stride 60");
    cr_expect(strstr(printed_out, "\nrelu                 yes ") &&
                  strstr(printed_out, "\nargmax               no ") &&
                  strstr(printed_out, "\n2 ops, ") && strstr(printed_out, " cases: 0 wrong\n"),
              "%s", printed_out);
    SUCCEEDS("$venn ops relu --stride 60 --json");
    json_t *list = json_loads(printed_out, 0, NULL), *op = json_array_get(list, 0);
    cr_assert(op, "%s", printed_out);
    cr_expect_str_eq(json_string_value(json_object_get(op, "op")), "relu");
    cr_expect_eq(json_integer_value(json_object_get(op, "failures")), 0);
    json_t *f16 = json_array_get(json_object_get(op, "types"), 1);
    cr_expect_str_eq(json_string_value(json_object_get(f16, "type")), "f16");
    cr_expect_gt(json_integer_value(json_object_get(f16, "cases")), 0);
    json_decref(list);
    SUCCEEDS("VENN_FAKE_LIMITS=storage_range=1K $venn ops add --stride 60");
    cr_expect(strstr(printed_out, "unsupported: add: an operand of ") &&
                  strstr(printed_out, "unsupported on this device"),
              "%s", printed_out);
    fails(shell("$venn ops rellu"), USAGE, "no op \"rellu\"", "relu,", NULL);
    cr_expect_eq(shell("$venn ops relu --stride 0"), USAGE);
    cr_expect(strstr(printed_err, "--stride needs a whole number from 1"), "%s", printed_err);
}

// ---- Devices ---------------------------------------------------------------------------------

Test(cli, refuses_without_a_loader)
{
    scratch_text("broken/libvulkan.so.1", "");
    scratch_text("broken/libvulkan.so", "");
    setenv("LD_LIBRARY_PATH", scratch_path("broken"), 1);
    tiny_write();
    fails(distill("job.yaml"), DEVICE, "no Vulkan loader", "libvulkan.so.1", "install", NULL);
    fails(shell("$venn devices"), DEVICE, "no Vulkan loader", "install", NULL);
    SUCCEEDS("$venn version");
}

Test(cli, says_what_it_makes_of_devices)
{
    SUCCEEDS("$venn devices");
    cr_assert(strstr(printed_out, "matmul and convolution"), "%s", printed_out);
    SUCCEEDS("$venn devices --json");
    cr_assert(strstr(printed_out, "\"traits\"") && strstr(printed_out, "\"loop limit\""), "%s",
              printed_out);
    SUCCEEDS("$venn doctor --op relu");
    cr_assert(strstr(printed_out, "1 of 1 ops") && strstr(printed_out, "fit for training"), "%s",
              printed_out);
    SUCCEEDS("$venn doctor --op relu --json");
    cr_assert(strstr(printed_out, "\"fit\": true"), "%s", printed_out);
    fails(shell("$venn doctor --op relo"), USAGE, "relo", NULL);
}

// What a bad result file or command line is told.
Test(cli, refuses_what_cannot_be_compared)
{
    cr_assert_eq(shell("$venn compare"), USAGE);
    cr_assert(strstr(printed_err, "venn bench -o"), "%s", printed_err);
    fails(shell("$venn compare nothing.json"), INPUT, "nothing.json", NULL);
    cr_assert_eq(shell("$venn bench --suite huge"), USAGE);
    cr_assert(strstr(printed_err, "quick or full"), "%s", printed_err);
    cr_assert_eq(shell("$venn bench --nodes"), USAGE);
    fails(shell("$venn bench --step lenot"), USAGE, "lenot", "lenet-kd", NULL);
}

Test(cli, refuses_without_a_device)
{
    setenv("VK_ICD_FILENAMES", "/nonexistent", 1);
    setenv("VK_DRIVER_FILES", "/nonexistent", 1);
    tiny_write();
    fails(distill("job.yaml"), DEVICE, "no Vulkan d", "mesa-vulkan-drivers", NULL);
    fails(shell("$venn devices"), DEVICE, "no Vulkan d", "mesa-vulkan-drivers", NULL);
}

Test(cli, refuses_a_device_that_is_not_there)
{
    tiny_write();
    unsetenv("VENN_DEVICE");
    fails(distill("job.yaml --device 99"), DEVICE, "index 99 is out of range", "0: ", NULL);
    fails(distill("job.yaml --device Voodoo2"), DEVICE, "\"Voodoo2\"", "0: ", NULL);
    setenv("VENN_DEVICE", "Voodoo2", 1);
    fails(distill("job.yaml"), DEVICE, "\"Voodoo2\"", "0: ", NULL);
}

Test(cli, refuses_too_small_a_memory)
{
    tiny_write();
    setenv("VENN_MEMORY_LIMIT", "20480", 1);
    fails(distill("job.yaml"), MEMORY, "bytes of device memory", "20480", "smaller batch", NULL);
    setenv("VENN_MEMORY_LIMIT", "1 GB", 1);
    fails(distill("job.yaml"), USAGE, "VENN_MEMORY_LIMIT", "\"1 GB\"", "bytes", NULL);
}

// ---- Configurations --------------------------------------------------------------------------

// With `old` replaced by `new`, the config is refused at `line`.
static void refuses_config(const char *old, const char *new, const char *line, const char *part)
{
    char place[64];
    snprintf(place, sizeof place, "bad.yaml:%s: ", line);
    tiny_changed("bad.yaml", tiny_config, old, new, NULL);
    fails(distill("bad.yaml"), INPUT, place, part, NULL);
}

Test(cli, refuses_bad_configs_with_the_line)
{
    tiny_write();
    fails(distill("none.yaml"), INPUT, "none.yaml", "No such file", NULL);
    refuses_config("  epochs: 2", "  epoch: 2", "11", "\"epoch\"; there may be: epochs");
    refuses_config("seeds: 2", "seeds: two", "3", "\"two\" is not a whole number");
    refuses_config("cache: true", "cache: maybe", "16", "cache: \"maybe\" is none of: false, true");
    refuses_config("lr: 0.01", "lr: fast", "13", "\"fast\" is not a finite number");
    refuses_config("layer: tanh", "layer: tan", "8", "layer: \"tan\" is none of: linear, conv");
    refuses_config("networks:", "networks: [", "5", "");
    refuses_config("data: data.yaml", "data: none/data.yaml", "2", "none/data.yaml");
    refuses_config("data: data.yaml", "", "1", "the key \"data\" is missing");
    refuses_config("sound, network: small", "sound, network: big", "15", "\"big\"");
    refuses_config("modality: picture", "modality: smell", "18", "smell");
    refuses_config("name: kd", "name: magic", "20", "\"magic\"; there are: none, kd");
    refuses_config("temperature: 2", "temperture: 2", "21", "\"temperture\"; there may be: name");
    refuses_config("temperature: 2", "temperature: -1", "21", "\"-1\", it must be a number");
    refuses_config("temperature: 2", "reduction: most", "21", "one of batchmean, mean, sum");
    refuses_config("name: kd", "name: none", "21", "method none has no parameter \"temperature\"");
    refuses_config("cache: true", "load: none.safetensors", "16", "none.safetensors");
    refuses_config("teacher:", "# teacher:", "15", "");
}

Test(cli, refuses_shapes_that_do_not_fit)
{
    tiny_write();
    tiny_changed("bad.yaml", tiny_config, "out: 3", "out: 4", NULL);
    fails(distill("bad.yaml"), INPUT, "bad.yaml", "[4]", "3 classes", NULL);
    tiny_changed("bad.yaml", tiny_config, "layer: tanh", "layer: conv, out: 2, kernel: 3", NULL);
    fails(distill("bad.yaml"), INPUT, "bad.yaml", "conv", "[8]", NULL);
    fails(shell("$venn inspect bad.yaml"), INPUT, "bad.yaml", "conv", "[8]", NULL);
}

Test(cli, refuses_a_batch_larger_than_the_data)
{
    tiny_write();
    tiny_changed("bad.yaml", tiny_config, "batch: 8", "batch: 64", NULL);
    fails(distill("bad.yaml"), INPUT, "bad.yaml", "batch of 64", "training split of 35",
          "smaller batch", NULL);
    fails(distill("job.yaml --limit 4"), INPUT, "batch of 8", "training split of", NULL);
    fails(shell("$venn train bad.yaml -o run"), INPUT, "batch of 64", NULL);
    cr_assert(!venn_file_exists(scratch_path("run")));
}

// ---- Data ------------------------------------------------------------------------------------

static const char picture_keys[] =
    "kind: npy, shape: [8], train: {file: picture.npy}, test: {file: "
    "picture.npy}";

// With these keys for the picture, data.yaml is refused; the message holds both parts.
static void refuses_picture(const char *keys, const char *part, const char *other)
{
    tiny_changed("data.yaml", tiny_data, picture_keys, keys, NULL);
    fails(distill("job.yaml"), INPUT, "data.yaml:5", "picture", part, other, NULL);
}

Test(cli, refuses_bad_descriptions)
{
    tiny_write();
    tiny_changed("data.yaml", tiny_data, "fraction", "share", NULL);
    fails(distill("job.yaml"), INPUT, "data.yaml:7", "\"share\"", "fraction", NULL);
    refuses_picture("kind: npy, shape: [8], train: {file: no.npy}, test: {file: no.npy}", "no.npy",
                    "No such file");
    refuses_picture("kind: npy, shape: [9], train: {file: picture.npy}, test: {file: picture.npy}",
                    "picture.npy", "9");
}

Test(cli, refuses_modalities_of_different_length)
{
    tiny_write();
    free(numbers("sound.npy", VENN_SHAPE(47, 4), 0.2, 1));
    fails(distill("job.yaml"), INPUT, "data.yaml:6", "sound", "47", "48", NULL);
}

Test(cli, refuses_labels_out_of_range)
{
    tiny_write();
    int32_t label[48] = {0};
    label[17] = 3;
    save_ints("label.npy", VENN_I32, 48, label);
    fails(distill("job.yaml"), INPUT, "data.yaml:3", "label", "17", "3", NULL);
    label[17] = -1;
    save_ints("label.npy", VENN_I32, 48, label);
    fails(distill("job.yaml"), INPUT, "data.yaml:3", "-1", NULL);
}

Test(cli, refuses_broken_npy_and_idx)
{
    tiny_write();
    cr_assert_eq(truncate(scratch_path("picture.npy"), 1000), 0);
    fails(distill("job.yaml"), INPUT, "data.yaml:5", "picture.npy", NULL);
    // 48 items of 8 by its header, and one byte too few; then with items of 2^31 by 2^31.
    uint8_t idx[12 + 48 * 8] = {0, 0, 8, 2, 0, 0, 0, 48, 0, 0, 0, 8};
    static const char keys[] = "kind: idx, shape: [8], train: {file: p.idx}, test: {file: p.idx}";
    scratch_write("p.idx", idx, sizeof idx - 1);
    refuses_picture(keys, "p.idx", "383");
    idx[4] = idx[8] = 0x7f;
    scratch_write("p.idx", idx, sizeof idx);
    refuses_picture(keys, "p.idx", "overflow");
}

Test(cli, refuses_numbers_that_are_not_finite)
{
    tiny_write();
    venn_array *array = make("sound.npy", VENN_F32, VENN_SHAPE(48, 4));
    memset(array->data, 0, 48 * 4 * sizeof(float));
    ((float *)array->data)[77] = NAN;
    cr_assert_eq(venn_npy_write(array, scratch_path("sound.npy")), VENN_OK);
    venn_array_destroy(&array);
    fails(distill("job.yaml"), INPUT, "data.yaml:6", "sound.npy", "item 19", "not finite", NULL);
}

static void copy_part(const char *from, const char *to, size_t keep)
{
    void *data;
    size_t size;
    cr_assert_eq(venn_file_read(from, 0, &data, &size), VENN_OK, "%s", venn_error_message());
    scratch_write(to, data, keep < size ? keep : size);
    free(data);
}

Test(cli, refuses_broken_png)
{
    static const char png[] = VENN_SOURCE_DIR "/assets/digits/test-image.png",
                      keys[] =
                          "kind: sheet, tile: {height: 28, width: 28}, shape: [1, 28, 28], train: "
                          "{file: p.png}, test: {file: p.png}";
    tiny_write();
    copy_part(png, "p.png", 5000);
    refuses_picture(keys, "p.png", "");
    // A header that claims a picture of 16 million by 16 million.
    void *data;
    size_t size;
    cr_assert_eq(venn_file_read(png, 0, &data, &size), VENN_OK);
    memset((uint8_t *)data + 17, 0xff, 3), memset((uint8_t *)data + 21, 0xff, 3);
    scratch_write("p.png", data, size);
    refuses_picture(keys, "p.png", "");
    free(data);
}

// 16-bit mono at 8 kHz, `claimed` samples by its header.
static void write_wav(const char *name, uint32_t claimed, uint32_t held)
{
    struct {
        char riff[4];
        uint32_t size;
        char wave[8];
        uint32_t format_size;
        uint16_t format, channels;
        uint32_t rate, byte_rate;
        uint16_t block, bits;
        char data[4];
        uint32_t data_size;
        int16_t samples[800];
    } wav = {{'R', 'I', 'F', 'F'},
             36 + 2 * claimed,
             {'W', 'A', 'V', 'E', 'f', 'm', 't', ' '},
             16,
             1,
             1,
             8000,
             16000,
             2,
             16,
             {'d', 'a', 't', 'a'},
             2 * claimed,
             {0}};
    scratch_write(name, &wav, 44 + 2 * held);
}

Test(cli, refuses_broken_wav)
{
    static const char keys[] =
        "kind: wav, shape: [1, 8, 4], mel: {rate: 8000, fft: 256, bands: 8, frames: 4}, "
        "train: {file: list.csv, column: file}, test: {file: list.csv, column: file}";
    tiny_write();
    char list[5 + 48 * 6 + 1] = "file\n";
    for (int i = 0; i < 48; i++)
        strcat(list, "p.wav\n");
    scratch_text("list.csv", list);
    write_wav("p.wav", 800, 300);
    refuses_picture(keys, "p.wav", "");
    scratch_write("p.wav", "RIFF....WAVE", 12);
    refuses_picture(keys, "p.wav", "");
}

// ---- Weights ---------------------------------------------------------------------------------

static void refuses_weights(const char *part)
{
    fails(shell("$venn eval job.yaml w.safetensors"), INPUT, "w.safetensors", part, NULL);
    tiny_changed("load.yaml", tiny_config, "cache: true", "load: w.safetensors", NULL);
    fails(distill("load.yaml"), INPUT, "load.yaml:16: ", "w.safetensors", part, NULL);
}

Test(cli, refuses_broken_weights)
{
    const float values[24] = {0};
    const venn_named_array other = {"other", VENN_F32, VENN_SHAPE(8, 3), values};
    tiny_write();
    cr_assert_eq(venn_safetensors_write(scratch_path("w.safetensors"), &other, 1, NULL, 0),
                 VENN_OK);
    SUCCEEDS("$venn inspect w.safetensors");
    cr_assert(strstr(printed_out, "other") && strstr(printed_out, "24 elements"), "%s",
              printed_out);
    refuses_weights("there is no array");
    cr_assert_eq(truncate(scratch_path("w.safetensors"), 100), 0);
    refuses_weights("");
    fails(shell("$venn inspect w.safetensors"), INPUT, "w.safetensors", NULL);
    scratch_write("w.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10);
    refuses_weights("");
    fails(shell("$venn eval job.yaml none.safetensors"), INPUT, "none.safetensors", NULL);
    fails(shell("$venn eval job.yaml w.safetensors --split dev"), USAGE, "dev", "test", NULL);
    fails(shell("$venn eval job.yaml w.safetensors --role pupil"), USAGE, "pupil", "student", NULL);
}
