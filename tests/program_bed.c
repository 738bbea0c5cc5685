#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "device_fixture.h"
#include "program_bed.h"

bed bed_create(void)
{
    bed b = {.device = open_test_device()};
    cr_assert(venn_graph_create(&b.g) == VENN_OK);
    return b;
}

void bed_compile(bed *b)
{
    venn_compile_params params = {.poison = true};
    cr_assert(venn_graph_compile(&b->program, b->g, b->device, &params) == VENN_OK, "%s",
              venn_error_message());
    cr_assert(venn_program_begin(b->program) == VENN_OK);
}

void bed_set(bed *b, const char *name, const void *data)
{
    size_t bytes;
    void *to = venn_program_input(b->program, name, &bytes);
    cr_assert(to, "no input %s", name);
    memcpy(to, data, bytes);
}

void bed_run(bed *b)
{
    cr_assert(venn_program_run(b->program, &b->ticket) == VENN_OK, "%s", venn_error_message());
}

const void *bed_get(bed *b, const char *name)
{
    size_t bytes;
    const void *data = venn_program_output(b->program, b->ticket, name, &bytes);
    cr_assert(data, "no output %s", name);
    return data;
}

void bed_destroy(bed *b)
{
    venn_program_destroy(&b->program);
    venn_graph_destroy(&b->g);
    close_test_device(&b->device);
}

venn_tensor bed_input(bed *b, const char *name, venn_shape shape)
{
    return venn_graph_input(b->g, name, VENN_F32, shape);
}

void check_near(double got, double want, double relative)
{
    cr_assert(fabs(got - want) <= relative * fabs(want) + FLT_MIN, "%.9g, want %.9g", got, want);
}

void bed_outputs(bed *b, venn_tensor y, venn_tensor x)
{
    venn_tensor dx;
    venn_graph_output(b->g, "y", y);
    cr_assert(venn_graph_gradients(b->g, y, VENN_NONE, 1, &x, &dx) == VENN_OK);
    venn_graph_output(b->g, "dx", dx);
}
