// Runs of one network side by side, which meet on the way.
#include <math.h>
#include <string.h>

#include "net_fixture.h"

// linear 4, relu(linear) + itself, linear 3; for [5].
static const venn_layer inner[] = {{.kind = VENN_LAYER_LINEAR, .out = 4, .name = "up"},
                                   {.kind = VENN_LAYER_RELU}};
static const venn_layer layers[] = {
    {.kind = VENN_LAYER_LINEAR, .out = 4, .name = "in"},
    {.kind = VENN_LAYER_RESIDUAL, .body = inner, .n_body = 2, .name = "block"},
    {.kind = VENN_LAYER_LINEAR, .out = 3, .name = "out"}};

enum { B = 2, IN = 5, MID = 4, OUT = 3 };

typedef struct visits {
    char names[4][16];
    int n;
} visits;

static void swap(void *user, venn_graph *g, const char *place, venn_tensor *y)
{
    visits *v = user;
    const venn_tensor first = y[0];
    (void)g;
    snprintf(v->names[v->n++ % 4], sizeof v->names[0], "%s", place);
    y[0] = y[1];
    y[1] = first;
}

static venn_net *two_inputs(scene *s, venn_tensor x[2])
{
    venn_net *net = make_net(s->device, layers, COUNT(layers), VENN_SHAPE(IN), 3);
    x[0] = sines(s, VENN_SHAPE(B, IN));
    x[1] = venn_scale(s->g, sines(s, VENN_SHAPE(B, IN)), -2, 0.5f);
    return net;
}

// Runs that do not meet are what they are alone, bit for bit.
Test(nn_abreast, alone_together)
{
    scene s;
    venn_tensor x[2], y[2];
    open_scene(&s);
    venn_net *net = two_inputs(&s, x);
    venn_net_apply_abreast(net, s.g, 2, x, NULL, NULL, y);
    venn_graph_output(s.g, "0", y[0]);
    venn_graph_output(s.g, "1", y[1]);
    venn_graph_output(s.g, "0 alone", venn_net_apply(net, s.g, &x[0], NULL));
    venn_graph_output(s.g, "1 alone", venn_net_apply(net, s.g, &x[1], NULL));
    run(&s, 0);
    const size_t bytes = B * OUT * sizeof(float);
    cr_expect(memcmp(output(&s, "0"), output(&s, "0 alone"), bytes) == 0);
    cr_expect(memcmp(output(&s, "1"), output(&s, "1 alone"), bytes) == 0);
    cr_expect(memcmp(output(&s, "0"), output(&s, "1"), bytes) != 0);
    venn_net_destroy(&net);
    close_scene(&s);
}

static void swapped_by_hand(const venn_net *net, const double *mine, const double *other, double *y)
{
    double in[MID], its[MID], up[MID];
    dense(net, "in", mine, IN, MID, true, 0, in);
    dense(net, "in", other, IN, MID, true, 0, its);
    dense(net, "block.up", its, MID, MID, true, 1, up);
    for (int i = 0; i < MID; i++)
        up[i] += in[i];
    dense(net, "out", up, MID, OUT, true, 0, y);
}

// Inside a block, before an activation that would have become part of its layer: each run goes on with the
// other's body and its own shortcut, and gradients find the way back.
Test(nn_abreast, runs_meet_inside_a_block)
{
    static const char *const places[] = {"block.up"};
    scene s;
    visits seen = {.n = 0};
    venn_tensor x[2], y[2], dx[2];
    venn_tap tap = {.layer = "block.up"}, plain = {.layer = "block.up"};
    open_scene(&s);
    venn_net *net = two_inputs(&s, x);
    const venn_meeting meeting = {.places = places, .n_places = 1, .meet = swap, .user = &seen};
    venn_net_apply(net, s.g, &x[1], &(venn_apply_params){.taps = &plain, .n_taps = 1});
    venn_net_apply_abreast(net, s.g, 2, x, (venn_apply_params[]){{.taps = &tap, .n_taps = 1}, {0}},
                           &meeting, y);
    cr_assert_eq(seen.n, 1);
    cr_expect_str_eq(seen.names[0], "block.up");
    OK(venn_graph_gradients(s.g, venn_sum(s.g, y[0], NULL), VENN_NONE, 2, x, dx));
    venn_graph_output(s.g, "0", y[0]);
    venn_graph_output(s.g, "1", y[1]);
    venn_graph_output(s.g, "tap", tap.y);
    venn_graph_output(s.g, "plain", plain.y);
    venn_graph_output(s.g, "dx", dx[1]);
    run(&s, 0);
    double largest = 0;
    for (int b = 0; b < B; b++) {
        double in[2][IN], want[OUT];
        for (int i = 0; i < IN; i++) {
            in[0][i] = (double)sine(IN * b + i);
            in[1][i] = 0.5 - 2 * in[0][i];
            largest = fmax(largest, fabs((double)output(&s, "dx")[IN * b + i]));
        }
        swapped_by_hand(net, in[0], in[1], want);
        expect_near(output(&s, "0") + OUT * b, want, OUT, "0");
        swapped_by_hand(net, in[1], in[0], want);
        expect_near(output(&s, "1") + OUT * b, want, OUT, "1");
    }
    cr_expect(memcmp(output(&s, "tap"), output(&s, "plain"), B * MID * sizeof(float)) == 0);
    cr_expect_gt(largest, 0.01);
    venn_net_destroy(&net);
    close_scene(&s);
}

Test(nn_abreast, refuses)
{
    static const char *const places[] = {"nowhere"};
    scene s;
    visits seen = {.n = 0};
    venn_tensor x[2], y[VENN_MAX_ABREAST + 1];
    const venn_meeting meeting = {.places = places, .n_places = 1, .meet = swap, .user = &seen};
    open_scene(&s);
    venn_net *net = two_inputs(&s, x);
    venn_net_apply_abreast(net, s.g, 2, x, NULL, &meeting, y);
    cr_expect(strstr(venn_graph_error(s.g), "named nowhere"), "%s", venn_graph_error(s.g));
    cr_expect(y[0].id == 0 && y[1].id == 0 && seen.n == 0);
    venn_net_destroy(&net);
    close_scene(&s);
    open_scene(&s);
    net = two_inputs(&s, x);
    venn_net_apply_abreast(net, s.g, VENN_MAX_ABREAST + 1, x, NULL, NULL, y);
    cr_expect(strstr(venn_graph_error(s.g), "9 runs"), "%s", venn_graph_error(s.g));
    venn_net_destroy(&net);
    close_scene(&s);
}
