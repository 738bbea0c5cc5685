// venn distill: the main job.
#include "cli_run.h"

int cmd_distill(int argc, char **argv)
{
    return cli_run(
        argc, argv,
        "Train the config's teacher (or load it), its student without the teacher, and the same "
        "student with it, over several seeds; print the table and leave a run folder with report, "
        "metrics and checkpoints.\vCONFIG is a YAML file or the name of an embedded config "
        "(\"digits-kd\"). Ctrl-C finishes the step and saves; --resume goes on.",
        venn_distill_run);
}
