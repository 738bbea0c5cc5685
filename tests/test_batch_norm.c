// Batch norm where the shared runner's random data does not go: means far from zero, outliers, running
// statistics over several runs.
#include <criterion/criterion.h>
#include <math.h>

#include "program_bed.h"

static venn_tensor variable(bed *b, venn_var **var, const float *data, int count)
{
    cr_assert(venn_var_create(var, b->device, NULL, VENN_F32, VENN_SHAPE(count)) == VENN_OK);
    cr_assert(venn_var_write(*var, data, (size_t)count * sizeof *data) == VENN_OK);
    return venn_graph_var(b->g, *var);
}

typedef struct norm_bed {
    bed b;
    venn_var *mean, *var;
} norm_bed;

// x [B, 1, ...] with gamma 1, beta 0, running mean 0 and variance 1.
static norm_bed new_norm(venn_shape shape, const venn_batch_norm_params *params)
{
    const float one = 1, zero = 0;
    norm_bed n = {.b = bed_create()};
    venn_tensor mean = variable(&n.b, &n.mean, &zero, 1), var = variable(&n.b, &n.var, &one, 1);
    venn_tensor statistics[2];
    venn_tensor y =
        venn_batch_norm(n.b.g, bed_input(&n.b, "x", shape), bed_input(&n.b, "gamma", VENN_SHAPE(1)),
                        bed_input(&n.b, "beta", VENN_SHAPE(1)), mean, var, params, statistics);
    venn_graph_output(n.b.g, "y", y);
    venn_graph_output(n.b.g, "mean", statistics[0]);
    venn_graph_output(n.b.g, "invstd", statistics[1]);
    bed_compile(&n.b);
    bed_set(&n.b, "gamma", &one);
    bed_set(&n.b, "beta", &zero);
    return n;
}

static double scalar(const venn_var *var)
{
    float value;
    cr_assert(venn_var_read(var, &value, sizeof value) == VENN_OK);
    return (double)value;
}

static void destroy_norm(norm_bed *n)
{
    venn_program_destroy(&n->b.program);
    venn_var_destroy(&n->mean);
    venn_var_destroy(&n->var);
    bed_destroy(&n->b);
}

// A variance from sums of squares would have no digit left.
Test(batch_norm, far_from_zero)
{
    enum { B = 6000, PLANE = 9 };
    static float x[B * PLANE];
    for (int image = 0; image < 2; image++) {
        const int count = image ? B * PLANE : B;
        norm_bed n = new_norm(image ? VENN_SHAPE(B, 1, 3, 3) : VENN_SHAPE(B, 1), NULL);
        double mean = 0, square = 0;
        for (int i = 0; i < count; i++) {
            x[i] = 1e4f + sinf((float)i);
            mean += (double)x[i] / count;
        }
        for (int i = 0; i < count; i++)
            square += pow((double)x[i] - mean, 2);
        bed_set(&n.b, "x", x);
        bed_run(&n.b);
        check_near((double)*(const float *)bed_get(&n.b, "mean"), mean, 2e-7);
        check_near((double)*(const float *)bed_get(&n.b, "invstd"), 1 / sqrt(square / count + 1e-5),
                   1e-5);
        check_near(scalar(n.mean), 0.1 * mean, 1e-6);
        check_near(scalar(n.var), 0.9 + 0.1 * square / (count - 1), 1e-5);
        destroy_norm(&n);
    }
}

// A channel whose first elements are nothing like the rest.
Test(batch_norm, with_an_outlier_first)
{
    enum { B = 512 };
    static float x[B];
    double mean = 0, square = 0;
    for (int i = 0; i < B; i++) {
        x[i] = i == 0 ? 1e6f : cosf((float)i);
        mean += (double)x[i] / B;
    }
    for (int i = 0; i < B; i++)
        square += pow((double)x[i] - mean, 2);
    norm_bed n = new_norm(VENN_SHAPE(B, 1), NULL);
    bed_set(&n.b, "x", x);
    bed_run(&n.b);
    check_near((double)*(const float *)bed_get(&n.b, "invstd"), 1 / sqrt(square / B + 1e-5), 1e-6);
    destroy_norm(&n);
}

Test(batch_norm, running_statistics)
{
    const float x[4] = {1, 2, 3, 6};
    venn_batch_norm_params params = {.momentum = 0.5f};
    norm_bed n = new_norm(VENN_SHAPE(4, 1), &params);
    double mean = 0, var = 1;
    for (int k = 0; k < 3; k++) {
        if (k)
            cr_assert(venn_program_begin(n.b.program) == VENN_OK);
        bed_set(&n.b, "x", x);
        if (k) {
            bed_set(&n.b, "gamma", &(float){1});
            bed_set(&n.b, "beta", &(float){0});
        }
        bed_run(&n.b);
        mean = 0.5 * mean + 0.5 * 3;
        var = 0.5 * var + 0.5 * 14.0 / 3;
        check_near(scalar(n.mean), mean, 1e-6);
        check_near(scalar(n.var), var, 1e-6);
    }
    destroy_norm(&n);
    params.mode = VENN_BATCH_NORM_EVAL;
    n = new_norm(VENN_SHAPE(4, 1), &params);
    bed_set(&n.b, "x", x);
    bed_run(&n.b);
    const float *y = bed_get(&n.b, "y");
    for (int i = 0; i < 4; i++)
        check_near((double)y[i], (double)x[i] / sqrt(1 + 1e-5), 1e-6);
    cr_assert(scalar(n.mean) == 0 && scalar(n.var) == 1);
    destroy_norm(&n);
}

// A batch with NaN, or too large for its variance, is skipped by every guard: its statistics must not stay, either.
Test(batch_norm, bad_batches_leave_running_statistics)
{
    enum { LONG = 3000 };
    static const float bad[] = {NAN, INFINITY, 1e30f};
    static float x[LONG];
    for (int part = 0; part < 6; part++) {
        const int count = part % 2 ? LONG : 4;
        norm_bed n = new_norm(VENN_SHAPE(count, 1), NULL);
        for (int i = 0; i < count; i++)
            x[i] = i == count / 2 ? bad[part / 2] : cosf((float)i);
        bed_set(&n.b, "x", x);
        bed_run(&n.b);
        cr_expect(scalar(n.mean) == 0 && scalar(n.var) == 1, "%g in %d: mean %g, var %g",
                  (double)bad[part / 2], count, scalar(n.mean), scalar(n.var));
        if (part / 2 == 0)
            cr_expect(isnan(*(const float *)bed_get(&n.b, "mean")));
        destroy_norm(&n);
    }
}

// Two modalities through one layer in eval mode: statistics of their own, one scale and shift, which learn from
// both.
Test(batch_norm, shared_affine_of_private_statistics)
{
    const float means[2] = {1, -2}, vars[2] = {4, 0.25f}, one = 1, zero = 0;
    const float x[2][3] = {{0, 1, 5}, {-3, 2, 2}};
    bed b = bed_create();
    venn_var *mean, *var;
    cr_assert(venn_var_create(&mean, b.device, NULL, VENN_F32, VENN_SHAPE(2, 1)) == VENN_OK);
    cr_assert(venn_var_create(&var, b.device, NULL, VENN_F32, VENN_SHAPE(2, 1)) == VENN_OK);
    cr_assert(venn_var_write(mean, means, sizeof means) == VENN_OK);
    cr_assert(venn_var_write(var, vars, sizeof vars) == VENN_OK);
    const venn_tensor affine[2] = {bed_input(&b, "gamma", VENN_SHAPE(1)),
                                   bed_input(&b, "beta", VENN_SHAPE(1))};
    venn_tensor y[2], dx[2];
    for (int32_t i = 0; i < 2; i++)
        y[i] = venn_batch_norm(b.g, bed_input(&b, i ? "x1" : "x0", VENN_SHAPE(3, 1)), affine[0],
                               affine[1], venn_graph_var(b.g, mean), venn_graph_var(b.g, var),
                               &(venn_batch_norm_params){.mode = VENN_BATCH_NORM_EVAL, .set = i},
                               NULL);
    venn_tensor loss = venn_sum(b.g, venn_add(b.g, y[0], y[1]), NULL);
    cr_assert(venn_graph_gradients(b.g, loss, VENN_NONE, 2, affine, dx) == VENN_OK);
    venn_graph_output(b.g, "dgamma", dx[0]);
    venn_graph_output(b.g, "dbeta", dx[1]);
    bed_compile(&b);
    bed_set(&b, "gamma", &one);
    bed_set(&b, "beta", &zero);
    bed_set(&b, "x0", x[0]);
    bed_set(&b, "x1", x[1]);
    bed_run(&b);
    double want = 0;
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 3; k++)
            want += (double)(x[i][k] - means[i]) / sqrt((double)vars[i] + 1e-5);
    check_near((double)*(const float *)bed_get(&b, "dgamma"), want, 1e-6);
    check_near((double)*(const float *)bed_get(&b, "dbeta"), 6, 1e-6);
    venn_program_destroy(&b.program);
    venn_var_destroy(&mean);
    venn_var_destroy(&var);
    bed_destroy(&b);
}
