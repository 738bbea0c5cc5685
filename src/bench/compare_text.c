// The comparison for people in a terminal or a pull request (Markdown), and for other programs (CSV).
#include <math.h>
#include <string.h>

#include "bench/compare.h"

static void markdown_cell(FILE *out, const venn_comparison *c, const venn_compared_work *work,
                          size_t s)
{
    const venn_compared_row *row = work->row[s];
    const bool best = venn_compared_ties_best(c, work, s);
    if (!row)
        fputs(" \u2013 |", out);
    else if (!venn_compared_ok(row))
        fprintf(out, " %s |", row->status);
    else
        fprintf(out, " %s%.1f\u2013%.1f%s |", best ? "**" : "", row->low, row->high,
                best ? "**" : "");
}

static void markdown_row(FILE *out, const venn_comparison *c, const venn_compared_work *work)
{
    const double score = venn_compared_portability(c, work);
    fprintf(out, "| %s, %s |", work->any->name, work->any->part);
    for (size_t s = 0; s < c->n_systems; s++)
        markdown_cell(out, c, work, s);
    if (isnan(score))
        fputs(" \u2013 |\n", out);
    else
        fprintf(out, " %.3f |\n", score);
}

void venn_comparison_markdown(FILE *out, const venn_comparison *c)
{
    fputs("Microseconds, 95 % interval of the median; bold: fastest, or no slower within the "
          "interval. Rows that are not right are never ranked.\n\n| work |",
          out);
    for (size_t s = 0; s < c->n_systems; s++)
        fprintf(out, " %s |", c->systems[s].label);
    fputs(" portability |\n|---|", out);
    for (size_t s = 0; s < c->n_systems; s++)
        fputs("---:|", out);
    fputs("---:|\n", out);
    for (size_t i = 0; i < c->n_works; i++)
        markdown_row(out, c, &c->works[i]);
    for (size_t s = 1; s < c->n_systems; s++)
        fprintf(out, "\n%s is %.2f times as fast as %s (geometric mean over what both can do).\n",
                c->systems[0].label, venn_comparison_speed(c, 0, s), c->systems[s].label);
}

static void csv_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputs("\",", out);
}

static void csv_number(FILE *out, double value, char end)
{
    if (isfinite(value))
        fprintf(out, "%.9g", value);
    fputc(end, out);
}

void venn_comparison_csv(FILE *out, const venn_comparison *c)
{
    fputs("system,driver,kind,name,part,status,reason,median_us,low_us,high_us,gflops,gbs,"
          "peak_share,error,limit,joules,clock_mhz\n",
          out);
    for (size_t s = 0; s < c->n_systems; s++)
        for (size_t i = 0; i < c->systems[s].n_rows; i++) {
            const venn_compared_row *r = &c->systems[s].rows[i];
            const char *texts[] = {c->systems[s].label,
                                   c->systems[s].driver,
                                   r->kind,
                                   r->name,
                                   r->part,
                                   r->status,
                                   r->reason};
            const double numbers[] = {r->median, r->low,   r->high,  r->gflops, r->gbs,
                                      r->share,  r->error, r->limit, r->joules, r->clock};
            const size_t n = sizeof numbers / sizeof *numbers;
            for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
                csv_text(out, texts[k]);
            for (size_t k = 0; k < n; k++)
                csv_number(out, numbers[k], k + 1 < n ? ',' : '\n');
        }
}
