// Whether fusing pays (see fuse.h): what a run saves against what making a kernel costs. The figures are estimates, of
// launches and kernels on llvmpipe and of what is usual on GPUs; a wrong one costs time, never a bit.
#include "graph/fuse.h"

enum {
    UNKNOWN_RUNS = 1000,
    SOFTWARE_LAUNCH_US = 10,
    LAUNCH_US = 4,
    SOFTWARE_BYTES_PER_US = 5000,
    BYTES_PER_US = 200000,
    SOFTWARE_PIPELINE_US = 150000,
    PIPELINE_US = 30000,
    COMPILE_US = 50000
};

static double bytes_of(const venn_value *value)
{
    return (double)value->count * (double)venn_dtype_size(value->dtype);
}

double venn_fuse_saves(const venn_node *n, bool software)
{
    const venn_fused *fused = n->params;
    double bytes = 0;
    for (int k = 0; k < fused->n; k++) {
        const venn_node *part = fused->part[k].node;
        for (int i = 0; i < part->n_in; i++)
            bytes += bytes_of(part->in[i]);
        bytes += bytes_of(part->out[0]);
    }
    for (int i = 0; i < n->n_in; i++)
        bytes -= bytes_of(n->in[i]);
    for (int o = 0; o < n->n_out; o++)
        bytes -= bytes_of(n->out[o]);
    return (fused->n - 1) * (software ? SOFTWARE_LAUNCH_US : LAUNCH_US) +
           bytes / (software ? SOFTWARE_BYTES_PER_US : BYTES_PER_US);
}

bool venn_fuse_pays(venn_kernels *kernels, const venn_fused *fused, double saved_us,
                    const venn_compile_params *params)
{
    const bool software = venn_kernels_profile(kernels)->software;
    const double runs = (double)(params->runs ? params->runs : UNKNOWN_RUNS);
    const double cost = (software ? SOFTWARE_PIPELINE_US : PIPELINE_US) +
                        (venn_fused_is_new(kernels, fused) ? COMPILE_US : 0);
    return params->fuse == VENN_FUSE_ON || saved_us * runs > cost;
}
