// The structure of differentiation: what depends on what, what adds up, what stops; each graph against
// the double-precision reference, whose reverse sweep is its own.
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "device_fixture.h"
#include "graph_check.h"
#include "probe_ops.h"
#include "venn/ops.h"

#define TOLERANCE 1e-5

typedef struct fixture {
    venn_device *device;
    venn_graph *g;
    venn_var *w;
} fixture;

static fixture begin(void)
{
    fixture f = {.device = open_test_device()};
    cr_assert(venn_graph_create(&f.g) == VENN_OK);
    return f;
}

static void end(fixture *f)
{
    venn_graph_destroy(&f->g);
    venn_var_destroy(&f->w);
    close_test_device(&f->device);
}

static void check_and_end(fixture *f)
{
    check_graph(f->g, f->device, NULL, 23, TOLERANCE);
    end(f);
}

static venn_tensor input(fixture *f, const char *name)
{
    return venn_graph_input(f->g, name, VENN_F32, VENN_SHAPE(5, 7));
}

static venn_tensor parameter(fixture *f)
{
    if (!f->w)
        cr_assert(venn_var_create(&f->w, f->device, "w", VENN_F32, VENN_SHAPE(5, 7)) == VENN_OK);
    return venn_graph_var(f->g, f->w);
}

static void gradients(fixture *f, venn_tensor y, venn_tensor dy, size_t n, const venn_tensor *x,
                      venn_tensor *dx)
{
    cr_assert(venn_graph_gradients(f->g, y, dy, n, x, dx) == VENN_OK, "%s", venn_error_message());
}

static venn_tensor gradient(fixture *f, venn_tensor y, venn_tensor x)
{
    venn_tensor dx;
    gradients(f, y, VENN_NONE, 1, &x, &dx);
    return dx;
}

// ---- Sharing ---------------------------------------------------------------------------------

Test(gradients, parameter_shared_by_layers)
{
    fixture f = begin();
    venn_tensor w = parameter(&f), h = input(&f, "x");
    for (int layer = 0; layer < 4; layer++)
        h = venn_tanh(f.g, venn_mul(f.g, h, w));
    cr_expect(gradient(&f, venn_sum(f.g, h, NULL), w).id);
    check_and_end(&f);
}

Test(gradients, operand_used_twice_by_one_node)
{
    fixture f = begin();
    venn_tensor x = input(&f, "x");
    venn_tensor square = venn_mul(f.g, x, x);
    venn_tensor y = venn_mul(f.g, square, venn_sub(f.g, square, x));
    cr_expect(gradient(&f, y, x).id);
    check_and_end(&f);
}

Test(gradients, aliases_add_up)
{
    fixture f = begin();
    venn_tensor x = input(&f, "x");
    venn_tensor flat = venn_reshape(f.g, x, VENN_SHAPE(35));
    venn_tensor back = venn_reshape(f.g, venn_tanh(f.g, flat), VENN_SHAPE(5, 7));
    venn_tensor y = venn_mul(f.g, back, x);
    gradient(&f, y, x);
    gradient(&f, y, flat);
    check_and_end(&f);
}

// Contributions of very different size: their float sum depends on the order, which is last use first.
Test(gradients, order_of_accumulation)
{
    static const float factor[] = {1e8f, 1, -1e8f, 0.5f, 3};
    const int n = sizeof factor / sizeof *factor;
    fixture f = begin();
    venn_tensor x = venn_graph_input(f.g, "x", VENN_F32, VENN_SCALAR), y = VENN_NONE;
    for (int i = 0; i < n; i++) {
        venn_tensor term = venn_scale(f.g, x, factor[i], 0);
        y = y.id ? venn_add(f.g, y, term) : term;
    }
    venn_graph_output(f.g, "dx", gradient(&f, y, x));
    venn_program *program;
    uint64_t ticket;
    cr_assert(venn_graph_compile(&program, f.g, f.device, NULL) == VENN_OK, "%s",
              venn_error_message());
    cr_assert(venn_program_begin(program) == VENN_OK);
    *(float *)venn_program_input(program, "x", NULL) = 1;
    cr_assert(venn_program_run(program, &ticket) == VENN_OK);
    volatile float want = 0, other = 0;
    for (int i = 0; i < n; i++) {
        want = want + factor[n - 1 - i];
        other = other + factor[i];
    }
    float got = *(const float *)venn_program_output(program, ticket, "dx", NULL);
    cr_expect(got == want && got != other, "%.9g, want %.9g", (double)got, (double)want);
    venn_program_destroy(&program);
    end(&f);
}

// ---- Several losses --------------------------------------------------------------------------

Test(gradients, several_losses_of_one_graph)
{
    fixture f = begin();
    venn_tensor w = parameter(&f), x = input(&f, "x");
    venn_tensor h = venn_tanh(f.g, venn_mul(f.g, x, w));
    venn_tensor first = venn_sum(f.g, venn_mul(f.g, h, h), NULL);
    venn_tensor second = venn_mean(f.g, venn_sigmoid(f.g, h), NULL);
    venn_tensor both[] = {w, x}, dx[2];
    gradients(&f, first, VENN_NONE, 2, both, dx);
    gradients(&f, second, VENN_NONE, 2, both, dx);
    gradients(&f, venn_add(f.g, first, second), VENN_NONE, 1, &w, dx);
    venn_graph_output(f.g, "first", first);
    check_and_end(&f);
}

// Per-sample losses with weights: a seed that is itself computed.
Test(gradients, given_dy)
{
    fixture f = begin();
    venn_tensor x = input(&f, "x"), weight = input(&f, "weight"), dx;
    venn_tensor y = venn_tanh(f.g, x);
    gradients(&f, y, weight, 1, &x, &dx);
    gradients(&f, y, venn_sigmoid(f.g, weight), 1, &x, &dx);
    check_and_end(&f);
}

// A gradient that is used by what follows, as optimizers do.
Test(gradients, nodes_after_gradients)
{
    fixture f = begin();
    venn_tensor w = parameter(&f), x = input(&f, "x");
    venn_tensor loss = venn_sum(f.g, venn_tanh(f.g, venn_mul(f.g, x, w)), NULL);
    venn_tensor step = venn_scale(f.g, gradient(&f, loss, w), -0.1f, 0);
    venn_tensor moved = venn_add(f.g, w, step);
    probe_assign_apply(f.g, w, moved);
    venn_graph_output(f.g, "again", venn_relu(f.g, w));
    check_and_end(&f);
}

// ---- In the middle ---------------------------------------------------------------------------

Test(gradients, values_in_the_middle)
{
    fixture f = begin();
    venn_tensor w = parameter(&f), x = input(&f, "x");
    venn_tensor h = venn_mul(f.g, x, w), z = venn_tanh(f.g, h);
    venn_tensor y = venn_mul(f.g, venn_add(f.g, z, h), z);
    venn_tensor at[] = {h, x, z, w}, dx[4];
    gradients(&f, y, VENN_NONE, 4, at, dx);
    for (int i = 0; i < 4; i++)
        cr_expect(dx[i].id);
    gradient(&f, z, h);
    check_and_end(&f);
}

Test(gradients, of_itself)
{
    fixture f = begin();
    venn_tensor x = input(&f, "x"), y = venn_tanh(f.g, x);
    venn_tensor at[] = {y, x, y}, dx[3];
    gradients(&f, y, VENN_NONE, 3, at, dx);
    check_and_end(&f);
}

// ---- What has no gradient --------------------------------------------------------------------

Test(gradients, stops)
{
    fixture f = begin();
    venn_tensor w = parameter(&f), x = input(&f, "x");
    venn_tensor teacher = venn_tanh(f.g, venn_mul(f.g, x, w));
    venn_tensor student = venn_mul(f.g, x, x);
    venn_tensor y = venn_mul(f.g, venn_stop_gradient(f.g, teacher), student);
    venn_tensor at[] = {w, x, teacher}, dx[3];
    gradients(&f, y, VENN_NONE, 3, at, dx);
    cr_expect(dx[0].id == 0 && dx[1].id != 0 && dx[2].id == 0);
    check_and_end(&f);
}

Test(gradients, unreachable)
{
    fixture f = begin();
    venn_tensor x = input(&f, "x"), other = input(&f, "other"), y = venn_tanh(f.g, x);
    venn_tensor later = venn_relu(f.g, y);
    venn_tensor label = venn_graph_input(f.g, "label", VENN_I32, VENN_SHAPE(5));
    venn_tensor at[] = {other, later, label, x}, dx[4];
    gradients(&f, y, VENN_NONE, 4, at, dx);
    cr_expect(dx[0].id == 0 && dx[1].id == 0 && dx[2].id == 0 && dx[3].id != 0);
    gradients(&f, y, VENN_NONE, 0, NULL, NULL);
    check_and_end(&f);
}

// ---- Bad calls -------------------------------------------------------------------------------

static void expect_error(venn_tensor y, venn_tensor dy, venn_tensor x, fixture *f,
                         venn_status status, const char *want)
{
    venn_tensor dx = y;
    cr_expect(venn_graph_gradients(f->g, y, dy, 1, &x, &dx) == status);
    cr_expect(dx.id == 0 && venn_graph_status(f->g) == status);
    cr_expect(strstr(venn_graph_error(f->g), want), "%s", venn_graph_error(f->g));
    end(f);
}

Test(gradients, bad_y)
{
    fixture f = begin();
    venn_tensor x = input(&f, "x");
    expect_error((venn_tensor){99}, VENN_NONE, x, &f, VENN_BAD_ARG, "y is not a tensor");
}

Test(gradients, integer_y)
{
    fixture f = begin();
    venn_tensor label = venn_graph_input(f.g, "label", VENN_I32, VENN_SHAPE(5));
    expect_error(label, VENN_NONE, input(&f, "x"), &f, VENN_BAD_ARG, "i32");
}

Test(gradients, bad_dy)
{
    fixture f = begin();
    venn_tensor x = input(&f, "x"), y = venn_relu(f.g, x);
    expect_error(y, venn_sum(f.g, x, NULL), x, &f, VENN_BAD_SHAPE, "dy must have y's shape");
}

Test(gradients, bad_x)
{
    fixture f = begin();
    venn_tensor y = venn_relu(f.g, input(&f, "x"));
    expect_error(y, VENN_NONE, (venn_tensor){99}, &f, VENN_BAD_ARG, "x[0] is not a tensor");
}
