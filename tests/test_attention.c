// Attention where the shared runner cannot look: keys that an infinite bias hides, queries that see none, and
// scores that are not numbers.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "program_bed.h"

enum { T = 21, D = 6, COUNT = T * D };

static const char *const names[] = {"q", "k", "v"}, *const gradients[] = {"dq", "dk", "dv"};

// Outputs "y", "dq", "dk", "dv" of one head of T queries and keys; a bias if there is an input of it.
static bed make(bool causal, bool has_bias)
{
    bed b = bed_create();
    const venn_attention_params params = {.causal = causal};
    venn_tensor x[3], dx[3], bias = VENN_NONE;
    for (int i = 0; i < 3; i++)
        x[i] = bed_input(&b, names[i], VENN_SHAPE(1, 1, T, D));
    if (has_bias)
        bias = bed_input(&b, "bias", VENN_SHAPE(1, 1, T, T));
    venn_tensor y = venn_attention(b.g, x[0], x[1], x[2], VENN_NONE, bias, &params);
    venn_graph_output(b.g, "y", y);
    cr_assert(venn_graph_gradients(b.g, venn_mul(b.g, y, y), VENN_NONE, 3, x, dx) == VENN_OK);
    for (int i = 0; i < 3; i++)
        venn_graph_output(b.g, gradients[i], dx[i]);
    bed_compile(&b);
    return b;
}

static void set_waves(bed *b)
{
    float x[COUNT];
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < COUNT; i++)
            x[i] = sinf(0.7f * (float)(k + 1) * (float)i);
        bed_set(b, names[k], x);
    }
}

static void check_equal(bed *a, bed *b, const char *name)
{
    const float *want = bed_get(a, name), *got = bed_get(b, name);
    for (int i = 0; i < COUNT; i++)
        cr_assert(fabsf(got[i] - want[i]) <= 1e-5f, "%s[%d] is %g, want %g", name, i,
                  (double)got[i], (double)want[i]);
}

Test(attention, bias_hides_keys)
{
    float bias[T * T];
    for (int i = 0; i < T * T; i++)
        bias[i] = i % T > i / T ? -INFINITY : 0;
    bed causal = make(true, false), biased = make(false, true);
    set_waves(&causal);
    set_waves(&biased);
    bed_set(&biased, "bias", bias);
    bed_run(&causal);
    bed_run(&biased);
    check_equal(&causal, &biased, "y");
    for (int i = 0; i < 3; i++)
        check_equal(&causal, &biased, gradients[i]);
    bed_destroy(&causal);
    bed_destroy(&biased);
}

// The first of them, and those of a second subgroup.
static bool sees_none(int query)
{
    return query == 0 || query > 16;
}

Test(attention, queries_that_see_no_key)
{
    float bias[T * T];
    for (int i = 0; i < T * T; i++)
        bias[i] = sees_none(i / T) ? -INFINITY : 0;
    bed b = make(false, true);
    set_waves(&b);
    bed_set(&b, "bias", bias);
    bed_run(&b);
    const float *y = bed_get(&b, "y"), *dq = bed_get(&b, "dq");
    for (int i = 0; i < COUNT; i++)
        cr_assert((y[i] == 0) == sees_none(i / D) && (dq[i] == 0) == sees_none(i / D),
                  "element %d: y %g, dq %g", i, (double)y[i], (double)dq[i]);
    for (int k = 1; k < 3; k++) {
        const float *dx = bed_get(&b, gradients[k]);
        for (int i = 0; i < COUNT; i++)
            cr_assert(isfinite(dx[i]) && dx[i] != 0, "%s[%d] is %g", gradients[k], i,
                      (double)dx[i]);
    }
    bed_destroy(&b);
}

// A number that is none shows in its query, and in no other.
Test(attention, nan_shows)
{
    float q[COUNT];
    for (int i = 0; i < COUNT; i++)
        q[i] = i == 3 * D ? NAN : cosf((float)i);
    bed b = make(false, false);
    set_waves(&b);
    bed_set(&b, "q", q);
    bed_run(&b);
    const float *y = bed_get(&b, "y");
    for (int i = 0; i < COUNT; i++)
        cr_assert(isnan(y[i]) == (i / D == 3), "y[%d] is %g", i, (double)y[i]);
    bed_destroy(&b);
}
