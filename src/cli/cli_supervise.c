#include "cli_supervise.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

enum { LONGEST_PAUSE = 60 }; // seconds

static pid_t start(cli_attempt attempt, void *user, uint32_t number, const sigset_t *mask)
{
    const pid_t parent = getpid();
    fflush(NULL); // or the child prints it again
    const pid_t child = fork();
    if (child != 0)
        return child;
    sigprocmask(SIG_SETMASK, mask, NULL);
    // Without a supervisor it saves and ends.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    exit(getppid() == parent ? attempt(user, number) : EXIT_INTERRUPTED);
}

// Until the child ends: its status. *stopping: a signal came meanwhile.
static int watch(pid_t child, const sigset_t *signals, bool *stopping)
{
    int status;
    siginfo_t info;
    while (waitpid(child, &status, WNOHANG) != child) {
        if (sigwaitinfo(signals, &info) < 0 || info.si_signo == SIGCHLD)
            continue;
        *stopping = true;
        if (info.si_code !=
            SI_KERNEL) // Ctrl-C goes to all processes of a terminal, so it has that one
            kill(child, info.si_signo);
    }
    return status;
}

static bool resumable(int status)
{
    return WIFSIGNALED(status) || WEXITSTATUS(status) == EXIT_DEVICE_LOST;
}

static int exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void explain(int status)
{
    if (WIFSIGNALED(status))
        fprintf(stderr, "venn: the run was ended by signal %d (%s)", WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else
        fprintf(stderr, "venn: the device was lost");
}

// False if a signal said that it is enough.
static bool wait_for(unsigned seconds)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return sigtimedwait(&signals, NULL, &(struct timespec){.tv_sec = (time_t)seconds}) < 0;
}

static int supervise(cli_attempt attempt, void *user, uint32_t most, const sigset_t *signals,
                     const sigset_t *mask)
{
    unsigned pause = 1;
    bool stopping = false;
    for (uint32_t number = 0;; number++) {
        const pid_t child = start(attempt, user, number, mask);
        if (child < 0) {
            perror("venn: no process for the run");
            return EXIT_MEMORY;
        }
        const int status = watch(child, signals, &stopping);
        if (stopping || !resumable(status))
            return exit_code(status);
        explain(status);
        if (number == most) {
            fprintf(stderr, " again: given up after %u restart%s\n", most, most == 1 ? "" : "s");
            return exit_code(status);
        }
        fprintf(stderr, ": going on from its last checkpoint in %u s (restart %u of %u)\n", pause,
                number + 1, most);
        if (!wait_for(pause))
            return EXIT_INTERRUPTED;
        pause = 2 * pause < LONGEST_PAUSE ? 2 * pause : LONGEST_PAUSE;
    }
}

int cli_supervise(cli_attempt attempt, void *user, uint32_t most)
{
    sigset_t signals, mask;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &mask);
    const int code = supervise(attempt, user, most, &signals, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return code;
}
