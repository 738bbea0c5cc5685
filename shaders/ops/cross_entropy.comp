// cross_entropy with class ids: loss = sum_c g_c (log sum e^x - x_c), g = w ((1 - s) onehot(label) + s / C)
// where s is `setting` and w the class weights; dx = dy (softmax(x) sum g - g). A label outside [0, C) makes
// its row NaN, the label that is ignored makes it 0. weights: the sum of w[label], by which a mean divides.
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
// variant: weights WEIGHTS_ALONE
// variant: weights.texel WEIGHTS_ALONE TEXEL
// variant: weights.single WEIGHTS_ALONE SINGLE
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
// variant: backward.single BACKWARD SINGLE
#include "push.glsl"
#include "loss_push.glsl"

#define LABEL_GIVEN 1u    // else row r has label r % number
#define LABEL_WEIGHTED 2u // classes have weights
#define LABEL_IGNORED 4u  // `number` says which label does not count

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "rows.glsl"

layout(constant_id = 7) const uint LABELS = LABEL_GIVEN;

INPUT(0, x)
INPUT_INT(1, label)
INPUT(2, weight)
ROW_INPUT(x)

bool given(uint flag) { return (LABELS & flag) != 0; }

int target_of(uint row)
{
    return given(LABEL_GIVEN) ? LOAD_INT(label, row) : int(row % number);
}

bool ignored(int target)
{
    return given(LABEL_IGNORED) && target == int(number);
}

// The weight of a row with this label: NaN if it is out of range.
float weight_of(int target, uint classes)
{
    const float w = given(LABEL_WEIGHTED) ? LOAD1(weight, min(uint(target), classes - 1)) : 1.0;
    if (ignored(target))
        return 0.0;
    return uint(target) < classes ? w : VENN_NAN;
}

// Weights of the classes in a group of four, 0 past the row's end.
vec4 class_weights(uint group)
{
    const vec4 mask = row_mask(group);
    if (!given(LABEL_WEIGHTED))
        return mask;
    const uint last = row_length - 1;
    return vec4(LOAD1(weight, min(4 * group, last)), LOAD1(weight, min(4 * group + 1, last)),
                LOAD1(weight, min(4 * group + 2, last)), LOAD1(weight, min(4 * group + 3, last))) *
           mask;
}

#ifdef BACKWARD
INPUT(3, total_weight)
INPUT(4, dy)
OUTPUT(5, dx)
ROW_OUTPUT(dx)

void main()
{
    const uint row = rows_begin(length), from = min(row, rows - 1), classes = length;
    const int target = target_of(from);
    const float sharp = (1.0 - setting) * weight_of(target, classes);
    const float smooth_part = setting / float(classes);
    vec4 v[HELD];
    float top = -VENN_INFINITY;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            v[j] = x_row(from, row_group(c, j));
            top = max(top, max_of(v[j]));
        }
    top = row_max(top);
    vec2 sum = vec2(0), weights = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0), weight_part = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            if (!WHOLE)
                v[j] = x_row(from, row_group(c, j));
            v[j] = venn_exp_fall(v[j] - top);
            part += v[j] * row_mask(row_group(c, j));
            weight_part += class_weights(row_group(c, j));
        }
        row_add(sum, part);
        row_add(weights, weight_part);
    }
    const float all_weights = given(LABEL_WEIGHTED) ? row_sum(weights) : float(classes);
    const float share = (sharp + smooth_part * all_weights) / row_sum(sum);
    float slope = LOAD1(dy, EACH ? from : 0) * scale;
    if (WEIGHTED_MEAN)
        slope = quotient(slope, LOAD1(total_weight, 0));
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            if (!WHOLE)
                v[j] = venn_exp_fall(x_row(from, group) - top);
            const uvec4 id = uvec4(0, 1, 2, 3) + 4 * group;
            const vec4 goal =
                vec4(equal(id, uvec4(target))) * sharp + smooth_part * class_weights(group);
            const vec4 result = (v[j] * share - goal) * slope;
            if (row < rows)
                dx_row(row, group, mix(result, vec4(0), bvec4(ignored(target))));
        }
}
#else
OUTPUT(3, total)

float row_weight(uint row)
{
    return weight_of(target_of(row), row_length);
}

#ifdef WEIGHTS_ALONE
float row_loss(uint row)
{
    return row_weight(row);
}
#else
#define ROW_WEIGHT

float row_loss(uint row)
{
    const uint classes = row_length;
    const int target = target_of(row);
    const float smoothing = setting;
    vec4 v[HELD];
    float top = -VENN_INFINITY;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            v[j] = x_row(row, row_group(c, j));
            top = max(top, max_of(v[j]));
        }
    top = row_max(top);
    vec2 sum = vec2(0), gap = vec2(0), weights = vec2(0);
    for (uint c = 0; c < row_chunks; c++) {
        vec4 part = vec4(0), gaps = vec4(0), weight_part = vec4(0);
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const vec4 w = class_weights(row_group(c, j));
            if (!WHOLE)
                v[j] = x_row(row, row_group(c, j));
            v[j] = top - v[j];
            part += venn_exp_fall(-v[j]) * row_mask(row_group(c, j));
            gaps += v[j] * w;
            weight_part += w;
        }
        row_add(sum, part);
        row_add(gap, gaps);
        row_add(weights, weight_part);
    }
    float weight = weight_of(target, classes);
    float loss = weight * (top - LOAD1(x, row * classes + min(uint(target), classes - 1)));
    if (smoothing != 0.0) {
        const float all_weights = given(LABEL_WEIGHTED) ? row_sum(weights) : float(classes);
        loss = mix(loss, row_sum(gap) / float(classes), smoothing);
        weight = mix(weight, all_weights / float(classes), smoothing);
    }
    loss += weight * venn_log(row_sum(sum));
    return ignored(target) ? 0.0 : loss;
}
#endif
#include "loss.glsl"
#endif
#endif
