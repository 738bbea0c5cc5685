// Two processes at a time: on one device, with one folder of kept kernels and one wisdom file. Each ends as if it had
// been alone, and what they share is whole at any moment.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "data_files.h"
#include "device_fixture.h"
#include "kernel/kernel.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/tune.h"

// ---- Trainings -------------------------------------------------------------------------------

static void add_row(venn_tuned_rows *rows)
{
    venn_tuned_row row = {
        .tunable = venn_tuning_find("elementwise"), .class = "all", .us = 1, .rule_us = 2};
    cr_assert_eq(venn_tuning_read_choice(row.tunable, "group=64", row.choice), VENN_OK);
    cr_assert_eq(venn_tuned_rows_add(rows, &row), VENN_OK);
}

// As `venn tune` would leave it for the test's device.
static void write_wisdom(void)
{
    venn_device *device = open_test_device();
    venn_tuned_rows rows = {0};
    add_row(&rows);
    cr_assert_eq(venn_wisdom_write(scratch_path("wisdom.txt"), venn_device_get_info(device), &rows),
                 VENN_OK, "%s", venn_error_message());
    free(rows.row);
    close_test_device(&device);
}

// Runs the job in folders a and b at a time; 98 if one was over before the other one had begun to train.
static void train_both(void)
{
    const int code =
        shell("export VENN_FUSE=on VENN_KERNEL_CACHE=$PWD/kernels VENN_WISDOM=$PWD/wisdom.txt; "
              "rm -rf a b; "
              "$venn distill job.yaml -o a -v 2>a.err & a=$!; "
              "$venn distill job.yaml -o b -v 2>b.err & b=$!; "
              "trains() { until grep -q ': epoch 1' $1.err; do kill -0 $2 || exit 99; sleep 0.02; "
              "done; }; "
              "trains a $a; trains b $b; kill -0 $a && kill -0 $b || exit 98; "
              "wait $a; code=$?; wait $b && [ $code = 0 ]; code=$?; "
              "cat a.err b.err >&2; exit $code");
    cr_assert_eq(code, 0, "exit code %d: %s", code, printed_err);
    cr_assert_not(strstr(printed_err, "ignored"), "%s", printed_err);
    SUCCEEDS("for f in $(cd alone && find . -name best.safetensors); do "
             "cmp alone/$f a/$f && cmp alone/$f b/$f || exit 1; done");
}

Test(side_by_side, trainings_end_as_one_alone)
{
    tiny_write();
    tiny_changed("job.yaml", tiny_config, "epochs: 2", "epochs: 20", NULL);
    write_wisdom();
    SUCCEEDS("VENN_FUSE=on VENN_KERNEL_CACHE=$PWD/others VENN_WISDOM=none "
             "$venn distill job.yaml -o alone");
    train_both(); // both make kernels and keep them
    if (venn_kernels_can_make())
        SUCCEEDS("(cd others && ls) >made && (cd kernels && ls) | cmp - made && test -s made");
    train_both(); // both read those that are kept
}

// ---- Files that are shared -------------------------------------------------------------------

enum { WRITES = 150 };

static const venn_device_info any_device = {.uuid_text = "0123456789abcdef", .driver_version = 7};

// Writes wisdom of so many rows, and a verdict, over and over.
static void write_on(const char *wisdom, int n_rows)
{
    venn_tuned_rows rows = {0};
    const venn_verdict verdict = {.fit = true, .ops = n_rows};
    int code = 0;
    for (int i = 0; i < n_rows; i++)
        add_row(&rows);
    for (int i = 0; i < WRITES; i++)
        if (venn_wisdom_write(wisdom, &any_device, &rows) < 0 ||
            venn_verdict_save(&any_device, &verdict) < 0) {
            fprintf(stderr, "write %d: %s\n", i, venn_error_message());
            code = 1;
            break;
        }
    _exit(code);
}

static pid_t start_writer(const char *wisdom, int n_rows)
{
    const pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0)
        write_on(wisdom, n_rows);
    return child;
}

static bool is_whole(const char *path)
{
    void *text;
    size_t size;
    venn_tuned_rows rows;
    venn_verdict verdict;
    if (venn_file_read(path, 0, &text, &size) < 0)
        return false;
    const venn_status status = venn_wisdom_parse(path, text, &any_device, &rows);
    free(text);
    free(rows.row);
    venn_verdict_load(&any_device, &verdict);
    return status == VENN_OK && verdict.known;
}

Test(side_by_side, files_of_the_cache_are_whole_at_any_moment)
{
    char wisdom[256];
    snprintf(wisdom, sizeof wisdom, "%s", scratch_path("wisdom.txt"));
    setenv("XDG_CACHE_HOME", scratch_path("cache"), 1);
    pid_t writers[2] = {start_writer(wisdom, 200), 0};
    int status, reads = 0;
    while (!is_whole(wisdom))
        cr_assert_eq(waitpid(writers[0], &status, WNOHANG), 0, "nothing was written");
    writers[1] = start_writer(wisdom, 1);
    for (int i = 0; i < 2; i++) {
        for (; waitpid(writers[i], &status, WNOHANG) == 0; reads++)
            cr_assert(is_whole(wisdom), "read %d: %s", reads, venn_error_message());
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "writer %d failed", i);
    }
    cr_assert_gt(reads, 10);
    SUCCEEDS("ls | grep -c tmp | grep -qx 0 && ls cache/venn | wc -l | grep -qx 1");
}
