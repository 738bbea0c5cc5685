// The modality Venn diagram's three shares, and the names of what is measured.
#include <string.h>

#include "base/status.h"
#include "venn/mfh.h"

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

double venn_diagram_alpha(const venn_modality_diagram *d)
{
    return share(d->only_a, d->only_a + d->shared);
}

double venn_diagram_beta(const venn_modality_diagram *d)
{
    return share(d->only_b, d->only_b + d->shared);
}

double venn_diagram_gamma(const venn_modality_diagram *d)
{
    return share(d->shared, d->only_a + d->only_b + d->shared);
}

static const char *const sweep_names[] = {"gamma", "alpha", "table2", "avd"};

const char *venn_mfh_sweep_name(venn_mfh_sweep sweep)
{
    return sweep_names[sweep];
}

venn_status venn_mfh_sweep_parse(const char *text, venn_mfh_sweep *sweep)
{
    for (int i = 0; i < 4; i++)
        if (strcmp(text, sweep_names[i]) == 0) {
            *sweep = (venn_mfh_sweep)i;
            return VENN_OK;
        }
    return venn_fail(VENN_BAD_ARG, "there is no sweep \"%s\": gamma, alpha, table2 or avd", text);
}

const char *venn_mfh_model_name(venn_mfh_model model)
{
    static const char *const names[VENN_MFH_MODELS] = {
        "teacher",          "student",         "distilled",
        "truth teacher",    "truth distilled", "ranked teacher",
        "ranked distilled", "random teacher",  "random distilled"};
    return names[model];
}
