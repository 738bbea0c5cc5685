// Fixture of the tests of commands: shell commands in the scratch folder, in which $venn is the built
// program. Whatever is printed to files and pipes, as here, must be free of escape codes.
#ifndef PROGRAM_RUN_H
#define PROGRAM_RUN_H

#include <stdarg.h>

extern char printed_out[16384], printed_err[16384]; // by the last command

// Runs it; returns its exit code.
int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
int shell_v(const char *format, va_list args);

// Runs one `$venn ...`, sends it SIGINT once it has printed a line with `part` to standard error, and
// waits for its end.
int shell_interrupted(const char *part, const char *command);
// The same with SIGKILL, which leaves it no moment for anything.
void shell_killed(const char *part, const char *command);

#define SUCCEEDS(...)                                                                              \
    do {                                                                                           \
        int code_ = shell(__VA_ARGS__);                                                            \
        cr_assert_eq(code_, 0, "exit code %d: %s%s", code_, printed_out, printed_err);             \
    } while (0)

// The exit code is as expected, standard output is empty, and standard error holds one message, with
// all of the texts that follow, ended by NULL.
void fails(int code, int expected, ...);

#endif
