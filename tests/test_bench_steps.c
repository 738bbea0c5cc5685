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

static void trains_as_in_double(const char *name)
{
    venn_device *device = open_test_device();
    double error = NAN;
    cr_assert_eq(venn_bench_step_error(device, name, &error), VENN_OK, "%s", venn_error_message());
    cr_expect(error > 0 && error <= 1e-5, "%g", error);
    close_test_device(&device);
}

// Its second convolution takes the fast way, on devices that have one.
Test(bench_steps, lenet_trains_as_in_double)
{
    trains_as_in_double("lenet-kd");
}

// Batch norm learns from the batch in the student and not in the teacher; blocks have both ways.
Test(bench_steps, residual_networks_train_as_in_double)
{
    trains_as_in_double("resnet18-kd");
}

Test(bench_steps, transformers_train_as_in_double)
{
    trains_as_in_double("transformer-kd");
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

// ---- Memory ----------------------------------------------------------------------------------

// What is alive at one time is the least that any plan needs.
Test(bench_steps, plans_come_close_to_the_least_memory)
{
    static const char *const names[] = {"lenet", "lenet-kd", "resnet18-kd", "transformer-kd"};
    venn_device *device = open_test_device();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        venn_bench_work *work;
        venn_program_info info;
        cr_assert_eq(venn_bench_work_create(&work, device, names[i], NULL), VENN_OK, "%s",
                     venn_error_message());
        venn_bench_work_info(work, &info);
        cr_expect(info.transient_lower > 0 &&
                      (double)info.transient_bytes <= 1.15 * (double)info.transient_lower,
                  "%s: %llu bytes, the least is %llu", names[i],
                  (unsigned long long)info.transient_bytes,
                  (unsigned long long)info.transient_lower);
        cr_expect(info.compile_us > 0);
        venn_bench_work_destroy(&work);
    }
    close_test_device(&device);
}

// ---- Work beside a peer's --------------------------------------------------------------------

static void check_times(venn_device *device, const char *what, const char *part)
{
    venn_bench_work *work;
    venn_bench_time times[2] = {{0}};
    venn_program_info info;
    cr_assert_eq(venn_bench_work_create(&work, device, what, part), VENN_OK, "%s",
                 venn_error_message());
    for (int turn = 0; turn < 2; turn++)
        cr_assert_eq(venn_bench_work_run(work, 2, times), VENN_OK, "%s", venn_error_message());
    for (int i = 0; i < 2; i++)
        cr_expect(times[i].wall_us > 0 && times[i].cpu_us > 0 &&
                      times[i].device_us <= times[i].wall_us,
                  "%s: %g %g %g", what, times[i].wall_us, times[i].device_us, times[i].cpu_us);
    venn_bench_work_info(work, &info);
    cr_expect(info.dispatches > 0);
    venn_bench_work_destroy(&work);
    cr_expect_null(work);
}

Test(bench_work, kernels_and_their_parts)
{
    venn_device *device = open_test_device();
    check_times(device, "matmul; M=64 N=36 K=20; MxK NxK; trans_b=1", NULL);
    check_times(device, "matmul; M=64 N=36 K=20; MxK NxK; trans_b=1", "b");
    check_times(device, "relu; N=100; N; ", "forward");
    check_times(device, "mlp", NULL);
    close_test_device(&device);
}

static void check_refused(venn_device *device, const char *what, const char *part, const char *says)
{
    venn_bench_work *work;
    cr_expect_eq(venn_bench_work_create(&work, device, what, part), VENN_BAD_ARG, "%s", what);
    cr_expect(strstr(venn_error_message(), says), "%s: %s", what, venn_error_message());
    cr_expect_null(work);
}

Test(bench_work, nonsense_is_refused)
{
    venn_device *device = open_test_device();
    check_refused(device, "matmull; M=4; MxM MxM; ", NULL, "matmull");
    check_refused(device, "matmul; M=4; MxM MxQ; ", NULL, "Q");
    check_refused(device, "matmul; M=4; MxM MxM; ", "c", "no part \"c\"");
    check_refused(device, "cross_entropy; B=4; Bx3 B; ", "label", "no gradient for label");
    check_refused(device, "lenet", "w", "no part");
    check_refused(device, "lenett", NULL, "lenett");
    close_test_device(&device);
}
