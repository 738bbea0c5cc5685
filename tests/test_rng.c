// The generator: published vectors on the host, and dropout on the device draws, bit for bit, what the
// host draws for the same key, step and stream.
#include <criterion/criterion.h>
#include <string.h>

#include "base/rng.h"
#include "venn/venn.h"

enum { COUNT = 70001 };

// Known answers of Philox-4x32-10, from the authors' own table (Random123, kat_vectors).
Test(rng, published_vectors)
{
    static const uint32_t zeros[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    static const uint32_t ones[] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    uint32_t out[4];
    venn_rng_block(0, 0, 0, 0, out);
    cr_assert_arr_eq(out, zeros, sizeof out);
    venn_rng_block(UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX, out);
    cr_assert_arr_eq(out, ones, sizeof out);
}

typedef struct drop_program {
    venn_device *device;
    venn_graph *graph;
    venn_program *program;
} drop_program;

// y = dropout of ones, z = a second dropout of ones, dx = gradient of y for dy of ones.
static drop_program make_program(float p)
{
    drop_program d = {0};
    cr_assert_eq(venn_device_create(&d.device, NULL), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_graph_create(&d.graph), VENN_OK);
    venn_tensor x = venn_graph_input(d.graph, "x", VENN_F32, VENN_SHAPE(COUNT));
    venn_tensor y = venn_dropout(d.graph, x, p), z = venn_dropout(d.graph, x, p), dx;
    cr_assert_eq(venn_graph_gradients(d.graph, y, VENN_NONE, 1, &x, &dx), VENN_OK);
    venn_graph_output(d.graph, "y", y);
    venn_graph_output(d.graph, "z", z);
    venn_graph_output(d.graph, "dx", dx);
    cr_assert_eq(venn_graph_compile(&d.program, d.graph, d.device, NULL), VENN_OK, "%s",
                 venn_error_message());
    return d;
}

static void run(drop_program *d, uint64_t key, uint64_t step, const char *output, float *out)
{
    size_t bytes;
    uint64_t ticket;
    cr_assert_eq(venn_program_begin(d->program), VENN_OK);
    float *x = venn_program_input(d->program, "x", &bytes);
    for (int i = 0; i < COUNT; i++)
        x[i] = 1;
    venn_program_set_rng(d->program, key, step);
    cr_assert_eq(venn_program_run(d->program, &ticket), VENN_OK, "%s", venn_error_message());
    memcpy(out, venn_program_output(d->program, ticket, output, &bytes), COUNT * sizeof *out);
}

static void destroy(drop_program *d)
{
    venn_program_destroy(&d->program);
    venn_graph_destroy(&d->graph);
    venn_device_destroy(&d->device);
}

Test(rng, device_draws_what_the_host_draws)
{
    static float y[COUNT];
    const float p = 0.3f;
    drop_program d = make_program(p);
    const uint64_t key = UINT64_C(0xfedcba9876543210), step = UINT64_C(0x8000000180000003);
    run(&d, key, step, "y", y);
    venn_rng rng = venn_rng_make(key, step, 0); // the first node's stream
    for (int i = 0; i < COUNT; i++) {
        bool kept = venn_rng_unit(venn_rng_u32(&rng)) >= p;
        cr_assert_eq(y[i], kept ? 1 / (1 - p) : 0, "element %d", i);
    }
    destroy(&d);
}

Test(rng, streams_and_steps_differ_and_repeat)
{
    static float y[COUNT], again[COUNT], other[COUNT];
    drop_program d = make_program(0.5f);
    run(&d, 7, 1, "y", y);
    run(&d, 7, 1, "y", again);
    cr_assert_arr_eq(y, again, sizeof y);
    run(&d, 7, 1, "dx", again);
    cr_assert_arr_eq(y, again, sizeof y, "the gradient's mask must be the forward one");
    const char *outputs[] = {"z", "y", "y"};
    const uint64_t keys[] = {7, 7, 8}, steps[] = {1, 2, 1};
    for (int k = 0; k < 3; k++) {
        run(&d, keys[k], steps[k], outputs[k], other);
        int equal = 0;
        for (int i = 0; i < COUNT; i++)
            equal += other[i] == y[i];
        // Half of the elements agree by chance; five standard deviations are 661.
        cr_assert_lt(abs(equal - COUNT / 2), 661, "other stream %d agrees in %d", k, equal);
    }
    destroy(&d);
}
