// Distillation: loss = KL(p || q), p = softmax(t / T), q = softmax(x / T); dx = dy (q - p) / T. T is
// `setting`, or the scalar input. With d = log p - log q a term is p d - p + q: the same sum, and close
// to p = q, where p d cancels to nothing, a series in d.
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
// variant: backward.single BACKWARD SINGLE
#include "push.glsl"
#include "loss_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "rows.glsl"

layout(constant_id = 7) const bool HAS_T = false;     // T is an input
layout(constant_id = 8) const bool T_SQUARED = false; // the loss is multiplied by T^2

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

#ifdef BACKWARD
INPUT(3, dy)
OUTPUT(4, dx)
ROW_OUTPUT(dx)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1);
    const float T = get_temperature(), cool = 1.0 / T;
    const vec2 top = row_tops(from);
    vec4 q[HELD], p[HELD];
    vec2 sum_q = vec2(0), sum_p = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part_q = vec4(0), part_p = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            q[j] = venn_exp_fall((x_row(from, group) - top.x) * cool);
            p[j] = venn_exp_fall((t_row(from, group) - top.y) * cool);
            part_q += q[j] * row_mask(group);
            part_p += p[j] * row_mask(group);
        }
        row_add(sum_q, part_q);
        row_add(sum_p, part_p);
    }
    const float scale_q = 1.0 / row_sum(sum_q), scale_p = 1.0 / row_sum(sum_p);
    const float slope = LOAD1(dy, EACH ? from : 0) * scale * (T_SQUARED ? T : cool);
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            if (!WHOLE) {
                q[j] = venn_exp_fall((x_row(from, group) - top.x) * cool);
                p[j] = venn_exp_fall((t_row(from, group) - top.y) * cool);
            }
            if (row < rows)
                dx_row(row, group, (q[j] * scale_q - p[j] * scale_p) * slope);
        }
}
#else
OUTPUT(3, total)

// d - 1 + e^-d.
float excess(float d)
{
    return d * d * (0.5 - d * (1.0 / 6 - d * (1.0 / 24 - d * (1.0 / 120 - d * (1.0 / 720 -
           d * (1.0 / 5040 - d * (1.0 / 40320)))))));
}

vec4 terms(vec4 p, vec4 q, vec4 d)
{
    const vec4 near = p * vec4(excess(d.x), excess(d.y), excess(d.z), excess(d.w));
    return mix(p * d - p + q, near, lessThan(abs(d), vec4(0.5)));
}

float row_loss(uint row)
{
    const float T = get_temperature(), cool = 1.0 / T;
    const vec2 top = row_tops(row);
    vec4 q[HELD], p[HELD], d[HELD];
    vec2 sum_q = vec2(0), sum_p = vec2(0), loss = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part_q = vec4(0), part_p = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            q[j] = (x_row(row, group) - top.x) * cool;
            p[j] = (t_row(row, group) - top.y) * cool;
            d[j] = p[j] - q[j];
            q[j] = venn_exp_fall(q[j]);
            p[j] = venn_exp_fall(p[j]);
            part_q += q[j] * row_mask(group);
            part_p += p[j] * row_mask(group);
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
            const uint group = row_group(c, j);
            if (!WHOLE) {
                q[j] = (x_row(row, group) - top.x) * cool;
                p[j] = (t_row(row, group) - top.y) * cool;
                d[j] = p[j] - q[j];
                q[j] = venn_exp_fall(q[j]);
                p[j] = venn_exp_fall(p[j]);
            }
            part += terms(p[j] * scale_p, q[j] * scale_q, d[j] + shift) * row_mask(group);
        }
        row_add(loss, part);
    }
    return row_sum(loss) * (T_SQUARED ? T * T : 1.0);
}
#include "loss.glsl"
#endif
#endif
