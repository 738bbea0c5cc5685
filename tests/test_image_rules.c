// What convolutions, pools and other ops on images refuse, and the shapes that they give.
#include <criterion/criterion.h>

#include "expect_shape.h"

#define X(...) expect_input(g, "x", VENN_SHAPE(__VA_ARGS__))
#define W(...) expect_input(g, "w", VENN_SHAPE(__VA_ARGS__))

Test(image_rules, convolution_misfits)
{
    EXPECT_MISFIT("conv1d: x must be [B, C, L]", "[3, 4]", venn_conv1d(g, a, b, VENN_NONE, NULL));
    EXPECT_MISFIT("conv3d: x must be [B, C, D, H, W]", "w [K, C / groups, kd, kh, kw]",
                  venn_conv3d(g, X(2, 3, 5, 5), W(4, 3, 3, 3), VENN_NONE, NULL));
    EXPECT_MISFIT("conv1d: w must have 3 channels", "[4, 2, 3]",
                  venn_conv1d(g, X(2, 3, 5), W(4, 2, 3), VENN_NONE, NULL));
    EXPECT_MISFIT("conv_transpose2d: w must have 3 channels", "[4, 2, 3, 3]",
                  venn_conv_transpose2d(g, X(2, 3, 5, 5), W(4, 2, 3, 3), VENN_NONE, NULL));
    EXPECT_MISFIT("conv2d: groups=2 must divide", "[2, 3, 5, 5]",
                  venn_conv2d(g, X(2, 3, 5, 5), W(4, 3, 3, 3), VENN_NONE,
                              &(venn_conv2d_params){.groups = 2}));
    EXPECT_MISFIT("conv1d: ", "larger than the padded image",
                  venn_conv1d(g, X(2, 3, 2), W(4, 3, 3), VENN_NONE, NULL));
    EXPECT_MISFIT("conv3d: ", "out of range",
                  venn_conv3d(g, X(2, 3, 5, 5, 5), W(4, 3, 3, 3, 3), VENN_NONE,
                              &(venn_conv3d_params){.pad = {0, -1, 0}}));
    EXPECT_MISFIT("conv1d: bias must be [K]", "[3, 4]",
                  venn_conv1d(g, X(2, 3, 5), W(4, 3, 3), a, NULL));
    EXPECT_MISFIT(
        "conv_transpose1d: output_pad=2", "less than the stride",
        venn_conv_transpose1d(g, X(2, 3, 5), W(3, 4, 3), VENN_NONE,
                              &(venn_conv_transpose1d_params){.stride = 2, .output_pad = 2}));
    EXPECT_MISFIT("conv_transpose3d: ", "leaves nothing",
                  venn_conv_transpose3d(g, X(2, 3, 1, 5, 5), W(3, 4, 1, 3, 3), VENN_NONE,
                                        &(venn_conv_transpose3d_params){.pad = {1, 0, 0}}));
}

Test(image_rules, pool_misfits)
{
    EXPECT_MISFIT("max_pool1d: x must be [B, C, L]", "[3, 4]", venn_max_pool1d(g, a, NULL));
    EXPECT_MISFIT("avg_pool3d: x must be [B, C, D, H, W]", "[3, 4]", venn_avg_pool3d(g, a, NULL));
    EXPECT_MISFIT("max_pool3d: pad=2", "half the kernel",
                  venn_max_pool3d(g, X(2, 3, 5, 5, 5),
                                  &(venn_pool3d_params){.kernel = {3, 3, 3}, .pad = {0, 0, 2}}));
    EXPECT_MISFIT("avg_pool1d: ", "larger than the padded image",
                  venn_avg_pool1d(g, X(2, 3, 5), &(venn_pool1d_params){.kernel = 6}));
    EXPECT_MISFIT("max_pool2d: ", "must not be negative",
                  venn_max_pool2d(g, X(2, 3, 5, 5), &(venn_pool2d_params){.stride = {0, -1}}));
    EXPECT_MISFIT("adaptive_max_pool2d: ", "size=-1,2",
                  venn_adaptive_max_pool2d(g, X(2, 3, 5, 5),
                                           &(venn_adaptive_pool2d_params){.size = {-1, 2}}));
}

Test(image_rules, misfits)
{
    const venn_pixel_shuffle_params two = {2};
    EXPECT_MISFIT("pixel_shuffle: factor=2", "multiple of 4",
                  venn_pixel_shuffle(g, X(1, 6, 2, 2), &two));
    EXPECT_MISFIT("pixel_shuffle: factor=-1", "1 or more",
                  venn_pixel_shuffle(g, X(1, 6, 2, 2), &(venn_pixel_shuffle_params){-1}));
    EXPECT_MISFIT("pixel_unshuffle: factor=2 must divide", "[1, 6, 2, 3]",
                  venn_pixel_unshuffle(g, X(1, 6, 2, 3), &two));
    EXPECT_MISFIT("gaussian_blur: symmetric cannot fill a border of 4", "[1, 1, 9, 3]",
                  venn_gaussian_blur(g, X(1, 1, 9, 3),
                                     &(venn_gaussian_blur_params){1, 0, VENN_PAD_SYMMETRIC}));
    EXPECT_MISFIT("gaussian_blur: sigma=-1", "negative",
                  venn_gaussian_blur(g, X(1, 1, 9, 3), &(venn_gaussian_blur_params){.sigma = -1}));
    EXPECT_MISFIT("class_activation_map: w must be [B, C]", "w [2, 4]",
                  venn_class_activation_map(g, X(2, 3, 5, 5), b));
}

Test(image_rules, shapes)
{
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    const venn_tensor image = expect_input(g, "image", VENN_SHAPE(2, 8, 6, 10));
    const venn_tensor volume = expect_input(g, "volume", VENN_SHAPE(2, 3, 7, 6, 5));
    const venn_tensor row = expect_input(g, "row", VENN_SHAPE(2, 4, 9));
    EXPECT_SHAPE(venn_conv1d(g, row, expect_input(g, "w1", VENN_SHAPE(6, 2, 3)), VENN_NONE,
                             &(venn_conv1d_params){.stride = 2, .pad = 1, .groups = 2}),
                 2, 6, 5);
    EXPECT_SHAPE(venn_conv3d(g, volume, expect_input(g, "w3", VENN_SHAPE(5, 3, 3, 3, 3)), VENN_NONE,
                             &(venn_conv3d_params){.stride = {2, 1, 1}, .dilation = {3, 1, 1}}),
                 2, 5, 1, 4, 3);
    EXPECT_SHAPE(
        venn_conv_transpose2d(g, image, expect_input(g, "w2", VENN_SHAPE(8, 4, 4, 4)), VENN_NONE,
                              &(venn_conv_transpose2d_params){.stride = {2, 2}, .pad = {1, 1}}),
        2, 4, 12, 20);
    EXPECT_SHAPE(venn_max_pool3d(g, volume, &(venn_pool3d_params){.kernel = {3, 2, 1}}), 2, 3, 2, 3,
                 5);
    EXPECT_SHAPE(venn_avg_pool1d(g, row, &(venn_pool1d_params){4, 3, 2}), 2, 4, 4);
    EXPECT_SHAPE(venn_pixel_shuffle(g, image, &(venn_pixel_shuffle_params){2}), 2, 2, 12, 20);
    EXPECT_SHAPE(venn_pixel_unshuffle(g, image, &(venn_pixel_shuffle_params){2}), 2, 32, 3, 5);
    EXPECT_SHAPE(venn_gaussian_blur(g, image, NULL), 2, 8, 6, 10);
    EXPECT_SHAPE(venn_class_activation_map(g, image, expect_input(g, "c", VENN_SHAPE(2, 8))), 2, 6,
                 10);
    cr_expect_eq(venn_graph_status(g), VENN_OK);
    venn_graph_destroy(&g);
}
