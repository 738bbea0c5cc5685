// Networks in a graph: what their layers compute, tapped or not, in training or not.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net_fixture.h"

Test(nn_apply, a_net_computes_what_its_layers_say_tapped_or_not)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_mlp(s.device, 11);
    venn_tensor x = sines(&s, VENN_SHAPE(2, 4));
    venn_tap taps[] = {{.layer = "0"}, {.layer = "1"}, {.layer = "3"}, {.layer = "4"}};
    venn_graph_output(s.g, "plain", venn_net_apply(net, s.g, &x, NULL));
    venn_tensor y = venn_net_apply(net, s.g, &x, &(venn_apply_params){.taps = taps, .n_taps = 4});
    cr_assert_eq(y.id, taps[3].y.id);
    venn_graph_output(s.g, "0", taps[0].y);
    venn_graph_output(s.g, "1", taps[1].y);
    venn_graph_output(s.g, "3", taps[2].y);
    venn_graph_output(s.g, "y", y);
    run(&s, 0);
    for (int b = 0; b < 2; b++) {
        double in[4], linear[7], relu[7], sigmoid[5], logits[3];
        for (int i = 0; i < 4; i++)
            in[i] = sine(4 * b + i);
        dense(net, "0", in, 4, 7, true, 0, linear);
        dense(net, "0", in, 4, 7, true, 1, relu);
        dense(net, "2", relu, 7, 5, false, 2, sigmoid);
        dense(net, "4", sigmoid, 5, 3, true, 0, logits);
        expect_near(output(&s, "0") + 7 * b, linear, 7, "0");
        expect_near(output(&s, "1") + 7 * b, relu, 7, "1");
        expect_near(output(&s, "3") + 5 * b, sigmoid, 5, "3");
        expect_near(output(&s, "y") + 3 * b, logits, 3, "y");
        expect_near(output(&s, "plain") + 3 * b, logits, 3, "plain");
    }
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn_apply, activations_become_part_of_the_layer_before)
{
    scene s;
    venn_program_info plain, tapped;
    for (int i = 0; i < 2; i++) {
        open_scene(&s);
        venn_net *net = make_mlp(s.device, 11);
        venn_tensor x = sines(&s, VENN_SHAPE(2, 4));
        venn_tap tap = {.layer = "0"};
        venn_apply_params params = {.taps = &tap, .n_taps = (size_t)i};
        venn_graph_output(s.g, "y", venn_net_apply(net, s.g, &x, &params));
        run(&s, 0);
        venn_program_get_info(s.program, i ? &tapped : &plain);
        venn_net_destroy(&net);
        close_scene(&s);
    }
    cr_assert_eq(plain.nodes, 3);
    cr_assert_eq(tapped.nodes, 4);
}

Test(nn_apply, two_uses_in_one_graph_share_their_parameters)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_mlp(s.device, 4);
    venn_tensor x = sines(&s, VENN_SHAPE(3, 4));
    venn_tensor one = venn_sum(s.g, venn_net_apply(net, s.g, &x, NULL), NULL);
    venn_tensor two = venn_add(s.g, one, venn_sum(s.g, venn_net_apply(net, s.g, &x, NULL), NULL));
    venn_tensor w = venn_graph_var(s.g, venn_net_param_find(net, "0.weight")->var), dw[2];
    OK(venn_graph_gradients(s.g, one, VENN_NONE, 1, &w, &dw[0]));
    OK(venn_graph_gradients(s.g, two, VENN_NONE, 1, &w, &dw[1]));
    venn_graph_output(s.g, "dw1", dw[0]);
    venn_graph_output(s.g, "dw2", dw[1]);
    run(&s, 0);
    double largest = 0;
    for (int i = 0; i < 28; i++) {
        float once = output(&s, "dw1")[i], twice = output(&s, "dw2")[i];
        cr_assert(fabs(twice - 2 * once) < 1e-6, "%d: %g, %g", i, (double)once, (double)twice);
        largest = fmax(largest, fabs(once));
    }
    cr_assert(largest > 1e-3);
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn_apply, training_mode_drops_and_moves_statistics_and_evaluation_does_not)
{
    const venn_layer layers[] = {{.kind = VENN_LAYER_BATCH_NORM, .momentum = 0.5f},
                                 {.kind = VENN_LAYER_DROPOUT}};
    scene s;
    open_scene(&s);
    venn_net *net = make_net(s.device, layers, 2, VENN_SHAPE(32), 1);
    venn_tensor x = sines(&s, VENN_SHAPE(16, 32));
    venn_graph_output(s.g, "train",
                      venn_net_apply(net, s.g, &x, &(venn_apply_params){.train = true}));
    run(&s, 0);
    int zeros = 0;
    float first[512];
    memcpy(first, output(&s, "train"), sizeof first);
    for (int i = 0; i < 512; i++)
        zeros += first[i] == 0;
    cr_assert(zeros > 200 && zeros < 312, "%d of 512 dropped", zeros);
    run(&s, 1);
    cr_assert_neq(memcmp(first, output(&s, "train"), sizeof first), 0);
    float *mean;
    read_param(net, "0.running_mean", &mean);
    for (int c = 0; c < 32; c++) {
        double want = 0;
        for (int b = 0; b < 16; b++)
            want += sine(32 * b + c) / 16;
        cr_assert(fabs(mean[c] - 0.75 * want) < 1e-6); // two steps of a half
    }
    free(mean);
    venn_program_destroy(&s.program);

    venn_graph_destroy(&s.g);
    OK(venn_graph_create(&s.g));
    char before[33], after[33];
    OK(venn_net_init(net, 1));
    net_hash(net, before);
    x = venn_graph_var(s.g, s.vars[0]);
    venn_graph_output(s.g, "eval", venn_net_apply(net, s.g, &x, NULL));
    run(&s, 0);
    for (int i = 0; i < 512; i++)
        cr_assert(fabs(output(&s, "eval")[i] - sine(i)) < 1e-4);
    net_hash(net, after);
    cr_assert_str_eq(before, after);
    venn_net_destroy(&net);
    close_scene(&s);
}

static void expect_apply_error(venn_shape shape, const char *tap_name, const char *word)
{
    scene s;
    open_scene(&s);
    venn_net *net = make_mlp(s.device, 1);
    venn_tensor x = venn_graph_input(s.g, "x", VENN_F32, shape);
    venn_tap tap = {.layer = tap_name};
    venn_apply_params params = {.taps = &tap, .n_taps = tap_name != NULL};
    cr_assert_eq(venn_net_apply(net, s.g, &x, &params).id, 0);
    cr_assert(venn_graph_status(s.g) < 0);
    cr_assert(strstr(venn_graph_error(s.g), word), "%s", venn_graph_error(s.g));
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn_apply, inputs_and_taps_that_do_not_fit_are_errors_of_the_graph)
{
    expect_apply_error(VENN_SHAPE(2, 5), NULL, "[4], got [2, 5]");
    expect_apply_error(VENN_SHAPE(4), NULL, "[4], got [4]");
    expect_apply_error(VENN_SHAPE(2, 4), "nowhere", "nowhere");
}
