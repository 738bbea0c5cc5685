// The section of a sweep: what distilling gains, the models' accuracies with the published points, the
// modality diagrams, and the numbers.
#include <math.h>

#include "mfh/sections.h"
#include "mfh/venn_figure.h"

// ---- Figures ---------------------------------------------------------------------------------

static double position(const venn_mfh_result *r, size_t i)
{
    const venn_modality_diagram *d = &r->point[i].diagram;
    return r->params.sweep == VENN_MFH_ALPHA ? venn_diagram_alpha(d) : venn_diagram_gamma(d);
}

static void begin_figure(FILE *script, const venn_mfh_result *r, const char *axis)
{
    venn_report_terminal(script, VENN_REPORT_HEIGHT);
    fprintf(script,
            "set xrange [-0.03:1.03]\nset xlabel '%s' offset 0,0.4 textcolor rgb "
            "'" VENN_REPORT_INK "'\nset ylabel '%s' textcolor rgb '" VENN_REPORT_INK "'\n",
            r->params.sweep == VENN_MFH_ALPHA ? "alpha" : "gamma", axis);
}

// Lines of the models of a sweep: what differs in the third experiment is the student's teacher.
static const venn_mfh_model *lines_of(const venn_mfh_result *r, size_t *n)
{
    static const venn_mfh_model simple[] = {VENN_MFH_TEACHER, VENN_MFH_STUDENT, VENN_MFH_DISTILLED};
    static const venn_mfh_model removal[] = {VENN_MFH_STUDENT, VENN_MFH_DISTILLED,
                                             VENN_MFH_TRUTH_DISTILLED, VENN_MFH_RANKED_DISTILLED,
                                             VENN_MFH_RANDOM_DISTILLED};
    const bool table2 = r->params.sweep == VENN_MFH_TABLE2;
    *n = table2 ? 5 : 3;
    return table2 ? removal : simple;
}

// Palette: teacher grey, student orange, distilled blue, then one each.
static unsigned color_of(venn_mfh_model model)
{
    switch (model) {
    case VENN_MFH_TRUTH_DISTILLED:
        return 3;
    case VENN_MFH_RANKED_DISTILLED:
        return 4;
    case VENN_MFH_RANDOM_DISTILLED:
        return 5;
    default:
        return (unsigned)model;
    }
}

static double published_gain(const venn_mfh_point *p)
{
    return p->paper[VENN_MFH_DISTILLED] - p->paper[VENN_MFH_STUDENT];
}

// Mean with its band of one standard error, and dots where the paper's points are.
static void write_gain(FILE *script, const venn_mfh_result *r)
{
    begin_figure(script, r, "gain, points");
    fputs("set xzeroaxis lt 1 lw 1.5 lc rgb '" VENN_REPORT_INK "'\n$gain << END\n", script);
    for (size_t i = 0; i < r->n; i++) {
        const venn_mfh_stat *g = &r->point[i].gain;
        fprintf(script, "%.6g %.6g %.6g %.6g %.6g\n", position(r, i), g->mean, g->mean - g->error,
                g->mean + g->error, published_gain(&r->point[i]));
    }
    fputs("END\nplot $gain using 1:3:4 with filledcurves lc rgb '#010002', $gain using 1:2 with "
          "lines "
          "lw 2 lc rgb '#010002', $gain using 1:5 with points pt 7 ps 0.6 lc rgb '#010000'\n",
          script);
}

// What every other teacher gives the student, against none.
static void write_removal_gains(FILE *script, const venn_mfh_result *r)
{
    size_t n;
    const venn_mfh_model *lines = lines_of(r, &n);
    begin_figure(script, r, "gain, points");
    fputs("set xzeroaxis lt 1 lw 1.5 lc rgb '" VENN_REPORT_INK "'\n", script);
    for (size_t k = 1; k < n; k++) {
        fprintf(script, "$g%zu << END\n", k);
        for (size_t i = 0; i < r->n; i++) {
            const venn_mfh_point *p = &r->point[i];
            fprintf(script, "%.6g %.6g %.6g\n", position(r, i),
                    p->accuracy[lines[k]].mean - p->accuracy[VENN_MFH_STUDENT].mean,
                    p->paper[lines[k]] - p->paper[VENN_MFH_STUDENT]);
        }
        fputs("END\n", script);
    }
    for (size_t k = 1; k < n; k++)
        fprintf(script,
                "%s$g%zu using 1:2 with lines lw 2 lc rgb '#0100%02x', $g%zu using 1:3 with points "
                "pt 7 ps 0.6 lc rgb '#0100%02x'",
                k > 1 ? ", " : "plot ", k, color_of(lines[k]), k, color_of(lines[k]));
    fputc('\n', script);
}

static void write_accuracy(FILE *script, const venn_mfh_result *r)
{
    size_t n;
    const venn_mfh_model *lines = lines_of(r, &n);
    begin_figure(script, r, "accuracy, %");
    for (size_t k = 0; k < n; k++) {
        fprintf(script, "$m%zu << END\n", k);
        for (size_t i = 0; i < r->n; i++)
            fprintf(script, "%.6g %.6g %.6g\n", position(r, i), r->point[i].accuracy[lines[k]].mean,
                    r->point[i].paper[lines[k]]);
        fputs("END\n", script);
    }
    for (size_t k = 0; k < n; k++)
        fprintf(script,
                "%s$m%zu using 1:2 with lines lw 2 lc rgb '#0100%02x', $m%zu using 1:3 with points "
                "pt 7 ps 0.6 lc rgb '#0100%02x'",
                k ? ", " : "plot ", k, color_of(lines[k]), k, color_of(lines[k]));
    fputc('\n', script);
}

void venn_sweep_figures(FILE *script, const venn_mfh_result *r)
{
    if (r->params.sweep == VENN_MFH_TABLE2)
        write_removal_gains(script, r);
    else
        write_gain(script, r);
    write_accuracy(script, r);
}

// ---- Words -----------------------------------------------------------------------------------

static const char *const headings[] = {"Experiment 1: more of the decisive features are shared",
                                       "Experiment 2: the teacher knows more of its own",
                                       "Experiment 3: a teacher that keeps only what is shared",
                                       "Experiment 1 with networks, on pictures and sounds"};

static const char *const introductions[] = {
    "Both modalities see ten decisive features; gamma is the share of all decisive features that "
    "both "
    "see. What distilling gains rises with gamma, from harm to help.",
    "The student sees ten decisive features, the teacher those and ever more of its own: alpha is "
    "their "
    "share. The teacher gets better; what it can teach gets less.",
    "The teacher sees 40 decisive features, of which the student sees some. Retrained on the "
    "shared ones "
    "alone it is a far worse classifier and a better teacher. Algorithm 1 finds them without being "
    "told; "
    "taking as many at random does not do it.",
    "Images and sound pictures are drawn from hidden numbers, of which both show some. The teacher "
    "hears, "
    "the student sees. What distilling gains follows what they have in common, not how good the "
    "teacher is."};

static void write_legend(FILE *out, const venn_mfh_result *r)
{
    size_t n;
    const venn_mfh_model *lines = lines_of(r, &n);
    fputs("<ul class=\"legend\">\n", out);
    for (size_t k = 0; k < n; k++)
        fprintf(
            out,
            "<li><svg class=\"key\" width=\"26\" height=\"10\" viewBox=\"0 0 26 10\" "
            "aria-hidden=\"true\"><line x1=\"1\" y1=\"5\" x2=\"25\" y2=\"5\" stroke-width=\"3\" "
            "stroke=\"var(--s%u)\"/></svg>%s</li>\n",
            color_of(lines[k]), venn_mfh_model_name(lines[k]));
    fputs("</ul>\n", out);
}

// ---- Tables ----------------------------------------------------------------------------------

static void write_cell(FILE *out, const venn_mfh_stat *stat, double paper, bool sign)
{
    fprintf(out, sign ? "<td>%+.2f \u00b1 %.2f" : "<td>%.2f \u00b1 %.2f", stat->mean, stat->error);
    if (!isnan(paper))
        fprintf(out,
                sign ? "<br/><span class=\"soft\">(%+.2f)</span>"
                     : "<br/><span class=\"soft\">(%.2f)</span>",
                paper);
    fputs("</td>", out);
}

static void write_table(FILE *out, const venn_mfh_result *r)
{
    fputs(
        "<div class=\"scroll\"><table class=\"seeds\">\n<thead><tr><th scope=\"col\">model, %</th>",
        out);
    for (size_t i = 0; i < r->n; i++)
        fprintf(out, "<th scope=\"col\">%s = %.3f</th>",
                r->params.sweep == VENN_MFH_ALPHA ? "alpha" : "gamma", position(r, i));
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int m = 0; m < VENN_MFH_MODELS; m++) {
        if (isnan(r->point[0].accuracy[m].mean))
            continue;
        fprintf(out, "<tr><th scope=\"row\">%s</th>", venn_mfh_model_name((venn_mfh_model)m));
        for (size_t i = 0; i < r->n; i++)
            write_cell(out, &r->point[i].accuracy[m], r->point[i].paper[m], false);
        fputs("</tr>\n", out);
    }
    fputs("<tr><th scope=\"row\">distilled \u2212 student</th>", out);
    for (size_t i = 0; i < r->n; i++)
        write_cell(out, &r->point[i].gain, published_gain(&r->point[i]), true);
    fputs("</tr>\n", out);
    if (!isnan(r->point[0].hits.mean)) {
        fputs("<tr><th scope=\"row\">shared columns found</th>", out);
        for (size_t i = 0; i < r->n; i++)
            write_cell(out, &r->point[i].hits, NAN, false);
        fputs("</tr>\n", out);
    }
    fputs(
        "</tbody>\n</table></div>\n<p class=\"note\">Mean \u00b1 standard error over the seeds (as "
        "published).</p>\n",
        out);
}

static void write_diagrams(FILE *out, const venn_mfh_result *r)
{
    fputs("<div class=\"diagrams\">\n", out);
    for (size_t i = 0; i < r->n; i++) {
        const venn_modality_diagram *d = &r->point[i].diagram;
        fputs("<figure>", out);
        venn_diagram_svg(out, d, "a (teacher)", "b (student)");
        fprintf(out, "<figcaption>\u03b1 %.2f, \u03b2 %.2f, \u03b3 %.2f</figcaption></figure>\n",
                venn_diagram_alpha(d), venn_diagram_beta(d), venn_diagram_gamma(d));
    }
    fputs("</div>\n<p class=\"note\">Circles: the decisive features that each modality sees, areas "
          "to "
          "scale.</p>\n",
          out);
}

void venn_sweep_section(FILE *out, const venn_mfh_file *file, const venn_report_plots *plots,
                        size_t first, const char *command)
{
    const venn_mfh_result *r = &file->sweep;
    fprintf(out, "<section>\n<h2>%s%s</h2>\n<p>%s</p>\n", headings[r->params.sweep],
            r->params.as_published               ? ", as the released script has it"
            : r->network && r->network[0] == 'c' ? " (convolutions)"
                                                 : "",
            introductions[r->params.sweep]);
    write_diagrams(out, r);
    if (!venn_report_undrawn(out, plots, command)) {
        write_legend(out, r);
        fputs("<div class=\"two\">\n", out);
        venn_report_figure(out, plots, first, "What distilling gains",
                           "distilled minus plain student");
        venn_report_figure(out, plots, first + 1, "Accuracy", "of the models in the legend");
        fputs("</div>\n", out);
    }
    write_table(out, r);
    venn_section_end(out, file, r->params.seeds, r->seconds,
                     "Dots: as published; lines: here, with a band of one standard error over the "
                     "seeds.");
}
