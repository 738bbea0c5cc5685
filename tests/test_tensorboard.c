// Event files, read back by a parser and a checksum of the test's own: framing, every field, what cannot be
// written. tests/read_events.py reads a whole job's with the tensorboard package.
#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data_files.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/tensorboard.h"

// CRC-32C bit by bit, most significant first, on reversed bytes: nothing of it is as the library has it.
static uint32_t reversed(uint32_t x, int bits)
{
    uint32_t y = 0;
    for (int i = 0; i < bits; i++)
        y |= (x >> i & 1) << (bits - 1 - i);
    return y;
}

static uint32_t crc32c(const uint8_t *data, size_t size)
{
    uint32_t c = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        c ^= reversed(data[i], 8) << 24;
        for (int bit = 0; bit < 8; bit++)
            c = c & 0x80000000 ? c << 1 ^ 0x1edc6f41 : c << 1;
    }
    return ~reversed(c, 32);
}

static uint64_t little_endian(const uint8_t *p, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value += (uint64_t)p[i] << 8 * i;
    return value;
}

static void expect_crc(const uint8_t *data, size_t size, const uint8_t *stored)
{
    const uint32_t unmasked = (uint32_t)little_endian(stored, 4) - 0xa282ead8;
    cr_assert_eq(unmasked << 15 | unmasked >> 17, crc32c(data, size));
}

typedef struct event {
    double wall_time;
    int64_t step;
    char version[32], tag[32];
    float value;
} event;

static uint64_t varint(const uint8_t **p)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        const uint8_t byte = *(*p)++;
        value |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128))
            return value;
    }
}

// Fields of Event at level 0, Summary at 1, Summary.Value at 2.
static void parse_message(const uint8_t *p, const uint8_t *end, int level, event *e)
{
    while (p < end) {
        const uint64_t key = varint(&p);
        if (key == (1 << 3 | 1) && level == 0) {
            memcpy(&e->wall_time, p, 8), p += 8;
        } else if (key == (2 << 3 | 0) && level == 0) {
            e->step = (int64_t)varint(&p);
        } else if (key == (2 << 3 | 5) && level == 2) {
            memcpy(&e->value, p, 4), p += 4;
        } else {
            cr_assert_eq(key & 7, 2, "field %d at level %d", (int)(key >> 3), level);
            const size_t size = varint(&p);
            if (key >> 3 == 3 && level == 0)
                memcpy(e->version, p, size);
            else if (key >> 3 == 1 && level == 2)
                memcpy(e->tag, p, size);
            else if ((key >> 3 == 5 && level == 0) || (key >> 3 == 1 && level == 1))
                parse_message(p, p + size, level + 1, e);
            else
                cr_assert(false, "field %d at level %d", (int)(key >> 3), level);
            p += size;
        }
    }
    cr_assert_eq(p, end);
}

static size_t parse_file(const char *path, event *events, size_t most)
{
    void *content;
    size_t size, n = 0;
    cr_assert_eq(venn_file_read(path, 0, &content, &size), VENN_OK, "%s", venn_error_message());
    const uint8_t *p = content, *end = p + size;
    while (p < end && n < most) {
        const size_t length = little_endian(p, 8);
        cr_assert_leq(length + 16, (size_t)(end - p));
        expect_crc(p, 8, p + 8);
        expect_crc(p + 12, length, p + 12 + length);
        events[n] = (event){0};
        parse_message(p + 12, p + 12 + length, 0, &events[n++]);
        p += length + 16;
    }
    cr_assert_eq(p, end);
    free(content);
    return n;
}

// Paths of the event files in a folder; how many.
static int list(const char *folder, char paths[2][4096])
{
    DIR *open = opendir(folder);
    cr_assert_not_null(open);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(open));)
        if (strncmp(entry->d_name, "events.out.tfevents.", 20) == 0 && n < 2)
            snprintf(paths[n++], 4096, "%s/%s", folder, entry->d_name);
    closedir(open);
    return n;
}

Test(tensorboard, checksum_of_the_standard_vector)
{
    cr_assert_eq(crc32c((const uint8_t *)"123456789", 9), 0xe3069283);
}

Test(tensorboard, what_is_written_is_read_back)
{
    const char *folder = scratch_path("board/deep/run");
    scratch_text("made", "");
    venn_events *e;
    cr_assert_eq(venn_events_create(&e, folder), VENN_OK, "%s", venn_error_message());
    const struct {
        const char *tag;
        int64_t step;
        double value;
    } points[] = {{"loss/train", 0, 2.25},
                  {"loss/train", 300, 1e-30},
                  {"accuracy", 1LL << 40, -0.5},
                  {"", 1, 0},
                  {"x", 2, INFINITY},
                  {"lr", 127, 3.0e38}};
    const size_t n = sizeof points / sizeof *points;
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(venn_events_scalar(e, points[i].tag, points[i].step, points[i].value),
                     VENN_OK);
    // Also before it is closed.
    char paths[2][4096];
    event events[16];
    cr_assert_eq(list(folder, paths), 1);
    cr_assert_eq(parse_file(paths[0], events, 16), n + 1);
    cr_assert_str_eq(events[0].version, "brain.Event:2");
    for (size_t i = 0; i < n; i++) {
        cr_assert_str_eq(events[i + 1].tag, points[i].tag);
        cr_assert_eq(events[i + 1].step, points[i].step);
        cr_assert_eq(events[i + 1].value, (float)points[i].value);
        cr_assert_geq(events[i + 1].wall_time, events[i].wall_time);
        cr_assert_gt(events[i + 1].wall_time, 1.6e9);
    }
    venn_events_destroy(&e);
    cr_assert_null(e);
    venn_events_destroy(&e);
    // A second one in the same folder has a file of its own.
    cr_assert_eq(venn_events_create(&e, folder), VENN_OK);
    venn_events_destroy(&e);
    cr_assert_eq(list(folder, paths), 2);
}

Test(tensorboard, what_cannot_be_made_is_named)
{
    venn_events *e = NULL;
    scratch_text("file", "");
    char path[4096];
    snprintf(path, sizeof path, "%s/run", scratch_path("file"));
    check_fails(venn_events_create(&e, path), VENN_BAD_FILE, "file/run");
    cr_assert_null(e);
    check_fails(venn_events_create(&e, ""), VENN_BAD_ARG, "folder");
    check_fails(venn_events_create(&e, NULL), VENN_BAD_ARG, "folder");
}

// The losses of a training, in the order of its epochs, are those of the line of metrics with this stage and seed.
static size_t expect_losses(const char *stage, int64_t seed, const char *folder)
{
    char paths[2][4096], line[4096];
    event events[64];
    size_t at = 0, found = 0;
    cr_assert_eq(list(folder, paths), 1, "%s", folder);
    const size_t n = parse_file(paths[0], events, 64);
    FILE *metrics = fopen(scratch_path("run/metrics.jsonl"), "r");
    cr_assert(metrics);
    while (fgets(line, sizeof line, metrics)) {
        json_t *epoch = json_loads(line, 0, NULL);
        if (strcmp(json_string_value(json_object_get(epoch, "stage")), stage) == 0 &&
            json_integer_value(json_object_get(epoch, "seed")) == seed) {
            while (at < n && strcmp(events[at].tag, "loss/train") != 0)
                at++;
            cr_assert_lt(at, n, "%s has too few losses", folder);
            cr_expect_eq(events[at].step, json_integer_value(json_object_get(epoch, "step")));
            const double loss = json_number_value(json_object_get(epoch, "loss"));
            cr_expect_float_eq((double)events[at].value, loss, 1e-5 * fabs(loss));
            at++, found++;
        }
        json_decref(epoch);
    }
    fclose(metrics);
    return found;
}

Test(tensorboard, a_job_writes_each_training)
{
    tiny_write();
    SUCCEEDS("$venn distill job.yaml -o run --tensorboard events");
    cr_expect_eq(expect_losses("teacher", 0, scratch_path("events/teacher-0")), 2);
    cr_expect_eq(expect_losses("student", 1, scratch_path("events/student-1")), 2);
    cr_expect_eq(expect_losses("distilled", 1, scratch_path("events/distilled-1")), 2);
}

// The job is done all the same.
Test(tensorboard, a_job_says_what_it_could_not_write)
{
    tiny_write();
    scratch_text("file", "");
    cr_expect_neq(shell("$venn distill job.yaml -o run --tensorboard file/events"), 0);
    cr_expect(strstr(printed_err, "venn: --tensorboard: ") && strstr(printed_err, "file/events"),
              "%s", printed_err);
    cr_expect(venn_file_exists(scratch_path("run/summary.json")));
}
