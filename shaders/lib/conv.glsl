// Convolution as a matrix product, without unfolding the image in memory: each index of the product is
// either a pixel or a tap (input channel, kernel row, kernel column), and an element of the image is
// found from one of each.
//   forward  y[co, pixel]  = sum over taps (ci, kh, kw)  of w[co, tap]   x[at(pixel, tap)]
//   data     dx[ci, pixel] = sum over taps (co, kh, kw)  of w[co, ci, tap] dy[at(pixel, tap)]
//   weight   dw[co, tap]   = sum over pixels of dy       of dy[co, pixel] x[at(pixel, tap)]
// where at() is row h s - p + kh d going forward and, for data, (h + p - kh d) / s where that divides.
//
// The push block describes the image that is read ("source": x, x, dy) and the grid of pixels ("grid":
// y, dx, dy), one group of channels at a time.
#define CONV_PUSH                                                                                  \
    uint source_h; uint source_w; uint source_plane; uint source_batch; uint source_group;         \
    uint grid_plane; uint grid_batch;                                                              \
    DIVISOR(grid_w) DIVISOR(pixels) DIVISOR(kernel_w) DIVISOR(kernel)                              \
    uint stride; uint pad; uint dilation;

#ifndef VENN_HOST

// A point's row and column in the source and its offset, for a pixel; or what a tap adds to them.
struct Point {
    int h, w, offset;
};

// Low and high halves: height, width.
#define HEIGHT(pair) int((pair) & 0xffffu)
#define WIDTH(pair) int((pair) >> 16)

// Pixel i of the flat run over images; `image` is its image. Pixels are numbered through images with
// `pixels` each, of which the last few may not exist (pixels is grid_plane rounded up).
Point conv_pixel(uint i, out uint image, out uint place)
{
    image = DIV(i, pixels);
    place = i - image * pixels;
    uint row = DIV(place, grid_w);
    int h = int(row), w = int(place - row * grid_w);
    Point p;
#ifdef DATA
    p.h = h + HEIGHT(pad);
    p.w = w + WIDTH(pad);
    p.offset = int(image * source_batch);
    if (!STRIDED)
        p.offset += p.h * int(source_w) + p.w;
#else
    p.h = h * HEIGHT(stride) - HEIGHT(pad);
    p.w = w * WIDTH(stride) - WIDTH(pad);
    p.offset = int(image * source_batch) + p.h * int(source_w) + p.w;
#endif
    return p;
}

// Tap i; the channel comes out too.
Point conv_tap(uint i, out uint channel)
{
    channel = DIV(i, kernel);
    uint rest = i - channel * kernel;
    uint row = DIV(rest, kernel_w);
    Point t;
    t.h = int(row) * HEIGHT(dilation);
    t.w = int(rest - row * kernel_w) * WIDTH(dilation);
    t.offset = int(channel * source_plane);
#ifdef DATA
    t.h = -t.h;
    t.w = -t.w;
    if (!STRIDED)
        t.offset += t.h * int(source_w) + t.w;
#else
    t.offset += t.h * int(source_w) + t.w;
#endif
    return t;
}

// A point that no tap brings into the source.
#define CONV_OUTSIDE (-0x10000000)
#endif
