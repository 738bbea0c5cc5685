// The standard training steps of the bench: their names, and one of residual networks held to double precision.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "device_fixture.h"
#include "venn/bench.h"

Test(bench_steps, names)
{
    static const char *const names[] = {"lenet",  "mlp",         "lenet-kd",
                                        "mlp-kd", "resnet18-kd", "transformer-kd"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_str_eq(venn_bench_step_name(i), names[i]);
    cr_expect_null(venn_bench_step_name(sizeof names / sizeof *names));
}

// Batch norm learns from the batch in the student and not in the teacher; blocks have both ways.
Test(bench_steps, residual_networks_train_as_in_double)
{
    venn_device *device = open_test_device();
    double error = NAN;
    cr_assert_eq(venn_bench_step_error(device, "resnet18-kd", &error), VENN_OK, "%s",
                 venn_error_message());
    cr_expect(error > 0 && error <= 1e-5, "%g", error);
    close_test_device(&device);
}

Test(bench_steps, transformers_train_as_in_double)
{
    venn_device *device = open_test_device();
    double error = NAN;
    cr_assert_eq(venn_bench_step_error(device, "transformer-kd", &error), VENN_OK, "%s",
                 venn_error_message());
    cr_expect(error > 0 && error <= 1e-5, "%g", error);
    close_test_device(&device);
}

Test(bench_steps, unknown_name)
{
    venn_device *device = open_test_device();
    double error;
    cr_expect_eq(venn_bench_step_error(device, "resnet19-kd", &error), VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "resnet19-kd") &&
                  strstr(venn_error_message(), "mlp-kd, resnet18-kd"),
              "%s", venn_error_message());
    close_test_device(&device);
}
