// Whether cooperative matrices are right on this driver: the verdict and its file, one line of text. A driver
// may advertise them and get them wrong, or bring the process down; so the file says "wrong" while the test
// runs, and whoever comes after one that did not end does without them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "kernel/kernel.h"

enum { LINE = 512, NOTE = sizeof((venn_profile *)0)->matrix_note };

// What the verdict holds for: "venn matrices 1; driver 7; kernels ...; KHR 16x16x16: ".
static void write_key(const venn_device_info *info, const venn_matrix_units *m, char key[LINE])
{
    snprintf(key, LINE,
             "venn matrices 1; driver %u %u; kernels %s; api %d %ux%ux%u: ", info->driver_id,
             info->driver_version, venn_shader_hash(), (int)m->api, m->m, m->n, m->k);
}

static venn_status path_of(const venn_device_info *info, char **path)
{
    char name[64];
    snprintf(name, sizeof name, "matrix-%s.txt", info->uuid_text);
    return venn_cache_path(name, path);
}

// What the file says behind the key, without its end of line; false if it holds for something else.
static bool read_verdict(const char *path, const char *key, char verdict[NOTE])
{
    void *text = NULL;
    size_t size;
    if (venn_file_read(path, LINE + NOTE, &text, &size) < 0)
        return false;
    const size_t length = strlen(key);
    const bool same = strncmp(text, key, length) == 0;
    if (same)
        snprintf(verdict, NOTE, "%.*s", (int)strcspn((char *)text + length, "\n"),
                 (char *)text + length);
    free(text);
    return same;
}

// A verdict that cannot be kept is found anew by the next process.
static void keep_verdict(const char *path, const char *key, const char *verdict)
{
    char text[LINE + NOTE + 1];
    char *folder = venn_path_folder(path);
    snprintf(text, sizeof text, "%s%s\n", key, verdict);
    if (folder && venn_folder_make(folder) == VENN_OK)
        (void)venn_file_write(path, text, strlen(text));
    free(folder);
}

static void find_verdict(venn_device *device, const char *path, const char *key, char verdict[NOTE])
{
    if (path)
        keep_verdict(path, key, "wrong: the test did not come to its end");
    if (venn_matrix_test(device) == VENN_OK)
        snprintf(verdict, NOTE, "right");
    else
        snprintf(verdict, NOTE, "wrong: %.140s", venn_error_message());
    if (path)
        keep_verdict(path, key, verdict);
}

void venn_matrix_unused(venn_profile *profile, const char *why)
{
    profile->matrix.api = VENN_MATRIX_NONE;
    snprintf(profile->matrix_note, NOTE, "%s", why);
}

void venn_matrix_settle(venn_device *device, venn_profile *profile)
{
    char key[LINE], verdict[NOTE], *path = NULL;
    const venn_device_info *info = venn_device_get_info(device);
    write_key(info, &profile->matrix, key);
    if (path_of(info, &path) < 0)
        path = NULL;
    if (!path || !read_verdict(path, key, verdict))
        find_verdict(device, path, key, verdict);
    free(path);
    if (strcmp(verdict, "right") != 0)
        venn_matrix_unused(profile, verdict);
    else
        snprintf(profile->matrix_note, NOTE,
                 "products of f16 by f16, found right on this driver against double precision");
}
