// dkd: a row's loss is T^2 (alpha KL(b || b') + beta KL(p || q)). b and b' are the teacher's and the student's
// shares (target, all others) and p and q their distributions among the others, all of logits over T.
// backward: with u the log odds of the target, du/dz = 1/T at the target and -q/T elsewhere, so dx is
// T alpha (b'_target - b_target) at the target, T (beta (q - p) - alpha (b'_target - b_target) q) elsewhere.
// A label outside [0, C) makes its row NaN.
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
#include "kl.glsl"

INPUT(0, x)
INPUT(1, t)
INPUT_INT(2, label)
ROW_INPUT(x)
ROW_INPUT(t)

// Of the elements in this group that are neither the target nor past the row's end.
bvec4 others(uint group, int target)
{
    const uvec4 id = uvec4(0, 1, 2, 3) + 4 * group;
    const bvec4 inside = lessThan(id, uvec4(row_length));
    return bvec4(uvec4(inside) * uvec4(notEqual(id, uvec4(target))));
}

// Of the student (x) and the teacher (y).
struct Row {
    int target;
    vec2 top;   // largest logit of the others
    vec2 total; // sum of e^((logit - top) / T) over the others
    vec2 own;   // (logit - top) / T of the target
};

// What is held of both rows: p and q but for their totals, and log p - log q but for the totals' part.
vec4 p[HELD], q[HELD], d[HELD];

void read(uint row, uint chunk, uint j, Row r, float cool)
{
    const uint group = row_group(chunk, j);
    const bvec4 mask = others(group, r.target);
    q[j] = (x_row(row, group) - r.top.x) * cool;
    p[j] = (t_row(row, group) - r.top.y) * cool;
    d[j] = p[j] - q[j];
    q[j] = mix(vec4(0), venn_exp_fall(min(q[j], vec4(0))), mask);
    p[j] = mix(vec4(0), venn_exp_fall(min(p[j], vec4(0))), mask);
}

Row look(uint row, float cool)
{
    Row r;
    r.target = LOAD_INT(label, row);
    r.top = vec2(-VENN_INFINITY);
    const vec4 least = vec4(-VENN_INFINITY);
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            const bvec4 mask = others(group, r.target);
            r.top = max(r.top, vec2(max_of(mix(least, x_row(row, group), mask)),
                                    max_of(mix(least, t_row(row, group), mask))));
        }
    r.top = vec2(row_max(r.top.x), row_max(r.top.y));
    vec2 sum_q = vec2(0), sum_p = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part_q = vec4(0), part_p = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            read(row, c, j, r, cool);
            part_q += q[j];
            part_p += p[j];
        }
        row_add(sum_q, part_q);
        row_add(sum_p, part_p);
    }
    r.total = vec2(row_sum(sum_q), row_sum(sum_p));
    const uint at = row * row_length + min(uint(r.target), row_length - 1);
    r.own = (vec2(LOAD1(x, at), LOAD1(t, at)) - r.top) * cool;
    return r;
}

// Shares of the target and of all others, and their logarithms.
struct Share {
    vec2 part, log_part;
};

Share share_of(float own, float total)
{
    const float top = max(own, 0.0);
    const vec2 part = vec2(venn_exp_fall(own - top), total * venn_exp_fall(-top));
    const float sum = part.x + part.y;
    return Share(part / sum, vec2(own, venn_log(total)) - top - venn_log(sum));
}

#ifdef BACKWARD
INPUT(3, dloss)
OUTPUT(4, dx)
ROW_OUTPUT(dx)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1);
    const float T = setting, cool = 1.0 / T, beta = extra[1];
    const Row r = look(from, cool);
    // Of two that are nearly 1, the difference of what they leave.
    const vec2 to_all = share_of(r.own.x, r.total.x).part;
    const vec2 goal_all = share_of(r.own.y, r.total.y).part;
    const float ahead =
        extra[0] * (to_all.x > 0.5 ? goal_all.y - to_all.y : to_all.x - goal_all.x);
    float slope = LOAD1(dloss, EACH ? from : 0) * scale * T;
    slope = uint(r.target) < row_length ? slope : VENN_NAN;
    const vec2 inverse = 1.0 / r.total;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            if (!WHOLE)
                read(from, c, j, r, cool);
            const vec4 to = q[j] * inverse.x, goal = p[j] * inverse.y;
            const vec4 result = mix(vec4(ahead), beta * (to - goal) - ahead * to,
                                    others(group, r.target));
            if (row < rows)
                dx_row(row, group, result * slope);
        }
}
#else
OUTPUT(3, total)

float row_loss(uint row)
{
    const float T = setting, cool = 1.0 / T;
    const Row r = look(row, cool);
    const vec2 inverse = 1.0 / r.total;
    const float shift = venn_log(r.total.x) - venn_log(r.total.y);
    vec2 among = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                read(row, c, j, r, cool);
            part += mix(vec4(0), kl_term(p[j] * inverse.y, q[j] * inverse.x, d[j] + shift),
                        others(row_group(c, j), r.target));
        }
        row_add(among, part);
    }
    const Share to = share_of(r.own.x, r.total.x), goal = share_of(r.own.y, r.total.y);
    const vec2 gap = goal.log_part - to.log_part;
    const float target = kl_term(goal.part.x, to.part.x, gap.x) +
                         kl_term(goal.part.y, to.part.y, gap.y);
    const float loss = T * T * (extra[0] * target + extra[1] * row_sum(among));
    return uint(r.target) < row_length ? loss : VENN_NAN;
}
#include "loss.glsl"
#endif
#endif
