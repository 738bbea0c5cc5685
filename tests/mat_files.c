#include "mat_files.h"

#include <string.h>

static size_t put(uint8_t *to, size_t at, const void *data, size_t size)
{
    memcpy(to + at, data, size);
    return at + size;
}

size_t put_mat_word(uint8_t *to, size_t at, uint32_t value, bool big)
{
    for (int i = 0; i < 4; i++)
        to[at + (size_t)(big ? 3 - i : i)] = (uint8_t)(value >> 8 * i);
    return at + 4;
}

size_t put_mat_array(uint8_t *to, size_t at, const char *name, uint32_t rows, uint32_t columns,
                     const uint16_t *numbers, bool big)
{
    const size_t start = at, count = (size_t)rows * columns;
    at = put_mat_word(to, put_mat_word(to, at, 14, big), 0, big);
    at = put_mat_word(to, put_mat_word(to, at, 6, big), 8, big);
    at = put_mat_word(to, put_mat_word(to, at, 11, big), 0, big); // u16
    at = put_mat_word(to, put_mat_word(to, at, 5, big), 8, big);
    at = put_mat_word(to, put_mat_word(to, at, rows, big), columns, big);
    at = put_mat_word(to, put_mat_word(to, at, 1, big), (uint32_t)strlen(name), big);
    at = put(to, at, name, strlen(name));
    at = (at + 7) / 8 * 8;
    if (count <= 2) { // in the tag itself
        at = put_mat_word(to, at, (uint32_t)(count * 2) << 16 | 4, big);
    } else {
        at = put_mat_word(to, put_mat_word(to, at, 4, big), (uint32_t)(count * 2), big);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t number = numbers ? numbers[i] : i + 1;
        to[at++] = (uint8_t)(big ? number >> 8 : number);
        to[at++] = (uint8_t)(big ? number : number >> 8);
    }
    at = (at + 7) / 8 * 8;
    put_mat_word(to, start + 4, (uint32_t)(at - start - 8), big);
    return at;
}

size_t put_mat_header(uint8_t *to, bool big)
{
    memset(to, 0, 128);
    memcpy(to, "MATLAB 5.0 MAT-file", 19);
    memcpy(to + 124, big ? "\1\0MI" : "\0\1IM", 4);
    return 128;
}
