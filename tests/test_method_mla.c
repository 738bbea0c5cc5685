// Alternating unimodal adaptation: the weak modality gets better than under joint training of the same network,
// and the head's projector is what its formula says. At full size (tests/science) the weak modality gains 8 points
// over 5 seeds.
#include <criterion/criterion.h>
#include <math.h>

#include "data_files.h"
#include "method_bed.h"
#include "venn/io.h"

enum { D = 64 };

Test(method_mla, teaches_the_weak_modality)
{
    json_t *summary = method_run("mla", "seeds: 5", "seeds: 1", "epochs: 12", "epochs: 8", NULL);
    const double weak = method_measure(summary, "first_alone_accuracy");
    const double strong = method_measure(summary, "second_alone_accuracy");
    const double joint_weak = method_measure(summary, "joint_first_alone_accuracy");
    const double joint_strong = method_measure(summary, "joint_second_alone_accuracy");
    cr_log_info("image %.1f and sound %.1f, trained jointly %.1f and %.1f", weak, strong,
                joint_weak, joint_strong);
    cr_expect_geq(weak - joint_weak, 2, "%.1f and %.1f", weak, joint_weak);
    cr_expect_geq(strong - joint_strong, 1, "%.1f and %.1f", strong, joint_strong);
    // The control is the plain student: same weights, same batches, same loss.
    cr_expect_eq(method_measure(summary, "joint_accuracy"), method_score(summary, "student"));
    json_decref(summary);
}

// P after one batch, of which the first modality is not remembered: I - h h^T / (a + h . h), a = 0.1.
static void check_first_projector(const float *p)
{
    double trace = 0, squares = 0;
    for (int i = 0; i < D; i++)
        for (int j = 0; j < D; j++) {
            const double taken = (i == j) - (double)p[i * D + j];
            trace += i == j ? taken : 0;
            squares += taken * taken;
            cr_expect_float_eq(p[i * D + j], p[j * D + i], 1e-6f);
        }
    // h h^T / (a + h . h) has one eigenvalue, which is both its trace and its norm.
    cr_expect_float_eq(trace, sqrt(squares), 1e-4);
    cr_expect(trace > 0.5 && trace < 1, "%g", trace);
}

static void read_projector(json_t *summary, void (*check)(const float *))
{
    venn_safetensors *file;
    json_decref(summary);
    cr_assert_eq(
        venn_safetensors_read(&file, scratch_path("method-run/seed-0/distilled/last.safetensors")),
        VENN_OK, "%s", venn_error_message());
    const venn_named_array *array = venn_safetensors_find(file, "projector");
    cr_assert(array && venn_shape_count(&array->shape) == D * D);
    check(array->data);
    venn_safetensors_destroy(&file);
}

static void check_unit(const float *p)
{
    double squares = 0;
    for (int i = 0; i < D * D; i++)
        squares += (double)p[i] * (double)p[i];
    cr_expect_float_eq(squares, 1, 1e-5);
}

Test(method_mla, projects)
{
    read_projector(method_run("mla", "seeds: 5", "seeds: 1", "epochs: 12", "epochs: 1\n  steps: 1",
                              "controls: true", "normalise: false", NULL),
                   check_first_projector);
    read_projector(method_run("mla", "seeds: 5", "seeds: 1", "epochs: 12", "epochs: 1\n  steps: 3",
                              "  controls: true", "", NULL),
                   check_unit);
}
