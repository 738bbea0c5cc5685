// MATLAB files of level 5 for tests: a header, then arrays of 16-bit numbers.
#ifndef VENN_TESTS_MAT_FILES_H
#define VENN_TESTS_MAT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Each writes to `to` and returns where it ended. The array [rows, columns], down the columns, has 1, 2, ... where
// numbers is NULL.
size_t put_mat_word(uint8_t *to, size_t at, uint32_t value, bool big);
size_t put_mat_header(uint8_t *to, bool big);
size_t put_mat_array(uint8_t *to, size_t at, const char *name, uint32_t rows, uint32_t columns,
                     const uint16_t *numbers, bool big);

#endif
