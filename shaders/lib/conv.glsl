// Convolution as a matrix product, without unfolding the image in memory: every index of the product is
// either a pixel or a tap (channel, kernel row, kernel column), and a source element is found from one
// of each. One product per group of channels:
//   forward  y[co, pixel]  = sum over taps (ci, kh, kw)  of w[co, tap]    x[at(pixel, tap)]
//   data     dx[ci, pixel] = sum over taps (co, kh, kw)  of w[co, ci, ..] dy[at(pixel, tap)]
//   weight   dw[co, tap]   = sum over pixels of dy       of dy[co, pixel] x[at(pixel, tap)]
// at() is row h s - p + kh d going forward and, for data, (h + p - kh d) / s where s divides that.
// If PACKED, the source's channels come last, rounded up to whole groups of four (conv2d_pack.comp), and
// so do those of a tap: then four channels load at once, wherever the tap shifts them.
//
// The includer declares the input `source`, the constants STRIDE_H, STRIDE_W, BOUNDS and PACKED, and the
// push block of conv2d.comp.

// Row, column and offset in the source: of a pixel, and what a tap adds to them.
struct Point {
    int h, w, offset;
};

// A point that nothing brings into the source.
#define CONV_OUTSIDE Point(-0x20000000, -0x20000000, 0)
// Halves of a pair: height low, width high.
#define HEIGHT(pair) int((pair) & 0xffffu)
#define WIDTH(pair) int((pair) >> 16)
#ifdef DATA
#define STRIDED (STRIDE_H != 1 || STRIDE_W != 1)
#else
#define STRIDED false
#endif

// Pixel `place` of `image`; `base` is where the group of channels starts in the source.
Point conv_pixel(uint image, uint place, uint base)
{
    uint row = DIV(place, grid_w);
    int h = int(row), w = int(place - row * grid_w);
#ifdef DATA
    h += HEIGHT(pad);
    w += WIDTH(pad);
#else
    h = h * int(STRIDE_H) - HEIGHT(pad);
    w = w * int(STRIDE_W) - WIDTH(pad);
#endif
    int offset = int(base + image * source_batch);
    return Point(h, w, STRIDED ? offset : offset + (h * int(source_w) + w) * int(pixel_step));
}

// Tap i, with its channel and its place in the kernel.
Point conv_tap(uint i, out uint channel, out uint place)
{
    uint quotient = DIV(i, inner), rest = i - quotient * inner;
    channel = PACKED ? rest : quotient;
    place = PACKED ? quotient : rest;
    uint row = DIV(place, kernel_w);
    int h = int(row) * HEIGHT(dilation), w = int(place - row * kernel_w) * WIDTH(dilation);
#ifdef DATA
    h = -h;
    w = -w;
#endif
    int offset = PACKED ? int(channel) : int(channel * source_h * source_w);
    return Point(h, w, STRIDED ? offset : offset + (h * int(source_w) + w) * int(pixel_step));
}

// Where in the source a pixel and a tap meet, in either order; false if outside.
bool conv_at(Point a, Point b, int height, int width, int step, out int at)
{
    int h = a.h + b.h, w = a.w + b.w;
    bool inside = true;
    at = a.offset + b.offset;
    if (STRIDED) {
        uint row = uint(h) / STRIDE_H, col = uint(w) / STRIDE_W;
        inside = row * STRIDE_H == uint(h) && col * STRIDE_W == uint(w);
        h = int(row);
        w = int(col);
        at += (h * width + w) * step;
    }
    if (BOUNDS)
        inside = inside && uint(h) < uint(height) && uint(w) < uint(width);
    at = inside ? at : 0;
    return inside;
}

// The source element there, or the four that start there; 0 outside.
float conv_load1(Point a, Point b, int height, int width, int step)
{
    int at;
    bool inside = conv_at(a, b, height, width, step, at);
    float v = LOAD1(source, at);
    return inside ? v : 0.0;
}
vec4 conv_load4(Point a, Point b, int height, int width, int step)
{
    int at;
    bool inside = conv_at(a, b, height, width, step, at);
    vec4 v = LOAD4(source, at / 4);
    return inside ? v : vec4(0);
}
