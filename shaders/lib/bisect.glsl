// Bisection in a run of ascending unsigned keys. After INPUT_INT(.., sorted).

// How many of the `size` keys from element `from` on are less than `key`, or, with `equal_too`, not
// greater. Loops as often as size has bits.
uint keys_before(uint from, uint size, uint key, bool equal_too)
{
    uint low = 0, high = size;
    while (low < high) {
        const uint middle = (low + high) / 2, other = uint(LOAD_INT(sorted, from + middle));
        const bool before = other < key || (equal_too && other == key);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}
