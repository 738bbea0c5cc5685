// Criterion's part of a test program, for ThreadSanitizer, under which Criterion cannot start: it wants memory at
// addresses that the sanitizer has taken. Each test runs in a process of its own, as there; a data race makes that
// process end with TSan's exit code, and the test fail. Parameterized tests (ops) are left out.
#include <criterion/criterion.h>
#include <criterion/event.h>
#include <criterion/logging.h>
#include <criterion/options.h>
#include <criterion/stats.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 900, FAILED = 1, SKIPPED = 77 };

struct criterion_options criterion_options;

static const struct criterion_test *present;
static bool failed;

// ---- What the macros of criterion.h call ------------------------------------------------------

int cr_asprintf(char **text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vasprintf(text, format, args);
    va_end(args);
    return length;
}

void cr_asprintf_free(char *text)
{
    free(text);
}

void *cr_malloc(size_t size)
{
    return malloc(size);
}

char *cr_translate_assert_msg(int index, ...)
{
    (void)index;
    return strdup("it does not hold");
}

void cri_asserts_passed_incr(void) {}

void cr_log(enum criterion_severity severity, const char *format, ...)
{
    va_list args;
    (void)severity;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
    if (!stats->passed)
        fprintf(stderr, "%s:%u: %s\n", stats->file, stats->line, stats->message);
}

void criterion_continue_test(void)
{
    failed = true;
}

void criterion_abort_test(void)
{
    exit(FAILED);
}

void criterion_skip_test(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    exit(SKIPPED);
}

void criterion_internal_test_setup(void)
{
    if (present->data->init)
        present->data->init();
}

void criterion_internal_test_main(void (*test)(void))
{
    test();
}

void criterion_internal_test_teardown(void)
{
    if (present->data->fini)
        present->data->fini();
}

// ---- The runner ------------------------------------------------------------------------------

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[], *__stop_cr_sts[];

// A suite's fixtures are its tests' own.
static void take_fixtures(struct criterion_test *test)
{
    for (struct criterion_suite **suite = __start_cr_sts; suite < __stop_cr_sts; suite++)
        if (*suite && strcmp((*suite)->name, test->category) == 0) {
            test->data->init = (*suite)->data->init;
            test->data->fini = (*suite)->data->fini;
        }
}

static int run(const struct criterion_test *test)
{
    int status = 0;
    const pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        alarm(SECONDS);
        present = test;
        test->test();
        exit(failed ? FAILED : 0);
    }
    waitpid(child, &status, 0);
    return status;
}

static const char *option(int argc, char **argv, const char *name, const char *fallback)
{
    const size_t length = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=')
            return argv[i] + length + 1;
        if (strcmp(argv[i], name) == 0 && i + 1 < argc)
            return argv[i + 1];
    }
    return fallback;
}

int main(int argc, char **argv)
{
    const char *filter = option(argc, argv, "--filter", "*");
    FILE *tap = fopen(option(argc, argv, "--tap", "/dev/null"), "w");
    int passed = 0, bad = 0, skipped = 0;
    for (struct criterion_test **at = __start_cr_tst; tap && at < __stop_cr_tst; at++) {
        struct criterion_test *test = *at;
        char name[256];
        if (!test || test->data->kind_ != CR_TEST_NORMAL)
            continue;
        snprintf(name, sizeof name, "%s/%s", test->category, test->name);
        if (fnmatch(filter, name, FNM_EXTMATCH) != 0)
            continue;
        take_fixtures(test);
        const int status = run(test);
        const bool skip = WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED;
        const bool good =
            skip ||
            (test->data->signal ? WIFSIGNALED(status) && WTERMSIG(status) == test->data->signal
                                : WIFEXITED(status) && WEXITSTATUS(status) == 0);
        fprintf(tap, "%s - %s::%s%s\n", good ? "ok" : "not ok", test->category, test->name,
                skip ? " # SKIP" : "");
        fprintf(stderr, "[%s] %s\n", skip ? "SKIP" : good ? "PASS" : "FAIL", name);
        *(skip ? &skipped : good ? &passed : &bad) += 1;
    }
    fprintf(stderr, "%d passed, %d failed, %d skipped\n", passed, bad, skipped);
    return !tap || fclose(tap) != 0 || bad || passed == 0;
}
