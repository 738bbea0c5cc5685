// cross entropy with probability targets t: loss = sum t (log sum e^x - x); dx = dy (softmax(x) sum t - t).
// setting s: the target is (1 - s) t + s / C.
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

INPUT(0, x)
INPUT(1, t)
ROW_INPUT(x)
ROW_INPUT(t)

float keep, add; // smoothing: t becomes keep t + add

void target_begin()
{
    keep = 1.0 - setting;
    add = setting / float(length);
}

vec4 target(uint row, uint group)
{
    return (t_row(row, group) * keep + add) * row_mask(group);
}

#ifdef BACKWARD
INPUT(2, dy)
OUTPUT(3, dx)
ROW_OUTPUT(dx)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1);
    target_begin();
    vec4 v[HELD], goal[HELD];
    float top = -VENN_INFINITY;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            v[j] = x_row(from, row_group(c, j));
            top = max(top, max_of(v[j]));
        }
    top = row_max(top);
    vec2 sum = vec2(0), weight = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0), weights = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            if (!WHOLE)
                v[j] = x_row(from, group);
            v[j] = venn_exp_fall(v[j] - top);
            goal[j] = target(from, group);
            part += v[j] * row_mask(group);
            weights += goal[j];
        }
        row_add(sum, part);
        row_add(weight, weights);
    }
    const float share = row_sum(weight) / row_sum(sum);
    const float slope = LOAD1(dy, EACH ? from : 0) * scale;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            if (!WHOLE) {
                v[j] = venn_exp_fall(x_row(from, group) - top);
                goal[j] = target(from, group);
            }
            if (row < rows)
                dx_row(row, group, (v[j] * share - goal[j]) * slope);
        }
}
#else
OUTPUT(2, total)

float row_loss(uint row)
{
    target_begin();
    vec4 v[HELD];
    float top = -VENN_INFINITY;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            v[j] = x_row(row, row_group(c, j));
            top = max(top, max_of(v[j]));
        }
    top = row_max(top);
    vec2 sum = vec2(0), weight = vec2(0), gap = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0), weights = vec4(0), gaps = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            if (!WHOLE)
                v[j] = x_row(row, group);
            v[j] = top - v[j];
            const vec4 goal = target(row, group);
            part += venn_exp_fall(-v[j]) * row_mask(group);
            weights += goal;
            gaps += goal * v[j];
        }
        row_add(sum, part);
        row_add(weight, weights);
        row_add(gap, gaps);
    }
    return row_sum(gap) + row_sum(weight) * venn_log(row_sum(sum));
}
#include "loss.glsl"
#endif
#endif
