// Mutual distillation without labels: views teach each other who is alike, and the encoders know more of the classes than
// before. And the changes of sequences, on ones that are known.
#include <criterion/criterion.h>
#include <math.h>

#include "distill/block_probe.h"
#include "distill/block_sequence.h"
#include "method_bed.h"

#define SMALL                                                                                      \
    "train=1000", "train=384,test=300,posture=0.2", "seeds: 3", "seeds: 1", "epochs: 25",          \
        "epochs: 8", "out: 64", "out: 32"

Test(method_cmd, views_teach_each_other)
{
    json_t *with = method_run("cmd", SMALL, NULL);
    json_t *without = method_run("cmd", SMALL, "name: cmd\n  ", "name: cmd\n  mutual: 0\n  ", NULL);
    const double before = method_measure(with, "untrained_probe");
    const double after = method_measure(with, "mean_probe");
    const double first = method_measure(with, "mutual_first");
    const double least = method_measure(with, "mutual_least");
    const double last = method_measure(with, "mutual_last");
    const double apart = method_measure(without, "mutual_last");
    cr_log_info("probe %.1f, was %.1f; divergence %.0f to %.0f, at the end %.0f, by contrast alone "
                "%.0f",
                after, before, first, least, last, apart);
    cr_expect_geq(after - before, 4, "%.1f and %.1f", before, after);
    cr_expect_leq(least, 0.4 * first, "%.0f and %.0f", first, least);
    cr_expect_leq(last, 0.8 * apart, "%.0f and %.0f", last, apart);
    json_decref(with);
    json_decref(without);
}

Test(method_cmd, refuses)
{
    method_refused("shorter than neighbours", "cmd", "name: cmd\n  ", "name: cmd\n  queue: 200\n  ",
                   NULL);
    method_refused("must give vectors", "cmd", ", last: true", "", "student:\n",
                   "student:\n  fusion: sum\n", NULL);
}

// ---- Sequences -------------------------------------------------------------------------------

enum { POINTS = 3, STEPS = 9 };

static void ramp(float x[2 * POINTS][STEPS])
{
    for (int i = 0; i < 2 * POINTS; i++)
        for (int t = 0; t < STEPS; t++)
            x[i][t] = (float)(10 * i + t);
}

// A line stays a line: what is kept of it is stretched from its first to its last step.
Test(sequence, is_cropped_and_stretched)
{
    const sequence_change c = {
        .start = 0.25, .length = 0.5, .coordinates = 2, .pose = {{1, 0}, {0, 1}}};
    float x[2 * POINTS][STEPS], y[2 * POINTS][STEPS];
    ramp(x);
    venn_sequence_apply(&c, 2 * POINTS, STEPS, x[0], y[0]);
    for (int i = 0; i < 2 * POINTS; i++)
        for (int t = 0; t < STEPS; t++)
            cr_expect_float_eq(y[i][t], (float)(10 * i) + 2 + 0.5f * (float)t, 1e-5f, "%d %d: %g",
                               i, t, (double)y[i][t]);
}

Test(sequence, is_posed_and_loses_points)
{
    const sequence_change c = {
        .length = 1, .coordinates = 2, .pose = {{0, -1}, {1, 0}}, .lost = 1 << 1};
    float x[2 * POINTS][STEPS], y[2 * POINTS][STEPS];
    ramp(x);
    venn_sequence_apply(&c, 2 * POINTS, STEPS, x[0], y[0]);
    for (int t = 0; t < STEPS; t++) {
        cr_expect_eq(y[0][t], -x[1][t]);
        cr_expect_eq(y[1][t], x[0][t]);
        cr_expect_eq(y[2][t], 0);
        cr_expect_eq(y[3][t], 0);
        cr_expect_eq(y[4][t], -x[5][t]);
    }
}

// Half of the changes lose points and half are posed; turning alone keeps lengths.
Test(sequence, changes_are_drawn)
{
    const sequence_law law = {.coordinates = 3, .crop = 0.5, .rotation = 1, .corrupt = 0.5};
    venn_rng rng = venn_rng_make(5, 0, 0);
    int lost = 0;
    for (int i = 0; i < 400; i++) {
        const sequence_change c = venn_sequence_draw(&law, &rng);
        cr_assert(c.length >= 0.5 && c.length <= 1 && c.start >= 0 && c.start + c.length <= 1);
        lost += c.lost != 0;
        for (int a = 0; a < 3; a++) {
            double squares = 0;
            for (int b = 0; b < 3; b++)
                squares += c.pose[a][b] * c.pose[a][b];
            cr_assert_float_eq(squares, 1, 1e-6);
        }
    }
    cr_expect(lost > 150 && lost < 250, "%d", lost);
}

// By direction, not by distance.
Test(nearest_neighbour, is_found_by_angle)
{
    const float train[] = {1, 0, 0, 10, -1, -1}, test[] = {9, 1, 0.1f, 0.5f, -3, -2.5f};
    const int32_t labels[] = {4, 5, 6}, wrong[] = {4, 5, 5};
    double accuracy;
    venn_nearest_neighbour(&(probe_rows){train, labels, 3}, &(probe_rows){test, labels, 3}, 2,
                           &accuracy);
    cr_expect_eq(accuracy, 1);
    venn_nearest_neighbour(&(probe_rows){train, labels, 3}, &(probe_rows){test, wrong, 3}, 2,
                           &accuracy);
    cr_expect_float_eq(accuracy, 2.0 / 3, 1e-12);
}
