// `venn op`, as users run it: the built program on npy files, its results against numbers computed
// here in double, its refusals by message and exit code.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "op_files.h"

// ---- Forward and backward --------------------------------------------------------------------

enum { M = 3, K = 5, N = 4 };

Test(op_command, matmul)
{
    float *a = numbers("a.npy", VENN_SHAPE(M, K), 0.1, 1),
          *b = numbers("b.npy", VENN_SHAPE(K, N), 0.2, 1);
    float *bias = numbers("bias.npy", VENN_SHAPE(N), 0.3, 1);
    float *dy = numbers("dy.npy", VENN_SHAPE(M, N), 0.4, 1);
    double y[M * N] = {0}, da[M * K] = {0}, db[K * N] = {0}, dbias[N] = {0};
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            for (int k = 0; k < K; k++)
                y[i * N + j] += (double)a[i * K + k] * (double)b[k * N + j];
            y[i * N + j] = tanh(y[i * N + j] + (double)bias[j]);
            double dz = (double)dy[i * N + j] * (1 - y[i * N + j] * y[i * N + j]);
            dbias[j] += dz;
            for (int k = 0; k < K; k++) {
                da[i * K + k] += dz * (double)b[k * N + j];
                db[k * N + j] += dz * (double)a[i * K + k];
            }
        }
    RUNS("matmul a.npy b.npy bias.npy --param act=tanh -o y.npy --grad dy.npy --grad-out da.npy "
         "--grad-out db.npy --grad-out dbias.npy");
    expect("y.npy", VENN_SHAPE(M, N), y);
    expect("da.npy", VENN_SHAPE(M, K), da);
    expect("db.npy", VENN_SHAPE(K, N), db);
    expect("dbias.npy", VENN_SHAPE(N), dbias);
    free(a), free(b), free(bias), free(dy);
}

// 1x1xSxS, a kernel of 3x3, stride 2 and pad 1: every sum goes over taps inside the picture.
Test(op_command, conv2d)
{
    enum { S = 5, R = 3, O = 3 };
    float *x = numbers("x.npy", VENN_SHAPE(1, 1, S, S), 0.1, 1);
    float *w = numbers("w.npy", VENN_SHAPE(1, 1, R, R), 0.2, 1);
    float *dy = numbers("dy.npy", VENN_SHAPE(1, 1, O, O), 0.3, 1);
    double y[O * O] = {0}, dx[S * S] = {0}, dw[R * R] = {0};
    for (int o = 0; o < O * O; o++)
        for (int r = 0; r < R * R; r++) {
            int h = o / O * 2 - 1 + r / R, v = o % O * 2 - 1 + r % R;
            if (h < 0 || v < 0 || h >= S || v >= S)
                continue;
            y[o] += (double)w[r] * (double)x[h * S + v];
            dx[h * S + v] += (double)w[r] * (double)dy[o];
            dw[r] += (double)x[h * S + v] * (double)dy[o];
        }
    RUNS("conv2d x.npy w.npy -p stride=2 -p pad=1 -o y.npy --grad dy.npy --grad-out dx.npy "
         "--grad-out dw.npy");
    expect("y.npy", VENN_SHAPE(1, 1, O, O), y);
    expect("dx.npy", VENN_SHAPE(1, 1, S, S), dx);
    expect("dw.npy", VENN_SHAPE(1, 1, R, R), dw);
    free(x), free(w), free(dy);
}

static void softmax(const float *x, double *y, double temperature)
{
    double sum = 0;
    for (int j = 0; j < N; j++)
        sum += y[j] = exp((double)x[j] / temperature);
    for (int j = 0; j < N; j++)
        y[j] /= sum;
}

Test(op_command, softmax)
{
    float *x = numbers("x.npy", VENN_SHAPE(M, N), 0.5, 3),
          *dy = numbers("dy.npy", VENN_SHAPE(M, N), 0.6, 1);
    double y[M * N], dx[M * N];
    for (int i = 0; i < M; i++) {
        double *row = y + i * N, dot = 0;
        softmax(x + i * N, row, 1);
        for (int j = 0; j < N; j++)
            dot += row[j] * (double)dy[i * N + j];
        for (int j = 0; j < N; j++)
            dx[i * N + j] = row[j] * ((double)dy[i * N + j] - dot);
    }
    RUNS("softmax x.npy -o y.npy --grad dy.npy --grad-out dx.npy");
    expect("y.npy", VENN_SHAPE(M, N), y);
    expect("dx.npy", VENN_SHAPE(M, N), dx);
    free(x), free(dy);
}

// The gradient of a scalar without --grad is that of dy = 1; an optional input given and left out.
Test(op_command, kl_div)
{
    const double temperature = 2;
    float *s = numbers("s.npy", VENN_SHAPE(M, N), 0.7, 4),
          *t = numbers("t.npy", VENN_SHAPE(M, N), 0.8, 4);
    double loss = 0, ds[M * N], p[N], q[N];
    for (int i = 0; i < M; i++) {
        softmax(t + i * N, p, temperature);
        softmax(s + i * N, q, temperature);
        for (int j = 0; j < N; j++) {
            loss += p[j] * log(p[j] / q[j]) / M;
            ds[i * N + j] = (q[j] - p[j]) / temperature / M;
        }
    }
    RUNS("kl_div s.npy t.npy - -p temperature=2 -o y.npy --grad-out ds.npy");
    expect("y.npy", VENN_SCALAR, &loss);
    expect("ds.npy", VENN_SHAPE(M, N), ds);
    venn_array *array = make("T.npy", VENN_F32, VENN_SCALAR);
    *(float *)array->data = (float)temperature;
    cr_assert_eq(venn_npy_write(array, scratch_path("T.npy")), VENN_OK);
    venn_array_destroy(&array);
    RUNS("kl_div s.npy t.npy T.npy -o y2.npy");
    expect("y2.npy", VENN_SCALAR, &loss);
    free(s), free(t);
}

// Two gradients at once, from two outputs: x reaches y0 and the mean, y1.
Test(op_command, gradients_of_several_outputs_add)
{
    enum { B = 4, C = 2 };
    static const char op[] =
        "batch_norm x.npy gamma.npy beta.npy rm.npy rv.npy -o y.npy -o mean.npy";
    float *x = numbers("x.npy", VENN_SHAPE(B, C), 0.15, 1),
          *dy = numbers("dy.npy", VENN_SHAPE(B, C), 0.25, 1);
    float *dmean = numbers("dmean.npy", VENN_SHAPE(C), 0.35, 1);
    free(numbers("gamma.npy", VENN_SHAPE(C), 0.45, 1)),
        free(numbers("beta.npy", VENN_SHAPE(C), 0.55, 1));
    free(numbers("rm.npy", VENN_SHAPE(C), 0.65, 1)),
        free(numbers("rv.npy", VENN_SHAPE(C), 0.75, 0.1));
    RUNS("%s --grad dy.npy --grad-out d0.npy", op);
    RUNS("%s --grad - --grad dmean.npy --grad-out d1.npy", op);
    RUNS("%s --grad dy.npy --grad dmean.npy --grad-out both.npy --updated rm2.npy", op);
    venn_array *d0 = NULL;
    cr_assert_eq(venn_npy_read(&d0, scratch_path("d0.npy")), VENN_OK);
    double mean[C] = {0}, d1[B * C], both[B * C], running[C];
    for (int i = 0; i < B * C; i++) {
        mean[i % C] += (double)x[i] / B;
        d1[i] = (double)dmean[i % C] / B;
        both[i] = (double)((float *)d0->data)[i] + d1[i];
    }
    for (int c = 0; c < C; c++) {
        double old = 2 * fmod((c + 1) * 0.6180339887 + 0.65, 1) - 1;
        running[c] = 0.9 * old + 0.1 * mean[c];
    }
    expect("mean.npy", VENN_SHAPE(C), mean);
    expect("d1.npy", VENN_SHAPE(B, C), d1);
    expect("both.npy", VENN_SHAPE(B, C), both);
    expect("rm2.npy", VENN_SHAPE(C), running);
    venn_array_destroy(&d0);
    free(x), free(dy), free(dmean);
}

Test(op_command, changes_in_place_go_to_their_own_files)
{
    float *w = numbers("w.npy", VENN_SHAPE(N), 0.1, 1),
          *dw = numbers("dw.npy", VENN_SHAPE(N), 0.2, 1);
    float *v = numbers("v.npy", VENN_SHAPE(N), 0.3, 1),
          *lr = numbers("lr.npy", VENN_SCALAR, 0.4, 1);
    double new_w[N], new_v[N];
    for (int i = 0; i < N; i++) {
        new_v[i] = 0.5 * (double)v[i] + (double)dw[i];
        new_w[i] = (double)w[i] - (double)lr[0] * new_v[i];
    }
    RUNS("sgd w.npy dw.npy v.npy lr.npy --param momentum=0.5 --updated w2.npy --updated v2.npy");
    expect("w2.npy", VENN_SHAPE(N), new_w);
    expect("v2.npy", VENN_SHAPE(N), new_v);
    // Left out, the velocity leaves a plain step; the file of w stays as it was.
    RUNS("sgd w.npy dw.npy - lr.npy --updated w3.npy");
    for (int i = 0; i < N; i++)
        new_w[i] = (double)w[i] - (double)lr[0] * (double)dw[i];
    expect("w3.npy", VENN_SHAPE(N), new_w);
    free(w), free(dw), free(v), free(lr);
}

Test(op_command, other_kinds_of_inputs)
{
    // Repeated inputs and the gradient of the second alone; integers become f32 where that is exact.
    save_ints("i.npy", VENN_I32, 2, (int32_t[]){-3, 16777216});
    save_ints("u.npy", VENN_U8, 3, (int32_t[]){0, 7, 255});
    RUNS("concat i.npy u.npy i.npy -o y.npy --grad-out - --grad-out du.npy");
    expect("y.npy", VENN_SHAPE(7), (double[]){-3, 16777216, 0, 7, 255, -3, 16777216});
    expect("du.npy", VENN_SHAPE(3), (double[]){1, 1, 1});
    // No inputs; an output that is a view of an input; an input that passes its gradient on as it is.
    RUNS("fill -p rank=2 -p dims=2,1 -p value=1.5 -o f.npy");
    expect("f.npy", VENN_SHAPE(2, 1), (double[]){1.5, 1.5});
    RUNS("reshape u.npy -p 'rank=2 dims=3,1' -o r.npy --grad-out dr.npy");
    expect("r.npy", VENN_SHAPE(3, 1), (double[]){0, 7, 255});
    RUNS("add u.npy u.npy -o s.npy --grad u.npy --grad-out du.npy --grad-out du2.npy");
    expect("s.npy", VENN_SHAPE(3), (double[]){0, 14, 510});
    expect("du2.npy", VENN_SHAPE(3), (double[]){0, 7, 255});
}

Test(op_command, writes_to_a_pipe)
{
    float *x = numbers("x.npy", VENN_SHAPE(N), 0.1, 1);
    double y[N];
    for (int i = 0; i < N; i++)
        y[i] = fmax((double)x[i], 0);
    RUNS("relu x.npy -o /dev/fd/3 3>&1 >/dev/null 2>/dev/null | cat > y.npy");
    expect("y.npy", VENN_SHAPE(N), y);
    free(x);
}

// All that is printed, the output's checksum in particular.
static void describe_dropout(int step, char *text, size_t size)
{
    RUNS("dropout x.npy -p p=0.5 --seed 7 --step %d --json -q", step);
    snprintf(text, size, "%s", printed);
}

Test(op_command, random_ops_follow_seed_and_step)
{
    char first[sizeof printed], again[sizeof printed], next[sizeof printed];
    free(numbers("x.npy", VENN_SHAPE(100), 0, 1));
    describe_dropout(1, first, sizeof first);
    describe_dropout(1, again, sizeof again);
    describe_dropout(2, next, sizeof next);
    cr_assert_str_eq(first, again);
    cr_assert_str_neq(first, next);
    cr_assert(strstr(first, "\"checksum\"") && strstr(first, "100"), "%s", first);
}

// ---- Help ------------------------------------------------------------------------------------

Test(op_command, tells_what_there_is)
{
    RUNS("--list");
    cr_assert(strstr(printed, "matmul ") && strstr(printed, "kl_div "), "%s", printed);
    RUNS("matmul --help");
    cr_assert(strstr(printed, "bias") && strstr(printed, "trans_a") && strstr(printed, "sigmoid"),
              "%s", printed);
    RUNS("kl_div --json");
    cr_assert(strstr(printed, "\"batchmean\"") && strstr(printed, "\"teacher\""), "%s", printed);
}

// ---- Refusals --------------------------------------------------------------------------------

Test(op_command, refuses_a_wrong_command_line)
{
    free(numbers("a.npy", VENN_SHAPE(M, K), 0, 1)), free(numbers("b.npy", VENN_SHAPE(K, N), 0, 1));
    refused(venn_op("matmull a.npy"), 2, "no op \"matmull\"", "nearest name is matmul,", NULL);
    refused(venn_op("matmul a.npy b.npy -p trans=1"), 2, "matmul", "trans", "trans_a", "trans_b",
            NULL);
    refused(venn_op("matmul a.npy b.npy -p act=rely"), 2, "rely", "relu", "sigmoid", NULL);
    refused(venn_op("matmul a.npy"), 2, "matmul", "b is missing", NULL);
    refused(venn_op("relu a.npy b.npy"), 2, "relu", "2 inputs", "at most 1", NULL);
    refused(venn_op("relu a.npy -o y.npy -o z.npy"), 2, "relu", "1 outputs", NULL);
    refused(venn_op("relu a.npy --updated y.npy"), 2, "relu", "in place", NULL);
    refused(venn_op("relu a.npy --grad-out - --grad-out d.npy"), 2, "relu", "input 1", NULL);
    refused(venn_op("relu a.npy --grad a.npy"), 2, "--grad-out", NULL);
    refused(venn_op("kl_div a.npy a.npy --grad-out - --grad-out d.npy"), 2,
            "teacher has no gradient", NULL);
    refused(venn_op("relu a.npy --seed -1"), 2, "-1", NULL);
    refused(venn_op("-o y.npy"), 2, "--list", NULL);
}

Test(op_command, refuses_shapes_that_do_not_fit)
{
    free(numbers("a.npy", VENN_SHAPE(M, K), 0, 1)), free(numbers("b.npy", VENN_SHAPE(N, K), 0, 1));
    refused(venn_op("matmul a.npy b.npy"), 3, "matmul", "[3, 5]", "[4, 5]", NULL);
    refused(venn_op("relu a.npy --grad b.npy --grad-out d.npy"), 3, "relu", "[3, 5]", "[4, 5]",
            NULL);
}

Test(op_command, refuses_bad_files)
{
    free(numbers("x.npy", VENN_SHAPE(M, N), 0, 1)), free(numbers("label.npy", VENN_SHAPE(M), 0, 1));
    refused(venn_op("relu none.npy"), 3, "none.npy", NULL);
    free(numbers("cut.npy", VENN_SHAPE(M, N), 0, 1));
    cr_assert_eq(truncate(scratch_path("cut.npy"), 200), 0);
    refused(venn_op("relu cut.npy"), 3, "cut.npy", "bytes follow", NULL);
    scratch_text("text.npy", "hello");
    refused(venn_op("relu text.npy"), 3, "text.npy", NULL);
    refused(venn_op("cross_entropy x.npy label.npy"), 3, "cross_entropy", "label must be i32",
            "label.npy is f32", NULL);
    save_ints("odd.npy", VENN_I32, 1, (int32_t[]){16777217});
    refused(venn_op("relu odd.npy"), 3, "x must be f32", "odd.npy is i32", NULL);
    refused(venn_op("relu x.npy -o nowhere/y.npy"), 3, "nowhere/y.npy", NULL);
}
