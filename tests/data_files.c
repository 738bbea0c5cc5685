#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data_files.h"

static char scratch_folder[64];

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static void remove_scratch(void)
{
    nftw(scratch_folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const char *name)
{
    static char path[4][512];
    static int next;
    if (!scratch_folder[0]) {
        strcpy(scratch_folder, "/tmp/venn-test-XXXXXX");
        cr_assert(mkdtemp(scratch_folder));
        atexit(remove_scratch);
    }
    char *out = path[next++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", scratch_folder, name);
    return out;
}

void scratch_write(const char *name, const void *data, size_t size)
{
    const char *path = scratch_path(name);
    char *folder = venn_path_folder(path);
    cr_assert_eq(venn_folder_make(folder), VENN_OK);
    cr_assert_eq(venn_file_write(path, data, size), VENN_OK, "%s", venn_error_message());
    free(folder);
}

void scratch_text(const char *name, const char *text)
{
    scratch_write(name, text, strlen(text));
}

void scratch_changed(const char *name, const char *file, const char *const changes[][2], int n)
{
    const void *data;
    size_t size;
    char text[8192];
    cr_assert(venn_embedded_find(name, &data, &size) && size < sizeof text, "%s", name);
    snprintf(text, sizeof text, "%s", (const char *)data);
    for (int i = 0; i < n; i++) {
        cr_assert(strstr(text, changes[i][0]), "%s: no \"%s\" to change", name, changes[i][0]);
        for (char *at = text; (at = strstr(at, changes[i][0])); at += strlen(changes[i][1])) {
            char rest[8192];
            snprintf(rest, sizeof rest, "%s%s", changes[i][1], at + strlen(changes[i][0]));
            snprintf(at, sizeof text - (size_t)(at - text), "%s", rest);
        }
    }
    scratch_text(file, text);
}

void check_truncations(try_parse_fn *parse, const void *data, size_t size)
{
    for (size_t keep = 0; keep < size; keep++) {
        // An allocation of its own, so that the address sanitizer sees a read past the end.
        uint8_t *copy = malloc(keep ? keep : 1);
        memcpy(copy, data, keep);
        check_fails(parse("cut.bin", copy, keep), VENN_BAD_FILE, "cut.bin");
        free(copy);
    }
}

void check_corruptions(try_parse_fn *parse, const void *data, size_t size)
{
    static const uint8_t flip[] = {0x01, 0x80, 0xFF};
    uint8_t *copy = malloc(size);
    for (size_t at = 0; at < size; at++)
        for (size_t k = 0; k < sizeof flip; k++) {
            memcpy(copy, data, size);
            copy[at] ^= flip[k];
            venn_status status = parse("bad.bin", copy, size);
            cr_assert(status == VENN_OK || strstr(venn_error_message(), "bad.bin"), "byte %zu: %s",
                      at, venn_error_message());
        }
    free(copy);
}

void check_fails(venn_status got, venn_status expected, const char *part)
{
    cr_assert_eq(got, expected, "%s instead of %s (%s)", venn_status_name(got),
                 venn_status_name(expected), got < 0 ? venn_error_message() : "");
    cr_assert(strstr(venn_error_message(), part), "'%s' lacks '%s'", venn_error_message(), part);
}

const char *real_data_folder(const char *set)
{
    static char path[1024];
    const char *root = getenv("VENN_DATA");
    snprintf(path, sizeof path, "%s/%s", root ? root : VENN_SOURCE_DIR "/../shared/data", set);
    if (!venn_file_exists(path))
        cr_skip_test("no %s; set VENN_DATA to the folder that holds it", path);
    return path;
}

bool shape_is(const venn_array *array, venn_shape shape)
{
    return venn_shape_equal(&array->shape, &shape);
}
