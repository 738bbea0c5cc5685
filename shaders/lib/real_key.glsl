// Unsigned numbers in the order of real ones: NaN above everything, -0 equal to 0.
uint real_key(float x)
{
    uint bits = floatBitsToUint(x);
    bits = bits == 0x80000000u ? 0u : bits;
    const uint key = bits ^ ((bits >> 31) != 0u ? 0xffffffffu : 0x80000000u);
    return (bits & 0x7fffffffu) > 0x7f800000u ? 0xffffffffu : key;
}
