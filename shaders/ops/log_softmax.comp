// log_softmax along the last axis: y = x - max - log sum e^(x - max); dx = dy - e^y sum dy.
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
// variant: backward.single BACKWARD SINGLE
#include "push.glsl"
PUSH(log_softmax) { uint rows; uint length; } PUSH_END(log_softmax);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "rows.glsl"

#ifdef BACKWARD
INPUT(0, y)
INPUT(1, dy)
OUTPUT(2, dx)
ROW_INPUT(y)
ROW_INPUT(dy)
ROW_OUTPUT(dx)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1);
    vec4 dv[HELD];
    vec2 sum = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            dv[j] = dy_row(from, row_group(c, j));
            part += dv[j] * row_mask(row_group(c, j));
        }
        row_add(sum, part);
    }
    const float all = row_sum(sum);
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            if (!WHOLE)
                dv[j] = dy_row(from, group);
            dv[j] -= venn_exp_fall(y_row(from, group)) * all;
            if (row < rows)
                dx_row(row, group, dv[j]);
        }
}
#else
INPUT(0, x)
OUTPUT(1, y)
ROW_INPUT(x)
ROW_OUTPUT(y)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1);
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
            part += venn_exp_fall(v[j] - top) * row_mask(row_group(c, j));
        }
        row_add(sum, part);
    }
    const float shift = venn_log(row_sum(sum));
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                v[j] = x_row(from, row_group(c, j));
            if (row < rows)
                y_row(row, row_group(c, j), (v[j] - top) - shift);
        }
}
#endif
#endif
