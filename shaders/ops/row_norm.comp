// Rows normalised by their own moments: y = (x - mean) invstd gamma + beta (RMS: mean is 0), see
// src/ops/row_norm.h. The mean is found first and the variance about it; what rounding left of the mean is
// taken off as well (delta), so rows far from zero lose nothing.
// backward: dx = invstd (h - mean h - xhat mean(h xhat)), h = dy gamma; and {mean, invstd} of each row,
// from which sums makes dgamma = sum dy xhat, dbeta = sum dy, per channel (lib/channels.glsl).
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
// variant: backward.single BACKWARD SINGLE
// variant: sums SUMS
// variant: sums.texel SUMS TEXEL
// variant: sums.single SUMS SINGLE
#include "push.glsl"
#include "channels_push.glsl"
#if defined(VENN_HOST) || !defined(SUMS)
// Divisors are {d, m, s}: ops/divisor.h.
PUSH(row_norm)
{
    uint rows; uint length; uint each;
    uint period[3]; uint area[3];
    uint rms; uint has_gamma; uint has_beta; uint has_dx; uint has_stats;
    float eps;
} PUSH_END(row_norm);
#endif
#if defined(VENN_HOST) || defined(SUMS)
PUSH(row_norm_sums) { CHANNELS_PUSH uint period; uint each; } PUSH_END(row_norm_sums);
#endif

#ifndef VENN_HOST
#include "venn.glsl"
#include "rows.glsl"

#ifndef SUMS
#include "divisor.glsl"

// The first channel of a row.
uint first_channel(uint row)
{
    return REMAINDER(row, period, 0) * each;
}

// AFFINE_INPUT(1, gamma) makes gamma_of(channel, group): the values of the channels of a group's elements in
// the row that begins with `channel`.
#define AFFINE_INPUT(i, name)                                                                      \
    INPUT(i, name)                                                                                 \
    vec4 name##_of(uint channel, uint group)                                                       \
    {                                                                                              \
        const uint last = row_length - 1;                                                          \
        if (ALIGNED && area[0] == 1)                                                               \
            return LOAD4(name, channel / 4 + min(group, last / 4));                                \
        if (ALIGNED && area[0] % 4 == 0)                                                           \
            return vec4(LOAD1(name, channel + QUOTIENT(min(4 * group, last), area, 0)));           \
        return vec4(LOAD1(name, channel + QUOTIENT(min(4 * group, last), area, 0)),                \
                    LOAD1(name, channel + QUOTIENT(min(4 * group + 1, last), area, 0)),            \
                    LOAD1(name, channel + QUOTIENT(min(4 * group + 2, last), area, 0)),            \
                    LOAD1(name, channel + QUOTIENT(min(4 * group + 3, last), area, 0)));           \
    }

INPUT(0, x)
ROW_INPUT(x)
AFFINE_INPUT(1, gamma)

vec4 v[HELD];         // what is held of x, then of x - mean
float mean, invstd;   // of the row
float delta;          // the rest of the mean

void find_moments(uint from)
{
    vec2 sum = vec2(0), first = vec2(0), second = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            v[j] = x_row(from, row_group(c, j));
            part += v[j] * row_mask(row_group(c, j));
        }
        row_add(sum, part);
    }
    const float share = 1.0 / float(row_length), about = rms != 0 ? 0.0 : share;
    mean = row_sum(sum) * about;
    for (uint c = 0; c < row_chunks; c++) {
        vec4 a = vec4(0), b = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                v[j] = x_row(from, row_group(c, j));
            v[j] -= mean;
            const vec4 d = v[j] * row_mask(row_group(c, j));
            a += d;
            b += d * d;
        }
        row_add(first, a);
        row_add(second, b);
    }
    delta = row_sum(first) * about;
    invstd = 1.0 / sqrt(max(row_sum(second) * share - delta * delta, 0.0) + eps);
}

// (x - mean) invstd of place j.
vec4 normal(uint from, uint c, uint j)
{
    if (!WHOLE)
        v[j] = x_row(from, row_group(c, j)) - mean;
    return (v[j] - delta) * invstd;
}
#endif

#ifdef SUMS
layout(constant_id = 7) const bool DIRECT = true;
#include "channels.glsl"

INPUT(0, x)
INPUT(1, dy)
INPUT(2, stats)
OUTPUT(3, dgamma)
OUTPUT(4, dbeta)
OUTPUT(5, partial)
ROW_INPUT(x)
ROW_INPUT(dy)

void write(uint c, vec2 s)
{
    if (unit >= units || c >= channels)
        return;
    if (DIRECT) {
        STORE1(dgamma, c, s.x);
        STORE1(dbeta, c, s.y);
    } else {
        STORE1(partial, (part * channels + c) * 2, s.x);
        STORE1(partial, (part * channels + c) * 2 + 1, s.y);
    }
}

void main()
{
    begin();
    // The row, within a sample, of each component's channel.
    const uint last = channels - 1, count = each;
    const uint same = min(COLUMN ? 4 * line : line, last) / count;
    const bool one = !COLUMN || period == 1;
    uvec4 rows = uvec4(same);
    if (!one)
        rows = min(uvec4(4 * line) + uvec4(0, 1, 2, 3), uvec4(last)) / count;
    vec4 dg = vec4(0), db = vec4(0);
    STEPS {
        vec4 g = vec4(0), s = vec4(0);
        [[unroll]] for (uint m = 0; m < IMAGES; m++) {
            const uint first = min(IMAGE, last_image) * period;
            vec4 center = vec4(LOAD1(stats, 2 * (first + rows.x)));
            vec4 factor = vec4(LOAD1(stats, 2 * (first + rows.x) + 1));
            if (!one)
                [[unroll]] for (uint k = 1; k < 4; k++) {
                    center[k] = LOAD1(stats, 2 * (first + rows[k]));
                    factor[k] = LOAD1(stats, 2 * (first + rows[k]) + 1);
                }
            [[unroll]] for (uint j = 0; j < HELD; j++) {
                const vec4 slope = dy_row(row_of(IMAGE), GROUP) * mask_of(IMAGE, GROUP);
                g += slope * (x_row(row_of(IMAGE), GROUP) - center) * factor;
                s += slope;
            }
        }
        dg += g;
        db += s;
    }
    if (COLUMN) {
        [[unroll]] for (uint k = 0; k < 4; k++)
            write(4 * line + k, vec2(dg[k], db[k]));
    } else {
        vec2 s = vec2(dot(dg, vec4(1)), dot(db, vec4(1)));
        BUTTERFLY(s, LANES, PLUS)
        if (row_lane == 0)
            write(line, s);
    }
}
#elif defined(BACKWARD)
INPUT(2, dy)
OUTPUT(3, dx)
OUTPUT(4, stats)
ROW_INPUT(dy)
ROW_OUTPUT(dx)

vec4 slope(uint from, uint channel, uint group)
{
    vec4 h = dy_row(from, group);
    if (has_gamma != 0)
        h *= gamma_of(channel, group);
    return h;
}

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1), channel = first_channel(from);
    find_moments(from);
    if (row < rows && row_lane == 0 && has_stats != 0) {
        STORE1(stats, 2 * row, mean + delta);
        STORE1(stats, 2 * row + 1, invstd);
    }
    if (has_dx == 0)
        return;
    vec4 h[HELD];
    vec2 sum = vec2(0), inner = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 a = vec4(0), b = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            h[j] = slope(from, channel, row_group(c, j));
            const vec4 inside = h[j] * row_mask(row_group(c, j));
            a += inside;
            b += inside * normal(from, c, j);
        }
        row_add(sum, a);
        row_add(inner, b);
    }
    const float share = 1.0 / float(row_length);
    const float level = rms != 0 ? 0.0 : row_sum(sum) * share, tilt = row_sum(inner) * share;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                h[j] = slope(from, channel, row_group(c, j));
            const vec4 d = ((h[j] - level) - normal(from, c, j) * tilt) * invstd;
            if (row < rows)
                dx_row(row, row_group(c, j), d);
        }
}
#else
AFFINE_INPUT(2, beta)
OUTPUT(3, y)
ROW_OUTPUT(y)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1), channel = first_channel(from);
    find_moments(from);
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            vec4 value = normal(from, c, j);
            if (has_gamma != 0)
                value *= gamma_of(channel, group);
            if (has_beta != 0)
                value += beta_of(channel, group);
            if (row < rows)
                y_row(row, group, value);
        }
}
#endif
#endif
