// Distances of rows p = softmax(t / T) and q = softmax(x / T), and their gradient for x, the sum over the
// classes and dx = q (g - sum q g) / T where g is the slope in q. T is `setting`, or the scalar input.
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
// variant: backward.single BACKWARD SINGLE
#include "push.glsl"
#include "loss_push.glsl"

#define DIVERGENCE_KL 0        // p (log p - log q)
#define DIVERGENCE_REVERSE 1   // q (log q - log p)
#define DIVERGENCE_SYMMETRIC 2 // half of both
#define DIVERGENCE_JS 3        // b p (log p - log m) + (1 - b) q (log q - log m), m = b p + (1 - b) q
#define DIVERGENCE_TV 4        // |p - q| / 2

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "rows.glsl"
#include "kl.glsl"

layout(constant_id = 7) const bool HAS_T = false;     // T is an input
layout(constant_id = 8) const bool T_SQUARED = false; // the loss is multiplied by T^2
layout(constant_id = 9) const uint KIND = DIVERGENCE_KL;

INPUT(0, x)
INPUT(1, t)
INPUT(2, temperature)
ROW_INPUT(x)
ROW_INPUT(t)

float get_temperature()
{
    return HAS_T ? LOAD1(temperature, 0) : setting;
}

// The larger of each row, as (x, t).
vec2 row_tops(uint row)
{
    vec2 top = vec2(-VENN_INFINITY);
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            top = max(top, vec2(max_of(x_row(row, group)), max_of(t_row(row, group))));
        }
    return vec2(row_max(top.x), row_max(top.y));
}

// What is held of both rows: p and q but for their sums, and log p - log q but for the sums' part.
vec4 p[HELD], q[HELD], d[HELD];

void read(uint row, uint chunk, uint j, vec2 top, float cool)
{
    const uint group = row_group(chunk, j);
    q[j] = (x_row(row, group) - top.x) * cool;
    p[j] = (t_row(row, group) - top.y) * cool;
    d[j] = p[j] - q[j];
    q[j] = venn_exp_fall(q[j]);
    p[j] = venn_exp_fall(p[j]);
}

// log p - log m and log q - log m, where d = log p - log q.
vec2 to_mixture(float d, float b)
{
    const float other = mix(b, 1.0 - b, d > 0.0); // share of the smaller one in m
    const float low = venn_log1p(other * venn_expm1(-abs(d)));
    return vec2(min(d, 0.0), min(-d, 0.0)) - low;
}

#ifdef BACKWARD
INPUT(3, dy)
OUTPUT(4, dx)
ROW_OUTPUT(dx)

float slope(float p, float q, float d, float b)
{
    switch (KIND) {
    case DIVERGENCE_REVERSE:
        return -d;
    case DIVERGENCE_SYMMETRIC:
        return -0.5 * d;
    case DIVERGENCE_JS:
        return (1.0 - b) * to_mixture(d, b).y;
    case DIVERGENCE_TV:
        return mix(0.0, 1.0, d > 0.0);
    }
    return 0.0;
}

vec4 slope(vec4 p, vec4 q, vec4 d, float b)
{
    return vec4(slope(p.x, q.x, d.x, b), slope(p.y, q.y, d.y, b), slope(p.z, q.z, d.z, b),
                slope(p.w, q.w, d.w, b));
}

// What is q g in closed form: the slope of p log q is p / q.
vec4 direct(vec4 p, vec4 q)
{
    if (KIND == DIVERGENCE_KL)
        return q - p;
    return KIND == DIVERGENCE_SYMMETRIC ? 0.5 * (q - p) : vec4(0);
}

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1);
    const float T = get_temperature(), cool = 1.0 / T, b = extra[0];
    const vec2 top = row_tops(from);
    vec2 sum_q = vec2(0), sum_p = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part_q = vec4(0), part_p = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            read(from, c, j, top, cool);
            part_q += q[j] * row_mask(row_group(c, j));
            part_p += p[j] * row_mask(row_group(c, j));
        }
        row_add(sum_q, part_q);
        row_add(sum_p, part_p);
    }
    const float all_q = row_sum(sum_q), all_p = row_sum(sum_p);
    const float scale_q = 1.0 / all_q, scale_p = 1.0 / all_p;
    const float shift = venn_log(all_q) - venn_log(all_p);
    vec2 sum = vec2(0), sum_above = vec2(0);
    for (uint c = 0; KIND != DIVERGENCE_KL && c < row_chunks; c++) {
        vec4 part = vec4(0), part_above = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                read(from, c, j, top, cool);
            const vec4 to = q[j] * scale_q * row_mask(row_group(c, j));
            const vec4 g = slope(p[j] * scale_p, q[j] * scale_q, d[j] + shift, b);
            part += to * g;
            part_above += mix(to, vec4(0), greaterThan(g, vec4(0)));
        }
        row_add(sum, part);
        if (KIND == DIVERGENCE_TV)
            row_add(sum_above, part_above);
    }
    const float mean_slope = row_sum(sum), below = mean_slope, above = row_sum(sum_above);
    const float factor = LOAD1(dy, EACH ? from : 0) * scale * (T_SQUARED ? T : cool);
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                read(from, c, j, top, cool);
            const vec4 to = q[j] * scale_q, goal = p[j] * scale_p;
            const vec4 g = slope(goal, to, d[j] + shift, b);
            vec4 result = direct(goal, to);
            if (KIND == DIVERGENCE_TV) // no difference of two that are nearly 1
                result = to * mix(vec4(below), vec4(-above), greaterThan(g, vec4(0)));
            else if (KIND != DIVERGENCE_KL)
                result += to * (g - mean_slope);
            if (row < rows)
                dx_row(row, row_group(c, j), result * factor);
        }
}
#else
OUTPUT(3, total)

float js_term(float p, float q, float d, float b)
{
    const vec2 to = to_mixture(d, b);
    const float m = b * p + (1.0 - b) * q;
    return b * kl_term(p, m, to.x) + (1.0 - b) * kl_term(q, m, to.y);
}

vec4 terms(vec4 p, vec4 q, vec4 d, float b)
{
    switch (KIND) {
    case DIVERGENCE_REVERSE:
        return kl_term(q, p, -d);
    case DIVERGENCE_SYMMETRIC:
        return 0.5 * (kl_term(p, q, d) + kl_term(q, p, -d));
    case DIVERGENCE_JS:
        return vec4(js_term(p.x, q.x, d.x, b), js_term(p.y, q.y, d.y, b),
                    js_term(p.z, q.z, d.z, b), js_term(p.w, q.w, d.w, b));
    case DIVERGENCE_TV:
        return 0.5 * abs(p - q);
    }
    return kl_term(p, q, d);
}

float row_loss(uint row)
{
    const float T = get_temperature(), cool = 1.0 / T, b = extra[0];
    const vec2 top = row_tops(row);
    vec2 sum_q = vec2(0), sum_p = vec2(0), loss = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part_q = vec4(0), part_p = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            read(row, c, j, top, cool);
            part_q += q[j] * row_mask(row_group(c, j));
            part_p += p[j] * row_mask(row_group(c, j));
        }
        row_add(sum_q, part_q);
        row_add(sum_p, part_p);
    }
    const float all_q = row_sum(sum_q), all_p = row_sum(sum_p);
    const float shift = venn_log(all_q) - venn_log(all_p);
    const float scale_q = 1.0 / all_q, scale_p = 1.0 / all_p;
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                read(row, c, j, top, cool);
            part += terms(p[j] * scale_p, q[j] * scale_q, d[j] + shift, b) *
                    row_mask(row_group(c, j));
        }
        row_add(loss, part);
    }
    return row_sum(loss) * (T_SQUARED ? T * T : 1.0);
}
#include "loss.glsl"
#endif
#endif
