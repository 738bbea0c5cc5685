// Many small programs made and destroyed on one device leave nothing behind: not a Vulkan object, not a byte of device
// memory, and of the process's own none that adds up.
#include <criterion/criterion.h>
#include <stdlib.h>

#include "device_fixture.h"
#include "live_bytes.h"
#include "object_count.h"
#include "venn/venn.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())

enum { SIZES = 5, WARM = 4 * SIZES, ROUNDS = 40 * SIZES };

// For all rounds together. The address sanitizer holds on to what is freed.
#ifdef __SANITIZE_ADDRESS__
enum { MOST_LIVE = 64 << 10, MOST_RESIDENT = 300 << 20 };
#else
enum { MOST_LIVE = 64 << 10, MOST_RESIDENT = 8 << 20 };
#endif

typedef struct held {
    object_count objects;
    venn_memory_stats memory;
    int64_t live, resident;
    int files, threads;
} held;

static held measure(const venn_device *device)
{
    held h = {.objects = object_count_now(),
              .live = live_bytes(),
              .resident = resident_bytes(),
              .files = open_files(),
              .threads = live_threads()};
    venn_device_memory(device, &h.memory);
    return h;
}

// A step of a network of one layer: a product, its loss and gradient, an update.
static void build(venn_graph *g, venn_var *w, int64_t rows)
{
    const venn_tensor x = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(rows, 12));
    const venn_tensor weight = venn_graph_var(g, w);
    venn_tensor dw;
    venn_tensor y = venn_tanh(g, venn_matmul(g, x, weight, VENN_NONE, NULL));
    venn_tensor loss = venn_mean(g, venn_square(g, y), NULL);
    OK(venn_graph_gradients(g, loss, VENN_NONE, 1, &weight, &dw));
    venn_sgd(g, weight, dw, VENN_NONE, venn_graph_input(g, "lr", VENN_F32, VENN_SCALAR), VENN_NONE,
             VENN_NONE, NULL);
    venn_graph_output(g, "loss", loss);
}

static void round_of(venn_device *device, int64_t rows)
{
    venn_graph *g;
    venn_program *program;
    venn_var *w;
    OK(venn_var_create(&w, device, "w", VENN_F32, VENN_SHAPE(12, 7)));
    OK(venn_graph_create(&g));
    build(g, w, rows);
    OK(venn_graph_compile(&program, g, device, NULL));
    venn_graph_destroy(&g);
    OK(venn_program_begin(program));
    OK(venn_program_run(program, NULL));
    venn_program_destroy(&program);
    venn_var_destroy(&w);
}

static void check_same_objects(const held *before, const held *after)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        cr_expect_eq(after->objects.live[kind], before->objects.live[kind],
                     "%s: %d more than were destroyed", object_kinds[kind],
                     (int)(after->objects.live[kind] - before->objects.live[kind]));
    cr_expect_eq(after->memory.in_use, before->memory.in_use);
    cr_expect_eq(after->memory.peak, before->memory.peak);
    cr_expect_eq(after->memory.reserved, before->memory.reserved);
    cr_expect_eq(after->files, before->files);
    cr_expect_eq(after->threads, before->threads);
}

Test(growth, many_small_programs_leave_nothing)
{
    // Validation layers keep tens of kilobytes of every program that they saw.
    setenv("VENN_VALIDATE", "0", 1);
    venn_device *device = open_test_device();
    held before = {0}, after;
    object_count_begin(device);
    for (int i = 0; i < ROUNDS; i++) {
        if (i == WARM)
            before = measure(device);
        round_of(device, 1 + 16 * (i % SIZES));
    }
    after = measure(device);
    check_same_objects(&before, &after);
    const int live = (int)(after.live - before.live),
              resident = (int)(after.resident - before.resident);
    cr_log_info("%d programs: malloc has given out %+d bytes, resident memory %+d KiB\n",
                ROUNDS - WARM, live, resident / 1024);
    cr_expect_lt(live, MOST_LIVE, "%d bytes more", live);
    cr_expect_lt(resident, MOST_RESIDENT, "%d bytes more", resident);
    object_count_end();
    close_test_device(&device);
}

// Numbers that a kernel is specialized by are few, however many shapes there are.
Test(growth, many_shapes_need_few_pipelines)
{
    venn_device *device = open_test_device();
    object_count_begin(device);
    round_of(device, 3);
    const object_count first = object_count_now();
    for (int64_t rows = 1; rows < 300; rows += 3)
        round_of(device, rows);
    const object_count last = object_count_now();
    const int64_t before = first.live[OBJECT_KINDS - 1], after = last.live[OBJECT_KINDS - 1];
    cr_expect(after <= 2 * before + 10, "%d pipelines for 100 shapes, %d for one", (int)after,
              (int)before);
    object_count_end();
    close_test_device(&device);
}
