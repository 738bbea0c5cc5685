// A data set that the program makes itself: waves of three forms, written by a callback item by item. A
// convolution along the time axis learns to tell the forms apart.
#include <math.h>
#include <stdio.h>

#include <venn/venn.h>

enum { SAMPLES = 64, FORMS = 3 };

static const char *const forms[FORMS] = {"sine", "square", "sawtooth"};

// Numbers that depend on split and item alone, so that every run has the same data.
static double draw(venn_split_id split, int64_t i, uint32_t which)
{
    uint32_t h =
        (uint32_t)i * 2654435761u ^ (uint32_t)(split + 1) * 2246822519u ^ which * 3266489917u;
    h = (h ^ h >> 15) * 739982445u;
    return (double)(h ^ h >> 12) / 4294967296.0;
}

static venn_status make_wave(void *user, venn_split_id split, int64_t i, int32_t *label,
                             float *const *x)
{
    const double *noise = user;
    const double phase = draw(split, i, 1), periods = 1 + 3 * draw(split, i, 2);
    *label = (int32_t)(i % FORMS);
    for (int t = 0; t < SAMPLES; t++) {
        const double at = phase + periods * t / SAMPLES, part = at - floor(at);
        const double wave = *label == 0   ? sin(2 * 3.14159265358979 * part)
                            : *label == 1 ? (part < 0.5 ? 1 : -1)
                                          : 2 * part - 1;
        x[0][t] = (float)(wave + *noise * (draw(split, i, 3 + (uint32_t)t) - 0.5));
    }
    return VENN_OK;
}

static venn_status make_data(venn_dataset **data)
{
    const char *const modality = "wave";
    const venn_shape shape = VENN_SHAPE(1, SAMPLES);
    double noise = 0.6;
    venn_status status = venn_dataset_create(data, "waves", FORMS, forms, 1, &modality, &shape);
    if (status == VENN_OK)
        status = venn_dataset_fill_split(*data, VENN_TRAIN, 1200, make_wave, &noise);
    if (status == VENN_OK)
        status = venn_dataset_fill_split(*data, VENN_TEST, 300, make_wave, &noise);
    return status;
}

static venn_status train(venn_device *device, const venn_dataset *data, venn_net **net)
{
    const venn_layer layers[] = {
        {.kind = VENN_LAYER_CONV, .out = 12, .kernel = {9}, .padding = {4}},
        {.kind = VENN_LAYER_RELU},
        {.kind = VENN_LAYER_MAX_POOL, .kernel = {4}},
        {.kind = VENN_LAYER_FLATTEN},
        {.kind = VENN_LAYER_LINEAR, .out = 32},
        {.kind = VENN_LAYER_RELU},
        {.kind = VENN_LAYER_LINEAR, .out = FORMS},
    };
    const venn_branch branch = {.layers = layers,
                                .n_layers = sizeof layers / sizeof *layers,
                                .input = data->modalities[0].shape};
    venn_status status =
        venn_net_create(net, device, &(venn_net_params){.branches = &branch, .n_branches = 1}, 1);
    if (status < 0)
        return status;
    const venn_fit fit = {.net = *net,
                          .modalities = (const char *const[]){"wave"},
                          .data = data,
                          .epochs = 8,
                          .batch = 50,
                          .seed = 1,
                          .optim = {.kind = VENN_OPTIM_ADAM, .lr = 0.003}};
    venn_fit_result result;
    status = venn_fit_run(device, &fit, &result);
    if (status == VENN_OK)
        printf("test accuracy: %.1f %%\n", 100 * result.test_accuracy);
    venn_fit_result_finish(&result);
    return status;
}

// The present weights on the test split, form by form.
static venn_status print_forms(venn_device *device, venn_net *net, const venn_dataset *data)
{
    int32_t said[300], right[FORMS] = {0};
    venn_evaluation all;
    venn_status status = venn_evaluate(device, net, (const char *const[]){"wave"}, data, VENN_TEST,
                                       0, &all, NULL, said);
    if (status < 0)
        return status;
    for (int i = 0; i < 300; i++)
        right[data->split[VENN_TEST].labels[i]] += said[i] == data->split[VENN_TEST].labels[i];
    for (int f = 0; f < FORMS; f++)
        printf("%s: %d of 100 are told\n", forms[f], right[f]);
    return VENN_OK;
}

int main(void)
{
    venn_device *device = NULL;
    venn_dataset *data = NULL;
    venn_net *net = NULL;
    venn_status status = venn_device_create(&device, NULL);
    if (status == VENN_OK)
        status = make_data(&data);
    if (status == VENN_OK)
        status = train(device, data, &net);
    if (status == VENN_OK)
        status = print_forms(device, net, data);
    if (status < 0)
        fprintf(stderr, "%s\n", venn_error_message());
    venn_net_destroy(&net);
    venn_dataset_destroy(&data);
    venn_device_destroy(&device);
    return status < 0;
}
