#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "toy_training.h"

// Class k has mean 1.5 at feature k of both modalities.
static void make_split(venn_dataset *data, venn_split_id id, int64_t n, uint32_t stream)
{
    float *a = malloc((size_t)n * TOY_WIDTH * sizeof *a),
          *b = malloc((size_t)n * TOY_WIDTH * sizeof *b);
    int32_t *labels = malloc((size_t)n * sizeof *labels);
    venn_rng rng = venn_rng_make(5, 0, stream);
    for (int64_t i = 0; i < n; i++) {
        labels[i] = (int32_t)venn_rng_below(&rng, TOY_CLASSES);
        for (int k = 0; k < TOY_WIDTH; k++) {
            a[i * TOY_WIDTH + k] = venn_rng_normal(&rng) + (k == labels[i] ? 2.5f : 0);
            b[i * TOY_WIDTH + k] = venn_rng_normal(&rng) + (k == labels[i] ? 1.5f : 0);
        }
    }
    cr_assert_eq(venn_dataset_set_split(data, id, n, labels, (const float *const[]){a, b}),
                 VENN_OK);
    free(a);
    free(b);
    free(labels);
}

venn_dataset *toy_data(void)
{
    venn_dataset *data;
    const int64_t width = TOY_WIDTH;
    venn_shape shape = venn_shape_make(&width, 1);
    cr_assert_eq(venn_dataset_create(&data, "toy", TOY_CLASSES, NULL, 2,
                                     (const char *const[]){"a", "b"}, (venn_shape[]){shape, shape}),
                 VENN_OK);
    make_split(data, VENN_TRAIN, TOY_TRAIN, 0);
    make_split(data, VENN_VALID, TOY_TEST, 1);
    make_split(data, VENN_TEST, TOY_TEST, 2);
    return data;
}

venn_status toy_net_make(venn_net **net, venn_device *device, uint64_t seed)
{
    static const venn_layer layers[] = {{.kind = VENN_LAYER_LINEAR, .out = 16},
                                        {.kind = VENN_LAYER_RELU},
                                        {.kind = VENN_LAYER_DROPOUT, .p = 0.1f},
                                        {.kind = VENN_LAYER_LINEAR, .out = TOY_CLASSES}};
    const int64_t width = TOY_WIDTH;
    venn_branch branch = {.layers = layers, .n_layers = 4, .input = venn_shape_make(&width, 1)};
    return venn_net_create(net, device, &(venn_net_params){.branches = &branch, .n_branches = 1},
                           seed);
}

venn_net *toy_net(venn_device *device, uint64_t seed)
{
    venn_net *net;
    cr_assert_eq(toy_net_make(&net, device, seed), VENN_OK, "%s", venn_error_message());
    return net;
}

char *toy_folder(void)
{
    char *path = strdup("/tmp/venn-fit-XXXXXX");
    cr_assert_not_null(mkdtemp(path));
    return path;
}

bool toy_same_file(const char *a, const char *b, const char *name)
{
    void *x, *y;
    size_t nx, ny;
    char *pa = venn_path_join(a, name), *pb = venn_path_join(b, name);
    cr_assert_eq(venn_file_read(pa, 0, &x, &nx), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_file_read(pb, 0, &y, &ny), VENN_OK, "%s", venn_error_message());
    bool same = nx == ny && memcmp(x, y, nx) == 0;
    free(x);
    free(y);
    free(pa);
    free(pb);
    return same;
}

void toy_remove_folder(char *path)
{
    static const char *const names[] = {"best.safetensors", "last.safetensors", "done.json"};
    for (int i = 0; i < 3; i++) {
        char *file = venn_path_join(path, names[i]);
        unlink(file);
        free(file);
    }
    rmdir(path);
    free(path);
}
