// Runs gnuplot, with the script as its input and pipes for nothing else, and makes its SVG fit for a
// page. No file is left anywhere, and no text of the run reaches the script.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/report.h"

extern char **environ;

// ---- The program -----------------------------------------------------------------------------

// -d: the user's own gnuplot settings stay out.
static int spawn_gnuplot(FILE *script, FILE *output, FILE *messages, pid_t *pid)
{
    char *const arguments[] = {"gnuplot", "-d", NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawn_file_actions_adddup2(&actions, fileno(script), 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, fileno(output), 1);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, fileno(messages), 2);
    if (!error)
        error = posix_spawnp(pid, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static char *read_back(FILE *file)
{
    if (fseek(file, 0, SEEK_END) != 0)
        return NULL;
    long size = ftell(file);
    char *text = size < 0 ? NULL : venn_alloc((size_t)size + 1, 1);
    if (!text)
        return NULL;
    rewind(file);
    text[fread(text, 1, (size_t)size, file)] = 0;
    return text;
}

static venn_status finish(pid_t pid, FILE *output, FILE *messages, char **out)
{
    int state = 0;
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR)
        ;
    *out = read_back(output);
    char *said = read_back(messages);
    venn_status status = *out && said ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK && (!WIFEXITED(state) || WEXITSTATUS(state) != 0)) {
        // Its messages begin with an empty line and the line of the script.
        const char *text = said + strspn(said, "\n");
        status =
            WIFEXITED(state) && WEXITSTATUS(state) == 127
                ? venn_fail(VENN_UNSUPPORTED, "gnuplot was not found")
                : venn_fail(VENN_BAD_FILE, "gnuplot failed: %s", *text ? text : "it said nothing");
    }
    if (status < 0) {
        free(*out);
        *out = NULL;
    }
    free(said);
    return status;
}

venn_status venn_report_gnuplot(FILE *script, char **output)
{
    *output = NULL;
    FILE *svg = tmpfile(), *messages = tmpfile();
    venn_status status;
    pid_t pid;
    if (!svg || !messages || fflush(script) != 0 || lseek(fileno(script), 0, SEEK_SET) != 0) {
        status = venn_fail(VENN_BAD_FILE, "no temporary file for gnuplot: %s", strerror(errno));
    } else {
        int error = spawn_gnuplot(script, svg, messages, &pid);
        if (error)
            status = venn_fail(VENN_UNSUPPORTED, "gnuplot %s",
                               error == ENOENT ? "was not found in PATH" : strerror(error));
        else
            status = finish(pid, svg, messages, output);
    }
    if (svg)
        fclose(svg);
    if (messages)
        fclose(messages);
    return status;
}

// ---- Its output ------------------------------------------------------------------------------

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

// The end of what is left out at this place, or NULL: from the first text through the second.
static const char *skip(const char *at)
{
    static const char *const parts[][2] = {
        {"<title>", "</title>"},
        {"<desc>", "</desc>"},
        {"<defs>", "</defs>"},
        {"<rect x=\"0\"", "/>"},
        {" xmlns=\"", "\""},
        {" xmlns:xlink=\"", "\""},
        {"xlink:", ""},
        {" id=\"", "\""},
        {" class=\"", "\""},
        {" font-family=\"", "\""},
        {" stroke-linecap=\"", "\""},
        {" stroke-linejoin=\"", "\""},
        {" shape-rendering='", "'"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!starts(at, parts[i][0]))
            continue;
        const char *end = strstr(at + strlen(parts[i][0]), parts[i][1]);
        return end ? end + strlen(parts[i][1]) : NULL;
    }
    // gnuplot opens a group for every change of its pen, and closes many of them empty.
    const char *empty = ">\n</g>\n";
    const char *close = starts(at, "<g fill=\"none\"") ? strchr(at, '>') : NULL;
    return close && starts(close, empty) ? close + strlen(empty) : NULL;
}

// Writes the colour at `at` if it is one of the script's codes, and returns its end.
static const char *recolor(FILE *out, const char *at)
{
    int red, green, blue, length = 0;
    if (sscanf(at, "rgb( %d , %d , %d )%n", &red, &green, &blue, &length) != 3 || !length)
        return NULL;
    if (red == 1 && green == 0 && blue < VENN_REPORT_PALETTE)
        fprintf(out, "var(--s%d)", blue);
    else if (red == 2 && green == 0)
        fputs(blue == 0 ? "var(--soft)" : "var(--rule)", out);
    else
        return NULL;
    return at + length;
}

void venn_report_svg(FILE *out, const char *svg, const char *label)
{
    const char *end = strstr(svg, "</svg>");
    const char *at = strstr(svg, "<svg");
    if (!at || !end)
        return;
    fputs("<svg role=\"img\" aria-label=\"", out);
    venn_report_escape_text(out, label);
    fputs("\"", out);
    for (at += strlen("<svg"); at < end;) {
        const char *next = skip(at);
        if (!next && starts(at, "rgb("))
            next = recolor(out, at);
        if (!next)
            fputc(*at++, out);
        else
            at = next;
    }
    fputs("</svg>\n", out);
}
