// One submission a run, unless it takes longer than the device allows: then as many as it needs, with the same
// results.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/program_internal.h"
#include "program_bed.h"

// 8 MB to and fro for every node: as much as no part holds of them all. Each is to stay a launch of its own.
enum { COUNT = 1 << 20, NODES = 16 };

static bed chain(void)
{
    cr_assert_eq(setenv("VENN_FUSE", "off", 1), 0);
    bed b = bed_create();
    venn_tensor x = bed_input(&b, "x", VENN_SHAPE(COUNT));
    for (int i = 0; i < NODES; i++)
        x = venn_scale(b.g, x, 1.01, 0.1 * i);
    venn_graph_output(b.g, "y", x);
    bed_compile(&b);
    return b;
}

// Runs until a slot is used again; the result is that of the last run, and *last the number of
// its submissions, as the device counts them.
static void run_all(bed *b, float *y, uint64_t *first, uint64_t *last)
{
    static float x[COUNT];
    for (int i = 0; i < COUNT; i++)
        x[i] = sinf(0.7F * (float)i);
    for (int run = 0; run < 4; run++) {
        if (run)
            cr_assert_eq(venn_program_begin(b->program), VENN_OK);
        bed_set(b, "x", x);
        const uint64_t before = venn_device_submissions(b->device);
        bed_run(b);
        *last = venn_device_submissions(b->device) - before;
        if (run == 0)
            *first = *last;
    }
    memcpy(y, bed_get(b, "y"), sizeof x);
    venn_program_info info;
    venn_program_get_info(b->program, &info);
    cr_expect_eq(info.submissions, *last);
}

static float whole[COUNT], cut[COUNT];

Test(submissions, as_few_as_the_time_allows)
{
    uint64_t first, last;
    cr_assert_eq(setenv("VENN_SUBMIT_MS", "0", 1), 0);
    bed b = chain();
    const uint32_t parts = b.program->n_parts;
    cr_assert_gt(parts, 1);
    run_all(&b, whole, &first, &last);
    cr_expect_eq(first, 1);
    cr_expect_eq(last, 1);
    bed_destroy(&b);
    // Nothing is as short as this: every part is one of its own.
    cr_assert_eq(setenv("VENN_SUBMIT_MS", "0.0001", 1), 0);
    b = chain();
    run_all(&b, cut, &first, &last);
    cr_expect_eq(first, parts);
    cr_expect_eq(last, parts);
    cr_expect_arr_eq(cut, whole, sizeof whole);
    bed_destroy(&b);
    // Time enough: once that is known, in one piece again.
    cr_assert_eq(setenv("VENN_SUBMIT_MS", "1000000", 1), 0);
    b = chain();
    run_all(&b, cut, &first, &last);
    cr_expect_eq(first, parts);
    cr_expect_eq(last, venn_device_get_info(b.device)->timestamps ? 1 : parts);
    cr_expect_arr_eq(cut, whole, sizeof whole);
    bed_destroy(&b);
}

static void count_time(void *user, const venn_node_time *t)
{
    uint32_t *n = user;
    cr_expect(t->us >= 0 && t->start_us >= 0, "%s", t->name);
    ++*n;
}

Test(submissions, nodes_are_timed_through_all_parts)
{
    bed b = chain();
    venn_program_destroy(&b.program);
    venn_compile_params params = {.name = "timed", .timestamps = true};
    cr_assert_eq(venn_graph_compile(&b.program, b.g, b.device, &params), VENN_OK);
    cr_assert_gt(b.program->n_parts, 1);
    uint64_t first, last;
    cr_assert_eq(venn_program_begin(b.program), VENN_OK);
    run_all(&b, whole, &first, &last);
    uint32_t n = 0;
    if (!venn_device_get_info(b.device)->timestamps) {
        cr_assert_eq(venn_program_node_times(b.program, count_time, &n), VENN_UNSUPPORTED);
    } else {
        cr_assert_eq(venn_program_node_times(b.program, count_time, &n), VENN_OK);
        cr_expect_eq(n, b.program->n_nodes + 2);
    }
    bed_destroy(&b);
}

Test(submissions, a_time_that_is_none_is_refused)
{
    static const char *const wrong[] = {"soon", "-1", "5s", "nan"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        venn_device *device = NULL;
        cr_assert_eq(setenv("VENN_SUBMIT_MS", wrong[i], 1), 0);
        cr_expect_eq(venn_device_create(&device, NULL), VENN_BAD_ARG, "%s", wrong[i]);
        cr_expect(strstr(venn_error_message(), "VENN_SUBMIT_MS") &&
                      strstr(venn_error_message(), wrong[i]),
                  "%s", venn_error_message());
    }
}
