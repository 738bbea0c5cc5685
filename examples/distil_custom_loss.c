// A network that hears spoken digits teaches one that sees written ones, by a loss of the program's own:
// the squared distance between what the two say, as probabilities softened by a temperature. The same
// student is trained without it as well.
#include <stdio.h>

#include <venn/venn.h>

typedef struct lesson {
    const venn_net *student, *teacher;
    float temperature, weight;
} lesson;

// Whatever ops are appended here are differentiated, and recorded with the rest of the step.
static venn_tensor lesson_loss(void *user, venn_step *s)
{
    const lesson *l = user;
    venn_tensor said = venn_step_apply(s, l->student, NULL);
    venn_tensor heard = venn_step_apply(s, l->teacher, NULL);
    venn_tensor ce = venn_cross_entropy(s->g, said, venn_step_labels(s, NULL), NULL);
    venn_tensor p = venn_softmax(s->g, venn_scale(s->g, said, 1 / l->temperature, 0));
    venn_tensor q = venn_softmax(s->g, venn_scale(s->g, heard, 1 / l->temperature, 0));
    venn_tensor distances = venn_sum(s->g, venn_square(s->g, venn_sub(s->g, p, q)),
                                     &(venn_reduce_params){.axes = 1 << 1});
    venn_tensor distance = venn_mean(s->g, distances, NULL);
    venn_step_term(s, "ce", ce);
    venn_step_term(s, "distance", distance);
    return venn_add(s->g, ce, venn_scale(s->g, distance, l->weight, 0));
}

static venn_status make_net(venn_net **net, venn_device *device, const venn_dataset *data,
                            int modality, int width)
{
    const venn_layer layers[] = {{.kind = VENN_LAYER_FLATTEN},
                                 {.kind = VENN_LAYER_LINEAR, .out = width},
                                 {.kind = VENN_LAYER_RELU},
                                 {.kind = VENN_LAYER_LINEAR, .out = data->class_count}};
    const venn_branch branch = {
        .layers = layers, .n_layers = 4, .input = data->modalities[modality].shape};
    return venn_net_create(net, device, &(venn_net_params){.branches = &branch, .n_branches = 1},
                           7);
}

// Trains `net` on one modality. With a teacher, which is frozen and hears the other, by the lesson.
static venn_status train(venn_device *device, const venn_dataset *data, venn_net *net,
                         const char *modality, venn_net *teacher, venn_fit_result *result)
{
    lesson l = {.student = net, .teacher = teacher, .temperature = 2, .weight = 4};
    const venn_objective objective = {.user = &l, .loss = lesson_loss};
    const venn_fit_net other = {.net = teacher,
                                .name = "teacher",
                                .modalities = (const char *const[]){"audio"},
                                .role = VENN_NET_FROZEN,
                                .cache = true};
    const venn_fit fit = {.net = net,
                          .modalities = &modality,
                          .others = &other,
                          .n_others = teacher ? 1 : 0,
                          .data = data,
                          .epochs = 6,
                          .batch = 50,
                          .seed = 1,
                          .optim = {.kind = VENN_OPTIM_ADAM},
                          .objective = teacher ? &objective : NULL};
    return venn_fit_run(device, &fit, result);
}

static void print(const char *who, const venn_fit_result *result)
{
    printf("%s: test accuracy %.1f %%\n", who, 100 * result->test_accuracy);
    for (uint32_t e = 0; e < result->n_epochs; e += result->n_epochs - 1)
        for (int t = 0; t < result->history[e].n_terms; t++)
            printf("  epoch %u: %s %.4f\n", result->history[e].epoch,
                   result->history[e].terms[t].name, result->history[e].terms[t].value);
}

static venn_status lessons(venn_device *device, const venn_dataset *data, venn_net *net[3])
{
    static const char *const who[] = {"teacher", "student alone", "student taught"};
    int audio, image;
    venn_status status = venn_dataset_modality(data, "audio", &audio);
    if (status == VENN_OK)
        status = venn_dataset_modality(data, "image", &image);
    for (int i = 0; i < 3 && status == VENN_OK; i++) {
        venn_fit_result result = {0};
        status = make_net(&net[i], device, data, i ? image : audio, i ? 48 : 64);
        if (status == VENN_OK)
            status =
                train(device, data, net[i], i ? "image" : "audio", i == 2 ? net[0] : NULL, &result);
        if (status == VENN_OK)
            print(who[i], &result);
        venn_fit_result_finish(&result);
    }
    return status;
}

int main(void)
{
    venn_device *device = NULL;
    venn_dataset *data = NULL;
    venn_net *net[3] = {0};
    venn_status status = venn_device_create(&device, NULL);
    if (status == VENN_OK)
        status = venn_dataset_load(&data, "digits", NULL);
    if (status == VENN_OK)
        status = lessons(device, data, net);
    if (status < 0)
        fprintf(stderr, "%s\n", venn_error_message());
    for (int i = 0; i < 3; i++)
        venn_net_destroy(&net[i]);
    venn_dataset_destroy(&data);
    venn_device_destroy(&device);
    return status < 0;
}
