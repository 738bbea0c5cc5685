// Losses against labels, where the shared runner's random data does not go: logits without bounds, batches in
// which no row counts, and operands that do not fit.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "program_bed.h"

Test(label_losses, bce_stays_finite_and_accurate)
{
    enum { N = 8 };
    const float x[N] = {1e4f, -1e4f, 1e4f, -1e4f, 3e38f, 20, -20, 0};
    const float t[N] = {1, 0, 0, 1, 0.5f, 1, 1, 0.25f};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(N));
    venn_bce_with_logits_params params = {.reduction = VENN_REDUCE_NONE};
    venn_graph_output(
        b.g, "y",
        venn_bce_with_logits(b.g, in, bed_input(&b, "t", VENN_SHAPE(N)), VENN_NONE, &params));
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "t", t);
    bed_run(&b);
    const float *y = bed_get(&b, "y");
    const double want[N] = {0, 0, 1e4, 1e4, 1.5e38, log1p(exp(-20)), 20 + log1p(exp(-20)), log(2)};
    for (int i = 0; i < N; i++)
        check_near((double)y[i], want[i], 1e-6);
    bed_destroy(&b);
}

// Two of four rows count; then none does.
Test(label_losses, ignored_rows_leave_the_mean)
{
    const float x[4][3] = {{1, 2, 3}, {9, NAN, 9}, {0, 0, 0}, {INFINITY, 1, 1}};
    const float weight[3] = {2, 5, 0.5f};
    const int32_t some[4] = {2, 255, 0, 255}, none[4] = {255, 255, 255, 255};
    bed b = bed_create();
    venn_cross_entropy_params params = {.ignore_index = 255};
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(4, 3));
    venn_tensor label = venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(4));
    venn_tensor w = bed_input(&b, "w", VENN_SHAPE(3));
    bed_outputs(&b, venn_weighted_cross_entropy(b.g, in, label, w, &params), in);
    bed_compile(&b);
    for (int k = 0; k < 2; k++) {
        if (k)
            cr_assert(venn_program_begin(b.program) == VENN_OK);
        bed_set(&b, "x", x);
        bed_set(&b, "w", weight);
        bed_set(&b, "label", k ? none : some);
        bed_run(&b);
        const float *y = bed_get(&b, "y"), *dx = bed_get(&b, "dx");
        const double own = log(exp(-2) + exp(-1) + 1);
        check_near((double)y[0], k ? 0 : (0.5 * own + 2 * log(3)) / 2.5, 1e-6);
        for (int i = 0; i < 3; i++)
            cr_assert(dx[3 + i] == 0 && dx[9 + i] == 0, "ignored rows have no gradient");
        check_near((double)dx[6], k ? 0 : (1.0 / 3 - 1) * 2 / 2.5, 1e-6);
    }
    bed_destroy(&b);
}

Test(label_losses, a_label_out_of_range_spoils_its_row_alone)
{
    const float x[3][2] = {{1, 2}, {3, 4}, {5, 6}};
    const int32_t label[3] = {0, 2, 1};
    bed b = bed_create();
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(3, 2)), labels;
    labels = venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(3));
    venn_cross_entropy_params each = {.reduction = VENN_REDUCE_NONE, .ignore_index = -100};
    venn_dkd_params decoupled = {.reduction = VENN_REDUCE_NONE};
    venn_graph_output(b.g, "ce", venn_weighted_cross_entropy(b.g, in, labels, VENN_NONE, &each));
    venn_graph_output(b.g, "dkd",
                      venn_dkd(b.g, in, bed_input(&b, "t", VENN_SHAPE(3, 2)), labels, &decoupled));
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "t", x);
    bed_set(&b, "label", label);
    bed_run(&b);
    const float *ce = bed_get(&b, "ce"), *dkd = bed_get(&b, "dkd");
    check_near((double)ce[0], log(1 + exp(1)), 1e-6);
    check_near((double)ce[2], log(1 + exp(-1)), 1e-6);
    cr_assert(isnan(ce[1]) && isnan(dkd[1]));
    cr_assert(dkd[0] == 0 && dkd[2] == 0);
    bed_destroy(&b);
}

// Sure of the target, sure of another, and equal to the teacher at sizes where e^x is out of reach.
Test(label_losses, dkd_of_extreme_logits)
{
    const float x[4][3] = {{1e4f, 0, 0}, {0, 1e4f, 0}, {1e4f, 5e3f, -1e4f}, {0, 0, 0}};
    const float t[4][3] = {{1e4f, 1, 1}, {1e4f, 0, 0}, {1e4f, 5e3f, -1e4f}, {0, 1e4f, 0}};
    const int32_t label[4] = {0, 0, 0, 0};
    bed b = bed_create();
    venn_dkd_params params = {
        .reduction = VENN_REDUCE_NONE, .temperature = 2, .alpha = 3, .beta = 5};
    venn_tensor in = bed_input(&b, "x", VENN_SHAPE(4, 3));
    bed_outputs(&b,
                venn_dkd(b.g, in, bed_input(&b, "t", VENN_SHAPE(4, 3)),
                         venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(4)), &params),
                in);
    bed_compile(&b);
    bed_set(&b, "x", x);
    bed_set(&b, "t", t);
    bed_set(&b, "label", label);
    bed_run(&b);
    const float *y = bed_get(&b, "y"), *dx = bed_get(&b, "dx");
    // In the second the target is missed by 5000, and the others, alike for the teacher, differ by as much.
    const double want[4] = {0, 4 * (3 * 5e3 + 5 * (2.5e3 - log(2))), 0,
                            4 * (3 * log(1.5) + 5 * log(2))};
    for (int i = 0; i < 4; i++)
        check_near((double)y[i], want[i], 1e-6);
    for (int i = 0; i < 12; i++)
        cr_assert(isfinite(dx[i]), "dx[%d] is %g", i, (double)dx[i]);
    check_near((double)dx[3], -6, 1e-6);
    check_near((double)dx[4], 6 + 5, 1e-6);
    check_near((double)dx[5], -5, 1e-6);
    bed_destroy(&b);
}

// ---- Errors ----------------------------------------------------------------------------------

static void refused(bed *b, venn_tensor y, const char *want)
{
    cr_expect(y.id == 0 && venn_graph_status(b->g) == VENN_BAD_SHAPE, "%s", venn_graph_error(b->g));
    cr_expect(strstr(venn_graph_error(b->g), want), "wanted \"%s\": %s", want,
              venn_graph_error(b->g));
    venn_graph_destroy(&b->g);
    cr_assert(venn_graph_create(&b->g) == VENN_OK);
}

#define X(name, ...) bed_input(&b, name, VENN_SHAPE(__VA_ARGS__))
#define IDS(...) venn_graph_input(b.g, "label", VENN_I32, VENN_SHAPE(__VA_ARGS__))

Test(label_losses, misfits_are_refused)
{
    const venn_cross_entropy_params ignoring = {.ignore_index = 1};
    const venn_dkd_params cold = {.temperature = -1};
    bed b = bed_create();
    refused(&b, venn_bce_with_logits(b.g, X("x", 4, 3), X("t", 3, 4), VENN_NONE, NULL),
            "one shape");
    refused(&b, venn_bce_with_logits(b.g, X("x", 4, 3), X("t", 4, 3), X("w", 4), NULL),
            "pos_weight must be [C]");
    refused(&b, venn_weighted_cross_entropy(b.g, X("x", 4, 3), IDS(4), X("w", 4), NULL),
            "weight must be [C]");
    refused(&b, venn_cross_entropy(b.g, X("x", 3), VENN_NONE, NULL), "without labels");
    refused(&b, venn_cross_entropy(b.g, X("x", 4, 3), VENN_NONE, &ignoring), "no label is ignored");
    refused(&b, venn_soft_cross_entropy(b.g, X("x", 4, 3), X("t", 4, 3), &ignoring),
            "ignore_index needs labels");
    refused(&b, venn_dkd(b.g, X("x", 4, 1), X("t", 4, 1), IDS(4), NULL), "at least two classes");
    refused(&b, venn_dkd(b.g, X("x", 4, 3), X("t", 4, 2), IDS(4), NULL), "one shape");
    refused(&b, venn_dkd(b.g, X("x", 4, 3), X("t", 4, 3), IDS(3), NULL), "label must have");
    refused(&b, venn_dkd(b.g, X("x", 4, 3), X("t", 4, 3), IDS(4), &cold), "temperature -1");
    refused(&b, venn_dice(b.g, X("p", 4, 3), X("t", 4, 2), NULL), "one shape");
    bed_destroy(&b);
}

Test(label_losses, misfits_of_vectors_are_refused)
{
    const venn_info_nce_params symmetric = {.symmetric = true};
    const venn_cosine_embedding_params far = {.margin = 2};
    bed b = bed_create();
    refused(&b, venn_cosine_embedding(b.g, X("x", 4, 3), X("t", 4, 3), X("alike", 3), NULL),
            "alike must have");
    refused(&b, venn_cosine_embedding(b.g, X("x", 4, 3), X("t", 4, 3), VENN_NONE, &far),
            "margin 2 is not a cosine");
    refused(&b, venn_margin_ranking(b.g, X("a", 4), X("b", 4), X("order", 1), NULL),
            "or be a scalar");
    refused(&b, venn_info_nce(b.g, X("x", 4, 3), X("k", 5, 3), VENN_NONE, NULL), "must be [B, D]");
    refused(&b, venn_info_nce(b.g, X("x", 0, 3), X("k", 0, 3), VENN_NONE, NULL), "must be rows");
    refused(&b, venn_info_nce(b.g, X("x", 4, 3), X("k", 4, 3), X("q", 9, 2), NULL),
            "queue must be [K, D]");
    refused(&b, venn_info_nce(b.g, X("x", 4, 3), X("k", 4, 3), X("q", 9, 3), &symmetric),
            "cannot be symmetric");
    bed_destroy(&b);
}
