// cross_entropy with class ids: loss = log sum e^x - x[label]; dx = dy (softmax(x) - onehot(label)).
// setting s: the target is (1 - s) onehot + s / C. A label outside [0, C) makes its row NaN.
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
INPUT_INT(1, label)
ROW_INPUT(x)

#ifdef BACKWARD
INPUT(2, dy)
OUTPUT(3, dx)
ROW_OUTPUT(dx)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1), classes = length;
    const int target = LOAD_INT(label, from);
    const float smooth_part = setting / float(classes), sharp = 1.0 - setting;
    vec4 v[HELD];
    float top = -VENN_INFINITY;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            v[j] = x_row(from, row_group(c, j));
            top = max(top, max_of(v[j]));
        }
    top = row_max(top);
    vec2 sum = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                v[j] = x_row(from, row_group(c, j));
            v[j] = venn_exp_fall(v[j] - top);
            part += v[j] * row_mask(row_group(c, j));
        }
        row_add(sum, part);
    }
    const float inverse = 1.0 / row_sum(sum);
    float slope = LOAD1(dy, EACH ? from : 0) * scale;
    slope = uint(target) < classes ? slope : VENN_NAN;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            if (!WHOLE)
                v[j] = venn_exp_fall(x_row(from, group) - top);
            const uvec4 id = uvec4(0, 1, 2, 3) + 4 * group;
            const vec4 goal = vec4(equal(id, uvec4(target))) * sharp + smooth_part;
            if (row < rows)
                dx_row(row, group, (v[j] * inverse - goal) * slope);
        }
}
#else
OUTPUT(2, total)

float row_loss(uint row)
{
    const uint classes = row_length;
    const int target = LOAD_INT(label, row);
    const float smoothing = setting;
    vec4 v[HELD];
    float top = -VENN_INFINITY;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            v[j] = x_row(row, row_group(c, j));
            top = max(top, max_of(v[j]));
        }
    top = row_max(top);
    vec2 sum = vec2(0), gap = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0), gaps = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const vec4 mask = row_mask(row_group(c, j));
            if (!WHOLE)
                v[j] = x_row(row, row_group(c, j));
            v[j] = top - v[j];
            part += venn_exp_fall(-v[j]) * mask;
            gaps += v[j] * mask;
        }
        row_add(sum, part);
        row_add(gap, gaps);
    }
    float loss = top - LOAD1(x, row * classes + min(uint(target), classes - 1));
    if (smoothing != 0.0)
        loss = mix(loss, row_sum(gap) / float(classes), smoothing);
    loss += venn_log(row_sum(sum));
    return uint(target) < classes ? loss : VENN_NAN;
}
#include "loss.glsl"
#endif
#endif
