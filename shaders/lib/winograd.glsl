// Winograd's minimal convolution in tiles of 4x4 results: of 5x5 taps by products at 8 points along each axis,
// 0, 1, -1, 2, -2, 1/2, -1/2 and infinity; of 3x3 (THREE) at 6: 0, 3/4, -3/4, 3/2, -3/2 and infinity. With the
// matrices BT, G and A of these points
//   results = AT ((G taps GT) . (BT window B)) A
// and, the same read backwards, dtaps = GT ((A dresults AT) . (BT window B)) G. Here are the five transforms
// of one line: `v` holds it, and takes what becomes of it. Points of opposite sign share their even and
// their odd part.
#ifndef WINOGRAD_GLSL
#define WINOGRAD_GLSL

#ifdef THREE
#define POINTS 6
#define TAPS 3
#else
#define POINTS 8
#define TAPS 5
#endif
#define RESULTS 4

vec4 v[POINTS];

void put_pair(uint at, vec4 even, vec4 odd)
{
    v[at] = even + odd;
    v[at + 1] = even - odd;
}

#ifdef THREE
// The points 0, P, -P, Q, -Q: all that follows from them but divisions is exact. NP, NQ: the product of what
// lies between P, Q and the others.
const float P = 0.75, P2 = P * P, Q = 1.5, Q2 = Q * Q;
const float NP = 2 * P2 * (P2 - Q2), NQ = 2 * Q2 * (Q2 - P2);

// BT: window (6) to points.
void from_window()
{
    vec4 d[POINTS] = v;
    v[0] = d[4] - (P2 + Q2) * d[2] + P2 * Q2 * d[0];
    put_pair(1, d[4] - Q2 * d[2], P * d[3] - P * Q2 * d[1]);
    put_pair(3, d[4] - P2 * d[2], Q * d[3] - Q * P2 * d[1]);
    v[5] = d[5] - (P2 + Q2) * d[3] + P2 * Q2 * d[1];
}

// G: taps (3) to points.
void from_taps()
{
    vec4 g[POINTS] = v;
    v[0] = g[0] / (P2 * Q2);
    put_pair(1, (g[0] + P2 * g[2]) / NP, P * g[1] / NP);
    put_pair(3, (g[0] + Q2 * g[2]) / NQ, Q * g[1] / NQ);
    v[5] = g[2];
}

// GT: points to taps.
void to_taps()
{
    vec4 s1 = (v[1] + v[2]) / NP, d1 = (v[1] - v[2]) / NP;
    vec4 s2 = (v[3] + v[4]) / NQ, d2 = (v[3] - v[4]) / NQ;
    v[0] = v[0] / (P2 * Q2) + s1 + s2;
    v[1] = P * d1 + Q * d2;
    v[2] = P2 * s1 + Q2 * s2 + v[5];
}

// A: results (4) to points.
void from_results()
{
    vec4 y[POINTS] = v;
    put_pair(1, y[0] + P2 * y[2], P * y[1] + P * P2 * y[3]);
    put_pair(3, y[0] + Q2 * y[2], Q * y[1] + Q * Q2 * y[3]);
    v[5] = y[3];
}

// AT: points to results.
void to_results()
{
    vec4 s1 = v[1] + v[2], d1 = v[1] - v[2];
    vec4 s2 = v[3] + v[4], d2 = v[3] - v[4];
    v[0] += s1 + s2;
    v[1] = P * d1 + Q * d2;
    v[2] = P2 * s1 + Q2 * s2;
    v[3] = P * P2 * d1 + Q * Q2 * d2 + v[5];
}
#else
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
#endif

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
