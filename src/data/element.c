// Element conversion: bytes are gathered into a 64-bit word in the file's order, then interpreted,
// so that one loop serves every type and byte order; the common types have a straight copy.
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "data/element.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "venn runs on little-endian hosts");

bool venn_file_element_dtype(venn_file_element type, venn_dtype *dtype)
{
    int size = type.size;
    if (type.kind == 'f' && (size == 2 || size == 4 || size == 8))
        *dtype = VENN_F32;
    else if ((type.kind == 'b' || type.kind == 'u') && size == 1)
        *dtype = VENN_U8;
    else if ((type.kind == 'i' || type.kind == 'u') &&
             (size == 1 || size == 2 || size == 4 || size == 8))
        *dtype = VENN_I32;
    else
        return false;
    return true;
}

static uint64_t load_word(const uint8_t *src, int size, bool big)
{
    uint64_t word = 0;
    for (int i = 0; i < size; i++)
        word = word << 8 | src[big ? i : size - 1 - i];
    return word;
}

static double half_value(uint64_t word)
{
    int exponent = (int)(word >> 10 & 31);
    double fraction = (double)(word & 1023);
    double value = exponent == 0    ? ldexp(fraction, -24)
                   : exponent == 31 ? (fraction != 0 ? (double)NAN : (double)INFINITY)
                                    : ldexp(1024 + fraction, exponent - 25);
    return word >> 15 & 1 ? -value : value;
}

static double float_value(uint64_t word, int size)
{
    if (size == 2)
        return half_value(word);
    if (size == 4) {
        uint32_t bits = (uint32_t)word;
        float value;
        memcpy(&value, &bits, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, &word, sizeof value);
    return value;
}

static venn_status convert_floats(const char *name, venn_file_element type, const uint8_t *src,
                                  size_t count, float *dst)
{
    for (size_t i = 0; i < count; i++, src += type.size) {
        double value = float_value(load_word(src, type.size, type.big), type.size);
        dst[i] = (float)value;
        if (isinf(dst[i]) && !isinf(value))
            return venn_fail(VENN_BAD_FILE, "%s: element %zu is %g, beyond f32's range; rescale it",
                             name, i, value);
    }
    return VENN_OK;
}

static venn_status convert_ints(const char *name, venn_file_element type, const uint8_t *src,
                                size_t count, int32_t *dst)
{
    int unused = 64 - 8 * type.size;
    for (size_t i = 0; i < count; i++, src += type.size) {
        uint64_t word = load_word(src, type.size, type.big);
        bool fits;
        if (type.kind == 'i') {
            int64_t value = (int64_t)(word << unused) >> unused;
            fits = value >= INT32_MIN && value <= INT32_MAX;
            dst[i] = (int32_t)value;
        } else {
            fits = word <= INT32_MAX;
            dst[i] = (int32_t)word;
        }
        if (!fits)
            return venn_fail(VENN_BAD_FILE, "%s: element %zu does not fit a 32-bit integer", name,
                             i);
    }
    return VENN_OK;
}

venn_status venn_file_element_convert(const char *name, venn_file_element type, const void *src,
                                      size_t count, void *dst)
{
    bool plain = !type.big && type.size == 4 && (type.kind == 'f' || type.kind == 'i');
    venn_dtype dtype;
    if (!venn_file_element_dtype(type, &dtype))
        return venn_fail(VENN_BAD_FILE, "%s: elements of type %c%d are not read", name, type.kind,
                         type.size);
    if (plain || (type.kind == 'u' && type.size == 1)) {
        if (count)
            memcpy(dst, src, count * (size_t)type.size);
        return VENN_OK;
    }
    if (dtype == VENN_F32)
        return convert_floats(name, type, src, count, dst);
    if (dtype == VENN_I32)
        return convert_ints(name, type, src, count, dst);
    const uint8_t *byte = src;
    for (size_t i = 0; i < count; i++)
        ((uint8_t *)dst)[i] = byte[i] != 0;
    return VENN_OK;
}
