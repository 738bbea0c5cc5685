// Errors of building a graph: the first one stays, names the op and the shapes, and comes out of
// compile; later calls do nothing.
#include <criterion/criterion.h>
#include <string.h>

#include "device_fixture.h"
#include "graph/graph_internal.h"
#include "probe_ops.h"
#include "venn/ops.h"

static venn_graph *new_graph(void)
{
    venn_graph *g;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    return g;
}

static venn_tensor input(venn_graph *g, const char *name, venn_shape shape)
{
    return venn_graph_input(g, name, VENN_F32, shape);
}

static void expect(const venn_graph *g, venn_status status, const char *want)
{
    cr_expect(venn_graph_status(g) == status, "%s, want %s: %s",
              venn_status_name(venn_graph_status(g)), venn_status_name(status),
              venn_graph_error(g));
    cr_expect(strstr(venn_graph_error(g), want), "wanted \"%s\": %s", want, venn_graph_error(g));
}

static void expect_and_destroy(venn_graph *g, venn_status status, const char *want)
{
    expect(g, status, want);
    venn_graph_destroy(&g);
}

// ---- Shapes ----------------------------------------------------------------------------------

Test(errors, both_shapes_are_named)
{
    venn_graph *g = new_graph();
    venn_tensor y = venn_add(g, input(g, "a", VENN_SHAPE(2, 3)), input(g, "b", VENN_SHAPE(4, 3)));
    cr_expect(y.id == 0);
    expect(g, VENN_BAD_SHAPE, "add: ");
    expect(g, VENN_BAD_SHAPE, "[2, 3]");
    expect_and_destroy(g, VENN_BAD_SHAPE, "[4, 3]");
}

Test(errors, bad_extents)
{
    venn_graph *g = new_graph();
    cr_expect(input(g, "x", VENN_SHAPE(2, -1)).id == 0);
    expect_and_destroy(g, VENN_BAD_SHAPE, "x: [2, -1] is no valid shape");
    g = new_graph();
    cr_expect(input(g, "x", VENN_SHAPE(1 << 20, 1 << 20)).id == 0);
    expect_and_destroy(g, VENN_BAD_SHAPE, "x: [1048576, 1048576]");
    g = new_graph();
    cr_expect(input(g, "x", (venn_shape){.rank = VENN_MAX_RANK + 1}).id == 0);
    expect_and_destroy(g, VENN_BAD_SHAPE, "x: ");
}

Test(errors, reshape_and_params)
{
    venn_graph *g = new_graph();
    venn_reshape(g, input(g, "x", VENN_SHAPE(6)), VENN_SHAPE(4));
    expect(g, VENN_BAD_SHAPE, "reshape: ");
    expect_and_destroy(g, VENN_BAD_SHAPE, "[6]");
    g = new_graph();
    venn_dropout(g, input(g, "x", VENN_SHAPE(6)), 1);
    expect_and_destroy(g, VENN_BAD_SHAPE, "dropout: p = 1");
}

// ---- Stickiness ------------------------------------------------------------------------------

Test(errors, first_error_stays)
{
    venn_graph *g = new_graph();
    venn_tensor x = input(g, "x", VENN_SHAPE(2));
    venn_tensor bad = venn_add(g, x, input(g, "b", VENN_SHAPE(3))), dx = x;
    uint32_t nodes = g->n_nodes, values = g->n_values;
    venn_tensor y = venn_relu(g, bad);
    cr_expect(y.id == 0 && venn_relu(g, x).id == 0, "calls after an error do nothing");
    venn_reshape(g, bad, VENN_SHAPE(7));
    cr_expect(venn_graph_gradients(g, y, VENN_NONE, 1, &x, &dx) == VENN_BAD_SHAPE && dx.id == 0);
    venn_graph_output(g, "y", y);
    cr_expect(g->n_nodes == nodes && g->n_values <= values + 1);
    expect_and_destroy(g, VENN_BAD_SHAPE, "add: ");
}

Test(errors, compile_returns_it)
{
    venn_device *device = open_test_device();
    venn_graph *g = new_graph();
    venn_program *program = NULL;
    venn_add(g, input(g, "a", VENN_SHAPE(2)), input(g, "b", VENN_SHAPE(3)));
    cr_expect(venn_graph_compile(&program, g, device, NULL) == VENN_BAD_SHAPE && !program);
    cr_expect(strstr(venn_error_message(), "[2]") && strstr(venn_error_message(), "[3]"), "%s",
              venn_error_message());
    venn_graph_destroy(&g);
    close_test_device(&device);
}

// ---- Operands --------------------------------------------------------------------------------

Test(errors, missing_and_foreign_operands)
{
    venn_graph *g = new_graph();
    cr_expect(venn_relu(g, VENN_NONE).id == 0);
    expect_and_destroy(g, VENN_BAD_ARG, "relu: x is missing");
    g = new_graph();
    cr_expect(venn_relu(g, (venn_tensor){5}).id == 0);
    expect_and_destroy(g, VENN_BAD_ARG, "relu: x is not a tensor of this graph");
    g = new_graph();
    venn_tensor operands[VENN_MAX_INPUTS + 1];
    for (int i = 0; i <= VENN_MAX_INPUTS; i++)
        operands[i] = venn_fill(g, VENN_SHAPE(2), 1);
    cr_expect(venn_concat(g, VENN_MAX_INPUTS + 1, operands, 0).id == 0);
    expect_and_destroy(g, VENN_BAD_ARG, "concat: ");
}

Test(errors, types)
{
    venn_graph *g = new_graph();
    cr_expect(venn_relu(g, venn_graph_input(g, "x", VENN_I32, VENN_SHAPE(2))).id == 0);
    expect_and_destroy(g, VENN_BAD_ARG, "relu: x must be f32, got i32");
}

Test(errors, in_place_needs_a_variable)
{
    venn_graph *g = new_graph();
    venn_tensor x = input(g, "x", VENN_SHAPE(2));
    probe_assign_apply(g, x, venn_relu(g, x));
    expect_and_destroy(g, VENN_BAD_ARG, "probe_assign: w is changed in place");
}

// ---- Names and variables ---------------------------------------------------------------------

Test(errors, names)
{
    venn_graph *g = new_graph();
    input(g, "x", VENN_SHAPE(2));
    cr_expect(input(g, "x", VENN_SHAPE(2)).id == 0);
    expect_and_destroy(g, VENN_BAD_ARG, "input \"x\" is already");
    g = new_graph();
    cr_expect(input(g, NULL, VENN_SHAPE(2)).id == 0);
    expect_and_destroy(g, VENN_BAD_ARG, "needs a name");
    g = new_graph();
    venn_tensor x = input(g, "x", VENN_SHAPE(2));
    venn_graph_output(g, "y", x);
    venn_graph_output(g, "y", x);
    expect_and_destroy(g, VENN_BAD_ARG, "output \"y\" is already");
    g = new_graph();
    venn_graph_output(g, "y", VENN_NONE);
    expect_and_destroy(g, VENN_BAD_ARG, "output \"y\": no such tensor");
    g = new_graph();
    cr_expect(venn_graph_var(g, NULL).id == 0);
    expect_and_destroy(g, VENN_BAD_ARG, "no variable");
}

Test(errors, variable_of_another_device)
{
    venn_device *device = open_test_device(), *other = open_test_device();
    venn_graph *g = new_graph();
    venn_var *var;
    venn_program *program;
    cr_assert(venn_var_create(&var, other, "weights", VENN_F32, VENN_SHAPE(2)) == VENN_OK);
    venn_graph_output(g, "y", venn_relu(g, venn_graph_var(g, var)));
    cr_expect(venn_graph_compile(&program, g, device, NULL) == VENN_BAD_ARG && !program);
    cr_expect(strstr(venn_error_message(), "weights"), "%s", venn_error_message());
    float data[3] = {0};
    cr_expect(venn_var_write(var, data, sizeof data) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "weights has 8 bytes, got 12"));
    cr_expect(venn_var_read(var, data, 4) == VENN_BAD_ARG);
    venn_graph_destroy(&g);
    venn_var_destroy(&var);
    close_test_device(&other);
    close_test_device(&device);
}
