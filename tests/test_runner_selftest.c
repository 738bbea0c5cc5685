// The shared runner of ops must see what it is there to see: each op here is wrong in one way.
#include <criterion/criterion.h>
#include <string.h>

#include "device_fixture.h"
#include "bench/case_run.h"
#include "probe_ops.h"
#include "venn/ops.h"

static venn_case_report run_row(const venn_op_desc *op, const char *dims, const char *inputs);

// The runner must pass `op` if want is NULL, else fail it with a message that holds `want`.
static void expect(const venn_op_desc *op, const char *inputs, const char *want)
{
    venn_case_report report = run_row(op, "N=37", inputs);
    if (!want)
        cr_expect(report.failures == 0 && report.cases == 1, "%s", report.first);
    else
        cr_expect(report.failures == 1 && strstr(report.first, want),
                  "wanted a failure with \"%s\", got %d: %s", want, report.failures, report.first);
}

static bool run_case(void *user, const venn_case *c)
{
    void **pair = user;
    venn_case_run(pair[0], c, pair[1]);
    return true;
}

static venn_case_report run_row(const venn_op_desc *op, const char *dims, const char *inputs)
{
    venn_case_report report = {0};
    venn_device *device = open_test_device();
    venn_case_row row = {.op = op->name, .dims = dims, .inputs = inputs, .params = ""};
    cr_assert(venn_case_each(op, &row, run_case, (void *[]){device, &report}) == VENN_OK, "%s",
              venn_error_message());
    close_test_device(&device);
    return report;
}

static const venn_op_desc *relu(void)
{
    return venn_op_find("relu");
}

static int64_t count_of(const venn_ref *r)
{
    return r->node->out[0]->count;
}

// ---- Sound ops pass --------------------------------------------------------------------------

Test(runner_selftest, sound)
{
    expect(relu(), "N", NULL);
    expect(&venn_probe_pass, "N", NULL);
    expect(&venn_probe_pass, ".", NULL);
    expect(&venn_probe_pass, "Nx0", NULL);
}

// ---- Wrong numbers ---------------------------------------------------------------------------

static void ref_off(const venn_ref *r)
{
    relu()->ref(r);
    r->y[0][count_of(r) - 1] += 1e-3;
}

static void ref_unwritten(const venn_ref *r)
{
    for (int64_t i = 1; i < count_of(r); i++)
        r->y[0][i] = r->x[0][i] > 0 ? r->x[0][i] : 0;
}

static void ref_grad_of_pass(const venn_ref *r)
{
    memcpy(r->dx[0], r->dy[0], (size_t)count_of(r) * sizeof(double));
}

static void gradient_of_pass(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                             uint32_t need, venn_tensor *dx)
{
    (void)g;
    (void)n;
    (void)need;
    dx[0] = dy[0];
}

static void gradient_forgotten(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                               uint32_t need, venn_tensor *dx)
{
    (void)g;
    (void)n;
    (void)dy;
    (void)need;
    (void)dx;
}

Test(runner_selftest, numbers)
{
    venn_op_desc op = *relu();
    op.ref = ref_off;
    expect(&op, "N", "y0[36] is");
    op.ref = ref_unwritten;
    expect(&op, "N", "nan, inf times");
}

Test(runner_selftest, gradients)
{
    venn_op_desc op = *relu();
    op.gradient = gradient_of_pass;
    expect(&op, "N", "dx0[");
    op.gradient = gradient_forgotten;
    expect(&op, "N", "dx0[");
    // Rule and reference agree on a wrong gradient: only finite differences can tell.
    op.gradient = gradient_of_pass;
    op.ref_grad = ref_grad_of_pass;
    expect(&op, "N", "finite difference");
}

// y = b, with a rule that forgets b's gradient unless a's is wanted as well (which is zero).
static bool second_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, n->in[1]->shape);
    return true;
}

static void second_record(venn_recorder *r, const venn_node *n)
{
    venn_record_copy(r, n->out[0], 0, n->in[1], 0, (uint64_t)n->out[0]->count * 4);
}

static void second_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                            venn_tensor *dx)
{
    (void)g;
    (void)n;
    if (need & 1)
        dx[1] = dy[0];
}

static void second_ref(const venn_ref *r)
{
    memcpy(r->y[0], r->x[1], (size_t)count_of(r) * sizeof(double));
}

static void second_ref_grad(const venn_ref *r)
{
    if (r->dx[1])
        memcpy(r->dx[1], r->dy[0], (size_t)count_of(r) * sizeof(double));
}

Test(runner_selftest, need_mask)
{
    const venn_op_desc op = {.name = "second",
                             .inputs = {{"a"}, {"b"}},
                             .n_inputs = 2,
                             .n_outputs = 1,
                             .shape = second_shape,
                             .record = second_record,
                             .gradient = second_gradient,
                             .ref = second_ref,
                             .ref_grad = second_ref_grad};
    expect(&op, "N N", "only, 1[0] is 0");
}

// ---- Composites ------------------------------------------------------------------------------
// y = a (a + b), made of other ops.
static bool composite_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static bool composite_build(venn_graph *g, const venn_node *n, const venn_tensor *in,
                            venn_tensor *out)
{
    (void)n;
    out[0] = venn_mul(g, in[0], venn_add(g, in[0], in[1]));
    return true;
}

static bool build_without_b(venn_graph *g, const venn_node *n, const venn_tensor *in,
                            venn_tensor *out)
{
    (void)n;
    out[0] = venn_mul(g, in[0], venn_add(g, in[0], venn_stop_gradient(g, in[1])));
    return true;
}

static bool build_scalar(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    (void)n;
    out[0] = venn_sum(g, in[0], NULL);
    return true;
}

static bool build_nothing(venn_graph *g, const venn_node *n, const venn_tensor *in,
                          venn_tensor *out)
{
    (void)g;
    (void)n;
    out[0] = in[0];
    return true;
}

static void composite_ref(const venn_ref *r)
{
    for (int64_t i = 0; i < count_of(r); i++)
        r->y[0][i] = r->x[0][i] * (r->x[0][i] + r->x[1][i]);
}

static void composite_ref_off(const venn_ref *r)
{
    composite_ref(r);
    r->y[0][3] += 1e-3;
}

static void composite_ref_grad(const venn_ref *r)
{
    for (int64_t i = 0; i < count_of(r); i++) {
        if (r->dx[0])
            r->dx[0][i] = (2 * r->x[0][i] + r->x[1][i]) * r->dy[0][i];
        if (r->dx[1])
            r->dx[1][i] = r->x[0][i] * r->dy[0][i];
    }
}

static const venn_op_desc composite = {.name = "composite",
                                       .inputs = {{"a"}, {"b"}},
                                       .n_inputs = 2,
                                       .n_outputs = 1,
                                       .shape = composite_shape,
                                       .build = composite_build,
                                       .ref = composite_ref,
                                       .ref_grad = composite_ref_grad};

static bool nested_build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    (void)n;
    venn_op_apply(g, &composite, in, 2, NULL, out);
    return true;
}

Test(runner_selftest, composites)
{
    venn_op_desc op = composite;
    expect(&op, "N N", NULL);
    op.build = nested_build;
    expect(&op, "N N", NULL);
    op = composite;
    op.ref = composite_ref_off;
    expect(&op, "N N", "y0[3]");
    op = composite;
    op.build = build_without_b;
    expect(&op, "N N", "dx, ");
    op.build = build_scalar;
    expect(&op, "N N", "is not what the op's shape rule promises");
    op.build = build_nothing;
    expect(&op, "N N", "is not what the op's shape rule promises");
}

// ---- Wrong memory ----------------------------------------------------------------------------

static void record_short(venn_recorder *r, const venn_node *n)
{
    venn_record_copy(r, n->out[0], 0, n->in[0], 0, (uint64_t)n->out[0]->count * 4 - 4);
}

static void record_long(venn_recorder *r, const venn_node *n)
{
    uint64_t bytes = (uint64_t)n->out[0]->count * 4;
    venn_record_copy(r, n->out[0], 0, n->in[0], 0, bytes);
    venn_record_copy(r, n->out[0], bytes, n->in[0], 0, 16);
}

// relu's own kernel, told to go on for 40 elements more.
static void record_long_kernel(venn_recorder *r, const venn_node *n)
{
    const venn_profile *profile = venn_recorder_profile(r);
    uint32_t count = (uint32_t)n->out[0]->count + 40;
    venn_dispatch d = {.kernel = "relu.forward",
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = &count,
                       .push_size = sizeof count,
                       .bind = {{n->in[0], VENN_READ}, {n->out[0], VENN_WRITE}},
                       .n_bind = 2,
                       .groups = {1, 1, 1}};
    venn_record_dispatch(r, &d);
}

Test(runner_selftest, memory)
{
    venn_op_desc op = venn_probe_pass;
    op.record = record_short;
    expect(&op, "N", "y0[36] is nan");
    op.record = record_long;
    expect(&op, "N", "past the end");
    op = *relu();
    op.record = record_long_kernel;
    expect(&op, "N", "past the end");
}

static uint64_t scratch(const venn_profile *profile, const venn_node *n)
{
    (void)profile;
    return (uint64_t)n->out[0]->count * 4;
}

static void record_long_scratch(venn_recorder *r, const venn_node *n)
{
    uint64_t bytes = (uint64_t)n->out[0]->count * 4;
    venn_record_copy(r, n->workspace, 16, n->in[0], 0, bytes);
    venn_record_copy(r, n->out[0], 0, n->in[0], 0, bytes);
}

Test(runner_selftest, workspace)
{
    venn_op_desc op = venn_probe_pass;
    op.workspace = scratch;
    expect(&op, "N", NULL);
    op.record = record_long_scratch;
    expect(&op, "N", "past the end of workspace");
}

// Another result each time it is recorded.
static void record_changing(venn_recorder *r, const venn_node *n)
{
    static uint32_t calls;
    venn_record_fill(r, n->out[0], calls++);
}

static void ref_zero(const venn_ref *r)
{
    memset(r->y[0], 0, (size_t)count_of(r) * sizeof(double));
}

Test(runner_selftest, repeatable)
{
    venn_op_desc op = venn_probe_pass;
    op.record = record_changing;
    op.gradient = NULL;
    op.ref = ref_zero;
    op.ref_grad = NULL;
    expect(&op, "N", "differs from run to run");
}

// ---- In place --------------------------------------------------------------------------------

static void assign_ref_off(const venn_ref *r)
{
    probe_assign.ref(r);
    r->updated[0][3] += 1e-3;
}

Test(runner_selftest, in_place)
{
    venn_op_desc op = probe_assign;
    expect(&op, "N N", NULL);
    op.ref = assign_ref_off;
    expect(&op, "N N", "x0, after the run,[3]");
}

// ---- Rows ------------------------------------------------------------------------------------

Test(runner_selftest, rows)
{
    venn_case_report report = {0};
    venn_case_run_op(NULL, &venn_probe_pass, 1, &report);
    cr_expect(report.failures == 1 && strstr(report.first, "no CASE row"), "%s", report.first);
    report = run_row(&venn_probe_pass, "N=0,1,5 M=2,3", "NxM");
    cr_expect(report.cases == 6 && report.failures == 0, "%d cases, %s", report.cases,
              report.first);
}
