#include "bench/compare_plot.h"

#include <stdint.h>
#include <string.h>

enum { MAX_STEPS = 32 };

const char *const venn_compare_phases[] = {"teacher forward", "student forward", "loss",
                                           "backward",        "optimizer",       "transfers",
                                           "host gap",        "other",           NULL};

size_t venn_compare_steps(const venn_comparison *c, size_t *steps, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_works && n < room; i++)
        if (strcmp(c->works[i].any->kind, "step") == 0)
            steps[n++] = i;
    return n;
}

static size_t count_steps(const venn_comparison *c)
{
    size_t steps[MAX_STEPS];
    return venn_compare_steps(c, steps, MAX_STEPS);
}

size_t venn_compare_step_figure(size_t step)
{
    return 1 + VENN_STEP_FIGURES * step;
}

size_t venn_compare_roofline_figure(const venn_comparison *c, size_t system)
{
    return venn_compare_step_figure(count_steps(c)) + system;
}

size_t venn_compare_figures(const venn_comparison *c)
{
    return venn_compare_roofline_figure(c, c->n_systems);
}

// ---- Axes ------------------------------------------------------------------------------------

static void label_x(FILE *script, const char *text)
{
    fprintf(script,
            "set rmargin 3\nset xlabel '%s' offset 0,0.4 textcolor rgb '" VENN_REPORT_INK "'\n",
            text);
}

// One horizontal line for each system, A at the top.
static void begin_systems(FILE *script, const venn_comparison *c, const char *axis)
{
    venn_report_terminal(script, 90 + 30 * (int)c->n_systems);
    label_x(script, axis);
    fprintf(script,
            "set yrange [0.4:%g]\nunset grid\nset grid xtics lt 1 lc rgb '" VENN_REPORT_RULE
            "'\nset xrange [0:*]\nset style fill solid 1 noborder\nset ytics (",
            (double)c->n_systems + 0.6);
    for (size_t s = 0; s < c->n_systems; s++)
        fprintf(script, "%s\"%c\" %zu", s ? ", " : "", (char)('A' + s % 26), c->n_systems - s);
    fputs(")\n", script);
}

static double place(const venn_comparison *c, size_t s)
{
    return (double)(c->n_systems - s);
}

// ---- Kernels ---------------------------------------------------------------------------------

static bool draw_relative(FILE *script, const venn_comparison *c)
{
    if (c->n_systems < 2)
        return false;
    venn_report_terminal(script, 80 + 15 * (int)c->n_works);
    label_x(script, "times the fastest");
    fprintf(script, "set logscale x\nset yrange [0.3:%g]\nset ytics (", (double)c->n_works + 0.7);
    for (size_t i = 0; i < c->n_works; i++)
        fprintf(script, "%s\"%zu\" %zu", i ? ", " : "", i + 1, c->n_works - i);
    fputs(")\nset xrange [0.9:*]\n", script);
    for (size_t s = 0; s < c->n_systems; s++) {
        fprintf(script, "$s%zu << END\n", s);
        for (size_t i = 0; i < c->n_works; i++) {
            const int best = venn_compared_best(c, &c->works[i]);
            const venn_compared_row *row = c->works[i].row[s];
            if (best < 0 || !venn_compared_ok(row))
                continue;
            const double unit = c->works[i].row[best]->median;
            fprintf(script, "%.6g %zu %.6g %.6g\n", row->median / unit, c->n_works - i,
                    row->low / unit, row->high / unit);
        }
        fputs("NaN NaN NaN NaN\nEND\n", script);
    }
    for (size_t s = 0; s < c->n_systems; s++)
        fprintf(script,
                "%s$s%zu using 1:2:3:4 with xerrorbars pt 7 ps 0.5 lw 1.5 lc rgb '#0100%02x'",
                s ? ", " : "plot ", s, (unsigned)(s % VENN_REPORT_PALETTE));
    fputc('\n', script);
    return true;
}

// ---- Steps -----------------------------------------------------------------------------------

static bool any_ok(const venn_comparison *c, const venn_compared_work *work)
{
    for (size_t s = 0; s < c->n_systems; s++)
        if (venn_compared_ok(work->row[s]))
            return true;
    return false;
}

static bool draw_bars(FILE *script, const venn_comparison *c, const venn_compared_work *work)
{
    if (!any_ok(c, work))
        return false;
    begin_systems(script, c, "milliseconds a step");
    for (size_t s = 0; s < c->n_systems; s++) {
        const venn_compared_row *row = work->row[s];
        fprintf(script, "$s%zu << END\n", s);
        if (venn_compared_ok(row))
            fprintf(script, "%.6g %g %.6g %.6g\n", row->median * 1e-3, place(c, s), row->low * 1e-3,
                    row->high * 1e-3);
        fputs("NaN NaN NaN NaN\nEND\n", script);
    }
    for (size_t s = 0; s < c->n_systems; s++)
        fprintf(script,
                "%s$s%zu using 1:2:(0):1:($2-0.3):($2+0.3) with boxxyerror lc rgb '#0100%02x', "
                "$s%zu using 1:2:3:4 with xerrorbars pt 7 ps 0.3 lw 1.5 lc rgb '" VENN_REPORT_INK
                "'",
                s ? ", " : "plot ", s, (unsigned)(s % VENN_REPORT_PALETTE), s);
    fputc('\n', script);
    return true;
}

static double phase_us(const venn_compared_row *row, const char *phase)
{
    const json_t *phases = json_object_get(row->json, "phases");
    const json_t *us = json_object_get(json_object_get(phases, phase), "median_us");
    return json_is_number(us) ? json_number_value(us) : 0;
}

static double phases_us(const venn_compared_row *row, size_t n)
{
    double us = 0;
    for (size_t k = 0; k < n && venn_compare_phases[k]; k++)
        us += phase_us(row, venn_compare_phases[k]);
    return us;
}

static bool any_phases(const venn_comparison *c, const venn_compared_work *work)
{
    for (size_t s = 0; s < c->n_systems; s++)
        if (venn_compared_ok(work->row[s]) && phases_us(work->row[s], SIZE_MAX) > 0)
            return true;
    return false;
}

static bool draw_phases(FILE *script, const venn_comparison *c, const venn_compared_work *work)
{
    if (!any_phases(c, work))
        return false;
    begin_systems(script, c, "% of the step");
    for (size_t p = 0; venn_compare_phases[p]; p++) {
        fprintf(script, "$p%zu << END\n", p);
        for (size_t s = 0; s < c->n_systems; s++) {
            if (!venn_compared_ok(work->row[s]))
                continue;
            const double all = phases_us(work->row[s], SIZE_MAX);
            const double from = phases_us(work->row[s], p), to = phases_us(work->row[s], p + 1);
            if (to > from)
                fprintf(script, "%.6g %.6g %g\n", 100 * from / all, 100 * to / all, place(c, s));
        }
        fputs("NaN NaN NaN\nEND\n", script);
    }
    fputs("set xrange [0:100]\n", script);
    for (size_t p = 0; venn_compare_phases[p]; p++)
        fprintf(script,
                "%s$p%zu using 1:3:1:2:($3-0.3):($3+0.3) with boxxyerror lc rgb '#0100%02x'",
                p ? ", " : "plot ", p, (unsigned)p);
    fputc('\n', script);
    return true;
}

static const json_t *losses_of(const venn_compared_row *row)
{
    return row ? json_object_get(row->json, "losses") : NULL;
}

static bool draw_curves(FILE *script, const venn_comparison *c, const venn_compared_work *work)
{
    size_t most = 0;
    for (size_t s = 0; s < c->n_systems; s++)
        most += json_array_size(losses_of(work->row[s]));
    if (most == 0)
        return false;
    venn_report_terminal(script, VENN_REPORT_HEIGHT);
    label_x(script, "step");
    for (size_t s = 0; s < c->n_systems; s++) {
        const json_t *losses = losses_of(work->row[s]);
        fprintf(script, "$s%zu << END\n", s);
        for (size_t i = 0; i < json_array_size(losses); i++)
            if (json_is_number(json_array_get(losses, i)))
                fprintf(script, "%zu %.9g\n", i + 1, json_number_value(json_array_get(losses, i)));
        fputs("NaN NaN\nEND\n", script);
    }
    // Later ones are thinner, so that equal curves all show.
    for (size_t s = 0; s < c->n_systems; s++)
        fprintf(script, "%s$s%zu using 1:2 with lines lw %zu lc rgb '#0100%02x'",
                s ? ", " : "plot ", s, 2 * (c->n_systems - s), (unsigned)(s % VENN_REPORT_PALETTE));
    fputc('\n', script);
    return true;
}

// ---- Rooflines -------------------------------------------------------------------------------

static bool has_place(const venn_compared_row *row)
{
    return venn_compared_ok(row) && row->flops > 0 && row->bytes > 0;
}

static bool draw_roofline(FILE *script, const venn_comparison *c, size_t system)
{
    const venn_compared_system *s = &c->systems[system];
    size_t n = 0;
    for (size_t i = 0; i < s->n_rows; i++)
        n += has_place(&s->rows[i]);
    if (n == 0 || !(s->peaks.copy_gbs > 0) || !(s->peaks.fma_gflops > 0))
        return false;
    venn_report_terminal(script, VENN_REPORT_HEIGHT);
    label_x(script, "flops for each byte");
    fprintf(script,
            "set lmargin 11\nset logscale xy\nset xrange [0.03:1000]\nset yrange [%.6g:%.6g]\nset "
            "ylabel "
            "'GFLOP/s' textcolor rgb '" VENN_REPORT_INK "'\n$w << END\n",
            s->peaks.fma_gflops * 1e-4, s->peaks.fma_gflops * 2);
    for (size_t i = 0; i < s->n_rows; i++) {
        const venn_compared_row *row = &s->rows[i];
        if (has_place(row))
            fprintf(script, "%.6g %.6g\n", row->flops / row->bytes, row->gflops);
    }
    fprintf(script,
            "NaN NaN\nEND\nplot (x*%.6g < %.6g ? x*%.6g : %.6g) with lines lw 1.5 lc rgb "
            "'" VENN_REPORT_INK "', $w using 1:2 with points pt 7 ps 0.6 lc rgb '#0100%02x'\n",
            s->peaks.copy_gbs, s->peaks.fma_gflops, s->peaks.copy_gbs, s->peaks.fma_gflops,
            (unsigned)(system % VENN_REPORT_PALETTE));
    return true;
}

// ---- All -------------------------------------------------------------------------------------

static bool draw_one(FILE *script, const venn_comparison *c, size_t figure, const size_t *steps,
                     size_t n_steps)
{
    if (figure == 0)
        return draw_relative(script, c);
    if (figure >= venn_compare_step_figure(n_steps))
        return draw_roofline(script, c, figure - venn_compare_step_figure(n_steps));
    const venn_compared_work *work = &c->works[steps[(figure - 1) / VENN_STEP_FIGURES]];
    switch ((figure - 1) % VENN_STEP_FIGURES) {
    case VENN_STEP_BARS:
        return draw_bars(script, c, work);
    case VENN_STEP_PHASES:
        return draw_phases(script, c, work);
    default:
        return draw_curves(script, c, work);
    }
}

size_t venn_compare_script(FILE *script, const void *comparison, bool *wanted)
{
    const venn_comparison *c = comparison;
    size_t steps[MAX_STEPS], drawn = 0;
    const size_t n_steps = venn_compare_steps(c, steps, MAX_STEPS);
    for (size_t i = 0; i < venn_compare_figures(c); i++) {
        wanted[i] = draw_one(script, c, i, steps, n_steps);
        drawn += wanted[i];
    }
    return drawn;
}
