// Queues and averages over several runs: what is in place afterwards, what a program sees before, and that
// a guard that is not finite stops both.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "program_bed.h"

enum { ROWS = 7, BATCH = 3, WIDTH = 2, STEPS = 6 };

static void expect_var(venn_var *var, const void *want, size_t bytes, int step)
{
    char got[256];
    cr_assert_leq(bytes, sizeof got);
    cr_assert_eq(venn_var_read(var, got, bytes), VENN_OK);
    cr_assert(memcmp(got, want, bytes) == 0, "variable %s, step %d", venn_var_name(var), step);
}

static venn_var *make_var(bed *b, const char *name, venn_dtype dtype, venn_shape shape)
{
    venn_var *var;
    cr_assert_eq(venn_var_create(&var, b->device, name, dtype, shape), VENN_OK);
    return var;
}

// Seven rows hold two batches of three and a third of the next.
Test(queue, holds_the_last_rows)
{
    bed b = bed_create();
    venn_var *queue = make_var(&b, "queue", VENN_F32, VENN_SHAPE(ROWS, WIDTH));
    venn_var *position = make_var(&b, "position", VENN_I32, VENN_SCALAR);
    venn_tensor x = bed_input(&b, "x", VENN_SHAPE(BATCH, WIDTH));
    venn_tensor guard = bed_input(&b, "guard", VENN_SCALAR);
    venn_tensor ring = venn_graph_var(b.g, queue);
    venn_graph_output(b.g, "before", venn_scale(b.g, ring, 1, 0));
    venn_enqueue(b.g, ring, venn_graph_var(b.g, position), x, guard);
    bed_compile(&b);
    float want[ROWS][WIDTH] = {{0}}, rows[BATCH][WIDTH];
    int32_t at = 0;
    for (int step = 0; step < STEPS; step++) {
        const float before[ROWS][WIDTH], finite = step == 2 ? NAN : step == 4 ? INFINITY : 1;
        memcpy((void *)before, want, sizeof before);
        for (int i = 0; i < BATCH; i++)
            for (int d = 0; d < WIDTH; d++)
                rows[i][d] = (float)(100 * step + 10 * i + d + 1);
        if (step)
            cr_assert_eq(venn_program_begin(b.program), VENN_OK);
        bed_set(&b, "x", rows);
        bed_set(&b, "guard", &finite);
        bed_run(&b);
        cr_assert_arr_eq(bed_get(&b, "before"), before, sizeof before, "step %d", step);
        for (int i = 0; isfinite(finite) && i < BATCH; i++, at = (at + 1) % ROWS)
            memcpy(want[at], rows[i], sizeof rows[i]);
        expect_var(queue, want, sizeof want, step);
        expect_var(position, &at, sizeof at, step);
    }
    venn_var_destroy(&queue);
    venn_var_destroy(&position);
    bed_destroy(&b);
}

Test(queue, averages_follow_several_parameters)
{
    bed b = bed_create();
    venn_var *average[] = {make_var(&b, "a", VENN_F32, VENN_SHAPE(2)),
                           make_var(&b, "b", VENN_F32, VENN_SCALAR)};
    venn_tensor to[] = {venn_graph_var(b.g, average[0]), venn_graph_var(b.g, average[1])};
    venn_tensor from[] = {bed_input(&b, "x", VENN_SHAPE(2)), bed_input(&b, "y", VENN_SCALAR)};
    venn_tensor guard = bed_input(&b, "guard", VENN_SCALAR);
    venn_tensor momentum = bed_input(&b, "momentum", VENN_SCALAR);
    venn_ema(b.g, 2, to, from, guard, momentum, NULL);
    bed_compile(&b);
    float a[2] = {0}, c = 0;
    const float m[] = {0, 0.5f, 0.75f, NAN, 0.5f}, guards[] = {1, 1, 1, 1, INFINITY};
    for (int step = 0; step < 5; step++) {
        const float x[] = {(float)step + 1, -4}, y = 8 * (float)step;
        if (step)
            cr_assert_eq(venn_program_begin(b.program), VENN_OK);
        bed_set(&b, "x", x);
        bed_set(&b, "y", &y);
        bed_set(&b, "guard", &guards[step]);
        bed_set(&b, "momentum", &m[step]);
        bed_run(&b);
        if (isfinite(m[step]) && isfinite(guards[step])) { // powers of two: exact
            for (int i = 0; i < 2; i++)
                a[i] = m[step] * a[i] + (1 - m[step]) * x[i];
            c = m[step] * c + (1 - m[step]) * y;
        }
        expect_var(average[0], a, sizeof a, step);
        expect_var(average[1], &c, sizeof c, step);
    }
    venn_var_destroy(&average[0]);
    venn_var_destroy(&average[1]);
    bed_destroy(&b);
}

static void expect_error(bed *b, const char *text)
{
    cr_expect(strstr(venn_graph_error(b->g), text), "\"%s\" should say \"%s\"",
              venn_graph_error(b->g), text);
}

Test(queue, misfits)
{
    bed b = bed_create();
    venn_tensor x = bed_input(&b, "x", VENN_SHAPE(8, 2));
    venn_var *queue = make_var(&b, "queue", VENN_F32, VENN_SHAPE(ROWS, WIDTH));
    venn_var *position = make_var(&b, "position", VENN_I32, VENN_SCALAR);
    venn_enqueue(b.g, venn_graph_var(b.g, queue), venn_graph_var(b.g, position), x, VENN_NONE);
    expect_error(&b, "enqueue: x must have at most as many rows as the queue");
    venn_var_destroy(&queue);
    venn_var_destroy(&position);
    bed_destroy(&b);
    b = bed_create();
    x = bed_input(&b, "x", VENN_SHAPE(2, 2));
    venn_ema(b.g, 1, &x, &x, VENN_NONE, VENN_NONE, NULL);
    expect_error(&b, "ema: average is changed in place and must be a variable");
    bed_destroy(&b);
}
