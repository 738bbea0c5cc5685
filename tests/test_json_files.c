// Reading files of JSON: what is wrong is named with its line, sizes are bounded, and memory that runs out is told and
// leaves nothing half read.
#include <criterion/criterion.h>
#include <unistd.h>

#include "base/json.h"
#include "data/class_names.h"
#include "data_files.h"
#include "faulty_memory.h"

Test(json_files, faults_are_named_with_path_and_line)
{
    json_t *root;
    scratch_text("broken.json", "{\"a\": 1,\n \"b\": }\n");
    check_fails(venn_json_read(&root, scratch_path("broken.json"), 0), VENN_BAD_FILE,
                "broken.json:2: ");
    cr_assert_null(root);
    scratch_text("twice.json", "{\"a\": 1, \"a\": 2}");
    check_fails(venn_json_read(&root, scratch_path("twice.json"), JSON_REJECT_DUPLICATES),
                VENN_BAD_FILE, "twice.json:1: ");
    check_fails(venn_json_read(&root, scratch_path("none.json"), 0), VENN_BAD_FILE, "none.json");
    cr_assert_null(root);
}

Test(json_files, size_and_depth_are_bounded)
{
    json_t *root;
    scratch_text("large.json", "[]");
    cr_assert_eq(truncate(scratch_path("large.json"), VENN_JSON_LIMIT + 1), 0);
    check_fails(venn_json_read(&root, scratch_path("large.json"), 0), VENN_BAD_FILE, "the limit");
    char deep[6001];
    for (int i = 0; i < 6000; i++)
        deep[i] = i < 3000 ? '[' : ']';
    deep[6000] = 0;
    scratch_text("deep.json", deep);
    check_fails(venn_json_read(&root, scratch_path("deep.json"), 0), VENN_BAD_FILE, "deep.json:1");
}

Test(json_files, every_allocation_that_fails_is_told)
{
    char text[4096];
    int used = snprintf(text, sizeof text, "{\"class-0\": 0");
    for (int i = 1; i < 40; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, ", \"class-%d\": %d", i, i);
    snprintf(text + used, sizeof text - (size_t)used, "}");
    scratch_text("classes.json", text);
    const char *path = scratch_path("classes.json");
    for (uint64_t at = 1;; at++) {
        json_t *root;
        faulty_memory_begin(at);
        const venn_status status = venn_json_read(&root, path, 0);
        const bool all = faulty_memory_end() < at;
        cr_assert_eq(status, all ? VENN_OK : VENN_NO_MEMORY, "allocation %d", (int)at);
        cr_assert_eq(json_object_size(root), all ? 40 : 0);
        json_decref(root);
        if (all)
            break;
    }
    for (uint64_t at = 1;; at++) {
        char **names;
        int32_t n;
        faulty_memory_begin(at);
        const venn_status status = venn_class_names_read(path, &names, &n);
        const bool all = faulty_memory_end() < at;
        cr_assert_eq(status, all ? VENN_OK : VENN_NO_MEMORY, "allocation %d", (int)at);
        cr_assert(!all || n == 40);
        venn_class_names_free(names, n);
        if (all)
            break;
    }
}
