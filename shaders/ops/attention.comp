// Attention without a matrix of scores, for software devices and small GPUs: a lane has ROWS rows of its own
// and HELD groups of columns; SUB lanes load SUB other rows at once and hand them round by shuffles, BLOCK of
// them in one go (lib/attention_push.glsl says what is summed).
// variant: pass
// variant: pass.texel TEXEL
// variant: pass.single SINGLE
// variant: pass.single.texel SINGLE TEXEL
#include "push.glsl"
#include "attention_push.glsl"
PUSH(attention) { ATTENTION_PUSH } PUSH_END(attention);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "attention.glsl"

layout(constant_id = 3) const uint SUB = 1;  // lanes that exchange
layout(constant_id = 4) const uint ROWS = 2; // own rows of a lane
layout(constant_id = 5) const uint EACH = 1; // other rows that a lane loads at once
layout(constant_id = 6) const uint HELD = 1; // groups of columns

#define BLOCK (SUB * EACH)
#ifdef SINGLE
#define FROM_LANE(v, lane) (v)
#define LANE 0
#else
#define FROM_LANE(v, lane) subgroupShuffle(v, lane)
#define LANE gl_SubgroupInvocationID
#endif

uint row[ROWS];                                // own rows, the last one again past the end
vec4 sum[ROWS * HELD];                         // of weights times z
float score[BLOCK * ROWS], second[BLOCK * ROWS]; // of other row j and own row i at j ROWS + i
float top[ROWS], total[ROWS];                  // of the softmax so far: its maximum and its sum
vec2 level[ROWS];                              // lse and delta of own queries
bool own_counts[ROWS];

// The other row that this lane loads as number e; the last one again past the end.
uint other(uint from, uint e)
{
    return min(from + e * SUB + LANE, n_others - 1);
}

// to[j ROWS + i] = x.w for own row i and other row from + j.
#define DOTS(to, x, w, from, count)                                                                \
    {                                                                                              \
        const uint wide = count, groups = (wide + 3) / 4;                                          \
        [[unroll]] for (uint k = 0; k < BLOCK * ROWS; k++)                                         \
            to[k] = 0.0;                                                                           \
        for (uint g = 0; g < groups; g++) {                                                        \
            vec4 mine[ROWS], theirs[EACH];                                                         \
            [[unroll]] for (uint i = 0; i < ROWS; i++)                                             \
                mine[i] = within(x##_at(own_line(row[i]), g, wide), g, wide);                      \
            [[unroll]] for (uint e = 0; e < EACH; e++)                                             \
                theirs[e] = w##_at(other_line(other(from, e)), g, wide);                           \
            [[unroll]] for (uint e = 0; e < EACH; e++)                                             \
                [[unroll]] for (uint l = 0; l < SUB; l++) {                                        \
                    const vec4 v = FROM_LANE(theirs[e], l);                                        \
                    [[unroll]] for (uint i = 0; i < ROWS; i++)                                     \
                        to[(e * SUB + l) * ROWS + i] += dot(mine[i], v);                           \
                }                                                                                  \
        }                                                                                          \
    }

void make_scores(uint from)
{
    const float factor = scale;
    DOTS(score, a, c, from, width)
    [[unroll]] for (uint k = 0; k < BLOCK * ROWS; k++)
        score[k] *= factor;
    if (has_bias != 0)
        [[unroll]] for (uint k = 0; k < BLOCK * ROWS; k++)
            score[k] += bias_of(row[k % ROWS], min(from + k / ROWS, n_others - 1));
}

// The weights of a gradient from the scores.
void weigh(uint from)
{
    const float factor = scale;
    [[unroll]] for (uint e = 0; e < EACH; e++) {
        // Of the other rows: lse and delta of queries, whether keys count.
        vec2 theirs = vec2(0);
        if (OWN_QUERIES) {
            theirs.x = key_counts(other(from, e)) ? 1.0 : 0.0;
        } else {
            theirs.x = LOAD1(lse, other_line(other(from, e)));
            if (HAS_SECOND)
                theirs.y = LOAD1(delta, other_line(other(from, e)));
        }
        [[unroll]] for (uint l = 0; l < SUB; l++) {
            const uint k = e * SUB + l, j = from + k;
            const vec2 v = FROM_LANE(theirs, l);
            [[unroll]] for (uint i = 0; i < ROWS; i++) {
                const vec2 about = OWN_QUERIES ? level[i] : v;
                float p = venn_exp_fall(score[k * ROWS + i] - about.x);
                if (HAS_SECOND)
                    p *= (second[k * ROWS + i] - about.y) * factor;
                const bool counted = OWN_QUERIES ? v.x != 0.0 : own_counts[i];
                score[k * ROWS + i] = counted && j < stop && meet(row[i], j) ? p : 0.0;
            }
        }
    }
}

// The weights of a softmax from the scores; what came before shrinks as the maximum rises.
void raise(uint from)
{
    float high[ROWS];
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        high[i] = top[i];
    [[unroll]] for (uint e = 0; e < EACH; e++) {
        const float theirs = key_counts(other(from, e)) ? 1.0 : 0.0;
        [[unroll]] for (uint l = 0; l < SUB; l++) {
            const uint k = e * SUB + l, j = from + k;
            const bool counted = FROM_LANE(theirs, l) != 0.0 && j < stop;
            [[unroll]] for (uint i = 0; i < ROWS; i++) {
                const float s = counted && meet(row[i], j) ? score[k * ROWS + i] : -VENN_INFINITY;
                score[k * ROWS + i] = s;
                high[i] = s > high[i] || isnan(s) ? s : high[i];
            }
        }
    }
    [[unroll]] for (uint i = 0; i < ROWS; i++) {
        const float about = high[i] == -VENN_INFINITY ? 0.0 : high[i];
        const float keep = venn_exp_fall(top[i] - about);
        float part = 0.0;
        [[unroll]] for (uint k = 0; k < BLOCK; k++) {
            score[k * ROWS + i] = venn_exp_fall(score[k * ROWS + i] - about);
            part += score[k * ROWS + i];
        }
        top[i] = high[i];
        total[i] = total[i] * keep + part;
        [[unroll]] for (uint h = 0; h < HELD; h++)
            sum[i * HELD + h] *= keep;
    }
}

// sum += weights z, the weights being in score.
void add(uint from)
{
    [[unroll]] for (uint h = 0; h < HELD; h++) {
        vec4 theirs[EACH];
        [[unroll]] for (uint e = 0; e < EACH; e++)
            theirs[e] = z_at(other_line(other(from, e)), block * HELD + h, columns);
        [[unroll]] for (uint e = 0; e < EACH; e++)
            [[unroll]] for (uint l = 0; l < SUB; l++) {
                const vec4 v = FROM_LANE(theirs[e], l);
                [[unroll]] for (uint i = 0; i < ROWS; i++)
                    sum[i * HELD + h] += score[(e * SUB + l) * ROWS + i] * v;
            }
    }
}

void start(uint first)
{
    [[unroll]] for (uint i = 0; i < ROWS; i++) {
        row[i] = min(first + i * SUB + LANE, own - 1);
        own_counts[i] = OWN_QUERIES || key_counts(row[i]);
        top[i] = -VENN_INFINITY;
        total[i] = 0.0;
        [[unroll]] for (uint h = 0; h < HELD; h++)
            sum[i * HELD + h] = vec4(0);
        if (MODE == QUERY)
            level[i] = vec2(LOAD1(lse, own_line(row[i])), LOAD1(delta, own_line(row[i])));
        if (resume != 0) {
            [[unroll]] for (uint h = 0; h < HELD; h++)
                sum[i * HELD + h] = put_before(row[i], block * HELD + h);
            if (MODE == FORWARD) {
                const float before = LOAD1(lse, own_line(row[i]));
                top[i] = before == LSE_OF_NONE ? -VENN_INFINITY : before;
                total[i] = before == LSE_OF_NONE ? 0.0 : 1.0;
            }
        }
    }
}

void finish(uint first)
{
    [[unroll]] for (uint i = 0; i < ROWS; i++) {
        const uint at = first + i * SUB + LANE;
        const bool none = MODE == FORWARD && top[i] == -VENN_INFINITY;
        const float share = MODE == FORWARD ? (none ? 0.0 : 1.0 / total[i]) : 1.0;
        if (at < own) {
            [[unroll]] for (uint h = 0; h < HELD; h++)
                put(at, block * HELD + h, sum[i * HELD + h] * share);
            if (MODE == FORWARD && block == 0)
                STORE1(lse_y, own_line(at), none ? LSE_OF_NONE : top[i] + venn_log(total[i]));
        }
    }
}

void main()
{
    if (!locate(LINEAR_ID / SUB))
        return;
    const uint first = tile * ROWS * SUB;
    start(first);
    for (uint from = others_begin(first, ROWS * SUB); from < stop; from += BLOCK) {
        make_scores(from);
        if (HAS_SECOND)
            DOTS(second, b, d, from, width2)
        if (MODE == FORWARD)
            raise(from);
        else
            weigh(from);
        add(from);
    }
    finish(first);
}
#endif
