// Designs and published figures of the sweeps (see sweep_points.h). Figures of the first two are read off
// the paper's plots (Figures 2 and 3), good to 0.2; those of the third are its Table 2.
#include <math.h>

#include "mfh/sweep_points.h"

// Teacher, distilled student, retrained teacher, student distilled from that.
typedef struct figures {
    double teacher, student, distilled, truth_teacher, ranked_distilled;
} figures;

static const figures gamma_figures[] = {
    {71.4, 67.95, 66.3, NAN, NAN}, {71.4, 67.95, 67.1, NAN, NAN}, {71.1, 67.95, 67.8, NAN, NAN},
    {71.2, 67.95, 68.7, NAN, NAN}, {71.1, 67.95, 69.4, NAN, NAN}, {70.9, 67.95, 70.1, NAN, NAN}};
static const figures alpha_figures[] = {{58.0, 57.3, 58.5, NAN, NAN},
                                        {64.2, 57.3, 58.3, NAN, NAN},
                                        {71.6, 57.3, 58.2, NAN, NAN},
                                        {77.9, 57.3, 57.7, NAN, NAN},
                                        {88.7, 57.3, 57.2, NAN, NAN}};
static const figures table2_figures[] = {{89.70, 59.29, 59.46, 64.84, 61.01},
                                         {89.41, 61.98, 62.16, 68.42, 64.50},
                                         {89.62, 67.64, 67.86, 73.41, 70.25},
                                         {89.82, 73.48, 73.60, 77.98, 75.43},
                                         {89.70, 76.46, 76.53, 79.41, 77.70}};
static const figures none = {NAN, NAN, NAN, NAN, NAN};

static void set(venn_sweep_point *point, venn_gaussian_design design, const figures *paper)
{
    point->design = design;
    for (int m = 0; m < VENN_MFH_MODELS; m++)
        point->paper[m] = NAN;
    point->paper[VENN_MFH_TEACHER] = paper->teacher;
    point->paper[VENN_MFH_STUDENT] = paper->student;
    point->paper[VENN_MFH_DISTILLED] = paper->distilled;
    point->paper[VENN_MFH_RANKED_TEACHER] = paper->truth_teacher;
    point->paper[VENN_MFH_RANKED_DISTILLED] = paper->ranked_distilled;
}

// 20 decisive features: b sees 0 to 9, a sees ten of its own choice, `shared` of them b's.
static size_t gamma_points(venn_sweep_point *points)
{
    for (int i = 0; i < 6; i++) {
        const int64_t shared = 2 * i;
        set(&points[i],
            (venn_gaussian_design){
                .decisive = 20, .a = {25, 10 - shared, 20 - shared}, .b = {50, 0, 10}},
            &gamma_figures[i]);
    }
    return 6;
}

// 50 decisive features: b sees the first ten, a those and more.
static size_t alpha_points(venn_sweep_point *points)
{
    for (int i = 0; i < 5; i++)
        set(&points[i],
            (venn_gaussian_design){.decisive = 50, .a = {50, 0, 10 + 10 * i}, .b = {50, 0, 10}},
            &alpha_figures[i]);
    return 5;
}

// a sees all decisive features, b the first `shared`. The released script has ten that are a's alone and
// so other shares than the printed table, which 40 decisive features in all give.
static size_t table2_points(bool as_published, venn_sweep_point *points)
{
    static const int64_t fixed[] = {10, 13, 20, 26, 30};
    const size_t n = as_published ? 6 : 5;
    for (size_t i = 0; i < n; i++) {
        const int64_t shared = as_published ? 5 + 5 * (int64_t)i : fixed[i];
        const int64_t decisive = as_published ? 10 + shared : 40;
        set(&points[i],
            (venn_gaussian_design){.decisive = decisive,
                                   .unit_weights = true,
                                   .a = {50, 0, decisive},
                                   .b = {50, 0, shared}},
            as_published ? &none : &table2_figures[i]);
    }
    return n;
}

static int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t at_least(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

venn_modality_diagram venn_gaussian_diagram(const venn_gaussian_design *design)
{
    const venn_gaussian_side *a = &design->a, *b = &design->b;
    const int64_t shared = at_least(0, at_most(a->to, b->to) - at_least(a->from, b->from));
    return (venn_modality_diagram){.only_a = (double)(a->to - a->from - shared),
                                   .only_b = (double)(b->to - b->from - shared),
                                   .shared = (double)shared};
}

size_t venn_sweep_points(const venn_mfh_gaussian_params *params, venn_sweep_point *points)
{
    if (params->sweep == VENN_MFH_GAMMA)
        return gamma_points(points);
    if (params->sweep == VENN_MFH_ALPHA)
        return alpha_points(points);
    return table2_points(params->as_published, points);
}
