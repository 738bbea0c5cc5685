#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "run_fixture.h"
#include "train/stats.h"

enum { TEACHER, STUDENT, DISTILLED, STAGES };

// Evenly spread over -1 to 1, the same for the same arguments.
static double noise(size_t seed, size_t salt)
{
    return 2 * fmod((double)(seed * 7 + salt * 13 + 3) * 0.6180339887498949, 1.0) - 1;
}

static double test_accuracy(const run_fixture *fixture, int stage, size_t seed)
{
    if (stage == TEACHER)
        return 0.961;
    double student = 0.529 + 0.008 * noise(seed, 1);
    return stage == STUDENT ? student : student + fixture->effect + 0.005 * noise(seed, 2);
}

static const char *stage_name(const run_fixture *fixture, int stage)
{
    static const char *const names[] = {"teacher", "student", "distilled"};
    return stage == DISTILLED && fixture->distilled ? fixture->distilled : names[stage];
}

static size_t stage_seeds(const run_fixture *fixture, int stage)
{
    return stage == TEACHER ? 1 : fixture->seeds;
}

static void save(const char *folder, const char *name, const char *text)
{
    char *path = venn_path_join(folder, name);
    cr_assert_eq(venn_file_write(path, text, strlen(text)), VENN_OK, "%s", venn_error_message());
    free(path);
}

static void save_json(const char *folder, const char *name, json_t *json)
{
    cr_assert(json, "the fixture's %s could not be packed", name);
    char *text = json_dumps(json, JSON_INDENT(1));
    save(folder, name, text);
    free(text);
    json_decref(json);
}

// ---- metrics.jsonl ---------------------------------------------------------------------------

static json_t *number(double value, bool gap)
{
    return gap || !isfinite(value) ? json_null() : json_real(value);
}

static void write_epoch(FILE *out, const run_fixture *fixture, int stage, size_t seed, size_t epoch)
{
    static const double rate[STAGES] = {0.5, 0.25, 0.3}, floor[STAGES] = {0.03, 1.3, 1.32};
    static const double rise[STAGES] = {0.004, 0.02, 0.003};
    bool gap = fixture->gaps && (seed == 0 || epoch == 3);
    double final = test_accuracy(fixture, stage, seed);
    double left = exp(-rate[stage] * (double)epoch);
    double own = noise(seed, (size_t)stage), now = noise(seed + (size_t)stage, epoch);
    double ce = floor[stage] + (2.3 - floor[stage]) * left * (1 + 0.08 * own) + 0.02 * now * left;
    double valid_loss = ce + 0.08 + rise[stage] * (double)epoch + 0.03 * own + 0.01 * now;
    double train = 0.1 + (final - 0.07) * (1 - left) + 0.012 * own + 0.003 * now;
    double valid = 0.1 + (final - 0.1) * (1 - left) + 0.008 * own + 0.006 * now;
    json_t *line = json_pack("{s:s, s:I, s:I, s:I, s:f, s:o, s:o, s:o, s:o, s:o, s:f}", "stage",
                             stage_name(fixture, stage), "seed", (json_int_t)seed, "epoch",
                             (json_int_t)epoch, "step", (json_int_t)(63 * epoch), "lr", 0.001,
                             "loss", number(ce, gap), "ce", number(ce, gap), "train_accuracy",
                             number(fmin(1, train), gap), "valid_loss", number(valid_loss, gap),
                             "valid_accuracy", number(fmin(1, valid), gap), "seconds", 1.25);
    cr_assert(line);
    if (stage == DISTILLED)
        json_object_set_new(line, "kd", number(0.25 + 1.6 * left + 0.03 * own, gap));
    char *text = json_dumps(line, JSON_COMPACT);
    fprintf(out, "%s\n", text);
    free(text);
    json_decref(line);
}

static void write_metrics(const char *folder, const run_fixture *fixture)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (int stage = 0; stage < STAGES; stage++)
        for (size_t seed = 0; seed < stage_seeds(fixture, stage); seed++)
            for (size_t epoch = 1; epoch <= fixture->epochs; epoch++)
                write_epoch(out, fixture, stage, seed, epoch);
    fclose(out);
    save(folder, "metrics.jsonl", text);
    free(text);
}

// ---- summary.json ----------------------------------------------------------------------------

static json_t *make_stage(const run_fixture *fixture, int stage)
{
    double values[64];
    size_t n = stage_seeds(fixture, stage);
    cr_assert_leq(n, 64);
    json_t *runs = json_array();
    for (size_t seed = 0; seed < n; seed++) {
        values[seed] = test_accuracy(fixture, stage, seed);
        json_array_append_new(
            runs,
            json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:I}", "seed", (json_int_t)seed, "best_epoch",
                      (json_int_t)(7 + seed % 4), "valid_accuracy", values[seed] + 0.004,
                      "test_accuracy", values[seed], "test_loss", 1.41, "seconds",
                      stage == TEACHER ? 14.2 : 7.9 + 3 * stage, "steps", (json_int_t)1260));
    }
    venn_summary s = venn_summarize(values, n);
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:f, s:f, s:o}", "stage",
                     stage_name(fixture, stage), "modality", stage == TEACHER ? "audio" : "image",
                     "network", stage == TEACHER ? "lenet" : "mlp", "parameters",
                     (json_int_t)(stage == TEACHER ? 1663370 : 25450), "runs", runs, "mean", s.mean,
                     "std", s.std, "half", number(s.half, false));
}

static json_t *make_pair(const run_fixture *fixture)
{
    double values[64];
    json_t *per_seed = json_array();
    for (size_t seed = 0; seed < fixture->seeds; seed++) {
        values[seed] =
            test_accuracy(fixture, DISTILLED, seed) - test_accuracy(fixture, STUDENT, seed);
        json_array_append_new(per_seed, json_real(values[seed]));
    }
    venn_summary s = venn_summarize(values, fixture->seeds);
    return json_pack("[{s:s, s:s, s:f, s:o, s:o}]", "stage", stage_name(fixture, DISTILLED),
                     "baseline", "student", "mean", s.mean, "half", number(s.half, false),
                     "per_seed", per_seed);
}

static void write_summary(const char *folder, const run_fixture *fixture)
{
    json_t *stages = json_array(), *seeds = json_array();
    for (int stage = 0; stage < STAGES; stage++)
        json_array_append_new(stages, make_stage(fixture, stage));
    for (size_t seed = 0; seed < fixture->seeds; seed++)
        json_array_append_new(seeds, json_integer((json_int_t)seed));
    const char *hash = "5d41402abc4b2a76b9719d911017c592";
    json_t *summary = json_pack(
        "{s:s, s:I, s:i, s:o, s:o, s:o, s:{s:s, s:{s:f, s:f, s:f, s:b, s:s}}, s:{s:b, s:s, s:s}}",
        "name", fixture->name ? fixture->name : "digits-kd", "epochs", (json_int_t)fixture->epochs,
        "batch", 64, "seeds", seeds, "stages", stages, "paired", make_pair(fixture), "method",
        "name", "kd", "parameters", "temperature", 4.0, "weight_ce", 0.5, "weight_kd", 0.5,
        "scale_t2", 1, "reduction", "batchmean", "teacher", "cached", 1, "hash_before", hash,
        "hash_after", hash);
    cr_assert(summary);
    json_object_set_new(summary, "step",
                        json_pack("{s:i, s:i, s:i, s:f, s:i, s:i}", "dispatches", 48, "submissions",
                                  1, "barriers", 31, "device_us", 2841.5, "transient_bytes",
                                  3481600, "lower_bytes", 3309568));
    json_object_set_new(summary, "memory_peak", json_integer(41943040));
    json_object_set_new(summary, "seconds", json_real(143.2));
    save_json(folder, "summary.json", summary);
}

// ---- The folder ------------------------------------------------------------------------------

static const char *const config =
    "name: digits-kd\ndata: embedded:digits.yaml\nseeds: 5\nepochs: 20\nbatch: 64\n"
    "teacher:\n  modality: audio\n  network: lenet\n  cache: true\n"
    "student:\n  modality: image\n  network: mlp\n"
    "method:\n  name: kd\n  temperature: 4\n  weight_ce: 0.5  # & weight_kd < 1\n";

void run_fixture_write(const char *folder, const run_fixture *fixture)
{
    cr_assert_eq(venn_folder_make(folder), VENN_OK, "%s", venn_error_message());
    save(folder, "config.yaml", config);
    save_json(folder, "environment.json",
              json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s}, s:{s:s, s:s, s:i, s:i, s:i},"
                        " s:{s:s, s:s, s:i}, s:s, s:s}",
                        "venn", VENN_VERSION, "shaders", "9e107d9d372bb6826bd81d3542a419d6",
                        "device", "name", "llvmpipe (LLVM 15.0.6, 256 bits)", "driver",
                        "llvmpipe, Mesa 22.3.6 (LLVM 15.0.6)", "uuid",
                        "6d657361-3232-2e33-2e36-000000000000", "kind", "software", "api_version",
                        "1.3.230", "data", "name", "digits", "hash",
                        "e4d909c290d0fb1ca068ffaddf22cbd0", "train", 3600, "valid", 400, "test",
                        1000, "host", "system", "Linux 6.1.0 x86_64", "cpu", "Example CPU 3.0 GHz",
                        "cores", 2, "started", "2025-03-14T09:26:53Z", "command",
                        "venn distill digits-kd.yaml --seeds 5 --out runs/digits-kd"));
    write_metrics(folder, fixture);
    write_summary(folder, fixture);
}
