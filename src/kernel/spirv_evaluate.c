// Operations on constants, as numbered in the SPIR-V specification.
#include "kernel/spirv_module.h"

enum {
    IADD = 128,
    ISUB = 130,
    IMUL = 132,
    UDIV = 134,
    SDIV = 135,
    UMOD = 137,
    LOGICAL_EQUAL = 164,
    LOGICAL_NOT_EQUAL,
    LOGICAL_OR,
    LOGICAL_AND,
    LOGICAL_NOT,
    SELECT,
    IEQUAL,
    INOT_EQUAL,
    UGREATER,
    SGREATER,
    UGREATER_EQUAL,
    SGREATER_EQUAL,
    ULESS,
    SLESS,
    ULESS_EQUAL,
    SLESS_EQUAL,
    SHIFT_RIGHT = 194,
    SHIFT_LEFT = 196,
    BITWISE_OR,
    BITWISE_XOR,
    BITWISE_AND
};

static bool compare(uint32_t op, uint32_t a, uint32_t b, uint32_t *value)
{
    const int32_t s = (int32_t)a, t = (int32_t)b;
    switch (op) {
    case LOGICAL_EQUAL:
    case IEQUAL:
        return *value = a == b, true;
    case LOGICAL_NOT_EQUAL:
    case INOT_EQUAL:
        return *value = a != b, true;
    case UGREATER:
        return *value = a > b, true;
    case SGREATER:
        return *value = s > t, true;
    case UGREATER_EQUAL:
        return *value = a >= b, true;
    case SGREATER_EQUAL:
        return *value = s >= t, true;
    case ULESS:
        return *value = a < b, true;
    case SLESS:
        return *value = s < t, true;
    case ULESS_EQUAL:
        return *value = a <= b, true;
    case SLESS_EQUAL:
        return *value = s <= t, true;
    default:
        return false;
    }
}

static bool compute(uint32_t op, uint32_t a, uint32_t b, uint32_t *value)
{
    switch (op) {
    case IADD:
        return *value = a + b, true;
    case ISUB:
        return *value = a - b, true;
    case IMUL:
        return *value = a * b, true;
    case UDIV:
        return b && (*value = a / b, true);
    case UMOD:
        return b && (*value = a % b, true);
    case SDIV:
        return (int32_t)a >= 0 && (int32_t)b > 0 && (*value = a / b, true);
    case LOGICAL_OR:
    case BITWISE_OR:
        return *value = a | b, true;
    case LOGICAL_AND:
    case BITWISE_AND:
        return *value = a & b, true;
    case BITWISE_XOR:
        return *value = a ^ b, true;
    case SHIFT_RIGHT:
        return b < 32 && (*value = a >> b, true);
    case SHIFT_LEFT:
        return b < 32 && (*value = a << b, true);
    default:
        return compare(op, a, b, value);
    }
}

bool venn_spirv_evaluate(const spirv_module *m, uint32_t op, const uint32_t *ids, uint32_t n,
                         uint32_t *value)
{
    const spirv_id *x[3] = {0};
    if (op < IADD || op > BITWISE_AND || n < 1 || n > 3)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        x[i] = &m->ids[ids[i]];
        if (!x[i]->known && !(op == SELECT && i > 0))
            return false;
    }
    if (op == LOGICAL_NOT && n == 1)
        return *value = !x[0]->value, true;
    if (op == SELECT && n == 3) {
        const spirv_id *chosen = x[0]->value ? x[1] : x[2];
        return *value = chosen->value, chosen->known;
    }
    return n == 2 && compute(op, x[0]->value, x[1]->value, value);
}
