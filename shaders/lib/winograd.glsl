// Winograd's minimal convolution of 5x5 taps in tiles of 4x4 results: products are taken at 8 points, 0, 1, -1,
// 2, -2, 1/2, -1/2 and infinity, along each axis. With the matrices BT, G and A of these points
//   results = AT ((G taps GT) . (BT window B)) A
// and, the same read backwards, dtaps = GT ((A dresults AT) . (BT window B)) G. Here are the five transforms
// of one line: `v` holds it, and takes what becomes of it. Points of opposite sign share their even and
// their odd part.
#ifndef WINOGRAD_GLSL
#define WINOGRAD_GLSL

#define POINTS 8
#define TAPS 5
#define RESULTS 4

vec4 v[POINTS];

void put_pair(uint at, vec4 even, vec4 odd)
{
    v[at] = even + odd;
    v[at + 1] = even - odd;
}

// BT: window (8) to points.
void from_window()
{
    vec4 d[POINTS] = v;
    v[0] = d[0] - d[6] + 5.25 * (d[4] - d[2]);
    put_pair(1, d[2] + d[6] - 4.25 * d[4], d[1] + d[5] - 4.25 * d[3]);
    put_pair(3, 0.25 * d[2] + d[6] - 1.25 * d[4], 0.5 * d[1] + 2 * d[5] - 2.5 * d[3]);
    put_pair(5, 4 * d[2] + d[6] - 5 * d[4], 2 * d[1] + 0.5 * d[5] - 2.5 * d[3]);
    v[7] = d[7] - d[1] + 5.25 * (d[3] - d[5]);
}

// G: taps (5) to points.
void from_taps()
{
    vec4 g[POINTS] = v;
    put_pair(1, -(g[0] + g[2] + g[4]) / 4.5, -(g[1] + g[3]) / 4.5);
    put_pair(3, (g[0] + 4 * g[2] + 16 * g[4]) / 90, (2 * g[1] + 8 * g[3]) / 90);
    put_pair(5, (g[0] + 0.25 * g[2] + 0.0625 * g[4]) / 1.40625, (0.5 * g[1] + 0.125 * g[3]) / 1.40625);
    v[7] = g[4];
}

// GT: points to taps.
void to_taps()
{
    vec4 s1 = (v[1] + v[2]) / -4.5, d1 = (v[1] - v[2]) / -4.5;
    vec4 s2 = (v[3] + v[4]) / 90, d2 = (v[3] - v[4]) / 90;
    vec4 s3 = (v[5] + v[6]) / 1.40625, d3 = (v[5] - v[6]) / 1.40625;
    v[0] += s1 + s2 + s3;
    v[1] = d1 + 2 * d2 + 0.5 * d3;
    v[2] = s1 + 4 * s2 + 0.25 * s3;
    v[3] = d1 + 8 * d2 + 0.125 * d3;
    v[4] = s1 + 16 * s2 + 0.0625 * s3 + v[7];
}

// A: results (4) to points.
void from_results()
{
    vec4 y[POINTS] = v;
    put_pair(1, y[0] + y[2], y[1] + y[3]);
    put_pair(3, y[0] + 4 * y[2], 2 * y[1] + 8 * y[3]);
    put_pair(5, y[0] + 0.25 * y[2], 0.5 * y[1] + 0.125 * y[3]);
    v[7] = y[3];
}

// AT: points to results.
void to_results()
{
    vec4 s1 = v[1] + v[2], d1 = v[1] - v[2];
    vec4 s2 = v[3] + v[4], d2 = v[3] - v[4];
    vec4 s3 = v[5] + v[6], d3 = v[5] - v[6];
    v[0] += s1 + s2 + s3;
    v[1] = d1 + 2 * d2 + 0.5 * d3;
    v[2] = s1 + 4 * s2 + 0.25 * s3;
    v[3] = d1 + 8 * d2 + 0.125 * d3 + v[7];
}

// A square of lines, and a transform of its first `lines` columns and then of all its rows, which leaves the
// first `left` of each.
vec4 square[POINTS * POINTS];
#define TRANSFORM(transform, lines, left)                                                          \
    [[unroll]] for (uint j = 0; j < lines; j++) {                                                  \
        [[unroll]] for (uint i = 0; i < POINTS; i++)                                               \
            v[i] = square[i * POINTS + j];                                                         \
        transform();                                                                               \
        [[unroll]] for (uint i = 0; i < left; i++)                                                 \
            square[i * POINTS + j] = v[i];                                                         \
    }                                                                                              \
    [[unroll]] for (uint i = 0; i < left; i++) {                                                   \
        [[unroll]] for (uint j = 0; j < POINTS; j++)                                               \
            v[j] = square[i * POINTS + j];                                                         \
        transform();                                                                               \
        [[unroll]] for (uint j = 0; j < left; j++)                                                 \
            square[i * POINTS + j] = v[j];                                                         \
    }

#endif
