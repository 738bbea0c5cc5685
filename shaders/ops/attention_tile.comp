// Attention without a matrix of scores, for GPUs: 16 x 16 invocations share SIDE own rows and go over the
// other rows SIDE at a time, through shared memory; each holds 4 x 4 scores and 4 x 4 sums, of a row each in a
// column of a matrix. No subgroup operations (lib/attention_push.glsl says what is summed).
// variant: pass
// variant: pass.texel TEXEL
#include "push.glsl"
#include "attention_push.glsl"
PUSH(attention_tile) { ATTENTION_PUSH } PUSH_END(attention_tile);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "attention.glsl"

// 64 rows take 28,160 bytes, more than every device has: the host runs this kernel only where they are there,
// and says so by WIDE. Without it nothing runs; the kernel then asks for no more than the guaranteed 16 KiB.
layout(constant_id = 3) const bool WIDE = false;
#define SIDE (WIDE ? 64 : 32)
#define DEPTH 16
#define QUARTERS (SIDE / 4)
#define PITCH (QUARTERS + 1) // groups of four in a row, and one against bank conflicts

shared vec4 left[DEPTH * PITCH];   // four own rows at one element; other rows' groups of columns
shared vec4 right[DEPTH * PITCH];  // four other rows at one element
shared vec4 weight[SIDE * PITCH];  // [other row][four own rows]
shared float partial[SIDE * 4];
shared float keep[SIDE], top[SIDE], total[SIDE]; // of each own row
shared float usable[SIDE];                       // whether other rows count, being keys

uint id, tx, ty, first; // first own row

// to[k][r] = element at + k of row base + r; elements and rows past the end are 0 and the last row again.
#define FILL(to, from, side, base, at, wide)                                                       \
    {                                                                                              \
        const uint r = id / 4, group = (at) / 4 + id % 4;                                          \
        const uint there = min((base) + r, n_##side - 1);                                          \
        const vec4 v = within(from##_at(side##_first + there * step_of_rows, group, wide), group, wide); \
        [[unroll]] for (uint k = 0; k < 4; k++)                                                    \
            to[(id % 4 * 4 + k) * PITCH + r / 4][r % 4] = 4 * group + k < wide ? v[k] : 0.0;       \
    }

// acc[i][j] = sum over the width of x[own row 4 ty + i] w[other row 4 tx + j].
#define PRODUCT(acc, x, w, from, wide)                                                             \
    acc = mat4(0);                                                                                 \
    for (uint at = 0; at < wide; at += DEPTH) {                                                    \
        FILL(left, x, own, first, at, wide)                                                        \
        FILL(right, w, others, from, at, wide)                                                     \
        barrier();                                                                                 \
        [[unroll]] for (uint u = 0; u < DEPTH; u++)                                                \
            acc += outerProduct(right[u * PITCH + tx], left[u * PITCH + ty]);                      \
        barrier();                                                                                 \
    }

uint own_row(uint i) { return first + 4 * ty + i; }

bool counts(uint from, uint i, uint j)
{
    const uint there = from + 4 * tx + j;
    const bool key = OWN_QUERIES ? usable[4 * tx + j] != 0.0 : usable[4 * ty + i] != 0.0;
    return key && there < stop && meet(min(own_row(i), own - 1), there);
}

void store_weights(mat4 w)
{
    const mat4 across = transpose(w);
    [[unroll]] for (uint j = 0; j < 4; j++)
        weight[(4 * tx + j) * PITCH + ty] = across[j];
}

// Each own row's weights of the softmax so far, by four invocations.
void raise()
{
    const uint r = id / 4, part = id % 4 * QUARTERS;
    float high = top[r];
    for (uint k = 0; k < QUARTERS; k++) {
        const float s = weight[(part + k) * PITCH + r / 4][r % 4];
        high = s > high || isnan(s) ? s : high;
    }
    partial[id] = high;
    barrier();
    [[unroll]] for (uint q = 0; q < 4; q++) {
        const float s = partial[r * 4 + q];
        high = s > high || isnan(s) ? s : high;
    }
    barrier();
    const float about = high == -VENN_INFINITY ? 0.0 : high;
    float some = 0.0;
    for (uint k = 0; k < QUARTERS; k++) {
        const float p = venn_exp_fall(weight[(part + k) * PITCH + r / 4][r % 4] - about);
        weight[(part + k) * PITCH + r / 4][r % 4] = p;
        some += p;
    }
    partial[id] = some;
    barrier();
    if (id % 4 == 0) {
        const float shrink = venn_exp_fall(top[r] - about);
        keep[r] = shrink;
        total[r] = total[r] * shrink + ((partial[id] + partial[id + 1]) + (partial[id + 2] + partial[id + 3]));
        top[r] = high;
    }
}

// lse and delta of the query of own row i and other row j.
vec2 level(uint from, uint i, uint j)
{
    const uint query = OWN_QUERIES ? own_line(min(own_row(i), own - 1))
                                   : other_line(min(from + 4 * tx + j, others - 1));
    return vec2(LOAD1(lse, query), HAS_SECOND ? LOAD1(delta, query) : 0.0);
}

void weigh(uint from, mat4 score, mat4 second)
{
    [[unroll]] for (uint i = 0; i < 4; i++)
        [[unroll]] for (uint j = 0; j < 4; j++) {
            float w = score[i][j] * scale;
            if (has_bias != 0)
                w += bias_of(min(own_row(i), own - 1), min(from + 4 * tx + j, others - 1));
            const bool counted = counts(from, i, j);
            if (MODE == FORWARD) {
                w = counted ? w : -VENN_INFINITY;
            } else {
                const vec2 about = level(from, i, j);
                w = venn_exp_fall(w - about.x);
                if (HAS_SECOND)
                    w *= (second[i][j] - about.y) * scale;
                w = counted ? w : 0.0;
            }
            score[i][j] = w;
        }
    store_weights(score);
}

void finish(mat4 sum)
{
    const uint group = block * QUARTERS + tx;
    [[unroll]] for (uint i = 0; i < 4; i++) {
        const uint r = own_row(i);
        float share = 1.0;
        if (MODE == FORWARD)
            share = top[4 * ty + i] == -VENN_INFINITY ? 0.0 : 1.0 / total[4 * ty + i];
        if (r < own)
            put(r, group, sum[i] * share);
    }
    if (MODE == FORWARD && block == 0 && id < SIDE && first + id < own)
        STORE1(lse_y, own_line(first + id),
               top[id] == -VENN_INFINITY ? LSE_OF_NONE : top[id] + venn_log(total[id]));
}

// The sums so far.
mat4 start()
{
    mat4 sum = mat4(0);
    if (id < SIDE) {
        const uint mine = min(first + id, own - 1);
        top[id] = -VENN_INFINITY;
        if (MODE == FORWARD && resume != 0)
            top[id] = LOAD1(lse, own_line(mine));
        if (top[id] == LSE_OF_NONE)
            top[id] = -VENN_INFINITY;
        total[id] = top[id] == -VENN_INFINITY ? 0.0 : 1.0;
        keep[id] = 1.0;
        if (!OWN_QUERIES)
            usable[id] = key_counts(mine) ? 1.0 : 0.0;
    }
    if (resume != 0)
        [[unroll]] for (uint i = 0; i < 4; i++)
            sum[i] = put_before(min(own_row(i), own - 1), block * QUARTERS + tx);
    return sum;
}

void main()
{
    if (!locate(LINEAR_GROUP))
        return;
    id = gl_LocalInvocationID.x;
    tx = id % 16;
    ty = id / 16;
    first = tile * SIDE;
    mat4 sum = start(), score, second = mat4(0);
    for (uint from = others_begin(first, SIDE); from < stop; from += SIDE) {
        if (OWN_QUERIES && id < SIDE)
            usable[id] = key_counts(min(from + id, others - 1)) ? 1.0 : 0.0;
        PRODUCT(score, a, c, from, width)
        if (HAS_SECOND) {
            PRODUCT(second, b, d, from, width2)
        }
        barrier();
        weigh(from, score, second);
        barrier();
        if (MODE == FORWARD) {
            raise();
            barrier();
            [[unroll]] for (uint i = 0; i < 4; i++)
                sum[i] *= keep[4 * ty + i];
        }
        for (uint k0 = 0; k0 < SIDE; k0 += DEPTH) {
            const uint there = min(from + k0 + ty, others - 1);
            left[ty * PITCH + tx] = z_at(other_line(there), block * QUARTERS + tx, columns);
            barrier();
            [[unroll]] for (uint u = 0; u < DEPTH; u++)
                sum += outerProduct(left[u * PITCH + tx], weight[(k0 + u) * PITCH + ty]);
            barrier();
        }
    }
    barrier();
    finish(sum);
}
#endif
