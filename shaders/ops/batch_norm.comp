// batch_norm: y = (x - mean) invstd gamma + beta per channel, x [images, channels, area].
// Variance: within a step about the step's own mean, then steps, components, lanes and parts are joined
// pairwise; nothing large cancels. lib/channels.glsl says what units, steps and parts are.
// statistics, sums: write the result (DIRECT) or a part's; finish: joins parts, one channel per invocation.
// apply, gradient: elementwise.
// variant: statistics STATISTICS
// variant: statistics.texel STATISTICS TEXEL
// variant: statistics.single STATISTICS SINGLE
// variant: finish FINISH
// variant: apply APPLY
// variant: apply.texel APPLY TEXEL
// variant: sums SUMS
// variant: sums.texel SUMS TEXEL
// variant: sums.single SUMS SINGLE
// variant: gradient GRADIENT
// variant: gradient.texel GRADIENT TEXEL
#include "push.glsl"
#include "channels_push.glsl"
// set_first: where the set of running statistics begins.
PUSH(batch_norm) { CHANNELS_PUSH uint set_first; float eps; float momentum; } PUSH_END(batch_norm);

#ifndef VENN_HOST
#include "venn.glsl"
#include "rows.glsl"

layout(constant_id = 7) const bool DIRECT = true;
layout(constant_id = 8) const bool TRAIN = true;
layout(constant_id = 9) const bool HAS_DMEAN = false;
layout(constant_id = 10) const bool HAS_DINVSTD = false;

#include "channels.glsl"

#if defined(STATISTICS) || defined(FINISH)
#include "moments.glsl"
#include "finite.glsl"

INOUT(1, running_mean)
INOUT(2, running_var)
OUTPUT(3, mean)
OUTPUT(4, invstd)

void finish(uint c, vec3 s)
{
    const uint at = set_first + c;
    if (TRAIN) {
        STORE1(mean, c, s.y);
        STORE1(invstd, c, 1.0 / sqrt(s.z / max(s.x, 1.0) + eps));
        const float var = s.z / max(s.x - 1.0, 1.0);
        // What is not finite once would never leave them again, while a guard keeps the step from the weights.
        if (s.x > 0.0 && is_finite(s.y) && is_finite(var)) {
            STORE1(running_mean, at, mix(GET1(running_mean, at), s.y, momentum));
            STORE1(running_var, at, mix(GET1(running_var, at), var, momentum));
        }
    } else {
        STORE1(mean, c, GET1(running_mean, at));
        STORE1(invstd, c, 1.0 / sqrt(GET1(running_var, at) + eps));
    }
}
#endif

#ifdef STATISTICS
INPUT(0, x)
OUTPUT(5, partial)
ROW_INPUT(x)

void write(uint c, vec3 s)
{
    if (unit >= units || c >= channels)
        return;
    if (DIRECT) {
        finish(c, s);
    } else {
        [[unroll]] for (uint k = 0; k < 3; k++)
            STORE1(partial, (part * channels + c) * 3 + k, s[k]);
    }
}

void main()
{
    begin();
    moments all = moments(vec4(0), vec4(0), vec4(0));
    vec4 v[IMAGES * HELD];
    STEPS {
        moments step = moments(vec4(0), vec4(0), vec4(0));
        EACH_GROUP {
            const vec4 mask = mask_of(IMAGE, GROUP);
            v[PLACE] = x_row(row_of(IMAGE), GROUP);
            step.count += mask;
            step.mean += v[PLACE] * mask;
        }
        step.mean /= max(step.count, vec4(1));
        EACH_GROUP {
            const vec4 d = (v[PLACE] - step.mean) * mask_of(IMAGE, GROUP);
            step.square += d * d;
        }
        join(all, step);
    }
    if (COLUMN) {
        [[unroll]] for (uint k = 0; k < 4; k++)
            write(4 * line + k, component(all, k));
    } else {
        vec3 s = join_components(all);
        BUTTERFLY(s, LANES, join)
        if (row_lane == 0)
            write(line, s);
    }
}
#endif

#ifdef FINISH
INPUT(0, partial)

void main()
{
    const uint c = LINEAR_ID, count = channels, last = TRAIN ? parts : 0;
    if (c >= count)
        return;
    vec3 s = vec3(0);
    for (uint p = 0; p < last; p++) {
        const uint at = (p * count + c) * 3;
        s = join(s, vec3(LOAD1(partial, at), LOAD1(partial, at + 1), LOAD1(partial, at + 2)));
    }
    finish(c, s);
}
#endif

#ifdef APPLY
INPUT(0, x)
CHANNEL_INPUT(1, mean)
CHANNEL_INPUT(2, invstd)
CHANNEL_INPUT(3, gamma)
CHANNEL_INPUT(4, beta)
OUTPUT(5, y)
ROW_INPUT(x)
ROW_OUTPUT(y)

void main()
{
    begin();
    const vec4 center = mean_of(), factor = invstd_of() * gamma_of(), shift = beta_of();
    STEPS EACH_GROUP {
        const vec4 v = x_row(row_of(IMAGE), GROUP);
        if (IMAGE < b1 && GROUP < i1)
            y_row(row_of(IMAGE), GROUP, (v - center) * factor + shift);
    }
}
#endif

#ifdef SUMS
// dbeta = sum dy, dgamma = sum dy (x - mean) invstd.
INPUT(0, x)
INPUT(1, dy)
CHANNEL_INPUT(2, mean)
CHANNEL_INPUT(3, invstd)
OUTPUT(4, dgamma)
OUTPUT(5, dbeta)
OUTPUT(6, partial)
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
    const vec4 center = mean_of(), factor = invstd_of();
    vec4 dg = vec4(0), db = vec4(0);
    STEPS {
        vec4 g = vec4(0), s = vec4(0);
        EACH_GROUP {
            const vec4 slope = dy_row(row_of(IMAGE), GROUP) * mask_of(IMAGE, GROUP);
            g += slope * (x_row(row_of(IMAGE), GROUP) - center);
            s += slope;
        }
        dg += g;
        db += s;
    }
    dg *= factor;
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
#endif

#ifdef GRADIENT
// dx = gamma invstd dy, and, where mean and variance are the batch's, minus what flows through them.
INPUT(0, x)
INPUT(1, dy)
CHANNEL_INPUT(2, mean)
CHANNEL_INPUT(3, invstd)
CHANNEL_INPUT(4, gamma)
CHANNEL_INPUT(5, dgamma)
CHANNEL_INPUT(6, dbeta)
CHANNEL_INPUT(7, dmean)
CHANNEL_INPUT(8, dinvstd)
OUTPUT(9, dx)
ROW_INPUT(x)
ROW_INPUT(dy)
ROW_OUTPUT(dx)

void main()
{
    begin();
    const vec4 center = mean_of(), scale = invstd_of(), factor = scale * gamma_of();
    // The terms that cancel where a channel has few elements stay together, and do so exactly.
    const float share = 1.0 / (float(images) * float(area));
    vec4 level = vec4(0), tilt = vec4(0), more_level = vec4(0), more_tilt = vec4(0);
    if (TRAIN) {
        level = dbeta_of() * share;
        tilt = dgamma_of() * scale * share;
        if (HAS_DMEAN)
            more_level = dmean_of() * share;
        if (HAS_DINVSTD)
            more_tilt = dinvstd_of() * scale * scale * scale * share;
    }
    STEPS EACH_GROUP {
        const uint row = row_of(IMAGE), group = GROUP;
        const vec4 d = x_row(row, group) - center;
        vec4 v = factor * (dy_row(row, group) - level - d * tilt);
        if (HAS_DMEAN || HAS_DINVSTD)
            v += more_level - d * more_tilt;
        if (IMAGE < b1 && group < i1)
            dx_row(row, group, v);
    }
}
#endif
#endif
