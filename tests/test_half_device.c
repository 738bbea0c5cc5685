// The 16-bit types on the device: every pattern in and out, in groups of four and one by one, against
// the host's conversions (test_half.c).
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "program_bed.h"

enum { PATTERNS = 0x10000, TRIPLES = 3 * PATTERNS };

// y = x, element by element: joined to a column of zeros, rows are too odd for groups of four.
static venn_tensor one_by_one(bed *b, venn_tensor x, int64_t count)
{
    const venn_tensor rows = venn_reshape(b->g, x, VENN_SHAPE(count / 2, 2));
    const venn_tensor zeros = venn_fill(b->g, VENN_SHAPE(count / 2, 1), 0);
    return venn_concat(b->g, 2, (venn_tensor[]){rows, zeros}, 1);
}

// Element i of what one_by_one made.
static int64_t place(int64_t i)
{
    return i / 2 * 3 + i % 2;
}

static bool same_number(float got, float want)
{
    return isnan(want) ? isnan(got) : memcmp(&got, &want, sizeof got) == 0;
}

static bool is_nan(uint16_t bits, venn_dtype dtype)
{
    return (bits & 0x7fff) > (dtype == VENN_F16 ? 0x7c00 : 0x7f80);
}

static bool same_half(uint16_t got, uint16_t want, venn_dtype dtype)
{
    return is_nan(want, dtype) ? is_nan(got, dtype) : got == want;
}

static void check_loads(venn_dtype dtype)
{
    bed b = bed_create();
    const venn_tensor x = venn_graph_input(b.g, "x", dtype, VENN_SHAPE(PATTERNS));
    venn_graph_output(b.g, "four", venn_cast(b.g, x, VENN_F32));
    venn_graph_output(b.g, "back", one_by_one(&b, x, PATTERNS));
    const venn_tensor first = venn_fill(b.g, VENN_SHAPE(PATTERNS / 2, 1), 0);
    const venn_tensor rows = venn_reshape(b.g, x, VENN_SHAPE(PATTERNS / 2, 2));
    venn_graph_output(b.g, "one", venn_concat(b.g, 2, (venn_tensor[]){first, rows}, 1));
    bed_compile(&b);
    uint16_t *bits = malloc(PATTERNS * sizeof *bits);
    for (uint32_t i = 0; i < PATTERNS; i++)
        bits[i] = (uint16_t)i;
    bed_set(&b, "x", bits);
    bed_run(&b);
    const float *four = bed_get(&b, "four"), *one = bed_get(&b, "one");
    const uint16_t *back = bed_get(&b, "back");
    for (int64_t i = 0; i < PATTERNS; i++) {
        const float want = (float)venn_element_get(bits, dtype, (size_t)i);
        cr_assert(same_number(four[i], want), "%04x is %a, not %a", (unsigned)i, (double)four[i],
                  (double)want);
        cr_assert(same_number(one[place(i) + 1], want), "%04x alone is %a, not %a", (unsigned)i,
                  (double)one[place(i) + 1], (double)want);
        cr_assert(same_half(back[place(i)], bits[i], dtype), "%04x comes back as %04x", (unsigned)i,
                  back[place(i)]);
    }
    free(bits);
    bed_destroy(&b);
}

// For every pattern and its neighbour the middle and the two numbers next to it.
static void fill_triples(float *x, venn_dtype dtype)
{
    for (uint32_t i = 0; i < PATTERNS; i++) {
        const uint16_t pair[] = {(uint16_t)i, (uint16_t)(i + 1)};
        const double a = venn_element_get(pair, dtype, 0), c = venn_element_get(pair, dtype, 1);
        const float middle = (float)(isfinite(a) && isfinite(c) ? (a + c) / 2 : a);
        x[3 * i] = middle;
        x[3 * i + 1] = nextafterf(middle, 0);
        x[3 * i + 2] = nextafterf(middle, middle < 0 ? -INFINITY : INFINITY);
    }
}

static void check_stores(venn_dtype dtype)
{
    bed b = bed_create();
    const venn_tensor x = bed_input(&b, "x", VENN_SHAPE(TRIPLES));
    const venn_tensor zeros = venn_fill(b.g, VENN_SHAPE(TRIPLES / 2, 1), 0);
    const venn_tensor rows = venn_reshape(b.g, x, VENN_SHAPE(TRIPLES / 2, 2));
    const venn_tensor typed = venn_cast(b.g, zeros, dtype);
    venn_graph_output(b.g, "four", venn_cast(b.g, x, dtype));
    venn_graph_output(b.g, "one", venn_concat(b.g, 2, (venn_tensor[]){typed, rows}, 1));
    bed_compile(&b);
    float *numbers = malloc(TRIPLES * sizeof *numbers);
    fill_triples(numbers, dtype);
    bed_set(&b, "x", numbers);
    bed_run(&b);
    const uint16_t *four = bed_get(&b, "four"), *one = bed_get(&b, "one");
    for (int64_t i = 0; i < TRIPLES; i++) {
        uint16_t want;
        venn_floats_convert(&want, dtype, &numbers[i], VENN_F32, 1);
        cr_assert(same_half(four[i], want, dtype), "%a is %04x, not %04x", (double)numbers[i],
                  four[i], want);
        cr_assert(same_half(one[place(i) + 1], want, dtype), "%a alone is %04x, not %04x",
                  (double)numbers[i], one[place(i) + 1], want);
    }
    free(numbers);
    bed_destroy(&b);
}

Test(half_device, loads)
{
    check_loads(VENN_F16);
    check_loads(VENN_BF16);
}

Test(half_device, stores)
{
    check_stores(VENN_F16);
    check_stores(VENN_BF16);
}
