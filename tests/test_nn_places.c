// Places in a network: looking at them, going on from them, and taking channels out there.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program_bed.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())

enum { BATCH = 3 };

static const venn_layer picture[] = {
    {.kind = VENN_LAYER_CONV, .out = 3, .kernel = {3}, .padding = {1, 1}, .name = "c"},
    {.kind = VENN_LAYER_RELU},
    {.kind = VENN_LAYER_FLATTEN},
    {.kind = VENN_LAYER_LINEAR, .out = 5},
    {.kind = VENN_LAYER_TANH}};
static const venn_layer sound[] = {{.kind = VENN_LAYER_LINEAR, .out = 4}};
static const venn_layer top[] = {{.kind = VENN_LAYER_LINEAR, .out = 6},
                                 {.kind = VENN_LAYER_RELU},
                                 {.kind = VENN_LAYER_LINEAR, .out = 2}};

// Two branches and a head; or the first branch alone.
static venn_net *make(venn_device *device, bool fused)
{
    const venn_branch branches[] = {
        {.name = fused ? "eye" : NULL,
         .layers = picture,
         .n_layers = 5,
         .input = VENN_SHAPE(2, 4, 4)},
        {.name = "ear", .layers = sound, .n_layers = 1, .input = VENN_SHAPE(7)}};
    venn_net *net;
    OK(venn_net_create(&net, device,
                       &(venn_net_params){.branches = branches,
                                          .n_branches = fused ? 2 : 1,
                                          .head = top,
                                          .n_head = fused ? 3 : 0},
                       5));
    return net;
}

static void fill(bed *b, const char *name, size_t n)
{
    float *x = malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)sin(1.7 * (double)i + (double)n);
    bed_set(b, name, x);
    free(x);
}

// From every place on, the net gives what it gives as a whole.
static void check_behind(bool fused)
{
    static const char *const places[][7] = {
        {"input", "c", "1", "2", "3", "4", "head.input"},
        {"eye.input", "eye.c", "eye.3", "ear.input", "ear.0", "head.input", "head.0"}};
    bed b = bed_create();
    venn_net *net = make(b.device, fused);
    venn_tensor x[] = {bed_input(&b, "x", VENN_SHAPE(BATCH, 2, 4, 4)),
                       bed_input(&b, "s", VENN_SHAPE(BATCH, 7))};
    venn_tap taps[9];
    for (int i = 0; i < 7; i++)
        taps[i].layer = places[fused][i];
    for (size_t i = 0; i < 2; i++)
        taps[7 + i].layer = venn_net_branch_end(net, fused ? i : 0);
    venn_graph_output(b.g, "y",
                      venn_net_apply(net, b.g, x, &(venn_apply_params){.taps = taps, .n_taps = 9}));
    // Each of the doubles is the same tap, filled where it stands first.
    venn_tensor ends[2];
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 9; k-- > 0;)
            if (strcmp(taps[k].layer, taps[7 + i].layer) == 0)
                ends[i] = taps[k].y;
    for (int i = 0; i < 7; i++)
        venn_graph_output(b.g, places[fused][i],
                          venn_net_apply_behind(net, b.g, places[fused][i], taps[i].y,
                                                fused ? ends : NULL, NULL));
    bed_compile(&b);
    fill(&b, "x", BATCH * 32);
    if (fused)
        fill(&b, "s", BATCH * 7);
    bed_run(&b);
    const int n = BATCH * (fused ? 2 : 5);
    const float *y = bed_get(&b, "y");
    for (int i = 0; i < 7; i++)
        cr_expect(memcmp(bed_get(&b, places[fused][i]), y, (size_t)n * sizeof *y) == 0, "%s",
                  places[fused][i]);
    venn_net_destroy(&net);
    bed_destroy(&b);
}

Test(nn_places, a_net_goes_on_from_any_place)
{
    check_behind(false);
    check_behind(true);
}

Test(nn_places, shapes)
{
    bed b = bed_create();
    venn_net *net = make(b.device, true);
    static const struct {
        const char *place, *shape;
    } want[] = {{"eye.input", "[2, 4, 4]"}, {"eye.c", "[3, 4, 4]"}, {"eye.4", "[5]"},
                {"ear.input", "[7]"},       {"head.input", "[9]"},  {"head.2", "[2]"}};
    char text[VENN_SHAPE_TEXT_MAX];
    venn_shape shape;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        OK(venn_net_place(net, want[i].place, &shape));
        cr_expect_str_eq(venn_shape_text(&shape, text, sizeof text), want[i].shape);
    }
    cr_expect(venn_net_place(net, "input", &shape) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "input"));
    cr_expect_str_eq(venn_net_branch_end(net, 0), "eye.4");
    venn_net_destroy(&net);
    bed_destroy(&b);
}

// Values at "c" with channel 1 of 3 out, by hand from those without.
static void check_removed(const float *whole, const float *got, venn_removal how)
{
    for (int i = 0; i < BATCH * 48; i++) {
        const int channel = i / 16 % 3, at = i % 48;
        const double mean = (whole[at] + whole[48 + at] + whole[96 + at]) / 3.0;
        const double want = channel != 1 ? whole[i] : how == VENN_REMOVE_MEAN ? mean : 0;
        cr_expect_float_eq(got[i], want, channel == 1 ? 1e-6 : 0, "%d: %g, %g", i, (double)got[i],
                           want);
    }
}

// Out in training and out of it, in the values that later layers see, and back again.
Test(nn_places, channels_are_taken_out_and_put_back)
{
    const bool removed[3] = {false, true, false};
    for (int how = VENN_REMOVE_MEAN; how <= VENN_REMOVE_ZERO; how++) {
        bed b = bed_create();
        venn_net *net = make(b.device, false);
        char before[33], after[33];
        OK(venn_net_hash(net, before));
        venn_tensor x = bed_input(&b, "x", VENN_SHAPE(BATCH, 2, 4, 4));
        venn_tap whole = {"c", {0}}, eval = {"c", {0}}, train = {"c", {0}};
        venn_graph_output(
            b.g, "whole y",
            venn_net_apply(net, b.g, &x, &(venn_apply_params){.taps = &whole, .n_taps = 1}));
        OK(venn_net_remove(net, "c", 3, removed, (venn_removal)how));
        venn_graph_output(
            b.g, "y",
            venn_net_apply(net, b.g, &x, &(venn_apply_params){.taps = &eval, .n_taps = 1}));
        venn_net_apply(net, b.g, &x, &(venn_apply_params){true, &train, 1});
        venn_graph_output(b.g, "rest", venn_net_apply_behind(net, b.g, "c", eval.y, NULL, NULL));
        venn_graph_output(b.g, "whole", whole.y);
        venn_graph_output(b.g, "eval", eval.y);
        venn_graph_output(b.g, "train", train.y);
        bed_compile(&b);
        fill(&b, "x", BATCH * 32);
        bed_run(&b);
        check_removed(bed_get(&b, "whole"), bed_get(&b, "eval"), (venn_removal)how);
        check_removed(bed_get(&b, "whole"), bed_get(&b, "train"), (venn_removal)how);
        const size_t bytes = BATCH * 5 * sizeof(float);
        cr_expect(memcmp(bed_get(&b, "y"), bed_get(&b, "rest"), bytes) == 0);
        cr_expect(memcmp(bed_get(&b, "y"), bed_get(&b, "whole y"), bytes) != 0);
        OK(venn_net_hash(net, after));
        cr_expect_str_eq(before, after);
        OK(venn_net_remove(net, "c", 3, NULL, (venn_removal)how));
        OK(venn_program_begin(b.program));
        fill(&b, "x", BATCH * 32);
        bed_run(&b);
        cr_expect(memcmp(bed_get(&b, "y"), bed_get(&b, "whole y"), bytes) == 0);
        venn_net_destroy(&net);
        bed_destroy(&b);
    }
}

Test(nn_places, refuses)
{
    bed b = bed_create();
    venn_net *net = make(b.device, false);
    cr_expect(venn_net_remove(net, "c", 4, NULL, VENN_REMOVE_ZERO) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "c has 3 channels, not 4"), "%s", venn_error_message());
    cr_expect(venn_net_remove(net, "d", 3, NULL, VENN_REMOVE_ZERO) == VENN_BAD_ARG);
    venn_tensor x = bed_input(&b, "x", VENN_SHAPE(BATCH, 2, 4, 4));
    cr_expect(venn_net_apply_behind(net, b.g, "d", x, NULL, NULL).id == 0);
    cr_expect(strstr(venn_graph_error(b.g), "named d"), "%s", venn_graph_error(b.g));
    venn_net_destroy(&net);
    bed_destroy(&b);
}
