// venn/ops_conv.h: convolutions, pools and other ops on images beyond the ones in ops.h, which includes
// this page and explains its terms. Images are [B, C, H, W], sequences [B, C, L], volumes [B, C, D, H, W].
// Names and rules are PyTorch's where it has the same op.
#ifndef VENN_OPS_CONV_H
#define VENN_OPS_CONV_H

#include "venn/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Convolutions ----------------------------------------------------------------------------

typedef struct venn_conv_transpose2d_params {
    int32_t stride[2]; // pixels of y from one pixel of x to the next; 0: 1
    int32_t pad[2];    // pixels cut off y on each side; 0: none
    int32_t
        output_pad[2];   // pixels added to y at the bottom and right, fewer than stride or dilation
    int32_t dilation[2]; // pixels between neighbouring taps; 0: 1
    int32_t groups;      // channels of x and y are cut in so many independent groups; 0: 1
    venn_activation act; // applied last; 0: none
} venn_conv_transpose2d_params;

// The transpose of venn_conv2d with the same params: x [B, C, H, W], w [C, K / groups, kh, kw], bias [K] or
// VENN_NONE; y [B, K, OH, OW] with OH = (H - 1) stride - 2 pad + dilation (kh - 1) + output_pad + 1 and OW
// alike. Every pixel of x adds w times itself to the kernel's pixels of y from h stride - pad on; then
// come bias and act. With dz = dy act'(y): dx = conv2d of dz with w; dw = conv2d's weight gradient with x
// and dz changing places; dbias = sum of dz over b, h, w.
venn_tensor venn_conv_transpose2d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                                  const venn_conv_transpose2d_params *params);

typedef struct venn_conv1d_params {
    int32_t stride;      // positions from one output to the next; 0: 1
    int32_t pad;         // zeros at each end of x; 0: none
    int32_t dilation;    // positions between neighbouring taps; 0: 1
    int32_t groups;      // channels of x and y are cut in so many independent groups; 0: 1
    venn_activation act; // applied last; 0: none
} venn_conv1d_params;

// venn_conv2d along one axis: x [B, C, L], w [K, C / groups, k], bias [K] or VENN_NONE, y [B, K, OL] with
// OL = floor((L + 2 pad - dilation (k - 1) - 1) / stride) + 1.
venn_tensor venn_conv1d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                        const venn_conv1d_params *params);

typedef struct venn_conv3d_params {
    int32_t stride[3]; // depth, height, width, here and below; as in venn_conv2d_params
    int32_t pad[3];
    int32_t dilation[3];
    int32_t groups;
    venn_activation act;
} venn_conv3d_params;

// venn_conv2d along three axes: x [B, C, D, H, W], w [K, C / groups, kd, kh, kw], bias [K] or VENN_NONE,
// y [B, K, OD, OH, OW]. Takes memory for kd copies of the slices of x that it reads.
venn_tensor venn_conv3d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                        const venn_conv3d_params *params);

typedef struct venn_conv_transpose1d_params {
    int32_t stride; // as in venn_conv_transpose2d_params
    int32_t pad;
    int32_t output_pad;
    int32_t dilation;
    int32_t groups;
    venn_activation act;
} venn_conv_transpose1d_params;

// venn_conv_transpose2d along one axis: x [B, C, L], w [C, K / groups, k], bias [K] or VENN_NONE, y [B, K, OL].
venn_tensor venn_conv_transpose1d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                                  const venn_conv_transpose1d_params *params);

typedef struct venn_conv_transpose3d_params {
    int32_t stride[3]; // as in venn_conv_transpose2d_params
    int32_t pad[3];
    int32_t output_pad[3];
    int32_t dilation[3];
    int32_t groups;
    venn_activation act;
} venn_conv_transpose3d_params;

// venn_conv_transpose2d along three axes: x [B, C, D, H, W], w [C, K / groups, kd, kh, kw], bias [K] or
// VENN_NONE, y [B, K, OD, OH, OW].
venn_tensor venn_conv_transpose3d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                                  const venn_conv_transpose3d_params *params);

// ---- Pools of one and three dimensions ---------------------------------------------------------

// Windows of venn_max_pool1d and venn_avg_pool1d.
typedef struct venn_pool1d_params {
    int32_t kernel; // window; 0: 1
    int32_t stride; // positions from one window to the next; 0: the kernel (no overlap)
    int32_t pad;    // positions beyond each end of x, at most half the kernel; 0: none
} venn_pool1d_params;

// venn_max_pool2d and venn_avg_pool2d along one axis: x [B, C, L] -> y [B, C, OL] with
// OL = floor((L + 2 pad - kernel) / stride) + 1.
venn_tensor venn_max_pool1d(venn_graph *g, venn_tensor x, const venn_pool1d_params *params);
venn_tensor venn_avg_pool1d(venn_graph *g, venn_tensor x, const venn_pool1d_params *params);

// Windows of venn_max_pool3d and venn_avg_pool3d.
typedef struct venn_pool3d_params {
    int32_t kernel[3]; // depth, height, width; as in venn_pool2d_params
    int32_t stride[3];
    int32_t pad[3];
} venn_pool3d_params;

// The same along three axes: x [B, C, D, H, W] -> y [B, C, OD, OH, OW].
venn_tensor venn_max_pool3d(venn_graph *g, venn_tensor x, const venn_pool3d_params *params);
venn_tensor venn_avg_pool3d(venn_graph *g, venn_tensor x, const venn_pool3d_params *params);

// ---- Images at another size ------------------------------------------------------------------

typedef struct venn_resize_bilinear_params {
    int32_t size[2];    // height and width of y; 0: of x
    bool align_corners; // the centres of corner pixels coincide; 0: the images' outer corners do
} venn_resize_bilinear_params;

// y[b, c, i, j] = x[b, c] at (h, w), interpolated between the four pixels around it. h = (i + 1/2) H / OH
// - 1/2, within [0, H - 1]; with align_corners h = i (H - 1) / (OH - 1), or 0 if OH = 1; w alike. No
// smoothing when y is smaller. x [B, C, H, W] with H, W at least 1. dx = dy with the same weights.
// H OH and W OW may be up to 2^29.
venn_tensor venn_resize_bilinear(venn_graph *g, venn_tensor x,
                                 const venn_resize_bilinear_params *params);

typedef struct venn_resize_nearest_params {
    int32_t size[2]; // height and width of y; 0: of x
} venn_resize_nearest_params;

// y[b, c, i, j] = x[b, c, floor(i H / OH), floor(j W / OW)]. dx = sum of dy over the copies of this
// element. Sizes as of venn_resize_bilinear.
venn_tensor venn_resize_nearest(venn_graph *g, venn_tensor x,
                                const venn_resize_nearest_params *params);

// Bins of venn_adaptive_avg_pool2d and venn_adaptive_max_pool2d.
typedef struct venn_adaptive_pool2d_params {
    int32_t size[2]; // bins down and across; 0: as many as x has pixels there
} venn_adaptive_pool2d_params;

// Pools of bins that fill x [B, C, H, W] whatever its size: bin i of OH is made of the rows from
// floor(i H / OH) to ceil((i + 1) H / OH) - 1, and columns alike. Neighbours may share a row; OH may be
// more than H. Sizes as of venn_resize_bilinear.

// y[b, c, i, j] = mean of the bin. dx = sum over the bins that hold this element of dy / their sizes.
venn_tensor venn_adaptive_avg_pool2d(venn_graph *g, venn_tensor x,
                                     const venn_adaptive_pool2d_params *params);

// y[b, c, i, j] = the greatest element of the bin. Of equals the first in scan order counts: dx = sum of dy
// over the bins that chose this element. A NaN wins over everything.
venn_tensor venn_adaptive_max_pool2d(venn_graph *g, venn_tensor x,
                                     const venn_adaptive_pool2d_params *params);

// What stands outside of an image a b c.
typedef enum venn_pad_mode {
    VENN_PAD_ZERO,
    VENN_PAD_REFLECT, // c b | a b c | b a: mirrored at the border pixel; borders below the image's size
    VENN_PAD_REPLICATE, // a a | a b c | c c
    VENN_PAD_SYMMETRIC  // b a | a b c | c b: mirrored at the border; borders up to the image's size
} venn_pad_mode;

typedef struct venn_pad2d_params {
    int32_t pad[4];     // pixels at the top, bottom, left and right; not negative
    venn_pad_mode mode; // 0: zeros
} venn_pad2d_params;

// y [B, C, top + H + bottom, left + W + right] = x [B, C, H, W] with a border. dx = sum of dy over the
// copies of this element. A convolution with padding of another kind is this and one without.
venn_tensor venn_pad2d(venn_graph *g, venn_tensor x, const venn_pad2d_params *params);

typedef struct venn_pixel_shuffle_params {
    int32_t factor; // r; 0: 1
} venn_pixel_shuffle_params;

// x [B, C r r, H, W] -> y [B, C, r H, r W]: y[b, c, h r + i, w r + j] = x[b, c r r + i r + j, h, w].
// dx = venn_pixel_unshuffle of dy.
venn_tensor venn_pixel_shuffle(venn_graph *g, venn_tensor x,
                               const venn_pixel_shuffle_params *params);
// The way back: x [B, C, r H, r W] -> y [B, C r r, H, W]. dx = venn_pixel_shuffle of dy.
venn_tensor venn_pixel_unshuffle(venn_graph *g, venn_tensor x,
                                 const venn_pixel_shuffle_params *params);

// ---- Filters and maps ------------------------------------------------------------------------

typedef struct venn_gaussian_blur_params {
    float sigma;        // standard deviation in pixels; 0: y = x
    int32_t radius;     // pixels that count on each side; 0: 4 sigma, rounded
    venn_pad_mode mode; // what lies outside of x; 0: zeros
} venn_gaussian_blur_params;

// y[b, c, h, w] = sum over |i|, |j| <= radius of g(i) g(j) x[b, c, h + i, w + j], where g(i) is in
// proportion to e^(-i^2 / (2 sigma^2)) and sums to 1; x [B, C, H, W] with H, W at least 1. The radius is up
// to what the mode can fill, as venn_pad2d's borders. dx = the same sum of dy, with the border's part added
// to the pixels that it was made of.
venn_tensor venn_gaussian_blur(venn_graph *g, venn_tensor x,
                               const venn_gaussian_blur_params *params);

// y[b, h, w] = max(sum over c of w[b, c] x[b, c, h, w], 0): where in feature maps x [B, C, H, W] a class is
// seen. With w [B, C] the class's row of the linear layer behind a global average this is CAM; with w the
// mean of the score's gradient over each map (venn_global_avg_pool of dx) it is Grad-CAM.
// With dz = dy where y > 0: dx = w dz, dw = sum of x dz over h, w.
venn_tensor venn_class_activation_map(venn_graph *g, venn_tensor x, venn_tensor w);

#ifdef __cplusplus
}
#endif
#endif
