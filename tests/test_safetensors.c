// The limits of the format, and that what is written comes back.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data_files.h"
#include "faulty_files.h"
#include "venn/io.h"

// A file of this header and so many bytes of data.
static void write_file(const char *header, size_t data)
{
    const size_t length = strlen(header);
    uint8_t *file = calloc(1, 8 + length + data);
    for (int i = 0; i < 8; i++)
        file[i] = (uint8_t)(length >> 8 * i);
    memcpy(file + 8, header, length);
    scratch_write("x.safetensors", file, 8 + length + data);
    free(file);
}

static venn_status read_file(venn_safetensors **file)
{
    return venn_safetensors_read(file, scratch_path("x.safetensors"));
}

static void refuse(const char *header, size_t data, const char *part)
{
    venn_safetensors *file;
    write_file(header, data);
    check_fails(read_file(&file), VENN_BAD_FILE, "x.safetensors");
    cr_expect(strstr(venn_error_message(), part), "no \"%s\" in: %s", part, venn_error_message());
}

#define ARRAY(name, type, shape, from, to)                                                         \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":[" #from "," #to "]}"

Test(safetensors, refuses_what_the_format_forbids)
{
    refuse("{" ARRAY("a", "F32", "[2]", 0, 8) "," ARRAY("b", "F32", "[2]", 4, 12) "}", 12,
           "overlap");
    refuse("{" ARRAY("a", "F32", "[2]", 0, 8) "," ARRAY("b", "F32", "[1]", 12, 16) "}", 16, "hole");
    refuse("{" ARRAY("a", "F32", "[2]", 0, 8) "," ARRAY("a", "F32", "[2]", 8, 16) "}", 16,
           "duplicate");
    refuse("{" ARRAY("a", "F32", "[2]", 0, 8) "}", 12, "4 bytes follow the last array");
    refuse("{" ARRAY("a", "F32", "[2]", 0, 8) "}", 4, "outside the file's 4");
    refuse("{" ARRAY("a", "F32", "[2]", 8, 0) "}", 8, "outside");
    refuse("{" ARRAY("a", "F32", "[2]", -8, 0) "}", 8, "outside");
    refuse("{" ARRAY("a", "F32", "[3]", 0, 8) "}", 8, "shape and type need other than 8 bytes");
    refuse("{" ARRAY("a", "F32", "[-2]", 0, 8) "}", 8, "at least 0");
    refuse("{" ARRAY("a", "F32", "[2.0]", 0, 8) "}", 8, "integers");
    refuse("{" ARRAY("a", "F32", "[1,1,1,1,1,1,1,1,2]", 0, 8) "}", 8, "at most");
    refuse("{" ARRAY("a", "F64", "[1]", 0, 8) "}", 8, "F64 is not one of F32");
    // Products beyond 64 bits, of which some wrap round to what is there.
    refuse("{" ARRAY("a", "F32", "[4294967296,4294967296]", 0, 0) "}", 0, "shape and type");
    refuse("{" ARRAY("a", "F32", "[4611686018427387906]", 0, 8) "}", 8, "shape and type");
    refuse("{" ARRAY("a", "U8", "[9223372036854775807,2]", 0, 8) "}", 8, "shape and type");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "data_offsets");
    refuse("{\"a\":3}", 0, "type (none)");
    refuse("[]", 0, "no JSON object");
    refuse("{\"__metadata__\":{\"k\":1}}", 0, "must be a text");
    refuse("{\"__metadata__\":[]}", 0, "must be an object");
    refuse("{\"__metadata__\":{\"xxh3\":\"0\"}}", 0, "checksum");
    venn_safetensors *file;
    scratch_write("x.safetensors", "\x01\xe1\xf5\x05\0\0\0\0{}", 10);
    check_fails(read_file(&file), VENN_BAD_FILE, "a header of 100000001 bytes");
}

Test(safetensors, gives_back_what_was_written)
{
    const float weights[6] = {1, -2, 3.5f, 1e-40f, -0.0f, 6};
    const uint16_t halves[2] = {0x3c00, 0xfc00};
    const uint8_t bytes[3] = {0, 128, 255};
    const int32_t step = -7;
    const venn_named_array arrays[] = {{"net/weight", VENN_F32, VENN_SHAPE(2, 3), weights},
                                       {"half", VENN_F16, VENN_SHAPE(2), halves},
                                       {"brain", VENN_BF16, VENN_SHAPE(2), halves},
                                       {"bytes", VENN_U8, VENN_SHAPE(3), bytes},
                                       {"none", VENN_F32, VENN_SHAPE(0, 4), NULL},
                                       {"step", VENN_I32, VENN_SCALAR, &step}};
    enum { N = sizeof arrays / sizeof *arrays };
    const venn_metadata metadata = {"note", "ein \"Text\" über zwei\nZeilen"};
    const char *path = scratch_path("x.safetensors");
    cr_assert_eq(venn_safetensors_write(path, arrays, N, &metadata, 1), VENN_OK, "%s",
                 venn_error_message());
    venn_safetensors *file;
    cr_assert_eq(read_file(&file), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_safetensors_count(file), N);
    for (int i = 0; i < N; i++) {
        const venn_named_array *array = venn_safetensors_find(file, arrays[i].name);
        cr_assert(array && array->dtype == arrays[i].dtype, "%s", arrays[i].name);
        cr_assert(venn_shape_equal(&array->shape, &arrays[i].shape), "%s", arrays[i].name);
        const size_t size = (size_t)venn_shape_count(&array->shape) * venn_dtype_size(array->dtype);
        cr_assert(size == 0 || memcmp(array->data, arrays[i].data, size) == 0, "%s",
                  arrays[i].name);
    }
    cr_assert_str_eq(venn_safetensors_metadata(file, "note"), metadata.value);
    cr_assert_null(venn_safetensors_metadata(file, "others"));
    venn_safetensors_destroy(&file);
    const venn_named_array twice[] = {arrays[0], arrays[0]};
    cr_assert_eq(venn_safetensors_write(path, twice, 2, NULL, 0), VENN_BAD_ARG);
    const venn_metadata broken = {"note", "\xff"};
    cr_assert_eq(venn_safetensors_write(path, arrays, N, &broken, 1), VENN_BAD_ARG);
}

static venn_status try_read(const char *name, const uint8_t *data, size_t size)
{
    venn_safetensors *file;
    scratch_write(name, data, size);
    venn_status status = venn_safetensors_read(&file, scratch_path(name));
    venn_safetensors_destroy(&file);
    return status;
}

Test(safetensors, sees_damage)
{
    const float weights[6] = {1, -2, 3.5f, 1e-40f, -0.0f, 6};
    const venn_named_array array = {"weight", VENN_F32, VENN_SHAPE(2, 3), weights};
    const char *path = scratch_path("x.safetensors");
    cr_assert_eq(venn_safetensors_write(path, &array, 1, NULL, 0), VENN_OK);
    uint8_t file[512];
    FILE *from = fopen(path, "rb");
    const size_t size = fread(file, 1, sizeof file, from);
    fclose(from);
    cr_assert(size > 100 && size < sizeof file);
    check_truncations(try_read, file, size);
    faulty_files_begin(FAULT_NONE, 0, SIZE_MAX); // without waiting for the disk
    int unseen = 0;
    for (size_t i = 0; i < size * 8; i++) {
        file[i / 8] ^= (uint8_t)(1 << i % 8);
        unseen += try_read("flipped.safetensors", file, size) == VENN_OK;
        file[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    // In a file whose checksum has another name, as when a bit of "xxh3" itself flips.
    cr_assert_leq(unseen, 4 * 8);
    cr_assert_eq(try_read("whole.safetensors", file, size), VENN_OK);
}
