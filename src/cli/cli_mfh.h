// The subcommands of `venn mfh` that have options of their own.
#ifndef VENN_CLI_MFH_H
#define VENN_CLI_MFH_H

#include "cli.h"

// venn mfh rank. argv[0] is "rank".
int cli_mfh_rank(int argc, char **argv);

#endif
