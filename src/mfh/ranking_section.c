// The sections of real data: rankings, estimated diagrams, the same student by several teachers.
#include <math.h>

#include "mfh/sections.h"
#include "mfh/venn_figure.h"

static void write_text(FILE *out, const char *text)
{
    venn_report_escape_text(out, text ? text : VENN_REPORT_DASH);
}

// ---- Rankings --------------------------------------------------------------------------------

static double share_below(const venn_salience *s, double score)
{
    int64_t below = 0;
    for (int64_t c = 0; c < s->n; c++)
        below += s->score[c] < score;
    return s->n ? (double)below / (double)s->n : 0;
}

static void write_histogram(FILE *out, const venn_ranked *r, int color, const char *role)
{
    const venn_salience *s = &r->salience;
    fputs("<figure>", out);
    venn_histogram_svg(out, s->score, s->n, color, "salience");
    fprintf(out, "<figcaption>%s (", role);
    write_text(out, r->modality);
    fprintf(out, "): %lld channels of layer <code>", (long long)s->n);
    write_text(out, s->place);
    fprintf(out, "</code>, %.0f %% below 0.05</figcaption></figure>\n", 100 * share_below(s, 0.05));
}

void venn_ranking_section(FILE *out, const venn_mfh_file *file)
{
    const venn_ranking *r = &file->ranking;
    fputs("<section>\n<h2>Salience of features: ", out);
    write_text(out, r->name);
    fputs("</h2>\n<p>Algorithm 1 on ", out);
    write_text(out, r->data);
    fprintf(out,
            ", networks trained %s. How far shuffling a channel moves a network's logits from the "
            "other network's, scaled to 0 to 1: high where both modalities agree through it.</p>\n"
            "<div class=\"two\">\n",
            r->joint ? "together" : "each alone");
    write_histogram(out, &r->teacher, 1, "teacher");
    write_histogram(out, &r->student, 2, "student");
    fputs("</div>\n", out);
    venn_section_end(out, file, 0, r->seconds, "");
}

// ---- Diagrams --------------------------------------------------------------------------------

static void write_side(FILE *out, const venn_mfh_estimate_side *side)
{
    write_text(out, side->modality);
    fprintf(out, " (%lld channels of layer <code>", (long long)side->n);
    write_text(out, side->place);
    fputs("</code>", out);
    if (isfinite(side->accuracy))
        fprintf(out, ", %.1f %% on test", 100 * side->accuracy);
    fputs(")", out);
}

static void write_estimates(FILE *out, const venn_mfh_estimate *e)
{
    fputs("<table class=\"seeds\">\n<thead><tr><th scope=\"col\">estimate</th><th "
          "scope=\"col\">\u03b1</th><th scope=\"col\">\u03b2</th><th scope=\"col\">\u03b3</th></tr>"
          "</thead>\n<tbody>\n",
          out);
    for (int k = 0; k < VENN_MFH_ESTIMATES; k++)
        fprintf(out, "<tr><th scope=\"row\">%s</th><td>%.2f</td><td>%.2f</td><td>%.2f</td></tr>\n",
                venn_mfh_estimate_name(k), venn_diagram_alpha(&e->diagram[k]),
                venn_diagram_beta(&e->diagram[k]), venn_diagram_gamma(&e->diagram[k]));
    fputs("</tbody>\n</table>\n", out);
}

void venn_diagram_section(FILE *out, const venn_mfh_file *file)
{
    const venn_mfh_estimate *e = &file->estimate;
    fputs("<section>\n<h2>Modality diagram, estimated: ", out);
    write_text(out, e->name);
    fputs("</h2>\n<p>What the networks of ", out);
    write_side(out, &e->a);
    fputs(" and ", out);
    write_side(out, &e->b);
    fputs(
        " decide from, each trained alone: every channel is weighed by how decisive it is, and the "
        "share of it that the other side's features explain is shared.</p>\n<div class=\"two\">\n"
        "<figure>",
        out);
    venn_diagram_svg(out, &e->diagram[0], e->a.modality ? e->a.modality : "a",
                     e->b.modality ? e->b.modality : "b");
    fprintf(out,
            "<figcaption>areas to scale: \u03b1 %.2f, \u03b2 %.2f, \u03b3 %.2f (%s)"
            "</figcaption></figure>\n",
            venn_diagram_alpha(&e->diagram[0]), venn_diagram_beta(&e->diagram[0]),
            venn_diagram_gamma(&e->diagram[0]), venn_mfh_estimate_name(0));
    write_estimates(out, e);
    fputs("</div>\n", out);
    char remark[96];
    snprintf(remark, sizeof remark, "From %lld pairs that no network was trained on.",
             (long long)e->rows);
    venn_section_end(out, file, 0, e->seconds, remark);
}

// ---- Comparisons -----------------------------------------------------------------------------

static void write_stat(FILE *out, const venn_mfh_stat *s, bool sign)
{
    fputs("<td>", out);
    if (isnan(s->mean))
        fputs(VENN_REPORT_DASH, out);
    else
        fprintf(out, sign ? "%+.2f \u00b1 %.2f" : "%.2f \u00b1 %.2f", s->mean, s->error);
    fputs("</td>", out);
}

static void write_rows(FILE *out, const venn_mfh_comparison *c)
{
    fputs(
        "<div class=\"scroll\"><table class=\"seeds\">\n<thead><tr><th "
        "scope=\"col\">student taught by</th><th scope=\"col\">teacher, %</th><th "
        "scope=\"col\">student, %</th><th scope=\"col\">gain, points</th></tr></thead>\n<tbody>\n",
        out);
    for (size_t i = 0; i < c->n; i++) {
        const venn_mfh_row *row = &c->rows[i];
        fputs("<tr><th scope=\"row\">", out);
        write_text(out, row->name);
        fputs("</th>", out);
        write_stat(out, &row->teacher, false);
        write_stat(out, &row->student, false);
        if (i)
            write_stat(out, &row->gain, true);
        else
            fputs("<td></td>", out);
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n</table></div>\n", out);
}

void venn_comparison_section(FILE *out, const venn_mfh_file *file)
{
    const venn_mfh_comparison *c = &file->comparison;
    const bool features = c->about[0] == 'f';
    fprintf(out, "<section>\n<h2>%s: ",
            features ? "Which features should teach" : "Which teacher teaches best");
    write_text(out, features ? c->name : c->data);
    fputs("</h2>\n<p>", out);
    fputs(features ? "One teacher per seed, ranked by Algorithm 1, with ever other channels taken "
                     "out: general keeps those of highest salience, specific those of lowest. "
                   : "One student, alone and by each teacher. ",
          out);
    fputs("Data ", out);
    write_text(out, c->data);
    fputs(", student on ", out);
    write_text(out, c->student);
    fputs(".</p>\n", out);
    write_rows(out, c);
    fputs("<figure class=\"gains\">", out);
    venn_gains_svg(out, c);
    fputs("<figcaption>gain over the student without a teacher, points; bars: one standard "
          "error</figcaption></figure>\n",
          out);
    venn_section_end(out, file, c->seeds, c->seconds,
                     features
                         ? ""
                         : "The paper's Table 1, on AV-MNIST with a student on audio: 68.36 % "
                           "alone; 70.10 % by a teacher on audio of 84.57 %; 69.73 % by one on "
                           "images and audio of 91.61 %.");
}
