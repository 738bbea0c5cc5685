// The arrays of attention kernels, and which scores count (attention_push.glsl says what is what).
layout(constant_id = 1) const uint MODE = FORWARD;
layout(constant_id = 2) const bool ALIGNED = false; // all widths are multiples of four

INPUT(0, a)
INPUT(1, b)
INPUT(2, c)
INPUT(3, d)
INPUT(4, z)
INPUT_INT(5, mask)
INPUT(6, bias)
INPUT(7, lse)
INPUT(8, delta)
INOUT(9, y)
OUTPUT(10, lse_y)

// Of a query that sees no key: weights made with it are 0, also those of scores that are -infinity.
#define LSE_OF_NONE VENN_INFINITY

#define OWN_QUERIES (MODE == FORWARD || MODE == QUERY)
#define HAS_SECOND (MODE == QUERY || MODE == KEY)

// Copies of what is pushed, which loops would load anew, and what follows from it.
uint tile, block; // of own rows, of columns
uint entry;
uint n_own, n_others, own_first, others_first, step_of_rows;
uint bias_first, stop;
bool is_causal, is_masked;

// False: past the end.
bool locate(uint index)
{
    tile = index % tiles;
    block = index / tiles % blocks;
    const uint pair = index / tiles / blocks;
    const uint head = pair % heads;
    entry = pair / heads;
    n_own = own;
    n_others = others;
    step_of_rows = interleaved != 0 ? heads : 1;
    own_first = interleaved != 0 ? entry * own * heads + head : pair * own;
    others_first = interleaved != 0 ? entry * others * heads + head : pair * others;
    bias_first = entry * bias_entry + head * bias_head;
    is_causal = causal != 0;
    is_masked = has_mask != 0;
    return pair < pairs;
}

// Where a row is, counting rows.
uint own_line(uint row) { return own_first + row * step_of_rows; }
uint other_line(uint row) { return others_first + row * step_of_rows; }

// Group of four number `group` of a line; what is past its end is its last element again.
#define LINE_INPUT(name)                                                                           \
    vec4 name##_at(uint index, uint group, uint wide)                                              \
    {                                                                                              \
        const uint first = index * wide + 4 * group, last = index * wide + wide - 1;               \
        if (ALIGNED)                                                                               \
            return LOAD4(name, min(first, last) / 4);                                              \
        return vec4(LOAD1(name, min(first, last)), LOAD1(name, min(first + 1, last)),              \
                    LOAD1(name, min(first + 2, last)), LOAD1(name, min(first + 3, last)));         \
    }
LINE_INPUT(a)
LINE_INPUT(b)
LINE_INPUT(c)
LINE_INPUT(d)
LINE_INPUT(z)

// A group of which only the elements that exist count.
vec4 within(vec4 v, uint group, uint wide)
{
    if (ALIGNED)
        return v;
    return mix(vec4(0), v, lessThan(uvec4(4 * group) + uvec4(0, 1, 2, 3), uvec4(wide)));
}

// Whether a key, one of the own or of the other rows, is not masked.
bool key_counts(uint key)
{
    bool counts = true;
    if (is_masked)
        counts = LOAD_INT(mask, entry * (OWN_QUERIES ? n_others : n_own) + key) != 0;
    return counts;
}

// Whether own row i and other row j, both existing, meet; the key itself may be masked besides.
bool meet(uint i, uint j)
{
    return !is_causal || (OWN_QUERIES ? j <= i : i <= j);
}

float bias_of(uint i, uint j)
{
    return LOAD1(bias, bias_first + (OWN_QUERIES ? i * n_others + j : j * n_own + i));
}

// The other rows that `count` own rows from `first` on can meet in this launch: up to `stop`.
uint others_begin(uint first, uint count)
{
    stop = is_causal && OWN_QUERIES ? min(end, first + count) : end;
    return is_causal && !OWN_QUERIES ? max(begin, min(first, others)) : begin;
}

void put(uint row, uint group, vec4 v)
{
    const uint to = own_line(row) * columns + 4 * group;
    if (ALIGNED) {
        if (4 * group < columns)
            STORE4(y, to / 4, v);
    } else {
        [[unroll]] for (uint k = 0; k < 4; k++)
            if (4 * group + k < columns)
                STORE1(y, to + k, v[k]);
    }
}

// What earlier launches have put there.
vec4 put_before(uint row, uint group)
{
    const uint first = own_line(row) * columns + 4 * group;
    const uint last = own_line(row) * columns + columns - 1;
    if (ALIGNED)
        return GET4(y, min(first, last) / 4);
    return vec4(GET1(y, min(first, last)), GET1(y, min(first + 1, last)),
                GET1(y, min(first + 2, last)), GET1(y, min(first + 3, last)));
}
