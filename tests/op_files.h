// Fixture of the tests of `venn op`: running the built program on npy files of the scratch folder.
#ifndef OP_FILES_H
#define OP_FILES_H

#include "data_files.h"

extern char printed[32768]; // by the last command, both streams

// Runs `venn op ARGUMENTS` in the scratch folder; returns its exit code.
int venn_op(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define RUNS(...)                                                                                  \
    do {                                                                                           \
        int code_ = venn_op(__VA_ARGS__);                                                          \
        cr_assert_eq(code_, 0, "exit code %d: %s", code_, printed);                                \
    } while (0)

// The exit code is as expected, and the texts that follow, ended by NULL, were all printed.
void refused(int code, int expected, ...);

venn_array *make(const char *file, venn_dtype dtype, venn_shape shape);
// Numbers of an irrational rotation, in [-amplitude, amplitude), other ones for each start. Saved, and
// returned for the caller to free.
float *numbers(const char *file, venn_shape shape, double start, double amplitude);
void save_ints(const char *file, venn_dtype dtype, int64_t count, const int32_t *values);
// The file holds f32 of this shape with these values, to 1e-5.
void expect(const char *file, venn_shape shape, const double *want);

#endif
