// The comparison as one self-contained page.
#include <math.h>
#include <string.h>

#include "bench/compare_plot.h"

enum { MAX_STEPS = 32 };

// ---- Cells -----------------------------------------------------------------------------------

static void text_cell(FILE *out, const char *text)
{
    fputs("<td>", out);
    venn_report_escape_text(out, *text ? text : VENN_REPORT_DASH);
    fputs("</td>", out);
}

static void number_cell(FILE *out, const char *format, double value)
{
    fputs("<td>", out);
    if (isfinite(value))
        fprintf(out, format, value); // NOLINT: formats are this file's own
    else
        fputs(VENN_REPORT_DASH, out);
    fputs("</td>", out);
}

static void key(FILE *out, size_t system)
{
    fprintf(out,
            "<svg class=\"key\" width=\"14\" height=\"14\" viewBox=\"0 0 14 14\" "
            "aria-hidden=\"true\"><rect width=\"14\" height=\"14\" fill=\"var(--s%zu)\"/></svg>"
            "<strong>%c</strong> ",
            system % VENN_REPORT_PALETTE, (char)('A' + system % 26));
}

// ---- Systems ---------------------------------------------------------------------------------

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static void count_rows(const venn_compared_system *s, size_t *ok, size_t *wrong)
{
    *ok = *wrong = 0;
    for (size_t i = 0; i < s->n_rows; i++) {
        *ok += venn_compared_ok(&s->rows[i]);
        *wrong += strcmp(s->rows[i].status, "wrong") == 0;
    }
}

static void write_systems(FILE *out, const venn_comparison *c)
{
    fputs("<section>\n<h2>Systems</h2>\n<div class=\"scroll\"><table class=\"seeds\">\n<thead><tr>"
          "<th scope=\"col\">device</th><th scope=\"col\">driver</th><th scope=\"col\">host</th>"
          "<th scope=\"col\">copy, GB/s</th><th scope=\"col\">multiply-add, GFLOP/s</th>"
          "<th scope=\"col\">dispatch, \u00b5s</th><th scope=\"col\">submit, \u00b5s</th>"
          "<th scope=\"col\">rows right</th><th scope=\"col\">wrong</th><th scope=\"col\">not "
          "measured</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < c->n_systems; i++) {
        const venn_compared_system *s = &c->systems[i];
        size_t ok, wrong;
        count_rows(s, &ok, &wrong);
        fputs("<tr><th scope=\"row\">", out);
        key(out, i);
        venn_report_escape_text(out, s->label);
        fputs("</th>", out);
        text_cell(out, s->driver);
        text_cell(out, member(s->host, "cpu"));
        number_cell(out, "%.1f", s->peaks.copy_gbs);
        number_cell(out, "%.1f", s->peaks.fma_gflops);
        number_cell(out, "%.2f", s->peaks.dispatch_us);
        number_cell(out, "%.1f", s->peaks.submit_us);
        fprintf(out, "<td>%zu</td><td>%zu</td><td>%zu</td></tr>\n", ok, wrong,
                s->n_rows - ok - wrong);
    }
    fputs("</tbody>\n</table></div>\n</section>\n", out);
}

static void write_legend(FILE *out, const venn_comparison *c)
{
    fputs("<ul class=\"legend\">\n", out);
    for (size_t i = 0; i < c->n_systems; i++) {
        fputs("<li>", out);
        key(out, i);
        venn_report_escape_text(out, c->systems[i].label);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
}

static void write_phase_legend(FILE *out)
{
    fputs("<ul class=\"legend\">\n", out);
    for (size_t p = 0; venn_compare_phases[p]; p++)
        fprintf(out,
                "<li><svg class=\"key\" width=\"14\" height=\"14\" viewBox=\"0 0 14 14\" "
                "aria-hidden=\"true\"><rect width=\"14\" height=\"14\" fill=\"var(--s%zu)\"/></svg>"
                "%s</li>\n",
                p, venn_compare_phases[p]);
    fputs("</ul>\n", out);
}

// ---- Verdict ---------------------------------------------------------------------------------

static void write_verdict(FILE *out, const venn_comparison *c)
{
    const double portability = venn_comparison_portability(c);
    fputs("<p class=\"verdict\">", out);
    for (size_t s = 1; s < c->n_systems; s++) {
        const double times = venn_comparison_speed(c, 0, s);
        if (isnan(times))
            continue;
        venn_report_escape_text(out, c->systems[times < 1 ? s : 0].label);
        fprintf(out, " is %.2f times as fast as ", times < 1 ? 1 / times : times);
        venn_report_escape_text(out, c->systems[times < 1 ? 0 : s].label);
        fputs(" over what both can do. ", out);
    }
    if (isfinite(portability))
        fprintf(out, "Portability %.3f: %s.", portability,
                "the harmonic mean of the shares that the devices reach of their own peaks");
    fputs("</p>\n", out);
}

// ---- Steps -----------------------------------------------------------------------------------

static void write_steps(FILE *out, const venn_comparison *c, const venn_report_plots *plots)
{
    size_t steps[MAX_STEPS];
    const size_t n = venn_compare_steps(c, steps, MAX_STEPS);
    if (n == 0)
        return;
    fputs("<section>\n<h2>Training steps</h2>\n", out);
    write_legend(out, c);
    for (size_t i = 0; i < n && !plots->problem; i++) {
        const size_t first = venn_compare_step_figure(i);
        fputs("<h3>", out);
        venn_report_escape_text(out, c->works[steps[i]].any->name);
        fputs("</h3>\n<div class=\"two\">\n", out);
        venn_report_figure(out, plots, first + VENN_STEP_BARS, "Time",
                           "median, with the 95 % interval of it");
        venn_report_figure(out, plots, first + VENN_STEP_PHASES, "Where it goes",
                           "by the device's clock");
        venn_report_figure(out, plots, first + VENN_STEP_CURVES, "Training loss",
                           "same seed and data on every device");
        fputs("</div>\n", out);
    }
    write_phase_legend(out);
    fputs("</section>\n", out);
}

// ---- Works -----------------------------------------------------------------------------------

static void write_time(FILE *out, const venn_comparison *c, const venn_compared_work *work,
                       size_t s)
{
    const venn_compared_row *row = work->row[s];
    if (!row || !venn_compared_ok(row)) {
        text_cell(out, row ? row->status : "");
        return;
    }
    const bool best = c->n_systems > 1 && venn_compared_ties_best(c, work, s);
    fprintf(out, "<td>%s", best ? "<strong>" : "");
    venn_report_microseconds(out, row->median);
    fprintf(out, "%s <span class=\"soft\">", best ? "</strong>" : "");
    fprintf(out, "\u2212%.1f +%.1f %%", 100 * (1 - row->low / row->median),
            100 * (row->high / row->median - 1));
    if (isfinite(row->share))
        fprintf(out, ", %.0f %% of peak", 100 * row->share);
    if (isfinite(row->joules))
        fprintf(out, ", %.3g J", row->joules);
    if (isfinite(row->clock))
        fprintf(out, ", %.0f MHz", row->clock);
    fputs("</span></td>", out);
}

static void write_works(FILE *out, const venn_comparison *c)
{
    fputs("<div class=\"scroll\"><table class=\"seeds\">\n<thead><tr><th scope=\"col\">work</th>",
          out);
    for (size_t s = 0; s < c->n_systems; s++) {
        fputs("<th scope=\"col\">", out);
        key(out, s);
        fputs("</th>", out);
    }
    fputs("<th scope=\"col\">portability</th></tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < c->n_works; i++) {
        const venn_compared_work *work = &c->works[i];
        fprintf(out, "<tr><th scope=\"row\">%zu. ", i + 1);
        venn_report_escape_text(out, work->any->name);
        fputs(" <span class=\"soft\">", out);
        venn_report_escape_text(out, work->any->part);
        fputs("</span></th>", out);
        for (size_t s = 0; s < c->n_systems; s++)
            write_time(out, c, work, s);
        number_cell(out, "%.3f", venn_compared_portability(c, work));
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n</table></div>\n<p class=\"note\">Median, its 95 % interval, and the share of "
          "the device's own peak, of arithmetic or of memory, whichever is larger. Bold: fastest, "
          "or no slower within the interval. A row that is not right is not ranked. Where the "
          "system tells them: the energy of one run and the clock. "
          "Portability: harmonic mean of the shares; 0 where a device cannot do the work.</p>\n",
          out);
}

static void write_figures(FILE *out, const venn_comparison *c, const venn_report_plots *plots)
{
    write_legend(out, c);
    fputs("<div class=\"two\">\n", out);
    if (c->n_systems > 1)
        venn_report_figure(out, plots, 0, "Times the fastest", "numbers are rows of the table");
    fputs("<div>\n", out);
    for (size_t s = 0; s < c->n_systems; s++)
        venn_report_figure(out, plots, venn_compare_roofline_figure(c, s), c->systems[s].label,
                           "roofline of the device's own measured peaks");
    fputs("</div>\n</div>\n", out);
}

static void write_kernels(FILE *out, const venn_comparison *c, const venn_report_plots *plots)
{
    fputs("<section>\n<h2>All work</h2>\n", out);
    if (!venn_report_undrawn(out, plots, NULL))
        write_figures(out, c, plots);
    write_works(out, c);
    fputs("</section>\n", out);
}

// ---- Numbers ---------------------------------------------------------------------------------

static void write_errors(FILE *out, const venn_comparison *c)
{
    fputs("<section>\n<h2>How far off</h2>\n<div class=\"scroll\"><table class=\"seeds\">\n<thead>"
          "<tr><th scope=\"col\">work</th><th scope=\"col\">unit</th>",
          out);
    for (size_t s = 0; s < c->n_systems; s++) {
        fputs("<th scope=\"col\">", out);
        key(out, s);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < c->n_works; i++) {
        const venn_compared_work *work = &c->works[i];
        fputs("<tr><th scope=\"row\">", out);
        venn_report_escape_text(out, work->any->name);
        fputs(" <span class=\"soft\">", out);
        venn_report_escape_text(out, work->any->part);
        fputs("</span></th>", out);
        text_cell(out, work->any->unit);
        for (size_t s = 0; s < c->n_systems; s++)
            number_cell(out, "%.2g", work->row[s] ? work->row[s]->error : NAN);
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n</table></div>\n<p class=\"note\">Largest error against double precision. "
          "Kernels: in units of what the tests allow, 1 being the limit; steps: relative error of "
          "the loss, the limit being 1e-4.</p>\n</section>\n",
          out);
}

static void write_failures(FILE *out, const venn_comparison *c)
{
    size_t n = 0;
    for (size_t s = 0; s < c->n_systems; s++)
        for (size_t i = 0; i < c->systems[s].n_rows; i++)
            n += !venn_compared_ok(&c->systems[s].rows[i]);
    if (n == 0)
        return;
    fputs("<section>\n<h2>Not measured, or wrong</h2>\n<table class=\"facts\">\n<tbody>\n", out);
    for (size_t s = 0; s < c->n_systems; s++)
        for (size_t i = 0; i < c->systems[s].n_rows; i++) {
            const venn_compared_row *row = &c->systems[s].rows[i];
            if (venn_compared_ok(row))
                continue;
            fputs("<tr><th scope=\"row\">", out);
            key(out, s);
            venn_report_escape_text(out, row->name);
            fputs("</th>", out);
            text_cell(out, row->status);
            text_cell(out, row->reason);
            fputs("</tr>\n", out);
        }
    fputs("</tbody>\n</table>\n</section>\n", out);
}

static void write_commands(FILE *out, const venn_comparison *c)
{
    fputs("<section>\n<h2>How it was made</h2>\n<p class=\"note\">Shaders ", out);
    venn_report_escape_text(out, member(c->files[0], "shaders"));
    fputs(", precision ", out);
    venn_report_escape_text(out, member(c->files[0], "precision"));
    fputs("</p>\n<pre class=\"command\">", out);
    for (size_t i = 0; i < c->n_files; i++) {
        fputs("venn bench --device all --suite ", out);
        venn_report_escape_text(out, member(c->files[i], "suite"));
        fputs(" -o result.json   # ", out);
        venn_report_escape_text(out, member(c->files[i], "started"));
        fputc('\n', out);
    }
    fputs("venn compare result.json ... -o report.html</pre>\n</section>\n", out);
}

venn_status venn_comparison_page(FILE *out, const venn_comparison *c)
{
    venn_report_plots plots;
    VENN_TRY(venn_report_plots_draw(&plots, venn_compare_figures(c), venn_compare_script, c));
    venn_status status = venn_report_begin(
        out, "venn compare", c->n_systems > 1 ? "Devices side by side" : "One device");
    if (status == VENN_OK) {
        fputs("</header>\n", out);
        write_verdict(out, c);
        write_systems(out, c);
        write_steps(out, c, &plots);
        write_kernels(out, c, &plots);
        write_errors(out, c);
        write_failures(out, c);
        write_commands(out, c);
        venn_report_end(out);
    }
    venn_report_plots_free(&plots);
    return status;
}
