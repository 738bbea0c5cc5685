// The 16-bit types, by integer arithmetic alone: rounding to nearest even is to add just less than half of
// what is cut, one more if what stays is odd, and to cut; a carry moves into the exponent by itself.
#include <string.h>

#include "venn/base.h"

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float number_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// Cuts the lowest n bits, 1 <= n <= 31.
static uint32_t round_off(uint32_t bits, uint32_t n)
{
    return (bits + ((uint32_t)1 << (n - 1)) - 1 + (bits >> n & 1)) >> n;
}

uint16_t venn_f16_from_f32(float value)
{
    const uint32_t number = bits_of(value), size = number & 0x7fffffff;
    const uint32_t sign = number >> 16 & 0x8000;
    uint32_t bits;
    if (size > 0x7f800000) {
        bits = 0x7e00;
    } else if (size >= 0x47800000) { // 2^16
        bits = 0x7c00;
    } else if (size >= 0x38800000) { // 2^-14: the exponent's bias changes from 127 to 15
        bits = round_off(size - ((uint32_t)112 << 23), 13);
    } else { // a count of 2^-24; below 2^-25 nothing is left
        const uint32_t cut = 126 - (size >> 23);
        bits = cut > 24 ? 0 : round_off((size & 0x7fffff) | 0x800000, cut);
    }
    return (uint16_t)(sign | bits);
}

float venn_f16_to_f32(uint16_t bits)
{
    const uint32_t size = bits & 0x7fff, sign = (uint32_t)(bits & 0x8000) << 16;
    if (size < 0x400)
        return number_of(sign | bits_of((float)size * 0x1p-24f));
    const uint32_t bias = size < 0x7c00 ? (uint32_t)112 << 23 : (uint32_t)224 << 23;
    return number_of(sign | ((size << 13) + bias));
}

uint16_t venn_bf16_from_f32(float value)
{
    const uint32_t number = bits_of(value);
    if ((number & 0x7fffffff) > 0x7f800000)
        return (uint16_t)(number >> 16 | 0x40);
    return (uint16_t)round_off(number, 16);
}

float venn_bf16_to_f32(uint16_t bits)
{
    return number_of((uint32_t)bits << 16);
}

bool venn_dtype_is_float(venn_dtype dtype)
{
    return dtype == VENN_F32 || dtype == VENN_F16 || dtype == VENN_BF16;
}

static float get_float(const void *data, venn_dtype dtype, size_t index)
{
    switch (dtype) {
    case VENN_F16:
        return venn_f16_to_f32(((const uint16_t *)data)[index]);
    case VENN_BF16:
        return venn_bf16_to_f32(((const uint16_t *)data)[index]);
    default:
        return ((const float *)data)[index];
    }
}

double venn_element_get(const void *data, venn_dtype dtype, size_t index)
{
    if (dtype == VENN_I32)
        return ((const int32_t *)data)[index];
    if (dtype == VENN_U8)
        return ((const uint8_t *)data)[index];
    return (double)get_float(data, dtype, index);
}

void venn_floats_convert(void *to, venn_dtype to_type, const void *from, venn_dtype from_type,
                         size_t count)
{
    if (to_type == from_type) {
        if (count)
            memcpy(to, from, count * venn_dtype_size(to_type));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const float value = get_float(from, from_type, i);
        if (to_type == VENN_F32)
            ((float *)to)[i] = value;
        else
            ((uint16_t *)to)[i] =
                to_type == VENN_F16 ? venn_f16_from_f32(value) : venn_bf16_from_f32(value);
    }
}
