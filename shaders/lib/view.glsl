// Reading an operand through a view (src/ops/view.h): element e of a dense output comes from element
// index(e) of the operand, which may be repeated, permuted or cut. VIEW(name, kind, operand) defines
// `vec4 read_<name>(uint i)`, which gathers elements 4i .. 4i + 3. How is a specialization constant.
#ifndef VENN_VIEW_GLSL
#define VENN_VIEW_GLSL
#include "push.glsl"
#ifndef VENN_FUSED // a kernel of several ops has a push block of its own (fused.glsl)
PUSH(view) {
    uint count;       // elements of the output
    uint offset;      // of operand 0, in its elements
    uint divisor[15]; // pattern kinds: S, C of operand 0, S, C of operand 1; else extents 1 .. RANK - 1
    uint stride[12];  // six per operand
} PUSH_END(view);
#endif

// Kinds, from fast to slow. A pattern is index(e) = (e / S) % C.
#define VIEW_FULL 0     // index(e) = e
#define VIEW_SCALAR 1   // one element
#define VIEW_ROW 2      // pattern with S = 1 and C a multiple of 4; the divisor C is C / 4
#define VIEW_SPLAT 3    // pattern with S a multiple of 4
#define VIEW_PATTERN 4  // any pattern
#define VIEW_STRIDED4 5 // by extents and strides; groups of four are aligned and contiguous
#define VIEW_STRIDED 6  // by extents and strides; groups of four do not leave the innermost axis
#define VIEW_GENERAL 7  // by extents and strides, each element for itself

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

uint pattern_index(uint e, uint operand)
{
    return REMAINDER(QUOTIENT(e, divisor, 2 * operand), divisor, 2 * operand + 1);
}

// The kinds of which index(e) is simple.
#define READ_SIMPLE(name, kind, operand, i)                                                        \
    if (kind == VIEW_FULL)                                                                         \
        return LOAD4(name, i);                                                                     \
    if (kind == VIEW_SCALAR)                                                                       \
        return vec4(LOAD1(name, 0));                                                               \
    if (kind == VIEW_ROW)                                                                          \
        return LOAD4(name, REMAINDER(i, divisor, 2 * operand + 1));                                \
    if (kind == VIEW_SPLAT)                                                                        \
        return vec4(LOAD1(name, pattern_index(4 * i, operand)));

// Of patterns alone.
#define VIEW_OF_PATTERN(name, kind, operand)                                                       \
    vec4 read_##name(uint i)                                                                       \
    {                                                                                              \
        READ_SIMPLE(name, kind, operand, i)                                                        \
        return vec4(LOAD1(name, pattern_index(4 * i, operand)),                                    \
                    LOAD1(name, pattern_index(4 * i + 1, operand)),                                \
                    LOAD1(name, pattern_index(4 * i + 2, operand)),                                \
                    LOAD1(name, pattern_index(4 * i + 3, operand)));                               \
    }

#ifndef VENN_FUSED
layout(constant_id = 1) const uint VEC = 4; // groups of four elements per invocation
layout(constant_id = 2) const uint RANK = 1;
layout(constant_id = 3) const uint KIND_0 = 0;
layout(constant_id = 4) const uint KIND_1 = 0;

uint view_index(uint e, uint operand)
{
    uint index = operand == 0 ? offset : 0;
    [[unroll]] for (uint axis = RANK - 1; axis > 0; axis--) {
        uint outer = QUOTIENT(e, divisor, axis - 1);
        index += (e - outer * divisor[3 * (axis - 1)]) * stride[6 * operand + axis];
        e = outer;
    }
    return index + e * stride[6 * operand];
}

#define VIEW(name, kind, operand)                                                                  \
    float name##_at(uint e)                                                                        \
    {                                                                                              \
        if (kind == VIEW_PATTERN)                                                                  \
            return LOAD1(name, pattern_index(e, operand));                                         \
        return LOAD1(name, view_index(min(e, count - 1), operand));                                \
    }                                                                                              \
    vec4 read_##name(uint i)                                                                       \
    {                                                                                              \
        READ_SIMPLE(name, kind, operand, i)                                                        \
        if (kind == VIEW_STRIDED4)                                                                 \
            return LOAD4(name, view_index(4 * i, operand) / 4);                                    \
        if (kind == VIEW_STRIDED) {                                                                \
            uint first = view_index(4 * i, operand), step = stride[6 * operand + RANK - 1];        \
            return vec4(LOAD1(name, first), LOAD1(name, first + step),                             \
                        LOAD1(name, first + 2 * step), LOAD1(name, first + 3 * step));             \
        }                                                                                          \
        return vec4(name##_at(4 * i), name##_at(4 * i + 1), name##_at(4 * i + 2),                  \
                    name##_at(4 * i + 3));                                                         \
    }

// Calls `body(i)` for every group of four that this invocation owns. Reads are made outside branches
// (past the end, of the last group again) because that is where software devices read push constants
// fast.
#define FOR_EACH_GROUP(body)                                                                       \
    uint groups = (count + 3) / 4;                                                                 \
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * VEC + gl_LocalInvocationID.x;                  \
    [[unroll]] for (uint k = 0; k < VEC; k++) {                                                    \
        uint i = base + k * gl_WorkGroupSize.x;                                                    \
        vec4 value = body(min(i, groups - 1));                                                     \
        if (i < groups)                                                                            \
            STORE4(y, i, value);                                                                   \
    }
#endif
#endif
#endif
