// Volumes: NIfTI files that are what they say, and those that are not; slices of them; classes of places.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data_files.h"

enum { HEADER = 352, NX = 3, NY = 4, NZ = 5, VOXELS = NX * NY * NZ };

#ifdef VENN_HAS_NIFTI

static void put16(uint8_t *at, int value, bool big)
{
    at[big ? 1 : 0] = (uint8_t)value;
    at[big ? 0 : 1] = (uint8_t)(value >> 8);
}

static void put_float(uint8_t *at, float value, bool big)
{
    uint8_t bytes[4];
    memcpy(bytes, &value, 4);
    for (int i = 0; i < 4; i++)
        at[i] = bytes[big ? 3 - i : i];
}

// A header of a volume [NX, NY, NZ] of 16-bit integers, and voxel i has the number i.
static size_t make_volume(uint8_t *to, bool big)
{
    memset(to, 0, HEADER);
    put16(to + (big ? 2 : 0), 348, big); // 32 bits
    static const int dim[] = {3, NX, NY, NZ, 1, 1, 1, 1};
    for (int i = 0; i < 8; i++) {
        put16(to + 40 + 2 * i, dim[i], big);
        put_float(to + 76 + 4 * i, 1, big);
    }
    put16(to + 70, 4, big);
    put16(to + 72, 16, big);
    put_float(to + 108, HEADER, big);
    put_float(to + 112, 0.5f, big); // slope and intercept
    put_float(to + 116, -1, big);
    memcpy(to + 344, "n+1", 4);
    for (int i = 0; i < VOXELS; i++)
        put16(to + HEADER + 2 * i, i, big);
    return HEADER + 2 * VOXELS;
}

static void write_packed(const char *name, const void *data, size_t size)
{
    gzFile file = gzopen(scratch_path(name), "wb");
    cr_assert(file && gzwrite(file, data, (unsigned)size) == (int)size);
    cr_assert_eq(gzclose(file), Z_OK);
}

static void check_volume(const char *name)
{
    venn_array *a;
    cr_assert_eq(venn_nifti_read(&a, scratch_path(name)), VENN_OK, "%s", venn_error_message());
    cr_expect(shape_is(a, VENN_SHAPE(NZ, NY, NX)));
    for (int i = 0; i < VOXELS; i++)
        cr_assert_eq(((float *)a->data)[i], 0.5f * (float)i - 1);
    venn_array_destroy(&a);
}

Test(data_volumes, are_read_in_either_order_and_packed)
{
    uint8_t bytes[HEADER + 2 * VOXELS];
    for (int big = 0; big < 2; big++) {
        const size_t size = make_volume(bytes, big);
        scratch_write("v.nii", bytes, size);
        check_volume("v.nii");
        write_packed("v.nii.gz", bytes, size);
        check_volume("v.nii.gz");
    }
}

static venn_status parse(const char *name, const uint8_t *data, size_t size)
{
    venn_array *a = NULL;
    char file[64];
    snprintf(file, sizeof file, "%s.nii", name);
    scratch_write(file, data, size);
    venn_status status = venn_nifti_read(&a, scratch_path(file));
    venn_array_destroy(&a);
    return status;
}

Test(data_volumes, broken_files_are_refused)
{
    uint8_t bytes[HEADER + 2 * VOXELS];
    const size_t size = make_volume(bytes, false);
    check_truncations(parse, bytes, size);
    check_corruptions(parse, bytes, size);
}

static void refuse(const uint8_t *bytes, size_t size, const char *part)
{
    venn_array *a = NULL;
    scratch_write("bad.nii", bytes, size);
    check_fails(venn_nifti_read(&a, scratch_path("bad.nii")), VENN_BAD_FILE, part);
    write_packed("bad.nii.gz", bytes, size);
    check_fails(venn_nifti_read(&a, scratch_path("bad.nii.gz")), VENN_BAD_FILE, part);
    cr_expect(!a);
}

// What a header may claim, with the file as small as it is.
Test(data_volumes, claims_are_held_against_the_file)
{
    uint8_t bytes[HEADER + 2 * VOXELS];
    size_t size = make_volume(bytes, false);
    for (int i = 0; i < 3; i++)
        put16(bytes + 42 + 2 * i, 32767, false); // 64 TiB
    refuse(bytes, size, "but its header says");
    size = make_volume(bytes, false);
    put16(bytes + 70, 32, false); // complex
    refuse(bytes, size, "numbers of type 32");
    size = make_volume(bytes, false);
    put16(bytes + 40, 4, false);
    put16(bytes + 48, 2, false); // a volume for each of two times
    refuse(bytes, size, "a volume has three axes");
    size = make_volume(bytes, false);
    put_float(bytes + 108, 1e9f, false);
    refuse(bytes, size, "cannot begin");
    size = make_volume(bytes, false);
    put_float(bytes + 108, NAN, false);
    refuse(bytes, size, "cannot begin");
    make_volume(bytes, false);
    refuse(bytes, HEADER, "but its header says");
    memcpy(bytes + 344, "ni1", 4);
    refuse(bytes, size, "in one file");
    memset(bytes, 0, HEADER);
    refuse(bytes, size, "no NIfTI-1 header");
}

// gzip that says of itself to be a gigabyte.
Test(data_volumes, packed_sizes_are_not_believed)
{
    uint8_t bytes[HEADER + 2 * VOXELS];
    venn_array *a = NULL;
    write_packed("big.nii.gz", bytes, make_volume(bytes, false));
    FILE *file = fopen(scratch_path("big.nii.gz"), "r+b");
    cr_assert(file && fseek(file, -1, SEEK_END) == 0);
    fputc(0x40, file);
    fclose(file);
    check_fails(venn_nifti_read(&a, scratch_path("big.nii.gz")), VENN_BAD_FILE, "cannot hold");
    check_fails(venn_nifti_read(&a, scratch_path("none.nii.gz")), VENN_BAD_FILE,
                "cannot be opened");
    check_fails(venn_nifti_read(&a, scratch_path("none.img")), VENN_BAD_FILE, ".nii or .nii.gz");
}

// ---- Slices ----------------------------------------------------------------------------------

#define SLICES(more)                                                                               \
    "name: s\nclasses: [a, b]\nlabels: {kind: none, train: {file: i.csv, column: file, slices: "   \
    "2}}\n"                                                                                        \
    "modalities:\n  - name: x\n    kind: volumes\n    shape: [1, 2, 5]\n" more                     \
    "    train: {file: i.csv, column: file, slices: 2}\n"

static venn_dataset *load_slices(const char *text)
{
    uint8_t bytes[HEADER + 2 * VOXELS];
    venn_dataset *d = NULL;
    scratch_write("v.nii", bytes, make_volume(bytes, false));
    scratch_write("w.nii", bytes, make_volume(bytes, true));
    scratch_text("i.csv", "file\nv.nii\nw.nii\n");
    scratch_text("s.yaml", text);
    cr_assert_eq(venn_dataset_load(&d, scratch_path("s.yaml"), NULL), VENN_OK, "%s",
                 venn_error_message());
    return d;
}

// Of five slices those at a quarter and at three quarters: 1 and 3. Four rows are cut to the two in the middle, three
// columns filled up to five.
Test(data_volumes, slices_are_items)
{
    venn_dataset *d = load_slices(SLICES(""));
    cr_assert_eq(d->split[VENN_TRAIN].n, 4);
    for (int64_t i = 0; i < 4; i++) {
        const float *x = venn_dataset_item(d, VENN_TRAIN, 0, i);
        const int z = i % 2 ? 3 : 1;
        cr_expect_eq(d->split[VENN_TRAIN].labels[i], 0);
        for (int row = 0; row < 2; row++)
            for (int column = 0; column < 5; column++) {
                const int voxel = (z * NY + row + 1) * NX + column - 1;
                const bool inside = column >= 1 && column <= 3;
                cr_assert_eq(x[row * 5 + column], inside ? 0.5f * (float)voxel - 1 : 0);
            }
    }
    venn_dataset_destroy(&d);
}

// The 60 numbers are evenly spaced, and inverted they fall.
Test(data_volumes, a_look_is_normalised_and_inverted)
{
    venn_dataset *d = load_slices(SLICES("    look: {normalise: true, invert: true, gamma: 2}\n"));
    const float *x = venn_dataset_item(d, VENN_TRAIN, 0, 0);
    for (int column = 1; column <= 3; column++) {
        const double share = (1 * NY * NX + NX + column - 1) / 59.0;
        cr_expect_float_eq(x[column], pow(1 - share, 2), 1e-5);
    }
    venn_dataset_destroy(&d);
}

Test(data_volumes, real_volumes)
{
    venn_dataset *d = NULL;
    char root[512];
    snprintf(root, sizeof root, "%s/..", real_data_folder("hippocampus"));
    const venn_dataset_params params = {.root = root, .limit = {40, 8, 16}};
    cr_assert_eq(venn_dataset_load(&d, "hippocampus", &params), VENN_OK, "%s",
                 venn_error_message());
    int64_t seen[3] = {0};
    cr_assert_str_eq(d->modalities[0].target, "first-mask");
    for (int64_t i = 0; i < 40; i++)
        for (int k = 0; k < 48 * 64; k++) {
            const float image = venn_dataset_item(d, VENN_TRAIN, 1, i)[k];
            cr_assert(image >= 0 && image <= 1.3f);
            seen[(int)venn_dataset_item(d, VENN_TRAIN, 3, i)[k]]++;
        }
    // About five in a hundred voxels are hippocampus.
    cr_expect(seen[1] > 0 && seen[2] > 0 && seen[0] > 10 * (seen[1] + seen[2]));
    venn_dataset_destroy(&d);
}

#else

Test(data_volumes, need_the_library)
{
    venn_array *a = NULL;
    check_fails(venn_nifti_read(&a, scratch_path("v.nii")), VENN_UNSUPPORTED, "libnifti-dev");
}

#endif

// ---- Classes of places -----------------------------------------------------------------------

Test(data_volumes, classes_of_places)
{
    venn_dataset *d, *some;
    const char *names[] = {"x", "mask", "small"};
    const venn_shape shapes[] = {VENN_SHAPE(2, 3, 4), VENN_SHAPE(3, 4), VENN_SHAPE(2)};
    float x[24] = {0}, mask[12] = {0}, small[2] = {0};
    const float *of[] = {x, mask, small};
    const int32_t label = 0;
    cr_assert_eq(venn_dataset_create(&d, "d", 3, NULL, 3, names, shapes), VENN_OK);
    mask[5] = 2;
    cr_assert_eq(venn_dataset_set_split(d, VENN_TRAIN, 1, &label, of), VENN_OK);
    mask[6] = 1.5f;
    cr_assert_eq(venn_dataset_set_split(d, VENN_TEST, 1, &label, of), VENN_OK);
    check_fails(venn_dataset_set_target(d, "x", "small"), VENN_BAD_ARG, "[2]");
    check_fails(venn_dataset_set_target(d, "x", "x"), VENN_BAD_ARG, "cannot tell");
    check_fails(venn_dataset_set_target(d, "x", "mask"), VENN_BAD_ARG, "test: 1.5 is no class");
    check_fails(venn_dataset_set_target(d, "x", "y"), VENN_BAD_ARG, "y");
    ((float *)d->split[VENN_TEST].items[1].array->data)[6] = 1;
    cr_assert_eq(venn_dataset_set_target(d, "x", "mask"), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_dataset_select(&some, d, NULL), VENN_OK);
    cr_expect_str_eq(some->modalities[0].target, "mask");
    cr_expect(!some->modalities[1].target);
    venn_dataset_destroy(&some);
    venn_dataset_destroy(&d);
}
