// Whole runs of the program: what they print and leave, that the same run comes out the same, and that
// neither an interruption nor a full disk nor a diverging loss loses anything.
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data_files.h"
#include "op_files.h"
#include "program_run.h"
#include "tiny_job.h"

// The exit codes of `venn help`.
enum { USAGE = 2, INPUT = 3, DIVERGED = 6, INTERRUPTED = 7 };

// ---- Reading run folders ---------------------------------------------------------------------

static json_t *read_json(const char *file)
{
    json_error_t error;
    json_t *object = json_load_file(scratch_path(file), 0, &error);
    cr_assert(object, "%s:%d: %s", file, error.line, error.text);
    return object;
}

static json_t *at(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    cr_assert(value, "no key %s", key);
    return value;
}

static json_t *stage_runs(json_t *summary, const char *stage)
{
    json_t *stages = at(summary, "stages");
    for (size_t i = 0; i < json_array_size(stages); i++)
        if (strcmp(json_string_value(at(json_array_get(stages, i), "stage")), stage) == 0)
            return at(json_array_get(stages, i), "runs");
    cr_assert(false, "no stage %s", stage);
    return NULL;
}

static bool same_files(const char *a, const char *b)
{
    void *x, *y;
    size_t nx, ny;
    cr_assert_eq(venn_file_read(scratch_path(a), 0, &x, &nx), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_file_read(scratch_path(b), 0, &y, &ny), VENN_OK, "%s", venn_error_message());
    bool same = nx == ny && memcmp(x, y, nx) == 0;
    free(x), free(y);
    return same;
}

static const char *const trainings[] = {"teacher", "seed-0/student", "seed-0/distilled",
                                        "seed-1/student", "seed-1/distilled"};
enum { TRAININGS = sizeof trainings / sizeof *trainings };

static void check_folder(const char *folder)
{
    static const char *const files[] = {"report.html", "config.yaml", "environment.json",
                                        "metrics.jsonl", "summary.json"},
                             *const each[] = {"best.safetensors", "last.safetensors", "done.json"};
    char path[128];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        cr_assert(venn_file_exists(scratch_path(path)), "no %s", path);
    }
    for (size_t i = 0; i < TRAININGS; i++)
        for (size_t k = 0; k < sizeof each / sizeof *each; k++) {
            snprintf(path, sizeof path, "%s/%s/%s", folder, trainings[i], each[k]);
            cr_assert(venn_file_exists(scratch_path(path)), "no %s", path);
        }
    SUCCEEDS("find %s -name '*.tmp'", folder);
    cr_assert_str_empty(printed_out);
}

// Weights bit for bit, and what the summaries say of every training but its time.
static void check_same_runs(const char *a, const char *b)
{
    char x[128], y[128];
    for (size_t i = 0; i < TRAININGS; i++) {
        snprintf(x, sizeof x, "%s/%s/best.safetensors", a, trainings[i]);
        snprintf(y, sizeof y, "%s/%s/best.safetensors", b, trainings[i]);
        cr_assert(same_files(x, y), "%s and %s differ", x, y);
    }
    snprintf(x, sizeof x, "%s/summary.json", a);
    snprintf(y, sizeof y, "%s/summary.json", b);
    json_t *first = read_json(x), *second = read_json(y);
    static const char *const stages[] = {"teacher", "student", "distilled"},
                             *const keys[] = {"seed",          "best_epoch", "valid_accuracy",
                                              "test_accuracy", "test_loss",  "steps"};
    for (size_t s = 0; s < 3; s++) {
        json_t *p = stage_runs(first, stages[s]), *q = stage_runs(second, stages[s]);
        cr_assert_eq(json_array_size(p), s ? 2u : 1u);
        cr_assert_eq(json_array_size(p), json_array_size(q));
        for (size_t i = 0; i < json_array_size(p); i++)
            for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
                cr_assert(json_equal(at(json_array_get(p, i), keys[k]),
                                     at(json_array_get(q, i), keys[k])),
                          "%s %zu: %s differs", stages[s], i, keys[k]);
    }
    cr_assert(json_equal(at(first, "paired"), at(second, "paired")));
    json_decref(first);
    json_decref(second);
}

// ---- Good runs -------------------------------------------------------------------------------

static void check_summary(const char *file)
{
    json_t *summary = read_json(file), *teacher = at(summary, "teacher");
    const char *before = json_string_value(at(teacher, "hash_before"));
    cr_assert_eq(strlen(before), 32);
    cr_assert_str_eq(before, json_string_value(at(teacher, "hash_after")));
    cr_assert_eq(json_integer_value(at(at(summary, "step"), "submissions")), 1);
    cr_assert(json_integer_value(at(at(summary, "step"), "dispatches")) > 5);
    json_decref(summary);
}

// The accuracy of the last distilled student, as summary.json has it and as `venn eval` finds it.
static void check_eval(const char *folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/summary.json", folder);
    json_t *summary = read_json(path), *run = json_array_get(stage_runs(summary, "distilled"), 1);
    SUCCEEDS("$venn eval %s/config.yaml %s/seed-1/distilled/best.safetensors --json >eval.json",
             folder, folder);
    json_t *eval = read_json("eval.json");
    cr_assert_eq(json_number_value(at(eval, "accuracy")),
                 json_number_value(at(run, "test_accuracy")));
    cr_assert_float_eq(json_number_value(at(eval, "loss")), json_number_value(at(run, "test_loss")),
                       1e-12);
    json_decref(eval);
    json_decref(summary);
    SUCCEEDS("$venn eval %s/config.yaml %s/teacher/best.safetensors --role teacher", folder,
             folder);
    cr_assert(strstr(printed_out, "accuracy ") && strstr(printed_out, "label \\ prediction"), "%s",
              printed_out);
}

Test(cli_run, distills_the_embedded_digits)
{
    tiny_changed("digits.yaml", tiny_config, "data: data.yaml", "data: digits",
                 "{layer: linear, out: 8}", "{layer: flatten}\n      - {layer: linear, out: 8}",
                 "out: 3", "out: 10", "modality: sound", "modality: audio", "modality: picture",
                 "modality: image", NULL);
    SUCCEEDS("$venn distill digits.yaml --limit 300 --epochs 1 --seeds 2 -o run");
    cr_assert(strstr(printed_out, "teacher (audio)") && strstr(printed_out, "distilled (image)") &&
                  strstr(printed_out, "report: run/report.html"),
              "%s", printed_out);
    cr_assert(strstr(printed_err, "[5/5] distilled, seed 1: test accuracy "), "%s", printed_err);
    check_folder("run");
    check_summary("run/summary.json");
    check_eval("run");
    fails(shell("$venn distill digits.yaml -o run"), USAGE, "run already holds a run", "--resume",
          "another folder", NULL);
    check_summary("run/summary.json");
}

Test(cli_run, same_command_same_weights)
{
    tiny_write();
    SUCCEEDS("$venn distill job.yaml -o one");
    SUCCEEDS("$venn distill job.yaml -o two -v");
    cr_assert(strstr(printed_err, "teacher, seed 0: epoch 1, loss ") &&
                  strstr(printed_err, "1 submission of "),
              "%s", printed_err);
    check_same_runs("one", "two");
    // The student alone is the first of the distillation's.
    SUCCEEDS("$venn train job.yaml -o alone");
    cr_assert(
        same_files("alone/seed-0/student/best.safetensors", "one/seed-0/student/best.safetensors"));
    // A teacher from a file is the teacher that was trained.
    tiny_changed("load.yaml", tiny_config, "cache: true", "load: one/teacher/best.safetensors",
                 NULL);
    SUCCEEDS("$venn distill load.yaml -o loaded -q");
    cr_assert_str_empty(printed_err);
    cr_assert(same_files("loaded/seed-1/student/best.safetensors",
                         "one/seed-1/student/best.safetensors"));
}

Test(cli_run, json_is_json)
{
    static const char *const commands[] = {
        "distill job.yaml --json -o run",
        "version --json",
        "devices --json",
        "inspect job.yaml --json",
        "inspect --json run/teacher/last.safetensors",
        "eval --json job.yaml run/seed-0/student/best.safetensors"};
    tiny_write();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        SUCCEEDS("$venn %s", commands[i]);
        json_error_t error;
        json_t *object = json_loads(printed_out, 0, &error);
        cr_assert(object, "%s: line %d: %s", commands[i], error.line, error.text);
        json_decref(object);
    }
}

Test(cli_run, inspects)
{
    tiny_write();
    SUCCEEDS("$venn inspect job.yaml");
    cr_assert(strstr(printed_out, "teacher") && strstr(printed_out, "dispatches"), "%s",
              printed_out);
    SUCCEEDS("$venn inspect job.yaml --plan");
    cr_assert(strstr(printed_out, "matmul"), "%s", printed_out);
    SUCCEEDS("$venn train job.yaml -o run && $venn inspect run/seed-0/student/best.safetensors");
    cr_assert(strstr(printed_out, "weight") && strstr(printed_out, "[3, 8]") &&
                  strstr(printed_out, "99 elements"),
              "%s", printed_out);
}

// On a terminal there is a progress bar; NO_COLOR takes its colours away.
Test(cli_run, colours_on_a_terminal_only)
{
    tiny_write();
    if (shell("command -v script") != 0)
        cr_skip_test("no script(1), which makes a terminal");
    static const char count[] = "grep -c \"$(printf '\\033\\\\[2m')\" typescript";
    SUCCEEDS("unset NO_COLOR; TERM=xterm script -qec \"$venn train job.yaml -o one\" typescript "
             ">tty.txt && %s",
             count);
    cr_assert_neq(atoi(printed_out), 0);
    SUCCEEDS(
        "NO_COLOR=1 TERM=xterm script -qec \"$venn train job.yaml -o two\" typescript >tty.txt; "
        "grep -c █ typescript && ! %s",
        count);
}

// ---- Nothing is lost -------------------------------------------------------------------------

static void write_longer_job(void)
{
    tiny_write();
    tiny_changed("job.yaml", tiny_config, "epochs: 2", "epochs: 6", NULL);
}

Test(cli_run, resumes_bit_for_bit)
{
    write_longer_job();
    SUCCEEDS("$venn distill job.yaml -o whole");
    int code = shell_interrupted("student, seed 0: epoch 2", "$venn distill job.yaml -v -o cut");
    cr_assert_eq(code, INTERRUPTED, "exit code %d: %s", code, printed_err);
    cr_assert(strstr(printed_err, "venn: student, seed 0: stopped at step ") &&
                  strstr(printed_err, "go on with: venn distill --resume cut\n"),
              "%s", printed_err);
    cr_assert(!venn_file_exists(scratch_path("cut/summary.json")));
    code = shell_interrupted("distilled, seed 1: epoch 1", "$venn distill -v --resume cut");
    cr_assert_eq(code, INTERRUPTED, "exit code %d: %s", code, printed_err);
    SUCCEEDS("$venn distill --resume cut");
    check_folder("cut");
    check_same_runs("whole", "cut");
    // Resuming what is complete changes nothing.
    SUCCEEDS("$venn distill --resume cut");
    check_same_runs("whole", "cut");
    fails(shell("$venn distill --resume nowhere"), INPUT, "nowhere/config.yaml", NULL);
}

Test(cli_run, a_killed_run_goes_on_bit_for_bit)
{
    write_longer_job();
    SUCCEEDS("$venn distill job.yaml -o whole");
    shell_killed("teacher, seed 0: epoch 3", "$venn distill job.yaml -v -o cut");
    shell_killed("student, seed 0: epoch 1", "$venn distill -v --resume cut");
    shell_killed("student, seed 1: epoch 4", "$venn distill -v --resume cut");
    // Damage at the worst of times: the last checkpoint of what was running.
    SUCCEEDS("truncate -s 1000 cut/seed-1/student/last.safetensors");
    SUCCEEDS("$venn distill --resume cut");
    cr_assert(strstr(printed_err, "student/last.safetensors: ") &&
                  strstr(printed_err, "going on from the checkpoint before it"),
              "%s", printed_err);
    check_folder("cut");
    check_same_runs("whole", "cut");
}

Test(cli_run, a_full_disk_keeps_the_checkpoint)
{
    write_longer_job();
    int code = shell_interrupted("teacher, seed 0: epoch 2", "$venn distill job.yaml -v -o run");
    cr_assert_eq(code, INTERRUPTED, "exit code %d: %s", code, printed_err);
    SUCCEEDS("cp run/teacher/last.safetensors before.safetensors");
    // What is written beside the checkpoint, to take its place, goes to a device without space.
    SUCCEEDS("ln -s /dev/full run/teacher/last.safetensors.tmp");
    fails(shell("$venn distill --resume run"), INPUT, "run/teacher/last.safetensors",
          "cannot write", "No space left on device", "free space", "is kept", NULL);
    cr_assert(same_files("run/teacher/last.safetensors", "before.safetensors"));
    SUCCEEDS("$venn distill --resume run");
    check_folder("run");
    // It shows before the first step.
    SUCCEEDS("mkdir -p new/teacher && ln -s /dev/full new/teacher/last.safetensors.tmp");
    fails(shell("$venn distill job.yaml -o new"), INPUT, "new/teacher/last.safetensors",
          "No space left on device", NULL);
}

Test(cli_run, a_diverging_loss_keeps_the_checkpoint)
{
    tiny_write();
    scratch_text("good.yaml", tiny_config);
    tiny_changed("job.yaml", tiny_config, "{kind: adam, lr: 0.01}", "{kind: sgd, lr: 1e38}", NULL);
    fails(shell("$venn distill job.yaml -o run"), DIVERGED, "teacher, seed 0: the loss became ",
          "at step ", "first tensor that went bad is ", "checkpoint is kept", "learning rate",
          NULL);
    cr_assert(!strstr(printed_err, "went bad is the loss"), "%s", printed_err);
    SUCCEEDS("$venn eval good.yaml run/teacher/last.safetensors --role teacher");
    cr_assert(strstr(printed_out, "accuracy ") && !strstr(printed_out, "nan"), "%s", printed_out);
}
