// The 16-bit types on the host: all patterns, against what the formats mean.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "venn/base.h"

typedef struct format {
    float (*widen)(uint16_t bits);
    uint16_t (*narrow)(float value);
    int fraction_bits, bias;
} format;

static const format f16 = {venn_f16_to_f32, venn_f16_from_f32, 10, 15};
static const format bf16 = {venn_bf16_to_f32, venn_bf16_from_f32, 7, 127};

static uint32_t infinity_of(const format *f)
{
    return 0x7fffu >> f->fraction_bits << f->fraction_bits;
}

// (-1)^sign 2^(exponent - bias) 1.fraction, or without the leading 1 at the least exponent.
static double meaning(const format *f, uint32_t bits)
{
    const int exponent = (int)((bits & 0x7fff) >> f->fraction_bits);
    double fraction = (double)(bits & ((1u << f->fraction_bits) - 1));
    if (exponent > 0)
        fraction += ldexp(1, f->fraction_bits);
    const double size = ldexp(fraction, (exponent > 0 ? exponent : 1) - f->bias - f->fraction_bits);
    return bits >> 15 ? -size : size;
}

static void check_pattern(const format *f, uint32_t bits)
{
    const float value = f->widen((uint16_t)bits);
    const uint32_t size = bits & 0x7fff;
    if (size > infinity_of(f)) {
        const uint16_t back = f->narrow(value);
        cr_assert(isnan(value) && !!signbit(value) == bits >> 15, "%04x", bits);
        cr_assert((back & 0x7fffu) > infinity_of(f) && back >> 15 == bits >> 15, "%04x", bits);
        return;
    }
    if (size == infinity_of(f))
        cr_assert(isinf(value) && (value < 0) == (bits >> 15 == 1), "%04x", bits);
    else
        cr_assert((double)value == meaning(f, bits), "%04x is %a", bits, (double)value);
    cr_assert(f->narrow(value) == bits, "%04x comes back as %04x", bits, f->narrow(value));
}

// Between two neighbours: just off the middle to the nearer one, the middle itself to the even one.
static void check_between(const format *f, uint32_t low)
{
    const double a = meaning(f, low), b = meaning(f, low + 1);
    const float middle = (float)((a + b) / 2);
    cr_assert((double)middle == (a + b) / 2);
    const uint32_t even = low & 1 ? low + 1 : low;
    for (uint32_t sign = 0; sign <= 0x8000; sign += 0x8000) {
        const float s = sign ? -1.0f : 1.0f;
        cr_assert(f->narrow(s * middle) == (sign | even), "the middle above %04x", low);
        cr_assert(f->narrow(s * nextafterf(middle, 0)) == (sign | low), "below it");
        cr_assert(f->narrow(s * nextafterf(middle, INFINITY)) == (sign | (low + 1)), "above it");
    }
}

static void check_format(const format *f)
{
    for (uint32_t bits = 0; bits < 0x10000; bits++)
        check_pattern(f, bits);
    // The last one rounds to what would be the next number, whose pattern is infinity's.
    for (uint32_t low = 0; low < infinity_of(f); low++)
        check_between(f, low);
    cr_assert(f->narrow(INFINITY) == infinity_of(f));
    cr_assert(f->narrow(-INFINITY) == (0x8000 | infinity_of(f)));
    cr_assert(f->narrow(3.4e38f) >= infinity_of(f) - 1);
    cr_assert(f->narrow(1e-45f) == 0 && f->narrow(-1e-45f) == 0x8000);
}

Test(half, f16)
{
    check_format(&f16);
    cr_assert(venn_f16_from_f32(1) == 0x3c00 && venn_f16_from_f32(-2) == 0xc000);
    cr_assert(venn_f16_from_f32(65519) == 0x7bff && venn_f16_from_f32(65520) == 0x7c00);
    cr_assert(venn_f16_from_f32(3.4e38f) == 0x7c00);
}

Test(half, bf16)
{
    check_format(&bf16);
    cr_assert(venn_bf16_from_f32(1) == 0x3f80 && venn_bf16_from_f32(-2) == 0xc000);
}

// A NaN whose payload is cut off must not become infinity.
Test(half, nan_payload)
{
    const uint32_t bits = 0x7f800001;
    float value;
    memcpy(&value, &bits, sizeof value);
    cr_assert(isnan(venn_bf16_to_f32(venn_bf16_from_f32(value))));
    cr_assert(isnan(venn_f16_to_f32(venn_f16_from_f32(value))));
}

Test(half, arrays)
{
    const float x[] = {1.5f, -0.1f, 70000, 1e-7f};
    uint16_t half[4], brain[4];
    float back[4];
    venn_floats_convert(half, VENN_F16, x, VENN_F32, 4);
    venn_floats_convert(brain, VENN_BF16, half, VENN_F16, 4);
    venn_floats_convert(back, VENN_F32, half, VENN_F16, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_assert(half[i] == venn_f16_from_f32(x[i]));
        cr_assert(back[i] == venn_f16_to_f32(half[i]));
        cr_assert(brain[i] == venn_bf16_from_f32(back[i]));
        cr_assert(venn_element_get(half, VENN_F16, i) == (double)back[i]);
        cr_assert(venn_element_get(x, VENN_F32, i) == (double)x[i]);
    }
    cr_assert(venn_element_get((int32_t[]){-7}, VENN_I32, 0) == -7);
    cr_assert(venn_element_get((uint8_t[]){250}, VENN_U8, 0) == 250);
    cr_assert(venn_dtype_is_float(VENN_BF16) && !venn_dtype_is_float(VENN_U8));
}
