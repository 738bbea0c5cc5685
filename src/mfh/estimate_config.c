// The estimated diagram of a config's two networks.
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "base/thread.h"
#include "distill/config_internal.h"
#include "mfh/config_nets.h"
#include "venn/mfh.h"

static venn_status fill(venn_mfh_estimate *out, const venn_config_nets *nets)
{
    const config_file *file = nets->config->file;
    out->name = venn_strdup(file->name);
    out->data = venn_strdup(nets->data->name);
    out->a.modality = venn_config_inputs_text(file->teacher, false);
    out->a.network = venn_config_inputs_text(file->teacher, true);
    out->b.modality = venn_config_inputs_text(file->student, false);
    out->b.network = venn_config_inputs_text(file->student, true);
    return out->name && out->data && out->a.modality && out->a.network && out->b.modality &&
                   out->b.network
               ? VENN_OK
               : VENN_NO_MEMORY;
}

static venn_status measure(venn_config_nets *nets, venn_mfh_estimate *out)
{
    const config_file *file = nets->config->file;
    const config_ranking *ranking = file->ranking;
    const venn_mfh_estimate_params params = {.place_a = ranking ? ranking->layer : NULL,
                                             .place_b = ranking ? ranking->student_layer : NULL,
                                             .permutations = ranking ? ranking->permutations : 0,
                                             .seed = file->first_seed};
    double accuracy[2] = {NAN, NAN};
    if (nets->data->tags)
        return venn_fail(VENN_UNSUPPORTED,
                         "the diagram is of data with one class per pair, but those "
                         "of %s may be of several (its %s)",
                         nets->data->name, nets->data->tags);
    if (file->teacher->load)
        VENN_TRY(venn_config_nets_load_teacher(nets, &accuracy[0]));
    else
        VENN_TRY(venn_config_nets_train(nets, true, file->first_seed, &accuracy[0]));
    VENN_TRY(venn_config_nets_train(nets, false, file->first_seed, &accuracy[1]));
    VENN_TRY(venn_mfh_estimate_measure(nets->device, &nets->teacher, &nets->student, nets->data,
                                       &params, out));
    out->a.accuracy = accuracy[0];
    out->b.accuracy = accuracy[1];
    return fill(out, nets);
}

venn_status venn_mfh_estimate_config(venn_device *device, const venn_distill_config *config,
                                     const venn_distill_observer *observer, venn_mfh_estimate *out)
{
    const uint64_t start = venn_clock_ns();
    venn_config_nets nets;
    *out = (venn_mfh_estimate){0};
    venn_status status = venn_config_nets_open(&nets, device, config, "diagram", 2, observer);
    if (status == VENN_OK)
        status = measure(&nets, out);
    venn_config_nets_close(&nets);
    out->seconds = (double)(venn_clock_ns() - start) * 1e-9;
    if (status < 0)
        venn_mfh_estimate_finish(out);
    return status;
}
