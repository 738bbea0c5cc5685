// HDF5 and MATLAB files: arrays by name, and files that are not what they say.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data/hdf5.h"
#include "data/mat5.h"
#include "data_files.h"
#include "mat_files.h"

// ---- MATLAB level 5 --------------------------------------------------------------------------

static size_t make_mat(uint8_t *to, bool big)
{
    size_t at = put_mat_header(to, big);
    at = put_mat_array(to, at, "one", 1, 1, NULL, big);
    at = put_mat_array(to, at, "trainNdxs", 5, 1, NULL, big);
    return put_mat_array(to, at, "table", 2, 3, NULL, big);
}

static void check_mat(const char *file)
{
    char path[600];
    venn_array *a;
    snprintf(path, sizeof path, "%s:trainNdxs", scratch_path(file));
    cr_assert_eq(venn_array_read(&a, path), VENN_OK, "%s", venn_error_message());
    cr_expect(a->dtype == VENN_I32 && shape_is(a, VENN_SHAPE(5)));
    for (int i = 0; i < 5; i++)
        cr_assert_eq(((int32_t *)a->data)[i], i + 1);
    venn_array_destroy(&a);
    snprintf(path, sizeof path, "%s:table", scratch_path(file));
    cr_assert_eq(venn_array_read(&a, path), VENN_OK, "%s", venn_error_message());
    // Down the columns in the file: with the axes reversed, along the rows.
    cr_expect(shape_is(a, VENN_SHAPE(3, 2)));
    cr_expect_eq(((int32_t *)a->data)[5], 6);
    venn_array_destroy(&a);
}

// Every element of the file packed by zlib.
static size_t pack(const uint8_t *from, size_t size, uint8_t *to)
{
    size_t out = put_mat_header(to, false);
    for (size_t at = 128; at < size;) {
        uint32_t length;
        memcpy(&length, from + at + 4, 4);
        uLongf room = 512;
        cr_assert_eq(compress(to + out + 8, &room, from + at, length + 8), Z_OK);
        put_mat_word(to, put_mat_word(to, out, 15, false), (uint32_t)room, false);
        out += 8 + room;
        at += 8 + length;
    }
    return out;
}

Test(data_hdf5, matlab_5_in_either_order_and_packed)
{
    uint8_t bytes[1024] = {0}, packed[2048];
    scratch_write("big.mat", bytes, make_mat(bytes, true));
    check_mat("big.mat");
    const size_t size = make_mat(bytes, false);
    scratch_write("little.mat", bytes, size);
    check_mat("little.mat");
    scratch_write("packed.mat", packed, pack(bytes, size, packed));
    check_mat("packed.mat");
}

static venn_status parse_mat(const char *name, const uint8_t *data, size_t size)
{
    venn_array *a = NULL;
    venn_status status = venn_mat5_parse(&a, name, data, size, "table");
    venn_array_destroy(&a);
    return status;
}

Test(data_hdf5, broken_matlab_files_are_refused)
{
    uint8_t bytes[1024] = {0}, packed[2048];
    const size_t size = make_mat(bytes, false), small = pack(bytes, size, packed);
    check_truncations(parse_mat, bytes, size);
    check_corruptions(parse_mat, bytes, size);
    check_truncations(parse_mat, packed, small);
    check_corruptions(parse_mat, packed, small);
}

Test(data_hdf5, matlab_arrays_that_are_not_there)
{
    uint8_t bytes[1024] = {0};
    venn_array *a;
    const size_t size = make_mat(bytes, false);
    check_fails(venn_mat5_parse(&a, "s.mat", bytes, size, "test"), VENN_BAD_FILE,
                "s.mat: has no array \"test\"; there are: one, trainNdxs, table");
    bytes[128 + 16] = 1; // the class of a cell
    check_fails(venn_mat5_parse(&a, "s.mat", bytes, size, "one"), VENN_BAD_FILE,
                "s.mat:one: is no array of real numbers (MATLAB's class 1)");
    make_mat(bytes, false);
    bytes[128 + 17] = 8;
    check_fails(venn_mat5_parse(&a, "s.mat", bytes, size, "one"), VENN_BAD_FILE, "real numbers");
    make_mat(bytes, false);
    bytes[128 + 32 + 3] = 0x40; // 2^30 rows
    check_fails(venn_mat5_parse(&a, "s.mat", bytes, size, "one"), VENN_BAD_FILE,
                "but holds 2 bytes");
    check_fails(venn_mat5_parse(&a, "s.mat", (const uint8_t *)"GIF89a", 6, "one"), VENN_BAD_FILE,
                "neither HDF5 nor a MATLAB file");
    check_fails(venn_array_read(&a, "none.mat:x"), VENN_BAD_FILE, "none.mat");
}

// ---- HDF5 ------------------------------------------------------------------------------------

#ifdef VENN_HAS_HDF5
#include <hdf5.h>

enum { ITEMS = 4, WIDTH = 3 };

// An array [ITEMS, WIDTH] of i - 1 for number i, in chunks [2, WIDTH] through `filter` where there is one.
static void add_array(hid_t file, const char *name, hid_t type, H5Z_filter_t filter)
{
    const hsize_t dim[] = {ITEMS, WIDTH}, chunk[] = {2, WIDTH};
    double values[ITEMS * WIDTH];
    for (int i = 0; i < ITEMS * WIDTH; i++)
        values[i] = i - 1;
    const hid_t space = H5Screate_simple(2, dim, NULL), plist = H5Pcreate(H5P_DATASET_CREATE);
    if (filter) {
        H5Pset_chunk(plist, 2, chunk);
        if (filter == H5Z_FILTER_DEFLATE) {
            H5Pset_shuffle(plist);
            H5Pset_deflate(plist, 4);
        } else {
            H5Pset_scaleoffset(plist, H5Z_SO_INT, 0);
        }
    }
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    cr_assert(set >= 0 &&
              H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Pclose(plist);
    H5Sclose(space);
}

// As MATLAB 7.3 has it: HDF5 behind a block of 512 bytes, if `user`.
static void make_hdf5(const char *name, bool user)
{
    const hid_t create = H5Pcreate(H5P_FILE_CREATE);
    if (user)
        H5Pset_userblock(create, 512);
    const hid_t file = H5Fcreate(scratch_path(name), H5F_ACC_TRUNC, create, H5P_DEFAULT);
    cr_assert(file >= 0);
    add_array(file, "plain", H5T_STD_I32LE, 0);
    add_array(file, "packed", H5T_STD_U16BE, H5Z_FILTER_DEFLATE);
    H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    add_array(file, "group/double", H5T_IEEE_F64LE, 0);
    add_array(file, "scaled", H5T_STD_I32LE, H5Z_FILTER_SCALEOFFSET);
    H5Lcreate_soft("plain", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "x", file, "out", H5P_DEFAULT, H5P_DEFAULT);
    const hid_t text = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Dclose(H5Dcreate2(file, "text", text, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(
        H5Dcreate2(file, "scalar", H5T_STD_I8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    const hsize_t huge[] = {1u << 30, 1u << 20}, chunk[] = {1 << 10, 1 << 10};
    const hid_t large = H5Screate_simple(2, huge, NULL), plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plist, 2, chunk);
    H5Pset_deflate(plist, 9);
    H5Dclose(H5Dcreate2(file, "huge", H5T_STD_I32LE, large, H5P_DEFAULT, plist, H5P_DEFAULT));
    H5Pclose(plist);
    H5Sclose(large);
    H5Sclose(space);
    H5Tclose(text);
    H5Fclose(file);
    H5Pclose(create);
}

static venn_status read_named(venn_array **out, const char *file, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s:%s", scratch_path(file), name);
    return venn_array_read(out, path);
}

static void check_array(const char *file, const char *name, venn_dtype dtype, int least)
{
    venn_array *a;
    cr_assert_eq(read_named(&a, file, name), VENN_OK, "%s", venn_error_message());
    cr_assert(a->dtype == dtype && shape_is(a, VENN_SHAPE(ITEMS, WIDTH)), "%s", name);
    for (int i = 0; i < ITEMS * WIDTH; i++) {
        const int want = i - 1 < least ? least : i - 1;
        const double got =
            dtype == VENN_F32 ? (double)((float *)a->data)[i] : ((int32_t *)a->data)[i];
        cr_assert_eq(got, want, "%s: %g, not %d", name, got, want);
    }
    venn_array_destroy(&a);
}

Test(data_hdf5, arrays_by_name)
{
    make_hdf5("a.hdf5", false);
    make_hdf5("a.mat", true);
    for (int user = 0; user < 2; user++) {
        const char *file = user ? "a.mat" : "a.hdf5";
        cr_expect(venn_hdf5_is(scratch_path(file)));
        check_array(file, "plain", VENN_I32, -1);
        check_array(file, "packed", VENN_I32, 0);
        check_array(file, "group/double", VENN_F32, -1);
    }
    venn_hdf5 *h;
    int32_t item[WIDTH];
    cr_assert_eq(venn_hdf5_open(&h, scratch_path("a.hdf5"), "packed"), VENN_OK);
    cr_assert_eq(venn_hdf5_items(h, 3, 1, item), VENN_OK);
    cr_expect(item[0] == 8 && item[2] == 10);
    venn_hdf5_close(&h);
}

Test(data_hdf5, what_is_refused)
{
    static const char *const of[][2] = {{"none", "the file has no \"none\""},
                                        {"group/none", "\"group/none\""},
                                        {"plain/none", "plain/none"},
                                        {"/plain", "leave it out"},
                                        {"group", "is no array"},
                                        {"soft", "link to elsewhere"},
                                        {"out", "link to elsewhere"},
                                        {"text", "no plain numbers"},
                                        {"scalar", "no array of 1 to"},
                                        {"scaled", "HDF5 filter 6"},
                                        {"huge", "copy the file again"}};
    venn_array *a;
    make_hdf5("a.hdf5", false);
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        check_fails(read_named(&a, "a.hdf5", of[i][0]), VENN_BAD_FILE, of[i][1]);
        check_fails(VENN_BAD_FILE, VENN_BAD_FILE, "a.hdf5");
        cr_expect_null(a);
    }
}

static venn_status parse_hdf5(const char *name, const uint8_t *data, size_t size)
{
    venn_array *a = NULL;
    FILE *file = fopen(scratch_path(name), "wb"); // thousands of times: nothing to be synced
    cr_assert(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    venn_status status = read_named(&a, name, "plain");
    venn_array_destroy(&a);
    return status;
}

// Numbers that are not packed: libhdf5 1.10 itself reads past what a broken chunk unpacks to (SECURITY.md).
Test(data_hdf5, broken_files_are_refused)
{
    static uint8_t bytes[1 << 16];
    const hid_t file = H5Fcreate(scratch_path("t.hdf5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    add_array(file, "plain", H5T_STD_U16BE, 0);
    H5Fclose(file);
    FILE *stream = fopen(scratch_path("t.hdf5"), "rb");
    const size_t size = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    cr_assert(size > 1000 && size < sizeof bytes);
    cr_assert_eq(parse_hdf5("whole.bin", bytes, size), VENN_OK, "%s", venn_error_message());
    check_truncations(parse_hdf5, bytes, size);
    check_corruptions(parse_hdf5, bytes, size);
}

#else

Test(data_hdf5, need_the_library)
{
    venn_hdf5 *h;
    check_fails(venn_hdf5_open(&h, "x.hdf5", "y"), VENN_UNSUPPORTED, "libhdf5-dev");
}

#endif
