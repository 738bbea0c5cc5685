// Lists miss no barrier unseen: commands are recorded by hand, with and without the barrier that they
// need, and an op lies about what its kernel does. The layers do not see most of this.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/case_probe.h"
#include "kernel/kernel.h"
#include "vk/vk.h"

// Layers would stop what is wrong on purpose.
static venn_device *open_traced(void)
{
    venn_device *device = NULL;
    unsetenv("VENN_VALIDATE_ABORT");
    cr_assert(venn_device_create(&device, &(venn_device_params){.validate = true}) == VENN_OK, "%s",
              venn_error_message());
    return device;
}

// Memory and relu's kernel, forward from binding 0 to binding 1.
typedef struct bed {
    venn_device *device;
    venn_commands *list;
    const venn_pipeline *relu, *relu_texel;
    venn_memory a, b, c;
    bool barrier; // between the two commands of a test
} bed;

enum { COUNT = 256, BYTES = 4 * COUNT };

static const venn_pipeline *kernel(venn_device *device, const char *name)
{
    venn_kernels *kernels;
    const venn_pipeline *pipeline = NULL;
    cr_assert(venn_kernels_of(device, &kernels) == VENN_OK);
    const venn_kernel_key key = {.spec = (uint32_t[]){64}, .n_spec = 1, .push_size = 4};
    cr_assert(venn_kernel_pipeline(kernels, name, &key, &pipeline) == VENN_OK, "%s",
              venn_error_message());
    return pipeline;
}

static void relu(const bed *t, const venn_pipeline *pipeline, venn_memory x, venn_memory y)
{
    venn_commands_dispatch(t->list, pipeline, (venn_memory[]){x, y}, 2, &(uint32_t){COUNT}, 4,
                           (uint32_t[]){1, 1, 1});
}

static void between(const bed *t)
{
    if (t->barrier)
        venn_commands_barrier(t->list);
    venn_commands_label(t->list, "second");
}

// Records `commands` and returns what the end of the list says.
static venn_status record(bed *t, void (*commands)(const bed *t), bool barrier)
{
    t->barrier = barrier;
    cr_assert(venn_commands_create(t->device, "test", 0, &t->list) == VENN_OK);
    venn_commands_barrier(t->list);
    venn_commands_label(t->list, "first");
    commands(t);
    venn_commands_label_end(t->list);
    venn_commands_label_end(t->list);
    venn_status status = venn_commands_end(t->list);
    venn_commands_destroy(&t->list);
    return status;
}

static bed make_bed(void)
{
    bed t = {.device = open_traced()};
    t.relu = kernel(t.device, "relu.forward");
    t.relu_texel = kernel(t.device, "relu.forward.texel");
    venn_memory *memory[] = {&t.a, &t.b, &t.c};
    for (int i = 0; i < 3; i++)
        cr_assert(venn_memory_alloc(t.device, VENN_MEMORY_DEVICE, BYTES, "a test", memory[i]) ==
                  VENN_OK);
    return t;
}

static void finish_bed(bed *t)
{
    venn_memory_free(t->device, &t->a);
    venn_memory_free(t->device, &t->b);
    venn_memory_free(t->device, &t->c);
    venn_device_destroy(&t->device);
}

// The commands need a barrier; without it the message is this.
static void expect(void (*commands)(const bed *t), const char *want)
{
    bed t = make_bed();
    cr_expect(record(&t, commands, true) == VENN_OK, "with the barrier: %s", venn_error_message());
    cr_expect(record(&t, commands, false) == VENN_INTERNAL, "nothing seen; wanted: %s", want);
    cr_expect(strstr(venn_error_message(), want), "wanted \"%s\": %s", want, venn_error_message());
    finish_bed(&t);
}

// ---- Two kernels -----------------------------------------------------------------------------

static void read_after_write(const bed *t)
{
    relu(t, t->relu, t->a, t->b);
    between(t);
    relu(t, t->relu, t->b, t->c);
}

static void texel_after_write(const bed *t)
{
    relu(t, t->relu, t->a, t->b);
    between(t);
    relu(t, t->relu_texel, t->b, t->c);
}

static void write_after_read(const bed *t)
{
    relu(t, t->relu, t->a, t->b);
    between(t);
    relu(t, t->relu, t->c, t->a);
}

static void write_after_texel(const bed *t)
{
    relu(t, t->relu_texel, t->a, t->b);
    between(t);
    relu(t, t->relu, t->c, t->a);
}

static void write_after_write(const bed *t)
{
    relu(t, t->relu, t->a, t->c);
    between(t);
    relu(t, t->relu, t->b, t->c);
}

// Not the command just before, and parts of the memory alone.
static void distant(const bed *t)
{
    const venn_memory end = venn_memory_part(t->b, BYTES - 256, 256);
    relu(t, t->relu, t->a, t->b);
    for (int i = 0; i < 20; i++)
        relu(t, t->relu, t->a, (venn_memory){0});
    between(t);
    relu(t, t->relu, end, t->c);
}

Test(barriers, between_kernels)
{
    expect(read_after_write, "no barrier between first and second, which reads what the first");
    expect(texel_after_write, "which reads what the first writes");
    expect(write_after_read, "which writes what the first reads");
    expect(write_after_texel, "which writes what the first reads");
    expect(write_after_write, "which writes what the first writes: 1024 and 1024 bytes");
    expect(distant, "which reads what the first writes: 1024 and 256 bytes");
}

// ---- Copies and fills ------------------------------------------------------------------------

static void fill_after_kernel(const bed *t)
{
    relu(t, t->relu, t->a, t->b);
    between(t);
    venn_commands_fill(t->list, t->b, 0);
}

static void kernel_after_fill(const bed *t)
{
    venn_commands_fill(t->list, t->a, 0);
    between(t);
    relu(t, t->relu, t->a, t->b);
}

static void copy_over_copied(const bed *t)
{
    venn_commands_copy(t->list, t->a, t->b, BYTES);
    between(t);
    venn_commands_copy(t->list, t->b, t->c, 4);
}

static void copy_of_copied(const bed *t)
{
    venn_commands_copy(t->list, t->b, t->a, BYTES);
    between(t);
    venn_commands_copy(t->list, t->c, venn_memory_part(t->b, BYTES - 4, 4), 4);
}

Test(barriers, between_copies)
{
    expect(fill_after_kernel, "which writes what the first writes");
    expect(kernel_after_fill, "which reads what the first writes");
    expect(copy_over_copied, "which writes what the first reads: 1024 and 4 bytes");
    expect(copy_of_copied, "which reads what the first writes: 1024 and 4 bytes");
}

// ---- No barrier needed -----------------------------------------------------------------------

static void share_an_input(const bed *t)
{
    relu(t, t->relu, t->a, t->b);
    relu(t, t->relu_texel, t->a, t->c);
}

static void touch_other_parts(const bed *t)
{
    venn_commands_fill(t->list, venn_memory_part(t->a, 0, 512), 0);
    venn_commands_fill(t->list, venn_memory_part(t->a, 512, 512), 0);
    venn_commands_copy(t->list, t->b, venn_memory_part(t->c, 0, 256), 256);
}

// More of them than there are dummies for what is absent.
static void write_nothing(const bed *t)
{
    for (int i = 0; i < 200; i++)
        relu(t, t->relu, t->a, (venn_memory){0});
}

Test(barriers, not_needed)
{
    bed t = make_bed();
    cr_expect(record(&t, share_an_input, false) == VENN_OK, "%s", venn_error_message());
    cr_expect(record(&t, touch_other_parts, false) == VENN_OK, "%s", venn_error_message());
    cr_expect(record(&t, write_nothing, false) == VENN_OK, "%s", venn_error_message());
    finish_bed(&t);
}

// Runs before it may have touched the same memory.
Test(barriers, at_the_beginning)
{
    bed t = make_bed();
    cr_assert(venn_commands_create(t.device, "test", 0, &t.list) == VENN_OK);
    venn_commands_fill(t.list, t.a, 0);
    cr_expect(venn_commands_end(t.list) == VENN_INTERNAL);
    cr_expect(strstr(venn_error_message(), "no barrier before"), "%s", venn_error_message());
    venn_commands_destroy(&t.list);
    finish_bed(&t);
}

// ---- A whole program -------------------------------------------------------------------------

static venn_access declared; // of relu's output in the op below

// Twice relu into the same output, as if the kernel did this to it.
static void record_twice(venn_recorder *r, const venn_node *n)
{
    const uint32_t count = (uint32_t)n->out[0]->count;
    const venn_dispatch d = {.kernel = "relu.forward",
                             .spec = {64},
                             .n_spec = 1,
                             .push = &count,
                             .push_size = sizeof count,
                             .bind = {{n->in[0], VENN_READ}, {n->out[0], declared}},
                             .n_bind = 2,
                             .groups = {1, 1, 1}};
    venn_record_dispatch(r, &d);
    venn_record_dispatch(r, &d);
}

static venn_status compile_twice(venn_access access)
{
    venn_op_desc op = venn_probe_pass;
    venn_graph *g = NULL;
    venn_program *program = NULL;
    venn_device *device = open_traced();
    op.record = record_twice;
    declared = access;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(COUNT));
    venn_graph_output(g, "y", venn_op_apply(g, &op, &x, 1, NULL, NULL));
    venn_status status = venn_graph_compile(&program, g, device, NULL);
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    venn_device_destroy(&device);
    return status;
}

// The recorder believes what an op says of its kernel, the check believes the kernel.
Test(barriers, op_that_hides_a_write)
{
    cr_expect(compile_twice(VENN_WRITE) == VENN_OK, "%s", venn_error_message());
    cr_expect(compile_twice(VENN_READ) == VENN_INTERNAL);
    cr_expect(strstr(venn_error_message(), "writes what the first writes: 1024 and 1024 bytes"),
              "%s", venn_error_message());
}
