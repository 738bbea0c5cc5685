// Runs that go on by themselves: after a lost device and after kills they end with the weights of a run that
// nothing happened to.
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli_supervise.h"
#include "data_files.h"
#include "device_fixture.h"
#include "faulty_device.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/distill.h"

// The exit codes of `venn help`.
enum { FAILED = 1, INTERRUPTED = 7, DEVICE_LOST = 8, KILLED = 128 + SIGKILL };

static void check_same_weights(void)
{
    SUCCEEDS("for f in $(cd whole && find . -name best.safetensors); do cmp whole/$f cut/$f || "
             "exit 1; done");
}

// ---- A lost device ---------------------------------------------------------------------------

// The job in folder cut, on a device that in attempts 0 and 1 is lost at its submission or wait `user`.
static int lose_device(void *user, uint32_t number)
{
    venn_distill_config *config = NULL;
    venn_device *device = open_test_device();
    const bool begun = access(scratch_path("cut/config.yaml"), F_OK) == 0;
    venn_status status = venn_distill_config_load(&config, scratch_path("job.yaml"));
    faulty_device_begin(device, FAULTY_QUEUE, number < 2 ? *(const uint64_t *)user : 0);
    if (status == VENN_OK)
        status = venn_distill_run(device, config, scratch_path("cut"), begun, NULL, NULL);
    faulty_device_end();
    venn_distill_config_destroy(&config);
    close_test_device(&device);
    fflush(NULL);
    // Not exit: the test's folder would go.
    _exit(status == VENN_DEVICE_LOST ? DEVICE_LOST : status < 0 ? FAILED : 0);
}

Test(supervise, a_lost_device_is_gone_on_from)
{
    uint64_t at = 40;
    tiny_write();
    SUCCEEDS("$venn distill job.yaml -o whole");
    cr_assert_eq(cli_supervise(lose_device, &at, 1), DEVICE_LOST, "the second one was not lost");
    SUCCEEDS("rm -rf cut");
    cr_assert_eq(cli_supervise(lose_device, &at, 5), 0);
    check_same_weights();
}

// ---- Kills -----------------------------------------------------------------------------------

// Starts the program on the job, does what `more` says, and waits. `after LINE` waits until the messages have it; `run`
// is the process of the run, `$top` its supervisor's.
#define RUN(options, more)                                                                         \
    "$venn distill " options " -v 2>err & top=$!; "                                                \
    "after() { until grep -q \"$1\" err; do kill -0 $top || exit 99; sleep 0.02; done; }; "        \
    "run() { until grep . /proc/$top/task/$top/children; do kill -0 $top || exit 99; sleep 0.02; " \
    "done; }; " more "; wait $top; code=$?; cat err >&2; exit $code"

static void write_longer_job(void)
{
    tiny_write();
    tiny_changed("job.yaml", tiny_config, "epochs: 2", "epochs: 30", NULL);
    SUCCEEDS("$venn distill job.yaml -o whole");
}

Test(supervise, a_killed_run_is_gone_on_from)
{
    write_longer_job();
    const int code = shell(RUN("job.yaml --supervise -o cut",
                               "after 'student, seed 0: epoch 2'; kill -KILL $(run); "
                               "after 'restart 1 of'; run; sleep 0.4; kill -ABRT $(run)"));
    cr_assert_eq(code, 0, "exit code %d: %s", code, printed_err);
    cr_assert(strstr(printed_err,
                     "ended by signal 9 (Killed): going on from its last checkpoint in "
                     "1 s (restart 1 of 5)"),
              "%s", printed_err);
    cr_assert(strstr(printed_err, "ended by signal 6"), "%s", printed_err);
    cr_assert(strstr(printed_err, "(restart 2 of 5)"), "%s", printed_err);
    check_same_weights();
}

Test(supervise, signals_are_passed_on_and_restarts_counted)
{
    write_longer_job();
    int code = shell(
        RUN("job.yaml --supervise -o cut", "after 'student, seed 0: epoch 1'; kill -TERM $top"));
    cr_assert_eq(code, INTERRUPTED, "exit code %d: %s", code, printed_err);
    cr_assert(strstr(printed_err, "go on with: venn distill --resume cut"), "%s", printed_err);
    cr_assert_not(strstr(printed_err, "restart"), "%s", printed_err);
    code = shell(RUN("--resume cut --supervise=1",
                     "after 'student, seed 1: epoch 2'; kill -KILL $(run); "
                     "after 'restart 1 of'; kill -KILL $(run)"));
    cr_assert_eq(code, KILLED, "exit code %d: %s", code, printed_err);
    cr_assert(strstr(printed_err, "given up after 1 restart"), "%s", printed_err);
    SUCCEEDS("$venn distill --resume cut --supervise");
    check_same_weights();
}
