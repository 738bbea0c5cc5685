// Loss scaling step by step: gradients that leave the range of f16 change nothing but the scale, and those that
// stay in it are the same at any scale.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "device_fixture.h"
#include "venn/venn.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())

enum { N = 5 };

// loss = sum of 4 w, whose gradient passes through f16 on its way from the scale to w.
typedef struct slope {
    venn_device *device;
    venn_var *w;
    venn_optim *optim;
    venn_program *program;
    float wanted[N]; // after the last step that counted
} slope;

static void check_w(const slope *s)
{
    float w[N];
    OK(venn_var_read(s->w, w, sizeof w));
    for (int i = 0; i < N; i++)
        cr_assert(w[i] == s->wanted[i], "w[%d] is %.9g, want %.9g", i, (double)w[i],
                  (double)s->wanted[i]);
}

static slope setup(float scale)
{
    slope s = {.device = open_test_device()};
    venn_graph *g;
    const venn_optim_params params = {.kind = VENN_OPTIM_SGD, .lr = 0.25, .loss_scale = scale};
    OK(venn_var_create(&s.w, s.device, "w", VENN_F32, VENN_SHAPE(N)));
    for (int i = 0; i < N; i++)
        s.wanted[i] = (float)(10 * i);
    OK(venn_var_write(s.w, s.wanted, sizeof s.wanted));
    OK(venn_optim_create(&s.optim, s.device, &params, 1,
                         &(venn_optim_group){.vars = &s.w, .n = 1}));
    OK(venn_graph_create(&g));
    venn_tensor half = venn_cast(g, venn_graph_var(g, s.w), VENN_F16);
    venn_tensor slopes = venn_cast(g, venn_scale(g, half, 4, 0), VENN_F32);
    venn_tensor loss = venn_sum(g, slopes, NULL);
    venn_graph_output(g, "loss", loss);
    OK(venn_optim_minimize(s.optim, g, loss));
    OK(venn_graph_compile(&s.program, g, s.device, NULL));
    venn_graph_destroy(&g);
    check_w(&s);
    return s;
}

static void teardown(slope *s)
{
    venn_program_destroy(&s->program);
    venn_optim_destroy(&s->optim);
    venn_var_destroy(&s->w);
    close_test_device(&s->device);
}

// A step, after which the scale must be `scale`, with `good` good steps behind it.
static void step(slope *s, bool counts, float scale, float good)
{
    float state[2];
    OK(venn_program_begin(s->program));
    OK(venn_optim_feed(s->optim, s->program, 0));
    OK(venn_program_run(s->program, NULL));
    for (int i = 0; counts && i < N; i++)
        s->wanted[i] -= 1; // lr 4
    check_w(s);
    OK(venn_var_read(venn_optim_state(s->optim, 0), state, sizeof state));
    cr_assert(state[0] == scale && state[1] == good, "scale %g with %g, want %g with %g",
              (double)state[0], (double)state[1], (double)scale, (double)good);
}

Test(loss_scaling, overflow_is_skipped_and_halves_the_scale)
{
    slope s = setup(65536);
    cr_assert_eq(venn_optim_n_states(s.optim), 1);
    cr_expect_str_eq(venn_var_name(venn_optim_state(s.optim, 0)), "optim.loss_scale");
    cr_expect_null(venn_optim_state_of(s.optim, 0));
    step(&s, false, 32768, 0); // 65536 is beyond f16
    step(&s, true, 32768, 1);
    step(&s, true, 32768, 2);
    teardown(&s);
}

Test(loss_scaling, many_good_steps_double_it)
{
    slope s = setup(16384);
    const float state[] = {16384, 1998}; // as from a checkpoint
    OK(venn_var_write(venn_optim_state(s.optim, 0), state, sizeof state));
    step(&s, true, 16384, 1999);
    step(&s, true, 32768, 0);
    step(&s, true, 32768, 1);
    OK(venn_optim_reset(s.optim));
    step(&s, true, 16384, 1);
    teardown(&s);
}

Test(loss_scaling, never_below_one)
{
    slope s = setup(1);
    const float state[] = {INFINITY, 7}; // no scale at all
    step(&s, true, 1, 1);
    OK(venn_var_write(venn_optim_state(s.optim, 0), state, sizeof state));
    step(&s, false, 16777216, 0);
    teardown(&s);
}

Test(loss_scaling, refuses_a_negative_one)
{
    venn_device *device = open_test_device();
    venn_optim *optim;
    const venn_optim_params params = {.loss_scale = -1};
    cr_expect_eq(venn_optim_create(&optim, device, &params, 0, NULL), VENN_BAD_ARG);
    cr_expect_not_null(strstr(venn_error_message(), "loss_scale"), "%s", venn_error_message());
    close_test_device(&device);
}
