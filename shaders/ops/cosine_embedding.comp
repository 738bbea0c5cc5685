// cosine_embedding: a row's loss is 1 - cos(a, b), or max(0, cos(a, b) - margin) where `alike` says 0. Between
// unit vectors u, v: 1 - cos = |u - v|^2 / 2, which is accurate near 0 too. A vector no longer than SHORTEST
// has no direction: its cosine with all others is 0, and so are gradients.
// backward: da = -(v - cos u) / |a|, for rows that should differ and do not with the sign changed.
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

#define SHORTEST 1e-8

layout(constant_id = 7) const bool JUDGED = false; // `alike` is there, and its margin is `setting`

INPUT(0, a)
INPUT(1, b)
INPUT(2, alike)
ROW_INPUT(a)
ROW_INPUT(b)

vec4 unit_a[HELD], unit_b[HELD]; // as far as they are held
float inverse_a, inverse_b;      // 1 / norm, or 0

void load(uint row, uint c, float factor_a, float factor_b)
{
    [[unroll]] for (uint j = 0; j < HELD; j++) {
        const uint group = row_group(c, j);
        const vec4 mask = row_mask(group);
        unit_a[j] = a_row(row, group) * mask * factor_a;
        unit_b[j] = b_row(row, group) * mask * factor_b;
    }
}

float inverse_norm(float squares)
{
    return squares <= SHORTEST * SHORTEST ? 0.0 : 1.0 / sqrt(squares);
}

// Leaves the inverse norms, and with WHOLE the units; gives 1 - cos.
float distance_of(uint row)
{
    vec2 squares_a = vec2(0), squares_b = vec2(0), gaps = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part_a = vec4(0), part_b = vec4(0);
        load(row, c, 1.0, 1.0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            part_a += unit_a[j] * unit_a[j];
            part_b += unit_b[j] * unit_b[j];
        }
        row_add(squares_a, part_a);
        row_add(squares_b, part_b);
    }
    inverse_a = inverse_norm(row_sum(squares_a));
    inverse_b = inverse_norm(row_sum(squares_b));
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0);
        if (!WHOLE)
            load(row, c, inverse_a, inverse_b);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (WHOLE) {
                unit_a[j] *= inverse_a;
                unit_b[j] *= inverse_b;
            }
            const vec4 gap = unit_a[j] - unit_b[j];
            part += gap * gap;
        }
        row_add(gaps, part);
    }
    const float half_gap = 0.5 * row_sum(gaps);
    return inverse_a == 0.0 || inverse_b == 0.0 ? 1.0 : half_gap;
}

bool apart(uint row)
{
    return JUDGED && LOAD1(alike, row) <= 0.0;
}

#ifdef BACKWARD
INPUT(3, dloss)
OUTPUT(4, da)
ROW_OUTPUT(da)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1);
    const float far = distance_of(from);
    float slope = LOAD1(dloss, EACH ? from : 0) * scale * inverse_a;
    if (apart(from))
        slope = 1.0 - far > setting ? -slope : 0.0;
    if (inverse_b == 0.0)
        slope = 0.0;
    for (uint c = 0; c < row_chunks; c++) {
        if (!WHOLE)
            load(from, c, inverse_a, inverse_b);
        [[unroll]] for (uint j = 0; j < HELD; j++)
            if (row < rows)
                da_row(row, row_group(c, j), (unit_a[j] - unit_b[j] - far * unit_a[j]) * slope);
    }
}
#else
OUTPUT(3, total)

float row_loss(uint row)
{
    const float far = distance_of(row);
    return apart(row) ? max(1.0 - far - setting, 0.0) : far;
}
#include "loss.glsl"
#endif
#endif
