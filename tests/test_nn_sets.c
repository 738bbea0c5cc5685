// Batch norm of several sets: one network, a set of scales and statistics per modality.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "device_fixture.h"
#include "venn/nn.h"
#include "venn/ops.h"

enum { B = 32, D = 3 };

static venn_net *make_net(venn_device *device, int32_t sets)
{
    const venn_layer layers[] = {{.kind = VENN_LAYER_BATCH_NORM, .sets = sets, .momentum = 1}};
    const int64_t width = D;
    venn_branch branch = {.layers = layers, .n_layers = 1, .input = venn_shape_make(&width, 1)};
    venn_net *net = NULL;
    venn_status status =
        venn_net_create(&net, device, &(venn_net_params){.branches = &branch, .n_branches = 1}, 1);
    cr_assert_eq(status, VENN_OK, "%s", venn_error_message());
    return net;
}

static void read_var(const venn_net *net, const char *name, float *values, size_t n)
{
    const venn_net_param *p = venn_net_param_find(net, name);
    cr_assert_not_null(p, "%s", name);
    cr_assert_eq(venn_var_read(p->var, values, n * sizeof *values), VENN_OK, "%s",
                 venn_error_message());
}

// A training application of set 1 leaves set 0 alone, and gradients reach the row that was used.
Test(nn_sets, one_set_is_used)
{
    venn_device *device = open_test_device();
    venn_net *net = make_net(device, 2);
    venn_graph *g;
    venn_program *program;
    uint64_t ticket;
    float mean[2 * D], x[B * D];
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    venn_tensor in = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(B, D));
    venn_tensor y = venn_net_apply(net, g, &in, &(venn_apply_params){.train = true, .set = 1});
    venn_tensor beta = venn_graph_var(g, venn_net_param_find(net, "0.bias")->var), dbeta;
    venn_tensor loss = venn_sum(g, y, NULL);
    cr_assert_eq(venn_graph_gradients(g, loss, VENN_NONE, 1, &beta, &dbeta), VENN_OK);
    venn_graph_output(g, "dbeta", dbeta);
    cr_assert_eq(venn_graph_compile(&program, g, device, NULL), VENN_OK, "%s",
                 venn_error_message());
    for (int i = 0; i < B * D; i++)
        x[i] = (float)(i % D + 5 * (i % 2));
    cr_assert_eq(venn_program_begin(program), VENN_OK);
    memcpy(venn_program_input(program, "x", NULL), x, sizeof x);
    cr_assert_eq(venn_program_run(program, &ticket), VENN_OK, "%s", venn_error_message());
    const float *got = venn_program_output(program, ticket, "dbeta", NULL);
    for (int c = 0; c < D; c++) {
        cr_expect_eq(got[c], 0);
        cr_expect_eq(got[D + c], B);
    }
    read_var(net, "0.running_mean", mean, 2 * D);
    for (int c = 0; c < D; c++) {
        cr_expect_eq(mean[c], 0);
        cr_expect_float_eq(mean[D + c], (float)c + 2.5f, 1e-5f);
    }
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    venn_net_destroy(&net);
    close_test_device(&device);
}

// Running statistics as constants: scale and shift of the set that is used still learn, and nothing is counted.
Test(nn_sets, eval_mode_trains_scale_and_shift)
{
    venn_device *device = open_test_device();
    venn_net *net = make_net(device, 2);
    venn_graph *g;
    venn_program *program;
    uint64_t ticket;
    float statistics[2 * D], sum[D] = {0};
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    venn_tensor in = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(B, D)), dx[2];
    venn_tensor y = venn_net_apply(net, g, &in, &(venn_apply_params){.set = 1});
    const venn_tensor affine[2] = {
        venn_graph_var(g, venn_net_param_find(net, "0.weight")->var),
        venn_graph_var(g, venn_net_param_find(net, "0.bias")->var),
    };
    cr_assert_eq(venn_graph_gradients(g, venn_sum(g, y, NULL), VENN_NONE, 2, affine, dx), VENN_OK);
    venn_graph_output(g, "dgamma", dx[0]);
    venn_graph_output(g, "dbeta", dx[1]);
    cr_assert_eq(venn_graph_compile(&program, g, device, NULL), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_eq(venn_program_begin(program), VENN_OK);
    float *x = venn_program_input(program, "x", NULL);
    for (int i = 0; i < B * D; i++) {
        x[i] = (float)(i % D + 5 * (i % 2));
        sum[i % D] += x[i];
    }
    cr_assert_eq(venn_program_run(program, &ticket), VENN_OK, "%s", venn_error_message());
    const float *dgamma = venn_program_output(program, ticket, "dgamma", NULL);
    const float *dbeta = venn_program_output(program, ticket, "dbeta", NULL);
    read_var(net, "0.running_mean", statistics, 2 * D);
    for (int c = 0; c < D; c++) {
        cr_expect_eq(dgamma[c], 0);
        cr_expect_eq(dbeta[c], 0);
        cr_expect_float_eq(dgamma[D + c], sum[c] / sqrtf(1 + 1e-5f), 1e-3f);
        cr_expect_eq(dbeta[D + c], B);
        cr_expect(statistics[c] == 0 && statistics[D + c] == 0);
    }
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    venn_net_destroy(&net);
    close_test_device(&device);
}

Test(nn_sets, refuses)
{
    venn_device *device = open_test_device();
    venn_net *net = make_net(device, 2);
    venn_graph *g;
    cr_assert_eq(venn_graph_create(&g), VENN_OK);
    venn_tensor in = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(B, D));
    cr_expect_eq(venn_net_apply(net, g, &in, &(venn_apply_params){.set = 2}).id, 0);
    cr_expect_not_null(strstr(venn_graph_error(g), "has no set 2"), "%s", venn_graph_error(g));
    venn_graph_destroy(&g);
    venn_net_destroy(&net);
    close_test_device(&device);
}
