// Runs that go on by themselves after a lost device or a crash.
#ifndef VENN_CLI_SUPERVISE_H
#define VENN_CLI_SUPERVISE_H

#include <stdint.h>

// One attempt, in a process of its own; number: from 0. Returns an exit code of cli.h.
typedef int (*cli_attempt)(void *user, uint32_t number);

// Attempts until one ends other than by a lost device or a signal, at most `most` times after the first, with
// pauses of 1, 2, 4 ... 60 seconds, and says on standard error why it goes on. SIGINT and SIGTERM are passed on,
// and what ends after them is the end. Returns the last attempt's exit code, 128 and its signal if it had none.
// The caller has opened no device, and has no threads.
int cli_supervise(cli_attempt attempt, void *user, uint32_t most);

#endif
