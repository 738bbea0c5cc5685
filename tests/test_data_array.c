// Host arrays, IDX and npy: golden bytes, round trips, and every way in which a file can be bad.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "data/array_file.h"
#include "data_files.h"

static venn_status try_array(const char *name, const uint8_t *data, size_t size)
{
    venn_array *array = NULL;
    venn_status status = venn_array_parse(&array, name, data, size);
    cr_assert((status == VENN_OK) == (array != NULL));
    venn_array_destroy(&array);
    return status;
}

static size_t gzip(const void *data, size_t size, uint8_t *out, size_t room)
{
    z_stream stream = {0};
    cr_assert_eq(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (uint8_t *)data;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

// An npy file of format `major` with this dictionary, the elements behind it. Returns its size.
static size_t npy(uint8_t *out, int major, const char *dictionary, const void *data, size_t size)
{
    size_t start = major == 1 ? 10 : 12, length = strlen(dictionary);
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (uint8_t)major;
    out[7] = 0;
    for (size_t i = 8; i < start; i++)
        out[i] = (uint8_t)(length >> 8 * (i - 8));
    memcpy(out + start, dictionary, length);
    memcpy(out + start + length, data, size);
    return start + length + size;
}

static venn_array *parse_npy(int major, const char *dictionary, const void *data, size_t size)
{
    uint8_t file[512];
    size_t total = npy(file, major, dictionary, data, size);
    venn_array *array = NULL;
    cr_assert_eq(venn_npy_parse(&array, "a.npy", file, total), VENN_OK, "%s", venn_error_message());
    return array;
}

static void refuse_npy(const char *dictionary, const void *data, size_t size, const char *part)
{
    uint8_t file[512];
    size_t total = npy(file, 1, dictionary, data, size);
    check_fails(try_array("a.npy", file, total), VENN_BAD_FILE, part);
    check_fails(try_array("a.npy", file, total), VENN_BAD_FILE, "a.npy");
}

static const uint8_t idx_u8[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255};

Test(data_array, create_checks_the_shape)
{
    venn_array *array = NULL;
    cr_assert_eq(venn_array_create(&array, "x", VENN_F32, VENN_SHAPE(2, 3)), VENN_OK);
    cr_assert_eq(venn_array_bytes(array), 24);
    cr_assert_eq(((float *)array->data)[5], 0.0f);
    venn_array_destroy(&array);
    cr_assert_null(array);
    venn_array_destroy(&array);
    check_fails(venn_array_create(&array, NULL, VENN_F32, VENN_SHAPE(INT64_MAX / 2, 3)),
                VENN_BAD_SHAPE, "does not fit in memory");
    check_fails(venn_array_create(&array, NULL, VENN_F32, VENN_SHAPE(INT64_MAX / 2)),
                VENN_BAD_SHAPE, "does not fit in memory");
    check_fails(venn_array_create(&array, NULL, VENN_F16, VENN_SHAPE(2)), VENN_BAD_ARG, "f32");
}

Test(data_array, idx_types)
{
    venn_array *array = NULL;
    cr_assert_eq(venn_idx_parse(&array, "a", idx_u8, sizeof idx_u8), VENN_OK);
    cr_assert_eq(array->dtype, VENN_U8);
    cr_assert(shape_is(array, VENN_SHAPE(2, 3)));
    cr_assert_eq(((uint8_t *)array->data)[5], 255);
    venn_array_destroy(&array);

    const uint8_t i16[] = {0, 0, 0x0B, 1, 0, 0, 0, 2, 0xFF, 0xFE, 0x01, 0x02};
    cr_assert_eq(venn_idx_parse(&array, "a", i16, sizeof i16), VENN_OK);
    cr_assert_eq(array->dtype, VENN_I32);
    cr_assert_eq(((int32_t *)array->data)[0], -2);
    cr_assert_eq(((int32_t *)array->data)[1], 258);
    venn_array_destroy(&array);

    const uint8_t f32[] = {0, 0, 0x0D, 1, 0, 0, 0, 1, 0x3F, 0xC0, 0, 0};
    cr_assert_eq(venn_idx_parse(&array, "a", f32, sizeof f32), VENN_OK);
    cr_assert_eq(*(float *)array->data, 1.5f);
    venn_array_destroy(&array);

    const uint8_t f64[] = {0, 0, 0x0E, 1, 0, 0, 0, 1, 0xC0, 0x08, 0, 0, 0, 0, 0, 0};
    cr_assert_eq(venn_idx_parse(&array, "a", f64, sizeof f64), VENN_OK);
    cr_assert_eq(*(float *)array->data, -3.0f);
    venn_array_destroy(&array);
}

Test(data_array, idx_gzip)
{
    uint8_t packed[256];
    size_t size = gzip(idx_u8, sizeof idx_u8, packed, sizeof packed);
    venn_array *array = NULL;
    cr_assert_eq(venn_idx_parse(&array, "a.gz", packed, size), VENN_OK, "%s", venn_error_message());
    cr_assert_arr_eq(array->data, idx_u8 + 12, 6);
    venn_array_destroy(&array);
    check_truncations(try_array, packed, size);
    check_corruptions(try_array, packed, size);
    packed[size] = 7;
    check_fails(try_array("a.gz", packed, size + 1), VENN_BAD_FILE, "follow the gzip stream");
    // Two members are one stream.
    size_t first = gzip(idx_u8, 13, packed, sizeof packed);
    size = first + gzip(idx_u8 + 13, sizeof idx_u8 - 13, packed + first, sizeof packed - first);
    cr_assert_eq(try_array("a.gz", packed, size), VENN_OK, "%s", venn_error_message());
}

Test(data_array, idx_lies)
{
    check_truncations(try_array, idx_u8, sizeof idx_u8);
    check_corruptions(try_array, idx_u8, sizeof idx_u8);
    uint8_t longer[sizeof idx_u8 + 1] = {0};
    memcpy(longer, idx_u8, sizeof idx_u8);
    check_fails(try_array("a", longer, sizeof longer), VENN_BAD_FILE, "more than 6");
    uint8_t packed[256], huge[] = {0,    0,    8,    3,    0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    check_fails(try_array("a", huge, sizeof huge), VENN_BAD_FILE, "overflow");
    huge[4] = huge[8] = huge[12] = 0; // 2^72, now 2^24 cubed: still over, then 2^48 bytes
    check_fails(try_array("a", huge, sizeof huge), VENN_BAD_FILE, "overflow");
    huge[3] = 2;
    check_fails(try_array("a", huge, sizeof huge), VENN_BAD_FILE, "copy it again");
    size_t size = gzip(huge, sizeof huge, packed, sizeof packed);
    check_fails(try_array("a", packed, size), VENN_BAD_FILE, "copy it again");
    size = gzip(longer, sizeof longer, packed, sizeof packed);
    check_fails(try_array("a", packed, size), VENN_BAD_FILE, "more than 6");
    const uint8_t type[] = {0, 0, 7, 1, 0, 0, 0, 0}, rank[] = {0, 0, 8, 0};
    check_fails(try_array("a", type, sizeof type), VENN_BAD_FILE, "0x07");
    check_fails(try_array("a", rank, sizeof rank), VENN_BAD_FILE, "rank 0");
    check_fails(try_array("a", (const uint8_t *)"text", 4), VENN_BAD_FILE, "neither");
}

Test(data_array, npy_types)
{
    const float f4[] = {1, 2, 3, 4, 5, 6};
    venn_array *array = parse_npy(
        1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", f4, sizeof f4);
    cr_assert_eq(array->dtype, VENN_F32);
    cr_assert(shape_is(array, VENN_SHAPE(2, 3)));
    cr_assert_arr_eq(array->data, f4, sizeof f4);
    venn_array_destroy(&array);

    // Fortran order: the same bytes are the transpose.
    array = parse_npy(2, "{'shape': (2, 3), 'fortran_order': True, 'descr': '<f4'}", f4, sizeof f4);
    const float transposed[] = {1, 3, 5, 2, 4, 6};
    cr_assert_arr_eq(array->data, transposed, sizeof transposed);
    venn_array_destroy(&array);

    // numpy.array([0.5, -2, 65504, 6e-8, inf, nan], 'f2').tobytes().hex()
    const uint8_t f2[] = {0x00, 0x38, 0x00, 0xC0, 0xFF, 0x7B, 0x01, 0x00, 0x00, 0x7C, 0x00, 0x7E};
    array = parse_npy(3, "{'descr': '<f2', 'fortran_order': False, 'shape': (6,)}", f2, sizeof f2);
    const float *half = array->data;
    cr_assert(half[0] == 0.5f && half[1] == -2 && half[2] == 65504 && half[3] == 0x1p-24f);
    cr_assert(isinf(half[4]) && isnan(half[5]));
    venn_array_destroy(&array);

    const int64_t i8[] = {-5, INT32_MAX, INT32_MIN};
    array = parse_npy(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (3,)}", i8, sizeof i8);
    cr_assert_eq(array->dtype, VENN_I32);
    const int32_t ints[] = {-5, INT32_MAX, INT32_MIN};
    cr_assert_arr_eq(array->data, ints, sizeof ints);
    venn_array_destroy(&array);

    const uint8_t u2[] = {0x01, 0x02}, b1[] = {0, 1, 7};
    array = parse_npy(1, "{'descr': '>u2', 'fortran_order': False, 'shape': ()}", u2, sizeof u2);
    cr_assert_eq(array->shape.rank, 0);
    cr_assert_eq(*(int32_t *)array->data, 258);
    venn_array_destroy(&array);
    array = parse_npy(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3L,)}", b1, 3);
    cr_assert_arr_eq(array->data, ((uint8_t[]){0, 1, 1}), 3);
    venn_array_destroy(&array);
}

Test(data_array, npy_lies)
{
    uint8_t file[512];
    const int32_t i4[] = {1, 2, 3, 4};
    size_t size = npy(file, 1, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2), }\n", i4,
                      sizeof i4);
    cr_assert_eq(try_array("a.npy", file, size), VENN_OK);
    check_truncations(try_array, file, size);
    check_corruptions(try_array, file, size);
    check_fails(try_array("a.npy", file, size + 1), VENN_BAD_FILE, "17 bytes follow");
    file[6] = 4;
    check_fails(try_array("a.npy", file, size), VENN_BAD_FILE, "format 4.0");

#define NPY(descr, shape) "{'descr': " descr ", 'fortran_order': False, 'shape': " shape "}"
    refuse_npy(NPY("'<f4'", "(99999999999, 99999999999)"), i4, 16, "16 bytes follow");
    refuse_npy(NPY("'<f4'", "(99999999999999999999,)"), i4, 16, "not understood");
    refuse_npy(NPY("'<f4'", "(1,1,1,1,1,1,1)"), i4, 4, "not understood");
    refuse_npy(NPY("'<f4'", "(-1,)"), i4, 4, "not understood");
    refuse_npy(NPY("'<f4'", "(1 1)"), i4, 4, "not understood");
    refuse_npy(NPY("[('a', '<f4')]", "(1,)"), i4, 4, "not understood");
    refuse_npy(NPY("'<c8'", "(2,)"), i4, 16, "'<c8'");
    refuse_npy(NPY("'<U4'", "(1,)"), i4, 16, "'<U4'");
    refuse_npy(NPY("'<i3'", "(1,)"), i4, 3, "'<i3'");
    refuse_npy("{'descr': '<f4', 'shape': (1,)}", i4, 4, "not understood");
    const int64_t wide[] = {0, 1LL << 31};
    refuse_npy(NPY("'<i8'", "(2,)"), wide, 16, "element 1");
    refuse_npy(NPY("'<u4'", "(1,)"), "\0\0\0\x80", 4, "element 0");
    const double big[] = {1e300};
    refuse_npy(NPY("'<f8'", "(1,)"), big, 8, "1e+300");
#undef NPY
}

Test(data_array, npy_round_trip)
{
    static const venn_dtype dtypes[] = {VENN_F32, VENN_I32, VENN_U8};
    for (int rank = 0; rank <= VENN_MAX_RANK; rank++)
        for (int d = 0; d < 3; d++) {
            venn_shape shape = venn_shape_make((const int64_t[]){2, 3, 1, 2, 1, 2}, rank);
            venn_array *array = NULL, *back = NULL;
            cr_assert_eq(venn_array_create(&array, NULL, dtypes[d], shape), VENN_OK);
            for (size_t i = 0; i < venn_array_bytes(array); i++)
                ((uint8_t *)array->data)[i] = (uint8_t)(i * 7 % 127);
            const char *path = scratch_path("round.npy");
            cr_assert_eq(venn_npy_write(array, path), VENN_OK);
            cr_assert_eq(venn_array_read(&back, path), VENN_OK, "%s", venn_error_message());
            cr_assert_eq(back->dtype, dtypes[d]);
            cr_assert(venn_shape_equal(&back->shape, &shape));
            cr_assert_arr_eq(back->data, array->data, venn_array_bytes(array));
            cr_assert_str_eq(back->name, path);
            venn_array_destroy(&array);
            venn_array_destroy(&back);
        }
}

Test(data_array, missing_files)
{
    venn_array *array = NULL;
    check_fails(venn_array_read(&array, "/no/such.npy"), VENN_BAD_FILE, "/no/such.npy");
    check_fails(venn_array_read(&array, "/tmp"), VENN_BAD_FILE, "not a regular file");
    check_fails(venn_array_read(&array, "embedded:no/such"), VENN_BAD_FILE, "compiled in");
}

Test(data_array, real_mnist)
{
    const char *folder = real_data_folder("avdigits");
    char *path = venn_path_join(folder, "mnist/t10k-images-idx3-ubyte.gz");
    venn_array *array = NULL;
    cr_assert_eq(venn_idx_read(&array, path), VENN_OK, "%s", venn_error_message());
    cr_assert(shape_is(array, VENN_SHAPE(10000, 28, 28)));
    // python3: sum(gzip.open(path).read()[16:])
    uint64_t sum = 0;
    for (size_t i = 0; i < venn_array_bytes(array); i++)
        sum += ((uint8_t *)array->data)[i];
    cr_assert_eq(sum, 264923200);
    venn_array_destroy(&array);
    free(path);
    path = venn_path_join(folder, "pairs/one2one_test.npy");
    cr_assert_eq(venn_npy_read(&array, path), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(array->dtype, VENN_I32);
    cr_assert(shape_is(array, VENN_SHAPE(300, 2)));
    venn_array_destroy(&array);
    free(path);
}
