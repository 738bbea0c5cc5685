// softmax along the last axis: y = e^(x - max) / sum; dx = y (dy - sum y dy). See lib/rows.glsl.
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
// variant: backward.single BACKWARD SINGLE
#include "push.glsl"
PUSH(softmax) { uint rows; uint length; } PUSH_END(softmax);

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
    vec4 v[HELD], dv[HELD];
    vec2 sum = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            v[j] = y_row(from, row_group(c, j));
            dv[j] = dy_row(from, row_group(c, j));
            part += v[j] * dv[j] * row_mask(row_group(c, j));
        }
        row_add(sum, part);
    }
    const float inner = row_sum(sum);
    for (uint c = 0; c < row_chunks; c++) {
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE) {
                v[j] = y_row(from, row_group(c, j));
                dv[j] = dy_row(from, row_group(c, j));
            }
            if (row < rows)
                dx_row(row, row_group(c, j), v[j] * (dv[j] - inner));
        }
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
            top = larger(max_of(v[j]), top);
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
    const float scale = 1.0 / row_sum(sum);
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                v[j] = venn_exp_fall(x_row(from, row_group(c, j)) - top);
            if (row < rows)
                y_row(row, row_group(c, j), v[j] * scale);
        }
}
#endif
#endif
