// Reading files of JSON: what is wrong is named with its line, sizes are bounded, and memory that runs out is told and
// leaves nothing half read.
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
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

// What "cat FILE" writes into a pipe, read from that.
static venn_status read_piped(const char *file, size_t limit, void **data, size_t *size)
{
    char command[1024];
    const char *pipe = scratch_path("pipe");
    snprintf(command, sizeof command, "cat '%s' >'%s' 2>/dev/null &", scratch_path(file), pipe);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    cr_assert_eq(system(command), 0);
    const venn_status status = venn_file_read(pipe, limit, data, size);
    cr_assert_eq(unlink(pipe), 0);
    return status;
}

Test(json_files, pipes_are_read_to_their_end_or_the_limit)
{
    static char text[300001];
    void *data = NULL;
    size_t size = 0;
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = (char)('a' + i % 26);
    scratch_text("long.txt", text);
    cr_assert_eq(read_piped("long.txt", 300000, &data, &size), VENN_OK);
    cr_assert_eq(size, 300000);
    cr_assert_str_eq(data, text);
    free(data);
    check_fails(read_piped("long.txt", 299999, &data, &size), VENN_BAD_FILE, "limit of 299999");
    check_fails(read_piped("long.txt", 0, &data, &size), VENN_BAD_FILE, "pipe: not a regular file");
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

// ---- The text's own buffers --------------------------------------------------------------------
// jansson's buffer is full at 15 characters, 31, 63: behind `lead` others each of a text's stands there once.

enum { LEADS = 70, READERS = 4, ROUNDS = 100 };

// Escapes of every kind, in a string and in a key that is longer, the quote's right before the end; numbers with many
// digits; and a number whose own allocation may fail while the buffer is still small.
static size_t write_escapes(char *text, size_t room, int lead)
{
    return (size_t)snprintf(
        text, room,
        "[7, \"%0*d\\/\\b\\u0041\u00e9\\\\\\\"\", %d.%0*de-2, 123456789012345678, "
        "{\"%0*d\\\\\\n\\u20ac\\ud83d\\ude00\\\"\": []}]",
        lead, 0, 7, lead, 5, 2 * lead, 0);
}

static bool is_whole(const json_t *root, int lead)
{
    char value[LEADS + 20], key[2 * LEADS + 20];
    snprintf(value, sizeof value, "%0*d/\b\x41\u00e9\\\"", lead, 0);
    snprintf(key, sizeof key, "%0*d\\\n\u20ac\U0001f600\"", 2 * lead, 0);
    const json_t *string = json_array_get(root, 1);
    const double past = json_real_value(json_array_get(root, 2)) * 100 - 7;
    return json_array_size(root) == 5 && json_integer_value(json_array_get(root, 0)) == 7 &&
           json_is_string(string) && !strcmp(json_string_value(string), value) && past > -1e-9 &&
           past < 0.51 && json_integer_value(json_array_get(root, 3)) == 123456789012345678 &&
           json_is_array(json_object_get(json_array_get(root, 4), key));
}

static void fail_each(uint64_t step)
{
    char text[4 * LEADS + 200];
    for (int lead = 1; lead <= LEADS; lead++) {
        const size_t size = write_escapes(text, sizeof text, lead);
        bool all = false;
        for (uint64_t at = 1; !all; at++) {
            json_t *root;
            json_error_t error;
            faulty_memory_begin_often(at, step);
            const venn_status status = venn_json_load(&root, text, size, 0, &error);
            const uint64_t count = faulty_memory_end();
            all = count < at;
            cr_assert_eq(status, all ? VENN_OK : VENN_NO_MEMORY, "lead %d, allocation %d: %d, %s",
                         lead, (int)at, status, error.text);
            cr_assert_leq(count, at + 4, "the text is read on, lead %d", lead);
            cr_assert(all ? is_whole(root, lead) : !root, "lead %d", lead);
            json_decref(root);
        }
    }
}

Test(json_files, any_one_allocation_within_words_may_fail)
{
    fail_each(UINT64_MAX);
}

Test(json_files, memory_may_stay_exhausted)
{
    fail_each(1);
}

Test(json_files, bad_text_is_not_taken_for_lack_of_memory)
{
    static const char *const bad[] = {
        "",           "[",     "[1, 2",   "{\"a\": tru}", "[\"\\u12\"]", "[\"\\ud800\"]",
        "[\"\xff\"]", "[1] x", "[1e999]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_t *root;
        json_error_t error;
        cr_assert_eq(venn_json_load(&root, bad[i], strlen(bad[i]), 0, &error), VENN_BAD_FILE, "%s",
                     bad[i]);
        cr_assert_null(root);
        cr_assert_neq(error.text[0], 0);
    }
}

// ---- Threads -----------------------------------------------------------------------------------

static pthread_barrier_t start;
static atomic_int whole, out_of_memory;

static void *read_often(void *user)
{
    char text[4 * LEADS + 200];
    (void)user;
    pthread_barrier_wait(&start);
    for (int i = 0; i < ROUNDS * LEADS; i++) {
        json_t *root;
        json_error_t error;
        const int lead = 1 + i % LEADS;
        const size_t size = write_escapes(text, sizeof text, lead);
        const venn_status status = venn_json_load(&root, text, size, 0, &error);
        atomic_fetch_add(&whole, status == VENN_OK && is_whole(root, lead));
        atomic_fetch_add(&out_of_memory, status == VENN_NO_MEMORY);
        json_decref(root);
    }
    return NULL;
}

// A failure that another's reading took for its own would leave this one's text damaged.
Test(json_files, a_failure_is_its_threads_own)
{
    pthread_t readers[READERS];
    cr_assert_eq(pthread_barrier_init(&start, NULL, READERS), 0);
    faulty_memory_begin_often(1, 97);
    for (int i = 0; i < READERS; i++)
        cr_assert_eq(pthread_create(&readers[i], NULL, read_often, NULL), 0);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    const int failures = (int)(faulty_memory_end() / 97);
    const int told = atomic_load(&out_of_memory);
    pthread_barrier_destroy(&start);
    cr_assert(told > failures * 9 / 10 && told <= failures + 1, "%d of %d", told, failures);
    cr_assert_eq(atomic_load(&whole) + told, READERS * ROUNDS * LEADS);
}
