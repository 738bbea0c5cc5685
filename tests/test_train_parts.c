// Parts of a training by themselves: refused gradients, predictions and scores of one's own, refusals by
// name, sweeps over selected data.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "device_fixture.h"
#include "toy_training.h"
#include "venn/ops.h"

enum { BATCH = 16 };

static const char *const in_a[] = {"a"};

static venn_tensor no_gradient(void *user, venn_step *s, const venn_var *var, venn_tensor g)
{
    (void)s;
    return strcmp(venn_var_name(var), user) == 0 ? VENN_NONE : g;
}

static venn_tensor ce_of_user(void *user, venn_step *s)
{
    return venn_step_ce(s, venn_step_apply(s, user, NULL));
}

static venn_net *hooked_net;

static venn_tensor ce_of_hooked(void *user, venn_step *s)
{
    (void)user;
    return ce_of_user(hooked_net, s);
}

static void read_param(const venn_net *net, const char *name, float *values, size_t n)
{
    cr_assert_eq(venn_var_read(venn_net_param_find(net, name)->var, values, n * sizeof *values),
                 VENN_OK, "%s", venn_error_message());
}

Test(train_parts, a_refused_gradient_leaves_the_parameter)
{
    venn_device *device = open_test_device();
    venn_dataset *data = toy_data();
    hooked_net = toy_net(device, 1);
    float before[16], after_values[16], other[3];
    read_param(hooked_net, "0.bias", before, 16);
    venn_objective objective = {.user = "0.bias", .loss = ce_of_hooked, .gradient = no_gradient};
    venn_fit fit = {.net = hooked_net,
                    .modalities = in_a,
                    .data = data,
                    .epochs = 1,
                    .batch = BATCH,
                    .objective = &objective,
                    .keep_last = true};
    venn_fit_result result;
    read_param(hooked_net, "3.bias", other, 3);
    cr_assert_eq(venn_fit_run(device, &fit, &result), VENN_OK, "%s", venn_error_message());
    venn_fit_result_finish(&result);
    read_param(hooked_net, "0.bias", after_values, 16);
    cr_expect_arr_eq(before, after_values, sizeof before);
    read_param(hooked_net, "3.bias", after_values, 3);
    cr_expect_arr_neq(other, after_values, sizeof other);
    venn_net_destroy(&hooked_net);
    venn_dataset_destroy(&data);
    close_test_device(&device);
}

static venn_tensor predict_other(void *user, venn_step *s)
{
    return venn_step_apply(s, user, NULL);
}

static venn_status fixed_score(void *user, venn_split_id split, double *score, double *loss)
{
    (void)user;
    (void)loss;
    *score = split == VENN_VALID ? 0.25 : 0.75;
    return VENN_OK;
}

// The main network is judged by what the objective predicts or scores.
Test(train_parts, predicts_and_scores_in_its_own_way)
{
    venn_device *device = open_test_device();
    venn_dataset *data = toy_data();
    venn_net *net = toy_net(device, 1);
    venn_objective objective = {.user = net, .loss = ce_of_user, .predict = predict_other};
    venn_fit fit = {
        .net = net, .modalities = in_a, .data = data, .epochs = 1, .objective = &objective};
    venn_fit_result result;
    venn_evaluation test;
    cr_assert_eq(venn_fit_run(device, &fit, &result), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_evaluate(device, net, in_a, data, VENN_TEST, 0, &test, NULL, NULL), VENN_OK);
    cr_expect_eq(result.test_accuracy, test.accuracy);
    venn_fit_result_finish(&result);
    objective.predict = NULL;
    objective.score = fixed_score;
    cr_assert_eq(venn_fit_run(device, &fit, &result), VENN_OK, "%s", venn_error_message());
    cr_expect_eq(result.valid_accuracy, 0.25);
    cr_expect_eq(result.test_accuracy, 0.75);
    cr_expect(isnan(result.test_loss));
    venn_fit_result_finish(&result);
    venn_net_destroy(&net);
    venn_dataset_destroy(&data);
    close_test_device(&device);
}

static venn_tensor of_a_stream(void *user, venn_step *s)
{
    return venn_step_x(s, user, "a");
}

static void minimises_nothing(void *user, venn_step *s)
{
    venn_step_apply(s, user, NULL);
}

static void refuses(venn_device *device, const venn_fit *fit, const char *what)
{
    venn_fit_result result;
    cr_expect_lt(venn_fit_run(device, fit, &result), 0);
    cr_expect_not_null(strstr(venn_error_message(), what), "%s", venn_error_message());
    venn_fit_result_finish(&result);
}

Test(train_parts, refuses_by_name)
{
    venn_device *device = open_test_device();
    venn_dataset *data = toy_data();
    venn_net *net = toy_net(device, 1), *idle = toy_net(device, 2);
    venn_optim_params own = {.lr = 0.1};
    venn_objective objective = {.user = "elsewhere", .loss = of_a_stream};
    venn_fit_net other = {.net = idle, .name = "idle", .optim = &own};
    venn_fit fit = {.net = net, .modalities = in_a, .data = data, .objective = &objective};
    refuses(device, &fit, "no data stream \"elsewhere\"");
    objective = (venn_objective){.user = net, .build = minimises_nothing};
    refuses(device, &fit, "minimises nothing");
    objective = (venn_objective){.user = net, .loss = ce_of_user};
    fit.others = &other;
    fit.n_others = 1;
    refuses(device, &fit, "network idle is to be trained");
    objective.user = idle;
    refuses(device, &fit, "network idle is applied without inputs");
    objective.user = net;
    other.role = VENN_NET_FROZEN;
    fit.role = VENN_NET_FROZEN;
    refuses(device, &fit, "nothing trains");
    venn_net_destroy(&net);
    venn_net_destroy(&idle);
    venn_dataset_destroy(&data);
    close_test_device(&device);
}

// ---- Sweeps and selections -------------------------------------------------------------------

static void double_rows(void *user, venn_step *s)
{
    (void)user;
    cr_assert_not(s->training);
    venn_graph_output(s->g, "twice", venn_scale(s->g, venn_step_x(s, NULL, "b"), 2, 0));
}

Test(train_parts, a_sweep_gathers_all_rows_of_a_selection)
{
    venn_device *device = open_test_device();
    venn_dataset *data = toy_data(), *some;
    const int64_t rows[] = {7, 3, 3, 199, 0};
    const int32_t labels[] = {2, 1, 0, 1, 2}, bad[] = {0, 1, 2, 3, 0};
    venn_selection select[VENN_SPLITS] = {{.rows = rows, .n = 5, .labels = labels}, {.none = true}};
    cr_assert_eq(venn_dataset_select(&some, data, select), VENN_OK, "%s", venn_error_message());
    cr_expect_eq(some->split[VENN_TRAIN].n, 5);
    cr_expect_eq(some->split[VENN_VALID].n, 0);
    cr_expect_eq(some->split[VENN_TEST].n, TOY_TEST);
    cr_expect_arr_eq(some->split[VENN_TRAIN].labels, labels, sizeof labels);
    float twice[5 * TOY_WIDTH];
    venn_sweep sweep = {.data = some,
                        .batch = 2,
                        .build = double_rows,
                        .outputs = (struct venn_sweep_output[]){{"twice", twice}, {0}}};
    cr_assert_eq(venn_sweep_run(device, &sweep), VENN_OK, "%s", venn_error_message());
    for (int i = 0; i < 5; i++) {
        const float *item = venn_dataset_item(data, VENN_TRAIN, 1, rows[i]);
        for (int k = 0; k < TOY_WIDTH; k++)
            cr_assert_eq(twice[i * TOY_WIDTH + k], 2 * item[k]);
    }
    venn_dataset_destroy(&some);
    select[VENN_TRAIN].labels = bad;
    cr_expect_eq(venn_dataset_select(&some, data, select), VENN_BAD_ARG);
    select[VENN_TRAIN] = (venn_selection){.rows = (int64_t[]){200}, .n = 1};
    cr_expect_eq(venn_dataset_select(&some, data, select), VENN_BAD_ARG);
    cr_expect_null(some);
    venn_dataset_destroy(&data);
    close_test_device(&device);
}
