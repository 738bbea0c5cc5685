// What the subcommands of the venn program share. They use venn's public headers only. Results go to
// standard output, messages and progress to standard error.
#ifndef VENN_CLI_H
#define VENN_CLI_H

#include <argp.h>
#include <stdbool.h>

#include "venn/venn.h"

// Exit codes, also in README.md and `venn help`.
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,      // anything not listed below
    EXIT_USAGE = 2,       // the command line
    EXIT_INPUT = 3,       // a config, data or weight file; shapes that do not fit
    EXIT_DEVICE = 4,      // no device, or not supported on it
    EXIT_MEMORY = 5,      // host or device memory
    EXIT_DIVERGED = 6,    // a loss became NaN or infinite; the last good checkpoint is kept
    EXIT_INTERRUPTED = 7, // stopped by the user, resumable
    EXIT_DEVICE_LOST = 8  // resumable from the last checkpoint
};

// Prints "venn: <message>" to standard error and returns the exit code of the status.
int cli_fail(venn_status status);
int cli_exit_code(venn_status status);

// Around the command, for the program's main: what a command may not have seen becomes its exit code, after a message.
void cli_begin(void);
int cli_ended(int code);

// Options that most subcommands take; embed as the first argp child.
typedef struct cli_common {
    const char *device; // --device
    bool json;          // --json
    int verbose;        // -v adds one, -q subtracts one
} cli_common;

extern const struct argp cli_common_argp;   // --device --json -v -q
extern const struct argp cli_messages_argp; // --json -v -q
// Parses with `argp` whose child 0 is one of the above; sets up the log. Exits on --help and usage
// errors (EXIT_USAGE).
void cli_parse(const struct argp *argp, int argc, char **argv, void *input, cli_common *common);

// Opens the device of --device / VENN_DEVICE and says on standard error which it is, if software.
venn_status cli_open_device(const cli_common *common, venn_device **device);

// The value of `option` ("--seeds"), a whole number from 1 to `most`; a usage error if it is none.
uint32_t cli_count(const char *text, const char *option, uint32_t most,
                   const struct argp_state *state);

// Writes text and a line's end. EXIT_INPUT, with a message, if it cannot.
int cli_write(const char *path, const char *text);

// Prints a JSON file of a run's folder with the folder's name in it. An exit code, after a message.
int cli_print_kept(const char *folder, const char *name);

typedef struct cli_command {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} cli_command;

// Commands of `program` ("venn", "venn mfh"), and what its help says before and after their list.
typedef struct cli_menu {
    const char *program, *head, *tail;
    const cli_command *commands;
    int n;
} cli_menu;

// Runs the command that argv[1] names, which sees itself as argv[0]; prints the help where none is named.
int cli_choose(const cli_menu *menu, int argc, char **argv);

// `venn completion`, which no help lists: cli_complete.c. The other two do nothing but while completing, and
// then print what fits the last word: options, and end the program; or commands, and return true.
int cli_completion(const cli_menu *menu, int argc, char **argv);
void cli_complete_options(const struct argp *argp, int argc, char **argv);
bool cli_complete_commands(const cli_menu *menu, int argc, char **argv);

// One line per subcommand; each lives in cmd_<name>.c.
#define CLI_COMMANDS(X)                                                                            \
    X(distill, "train a teacher, a student, and the student with the teacher")                     \
    X(train, "train the student alone")                                                            \
    X(methods, "list the methods of distillation and their parameters")                            \
    X(eval, "evaluate weights on a data set")                                                      \
    X(inspect, "show what is in a weight file or a config")                                        \
    X(mfh, "the experiments of the Modality Focusing Hypothesis")                                  \
    X(bench, "measure devices: peaks, kernels, training steps")                                    \
    X(tune, "measure which kernels suit a device, and keep it")                                    \
    X(compare, "put measured devices side by side, or against a baseline")                         \
    X(devices, "list Vulkan devices and what venn makes of them")                                  \
    X(doctor, "test a device and say in plain words what works on it")                             \
    X(op, "run one op, forward and backward, on arrays of yours")                                  \
    X(ops, "put every op to the test on a device, type by type")                                   \
    X(version, "print versions of venn and of what it was built with")

#define CLI_PROTOTYPE(name, summary) int cmd_##name(int argc, char **argv);
CLI_COMMANDS(CLI_PROTOTYPE)
#undef CLI_PROTOTYPE

#endif
