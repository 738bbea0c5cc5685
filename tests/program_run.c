#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data_files.h"
#include "program_run.h"

char printed_out[16384], printed_err[16384];

static void read_text(const char *name, char *text, size_t size)
{
    FILE *file = fopen(scratch_path(name), "r");
    cr_assert(file, "%s", name);
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
    cr_assert(!strchr(text, '\033'), "escape codes: %s", text);
}

static void read_printed(void)
{
    read_text("printed.out", printed_out, sizeof printed_out);
    read_text("printed.err", printed_err, sizeof printed_err);
}

static int exit_code(int status, const char *command)
{
    cr_assert(WIFEXITED(status), "%s: %s%s", command, printed_out, printed_err);
    return WEXITSTATUS(status);
}

int shell_v(const char *format, va_list args)
{
    char command[4096];
    int used = snprintf(command, sizeof command, "cd %s && (", scratch_path("."));
    used += vsnprintf(command + used, sizeof command - (size_t)used, format, args);
    cr_assert(used < (int)sizeof command - 64);
    strcat(command, ") >printed.out 2>printed.err </dev/null");
    setenv("venn", VENN_BINARY_DIR "/venn", 1);
    int status = system(command);
    read_printed();
    return exit_code(status, command);
}

int shell(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int code = shell_v(format, args);
    va_end(args);
    return code;
}

// Copies what comes into printed.err, and sends the signal at the line.
static void watch(FILE *from, const char *part, pid_t child, int signal)
{
    FILE *copy = fopen(scratch_path("printed.err"), "w");
    char line[1024];
    bool sent = false;
    while (fgets(line, sizeof line, from)) {
        fputs(line, copy);
        if (!sent && strstr(line, part))
            sent = kill(child, signal) == 0;
    }
    fclose(copy);
    cr_assert(sent, "no \"%s\" was printed", part);
}

// Returns the status that waitpid gave.
static int shell_signalled(const char *part, const char *command, int signal)
{
    int ends[2], status;
    char line[1024];
    snprintf(line, sizeof line, "cd %s && exec %s >printed.out", scratch_path("."), command);
    setenv("venn", VENN_BINARY_DIR "/venn", 1);
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]), close(ends[1]);
        execl("/bin/sh", "sh", "-c", line, NULL);
        _exit(127);
    }
    close(ends[1]);
    FILE *from = fdopen(ends[0], "r");
    watch(from, part, child, signal);
    fclose(from);
    cr_assert_eq(waitpid(child, &status, 0), child);
    read_printed();
    return status;
}

int shell_interrupted(const char *part, const char *command)
{
    return exit_code(shell_signalled(part, command, SIGINT), command);
}

void shell_killed(const char *part, const char *command)
{
    const int status = shell_signalled(part, command, SIGKILL);
    cr_assert(WIFSIGNALED(status), "%s: %s%s", command, printed_out, printed_err);
}

// Lines of standard error that are messages: notes, about software Vulkan for one, do not count.
static int count_messages(void)
{
    int count = 0;
    for (const char *line = printed_err; *line; line += strcspn(line, "\n"), line += *line == '\n')
        count += strncmp(line, "venn: note: ", 12) != 0;
    return count;
}

void fails(int code, int expected, ...)
{
    cr_assert_eq(code, expected, "exit code %d, not %d: %s%s", code, expected, printed_out,
                 printed_err);
    va_list args;
    va_start(args, expected);
    for (const char *part; (part = va_arg(args, const char *));)
        cr_assert(strstr(printed_err, part), "no \"%s\" in: %s", part, printed_err);
    va_end(args);
    cr_assert_str_empty(printed_out);
    cr_assert_eq(count_messages(), 1, "%s", printed_err);
}
