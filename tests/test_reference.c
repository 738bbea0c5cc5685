// The double-precision executor itself (graph/reference.h), against numbers worked out by hand.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "device_fixture.h"
#include "graph/reference.h"
#include "probe_ops.h"
#include "venn/ops.h"

static venn_reference *reference_of(const venn_graph *g)
{
    venn_reference *r;
    cr_assert(venn_reference_create(&r, g) == VENN_OK, "%s", venn_error_message());
    return r;
}

static void run(venn_reference *r)
{
    cr_assert(venn_reference_run(r) == VENN_OK, "%s", venn_error_message());
}

static venn_tensor input(venn_graph *g, const char *name)
{
    return venn_graph_input(g, name, VENN_F32, VENN_SHAPE(2));
}

// y = (x + x) x, so dy/dx = 4 x; with a seed r: 4 x r.
Test(reference, values_and_gradients)
{
    venn_graph *g;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    venn_tensor x = input(g, "x"), seed = input(g, "seed"), other = input(g, "other"), dx[2];
    venn_tensor y = venn_mul(g, venn_add(g, x, x), x);
    cr_assert(venn_graph_gradients(g, y, VENN_NONE, 2, (venn_tensor[]){x, other}, dx) == VENN_OK);
    cr_assert(venn_graph_gradients(g, y, seed, 1, &x, dx + 1) == VENN_OK);
    venn_tensor after = venn_scale(g, dx[0], 2, 0);
    venn_reference *r = reference_of(g);
    memcpy(venn_reference_value(r, x), (double[]){3, -0.5}, 2 * sizeof(double));
    memcpy(venn_reference_value(r, seed), (double[]){10, 100}, 2 * sizeof(double));
    run(r);
    cr_expect(venn_reference_value(r, y)[0] == 18 && venn_reference_value(r, y)[1] == 0.5);
    const double *grad = venn_reference_gradient(r, 0, 0);
    cr_expect(grad[0] == 12 && grad[1] == -2);
    grad = venn_reference_gradient(r, 0, 1);
    cr_expect(grad[0] == 0 && grad[1] == 0);
    grad = venn_reference_gradient(r, 1, 0);
    cr_expect(grad[0] == 120 && grad[1] == -200);
    cr_expect(venn_reference_value(r, after)[0] == 24, "nodes after a gradient use it");
    cr_expect(!venn_reference_gradient(r, 2, 0) && !venn_reference_gradient(r, 0, 2));
    venn_reference_destroy(&r);
    venn_graph_destroy(&g);
}

Test(reference, variables_keep_their_state)
{
    venn_device *device = open_test_device();
    venn_graph *g;
    venn_var *w;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    cr_assert(venn_var_create(&w, device, "w", VENN_F32, VENN_SHAPE(2)) == VENN_OK);
    cr_assert(venn_var_write(w, (float[]){1, 2}, 8) == VENN_OK);
    venn_tensor t = venn_graph_var(g, w);
    venn_tensor view = venn_reshape(g, t, VENN_SHAPE(1, 2));
    probe_assign_apply(g, t, venn_scale(g, t, 1, 0.1f));
    venn_reference *r = reference_of(g);
    cr_assert(venn_reference_read_vars(r) == VENN_OK);
    for (int i = 0; i < 3; i++)
        run(r);
    const double want = 2 + 3 * (double)0.1f;
    cr_expect(fabs(venn_reference_value(r, t)[1] - want) < 1e-12, "no rounding to single between");
    cr_expect(venn_reference_value(r, view) == venn_reference_value(r, t), "aliases share");
    venn_reference_destroy(&r);
    venn_graph_destroy(&g);
    venn_var_destroy(&w);
    close_test_device(&device);
}

Test(reference, generator)
{
    venn_graph *g;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(1000));
    venn_tensor y = venn_dropout(g, x, 0.5f);
    venn_reference *r = reference_of(g);
    double first[1000];
    for (int i = 0; i < 1000; i++)
        venn_reference_value(r, x)[i] = 1;
    for (int step = 0; step < 3; step++) {
        venn_reference_set_rng(r, 0xffffffff12345678, step == 1 ? 7 : 0);
        run(r);
        const double *now = venn_reference_value(r, y);
        if (step == 0)
            memcpy(first, now, sizeof first);
        cr_expect((memcmp(first, now, sizeof first) == 0) == (step != 1));
    }
    venn_reference_destroy(&r);
    venn_graph_destroy(&g);
}

// ---- What it refuses -------------------------------------------------------------------------

Test(reference, gradients_of_gradients)
{
    venn_graph *g;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    venn_tensor x = input(g, "x"), dx, ddx;
    cr_assert(venn_graph_gradients(g, venn_mul(g, x, x), VENN_NONE, 1, &x, &dx) == VENN_OK);
    if (venn_graph_gradients(g, dx, VENN_NONE, 1, &x, &ddx) == VENN_OK && ddx.id) {
        venn_reference *r = reference_of(g);
        cr_expect(venn_reference_run(r) == VENN_UNSUPPORTED);
        venn_reference_destroy(&r);
    }
    venn_graph_destroy(&g);
}

Test(reference, ops_without_reference)
{
    venn_op_desc op = venn_probe_pass;
    venn_graph *g;
    op.ref = NULL;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    venn_tensor x = input(g, "x"), dx;
    venn_tensor y = venn_op_apply(g, &op, &x, 1, NULL, NULL);
    venn_reference *r = reference_of(g);
    cr_expect(venn_reference_run(r) == VENN_UNSUPPORTED);
    cr_expect(strstr(venn_error_message(), "probe_pass: the op has no reference"));
    venn_reference_destroy(&r);
    op.ref = venn_probe_pass.ref;
    op.ref_grad = NULL;
    cr_assert(venn_graph_gradients(g, y, VENN_NONE, 1, &x, &dx) == VENN_OK);
    r = reference_of(g);
    cr_expect(venn_reference_run(r) == VENN_UNSUPPORTED);
    cr_expect(strstr(venn_error_message(), "probe_pass: the op has no ref_grad"));
    venn_reference_destroy(&r);
    venn_graph_destroy(&g);
}

Test(reference, graph_in_error)
{
    venn_graph *g;
    venn_reference *r;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    venn_relu(g, VENN_NONE);
    cr_expect(venn_reference_create(&r, g) == VENN_BAD_ARG && !r);
    cr_expect(strstr(venn_error_message(), "relu: x is missing"));
    venn_graph_destroy(&g);
}
