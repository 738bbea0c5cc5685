// Trains a small network on written digits from scratch, and says how well it reads others.
#include <stdio.h>

#include <venn/venn.h>

static void on_epoch(void *user, const venn_metrics *m)
{
    (void)user;
    printf("epoch %u: loss %.3f, accuracy %.1f %% in training, %.1f %% in validation\n", m->epoch,
           m->loss, 100 * m->train_accuracy, 100 * m->valid_accuracy);
}

static venn_status train(venn_device *device, const venn_dataset *data, venn_net **net)
{
    const venn_layer layers[] = {{.kind = VENN_LAYER_FLATTEN},
                                 {.kind = VENN_LAYER_LINEAR, .out = 64},
                                 {.kind = VENN_LAYER_RELU},
                                 {.kind = VENN_LAYER_LINEAR, .out = data->class_count}};
    const venn_branch branch = {
        .layers = layers, .n_layers = 4, .input = data->modalities[0].shape};
    const venn_net_params params = {.branches = &branch, .n_branches = 1};
    venn_status status = venn_net_create(net, device, &params, 1);
    if (status < 0)
        return status;
    const venn_fit fit = {.net = *net,
                          .modalities = (const char *const[]){"image"},
                          .data = data,
                          .epochs = 5,
                          .seed = 1,
                          .optim = {.kind = VENN_OPTIM_ADAM},
                          .observer = &(venn_observer){.on_epoch = on_epoch}};
    venn_fit_result result;
    status = venn_fit_run(device, &fit, &result);
    if (status == VENN_OK)
        printf("test accuracy: %.1f %%\n", 100 * result.test_accuracy);
    venn_fit_result_finish(&result);
    return status;
}

int main(void)
{
    const venn_dataset_params image = {.modalities = (const char *const[]){"image"},
                                       .modality_count = 1};
    venn_device *device = NULL;
    venn_dataset *data = NULL;
    venn_net *net = NULL;
    venn_status status = venn_device_create(&device, NULL);
    if (status == VENN_OK)
        status = venn_dataset_load(&data, "digits", &image);
    if (status == VENN_OK)
        status = train(device, data, &net);
    if (status < 0)
        fprintf(stderr, "%s\n", venn_error_message());
    venn_net_destroy(&net);
    venn_dataset_destroy(&data);
    venn_device_destroy(&device);
    return status < 0;
}
