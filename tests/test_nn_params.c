// Parameters of networks: first values, freezing, copying and hashing.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "net_fixture.h"

static void expect_uniform(const venn_net *net, const char *name, double fan_in)
{
    float *values;
    size_t n = read_param(net, name, &values);
    double bound = 1 / sqrt(fan_in), most = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs(values[i]));
        sum += values[i];
        squares += (double)values[i] * values[i];
    }
    cr_assert(most <= bound * (1 + 1e-6), "%s: %g beyond %g", name, most, bound);
    // Five standard errors of mean and mean square of U(-bound, bound).
    double rms = bound / sqrt(3), root = sqrt((double)n);
    cr_assert(fabs(sum / (double)n) < 5 * rms / root, "%s: mean %g", name, sum / (double)n);
    cr_assert(fabs(squares / (double)n - rms * rms) < 5 * rms * rms * 0.9 / root,
              "%s: mean square %g, not %g", name, squares / (double)n, rms * rms);
    free(values);
}

static void expect_all(const venn_net *net, const char *name, float value)
{
    float *values;
    size_t n = read_param(net, name, &values);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(values[i], value, "%s[%zu] = %g", name, i, (double)values[i]);
    free(values);
}

Test(nn_params, initial_values_have_the_right_law)
{
    venn_device *device = open_test_device();
    venn_net *net = make_net(device, fixture_lenet, COUNT(fixture_lenet), VENN_SHAPE(1, 28, 28), 3);
    expect_uniform(net, "c1.weight", 25);
    expect_uniform(net, "c1.bias", 25);
    expect_uniform(net, "4.weight", 150);
    expect_uniform(net, "logits.weight", 400);
    expect_uniform(net, "logits.bias", 400);
    expect_all(net, "1.weight", 1);
    expect_all(net, "1.bias", 0);
    expect_all(net, "1.running_mean", 0);
    expect_all(net, "1.running_var", 1);
    venn_net_destroy(&net);
    close_test_device(&device);
}

Test(nn_params, initial_values_follow_seed_and_position_alone)
{
    venn_device *device = open_test_device();
    venn_net *a = make_mlp(device, 5), *b = make_mlp(device, 5), *c = make_mlp(device, 6);
    char ha[33], hb[33], hc[33];
    net_hash(a, ha), net_hash(b, hb), net_hash(c, hc);
    cr_assert_str_eq(ha, hb);
    cr_assert_str_neq(ha, hc);
    OK(venn_net_init(c, 5));
    net_hash(c, hc);
    cr_assert_str_eq(ha, hc);

    // Parameter 2 is the second layer's weight [5, 7]: stream 2 of the documented generator.
    float *values;
    size_t n = read_param(a, "2.weight", &values);
    venn_rng rng = venn_rng_make(5, 0x696e6974u, 2);
    float bound = (float)(1 / sqrt(7));
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(values[i], venn_rng_uniform(&rng, -bound, bound));
    free(values);
    venn_net_destroy(&a);
    venn_net_destroy(&b);
    venn_net_destroy(&c);
    close_test_device(&device);
}

Test(nn_params, freezing_takes_parameters_out_of_training)
{
    venn_device *device = open_test_device();
    venn_net *net = make_net(device, fixture_lenet, COUNT(fixture_lenet), VENN_SHAPE(1, 28, 28), 1);
    venn_var *vars[16];
    cr_assert_eq(venn_net_trainable(net, vars), 7); // 9 parameters, 2 of them buffers
    OK(venn_net_freeze(net, "c1", true));
    cr_assert_eq(venn_net_trainable(net, vars), 5);
    cr_assert_eq(vars[0], venn_net_param_find(net, "1.weight")->var);
    cr_assert(venn_net_param_find(net, "c1.bias")->frozen);
    OK(venn_net_freeze(net, "logits.bias", true));
    cr_assert_eq(venn_net_trainable(net, vars), 4);
    OK(venn_net_freeze(net, NULL, true));
    cr_assert_eq(venn_net_trainable(net, vars), 0);
    OK(venn_net_freeze(net, "", false));
    cr_assert_eq(venn_net_trainable(net, vars), 7);
    OK(venn_net_freeze(net, "7", true)); // has no parameters, but is there
    cr_assert_eq(venn_net_freeze(net, "c", true), VENN_BAD_ARG);
    cr_assert(strstr(venn_error_message(), "c"), "%s", venn_error_message());
    venn_net_destroy(&net);
    close_test_device(&device);
}

Test(nn_params, copies_are_equal_and_need_the_same_layout)
{
    venn_device *device = open_test_device();
    venn_net *a = make_mlp(device, 1), *b = make_mlp(device, 2);
    venn_net *other = make_net(device, fixture_mlp, COUNT(fixture_mlp), VENN_SHAPE(6), 1);
    venn_net *shorter = make_net(device, fixture_mlp, 2, VENN_SHAPE(4), 1);
    char ha[33], hb[33];
    OK(venn_net_copy(b, a));
    net_hash(a, ha), net_hash(b, hb);
    cr_assert_str_eq(ha, hb);
    cr_assert_eq(venn_net_copy(other, a), VENN_BAD_SHAPE);
    cr_assert(strstr(venn_error_message(), "0.weight [7, 6]"), "%s", venn_error_message());
    cr_assert_eq(venn_net_copy(shorter, a), VENN_BAD_SHAPE);
    venn_net_destroy(&a);
    venn_net_destroy(&b);
    venn_net_destroy(&other);
    venn_net_destroy(&shorter);
    close_test_device(&device);
}
