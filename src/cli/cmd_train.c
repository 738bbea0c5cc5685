// venn train: the student alone.
#include "cli_run.h"

int cmd_train(int argc, char **argv)
{
    return cli_run(
        argc, argv,
        "Train the config's student on the labels alone, with its first seed.\vCONFIG is as for "
        "`venn distill`. Ctrl-C finishes the step and saves; --resume goes on.",
        venn_distill_train);
}
