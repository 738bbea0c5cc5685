// Class activation maps from their pieces, on a network that ends in a global average and a linear layer:
// there the gradient of a class's score for each pixel is the class's weights over the pixels, so that
// Grad-CAM is CAM divided by the pixels.
#include <criterion/criterion.h>
#include <math.h>

#include "program_bed.h"

enum { BATCH = 3, CHANNELS = 5, HEIGHT = 4, WIDTH = 6, CLASSES = 7, PIXELS = HEIGHT * WIDTH };

static void fill(float *data, size_t n, unsigned state)
{
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        data[i] = (float)(state >> 8) / (float)(1 << 23) - 1;
    }
}

// The gradient of each image's score for its class, averaged over each map.
static venn_tensor score_weights(bed *b, venn_tensor maps, venn_tensor w, venn_tensor classes)
{
    const venn_tensor scores = venn_matmul(b->g, venn_global_avg_pool(b->g, maps), w, VENN_NONE,
                                           &(venn_matmul_params){.trans_b = true});
    const venn_tensor chosen = venn_take_rows(b->g, scores, classes, 1);
    venn_tensor slope;
    cr_assert_eq(
        venn_graph_gradients(b->g, venn_sum(b->g, chosen, NULL), VENN_NONE, 1, &maps, &slope),
        VENN_OK);
    return venn_global_avg_pool(b->g, slope);
}

Test(class_maps, cam_and_grad_cam)
{
    static float maps[BATCH * CHANNELS * PIXELS], w[CLASSES * CHANNELS];
    const int32_t classes[BATCH] = {2, 6, 0};
    fill(maps, sizeof maps / sizeof *maps, 1), fill(w, sizeof w / sizeof *w, 2);
    bed b = bed_create();
    const venn_tensor tx = bed_input(&b, "maps", VENN_SHAPE(BATCH, CHANNELS, HEIGHT, WIDTH));
    const venn_tensor tw = bed_input(&b, "w", VENN_SHAPE(CLASSES, CHANNELS));
    const venn_tensor tc = venn_graph_input(b.g, "classes", VENN_I32, VENN_SHAPE(BATCH, 1));
    const venn_tensor rows =
        venn_reshape(b.g, venn_take_rows(b.g, tw, tc, 0), VENN_SHAPE(BATCH, CHANNELS));
    const venn_tensor cam = venn_class_activation_map(b.g, tx, rows);
    const venn_tensor grad_cam = venn_class_activation_map(b.g, tx, score_weights(&b, tx, tw, tc));
    const venn_tensor plane = venn_reshape(b.g, cam, VENN_SHAPE(BATCH, 1, HEIGHT, WIDTH));
    venn_graph_output(b.g, "cam", cam);
    venn_graph_output(b.g, "grad_cam", grad_cam);
    venn_graph_output(
        b.g, "large",
        venn_resize_bilinear(b.g, plane, &(venn_resize_bilinear_params){.size = {8, 12}}));
    bed_compile(&b);
    bed_set(&b, "maps", maps), bed_set(&b, "w", w), bed_set(&b, "classes", classes);
    bed_run(&b);
    const float *got = bed_get(&b, "cam"), *graded = bed_get(&b, "grad_cam"),
                *large = bed_get(&b, "large");
    int seen = 0;
    for (int image = 0; image < BATCH; image++)
        for (int at = 0; at < PIXELS; at++) {
            double want = 0;
            for (int c = 0; c < CHANNELS; c++)
                want += (double)w[classes[image] * CHANNELS + c] *
                        (double)maps[(image * CHANNELS + c) * PIXELS + at];
            want = fmax(want, 0);
            seen += want > 0;
            cr_expect(fabs((double)got[image * PIXELS + at] - want) < 1e-6);
            cr_expect(fabs((double)graded[image * PIXELS + at] * PIXELS - want) < 1e-5);
        }
    cr_expect(seen > 10 && seen < BATCH * PIXELS - 10);
    cr_expect(fabsf(large[0] - got[0]) < 1e-6f, "a corner keeps its value");
    bed_destroy(&b);
}
