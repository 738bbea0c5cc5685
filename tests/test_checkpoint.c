// Whatever happens while a checkpoint is written, a whole one is there afterwards: the new one if the writer said
// that it was done, else that or the one before it.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "data_files.h"
#include "faulty_files.h"
#include "train/checkpoint.h"

enum { COUNT = 2000, PIECE = 16 };

// A checkpoint full of one number.
static venn_status save(int number, uint32_t keep)
{
    static int32_t values[COUNT];
    char state[16];
    for (int i = 0; i < COUNT; i++)
        values[i] = number;
    snprintf(state, sizeof state, "%d", number);
    venn_named_array array = {"w", VENN_I32, VENN_SHAPE(COUNT), values};
    return venn_checkpoint_write(scratch_path("run"), keep, &array, 1, state);
}

static void save_safely(int number, uint32_t keep)
{
    faulty_files_begin(FAULT_NONE, 0, SIZE_MAX); // without waiting for the disk
    cr_assert_eq(save(number, keep), VENN_OK, "%s", venn_error_message());
    faulty_files_end();
}

// The number of the newest whole checkpoint; -1 if there is none.
static int load(void)
{
    venn_safetensors *file;
    const char *state;
    char *path;
    venn_status status = venn_checkpoint_read(scratch_path("run"), &file, &state, &path);
    int number = -1;
    if (status == VENN_OK && file) {
        number = atoi(state);
        const venn_named_array *array = venn_safetensors_find(file, "w");
        for (int i = 0; i < COUNT; i++)
            cr_assert_eq(((const int32_t *)array->data)[i], number, "mixed at %d", i);
    }
    venn_safetensors_destroy(&file);
    free(path);
    return number;
}

static void begin(void)
{
    venn_log_set(NULL, NULL, VENN_LOG_ERROR); // damaged ones are passed over by the hundred
    cr_assert_eq(venn_folder_make(scratch_path("run")), VENN_OK);
    save_safely(0, 2);
    save_safely(1, 2);
}

static void check_end_of_process(fault_kind kind, uint64_t at)
{
    int status;
    pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        faulty_files_begin(kind, at, PIECE);
        save(2, 2);
        _exit(0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == FAULT_EXIT, "call %d: no fault", (int)at);
    const int number = load();
    cr_assert(number == 1 || number == 2, "kind %d at call %d leaves %d", kind, (int)at, number);
}

static void check_error(fault_kind kind, uint64_t at)
{
    faulty_files_begin(kind, at, PIECE);
    const venn_status status = save(2, 2);
    faulty_files_end();
    cr_assert(status == VENN_OK || status == VENN_BAD_FILE);
    if (status == VENN_BAD_FILE)
        cr_assert(strstr(venn_error_message(), scratch_path("run")), "%s", venn_error_message());
    const int number = load();
    cr_assert_eq(number, status == VENN_OK ? 2 : 1, "kind %d at call %d: status %d leaves %d", kind,
                 (int)at, status, number);
}

Test(checkpoint, survives_every_fault)
{
    begin();
    faulty_files_begin(FAULT_NONE, 0, PIECE);
    cr_assert_eq(save(1, 2), VENN_OK);
    const uint64_t calls = faulty_files_end();
    uint64_t points = 0;
    for (fault_kind kind = FAULT_KILL; kind < FAULT_KINDS; kind++)
        for (uint64_t at = 1; at <= calls; at++, points++) {
            if (kind == FAULT_FULL || kind == FAULT_IO)
                check_error(kind, at);
            else
                check_end_of_process(kind, at);
            if (load() != 1)
                save_safely(1, 2);
        }
    cr_log_info("%d points\n", (int)points);
    cr_assert_geq(points, 2000);
}

static void damage(const char *name, size_t at)
{
    void *data;
    size_t size;
    cr_assert_eq(venn_file_read(scratch_path(name), 0, &data, &size), VENN_OK);
    if (at == SIZE_MAX)
        size /= 2;
    else
        ((uint8_t *)data)[at % size] ^= 0x40;
    scratch_write(name, data, size);
    free(data);
}

Test(checkpoint, takes_the_one_before_a_damaged_one)
{
    begin();
    for (size_t at = 0; at < 9000; at += at < 400 ? 3 : 97) {
        damage("run/last.safetensors", at);
        cr_assert_eq(load(), 0, "byte %zu", at);
        cr_assert(venn_file_exists(scratch_path("run/last.damaged.safetensors")));
        // The one before is not pushed out by the damaged one.
        save_safely(1, 2);
        cr_assert_eq(load(), 1);
    }
    damage("run/last.safetensors", SIZE_MAX);
    cr_assert_eq(load(), 0);
}

Test(checkpoint, says_when_none_is_whole)
{
    cr_assert_eq(load(), -1); // no folder, no checkpoint, no error
    begin();
    damage("run/last.safetensors", 5000);
    damage("run/last.1.safetensors", SIZE_MAX);
    cr_assert_eq(load(), -1);
    cr_assert(strstr(venn_error_message(), "holds no whole checkpoint: remove it to train anew"),
              "%s", venn_error_message());
}

Test(checkpoint, keeps_as_many_as_asked)
{
    begin();
    for (int i = 2; i < 9; i++)
        save_safely(i, 4);
    for (int k = 8; k > 4; k--) {
        cr_assert_eq(load(), k);
        char name[64];
        snprintf(name, sizeof name, "run/last%s%.0d.safetensors", k < 8 ? "." : "", 8 - k);
        cr_assert_eq(unlink(scratch_path(name)), 0, "%s", name);
    }
    cr_assert_eq(load(), -1);
    save_safely(1, 1);
    cr_assert(!venn_file_exists(scratch_path("run/last.1.safetensors")));
    cr_assert_eq(save(1, 17), VENN_BAD_ARG);
}
