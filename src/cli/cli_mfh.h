// The subcommands of `venn mfh`; argv[0] is "venn mfh NAME".
#ifndef VENN_CLI_MFH_H
#define VENN_CLI_MFH_H

#include "cli.h"

int cli_mfh_rank(int argc, char **argv);
int cli_mfh_features(int argc, char **argv);
int cli_mfh_teachers(int argc, char **argv);
int cli_mfh_diagram(int argc, char **argv);
int cli_mfh_gaussian(int argc, char **argv);
int cli_mfh_avd(int argc, char **argv);
int cli_mfh_report(int argc, char **argv);

// A result's JSON to standard output where --json was given, and into the file if path is not NULL.
// Returns the exit code.
int cli_mfh_put(const char *text, const cli_common *common, const char *path);

#endif
