#include <criterion/criterion.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "op_files.h"
#include "program_run.h"

char printed[sizeof printed_out + sizeof printed_err];

int venn_op(const char *format, ...)
{
    char command[2048];
    snprintf(command, sizeof command, "$venn op %s", format);
    va_list args;
    va_start(args, format);
    int code = shell_v(command, args);
    va_end(args);
    snprintf(printed, sizeof printed, "%s%s", printed_out, printed_err);
    return code;
}

void refused(int code, int expected, ...)
{
    cr_assert_eq(code, expected, "exit code %d: %s", code, printed);
    va_list args;
    va_start(args, expected);
    for (const char *part; (part = va_arg(args, const char *));)
        cr_assert(strstr(printed, part), "no \"%s\" in: %s", part, printed);
    va_end(args);
}

venn_array *make(const char *file, venn_dtype dtype, venn_shape shape)
{
    venn_array *array = NULL;
    cr_assert_eq(venn_array_create(&array, file, dtype, shape), VENN_OK);
    return array;
}

float *numbers(const char *file, venn_shape shape, double start, double amplitude)
{
    venn_array *array = make(file, VENN_F32, shape);
    int64_t count = venn_shape_count(&shape);
    float *x = malloc((size_t)count * sizeof *x);
    for (int64_t i = 0; i < count; i++)
        x[i] = (float)(amplitude * (2 * fmod((double)(i + 1) * 0.6180339887 + start, 1) - 1));
    memcpy(array->data, x, (size_t)count * sizeof *x);
    cr_assert_eq(venn_npy_write(array, scratch_path(file)), VENN_OK, "%s", venn_error_message());
    venn_array_destroy(&array);
    return x;
}

void save_ints(const char *file, venn_dtype dtype, int64_t count, const int32_t *values)
{
    venn_array *array = make(file, dtype, VENN_SHAPE(count));
    for (int64_t i = 0; i < count; i++)
        if (dtype == VENN_U8)
            ((uint8_t *)array->data)[i] = (uint8_t)values[i];
        else
            ((int32_t *)array->data)[i] = values[i];
    cr_assert_eq(venn_npy_write(array, scratch_path(file)), VENN_OK);
    venn_array_destroy(&array);
}

void expect(const char *file, venn_shape shape, const double *want)
{
    venn_array *got = NULL;
    cr_assert_eq(venn_npy_read(&got, scratch_path(file)), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(got->dtype, VENN_F32);
    cr_assert(shape_is(got, shape), "%s has another shape", file);
    for (int64_t i = 0; i < venn_shape_count(&shape); i++) {
        double x = (double)((float *)got->data)[i];
        cr_assert(fabs(x - want[i]) <= 1e-5 * (1 + fabs(want[i])), "%s[%lld] is %.9g, not %.9g",
                  file, (long long)i, x, want[i]);
    }
    venn_array_destroy(&got);
}
