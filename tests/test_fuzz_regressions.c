// What fuzz targets once found, replayed: each file of tests/fuzz/regressions/NAME is an input on which NAME's
// reader crashed, leaked, hung or took too much memory. Under the sanitizers it would again.
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "fuzz/fuzz.h"

typedef void target_fn(const uint8_t *data, size_t size);

static const struct {
    const char *name;
    target_fn *run;
} targets[] = {
#define TARGET(name, most, factor) {#name, fuzz_##name},
#include "fuzz/targets.def"
#undef TARGET
};

static int replay(const char *folder, target_fn *run)
{
    DIR *entries = opendir(folder);
    int n = 0;
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        void *data;
        size_t size;
        if (*entry->d_name == '.')
            continue;
        char *path = venn_path_join(folder, entry->d_name);
        cr_assert_eq(venn_file_read(path, 0, &data, &size), VENN_OK, "%s", venn_error_message());
        // Exactly as large as it is: a byte more would hide reads past the end.
        uint8_t *exact = malloc(size ? size : 1);
        memcpy(exact, data, size);
        run(exact, size);
        free(exact);
        free(data);
        free(path);
        n++;
    }
    if (entries)
        closedir(entries);
    return n;
}

Test(fuzz_regressions, stay_away)
{
    int n = 0;
    venn_log_set(NULL, NULL, VENN_LOG_ERROR);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char folder[512];
        snprintf(folder, sizeof folder, "%s/tests/fuzz/regressions/%s", VENN_SOURCE_DIR,
                 targets[i].name);
        n += replay(folder, targets[i].run);
    }
    cr_assert_gt(n, 0, "there is nothing in tests/fuzz/regressions");
}
