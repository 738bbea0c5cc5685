// Small charts that need no gnuplot: histograms and gains with their errors (see venn_figure.h).
#include <math.h>

#include "io/report.h"
#include "mfh/venn_figure.h"

static const char *const text = "<text x=\"%.1f\" y=\"%.1f\" font-size=\"11\" text-anchor=\"%s\" "
                                "fill=\"var(--soft)\">%s</text>\n";

// ---- Histogram -------------------------------------------------------------------------------

void venn_histogram_svg(FILE *out, const double *scores, int64_t n, int color, const char *axis)
{
    enum { BINS = 20, WIDTH = 420, HEIGHT = 170, LEFT = 36, RIGHT = 8, TOP = 16, BOTTOM = 36 };
    int64_t count[BINS] = {0}, most = 1;
    char label[32];
    for (int64_t i = 0; i < n; i++) {
        const int bin = (int)(scores[i] * BINS);
        count[bin < 0 ? 0 : bin < BINS ? bin : BINS - 1]++;
    }
    for (int b = 0; b < BINS; b++)
        most = count[b] > most ? count[b] : most;
    const double step = (WIDTH - LEFT - RIGHT) / (double)BINS, floor = HEIGHT - BOTTOM;
    fprintf(out,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"histogram of %lld scores\">\n",
            WIDTH, HEIGHT, (long long)n);
    for (int b = 0; b < BINS; b++) {
        const double height = (floor - TOP) * (double)count[b] / (double)most;
        if (count[b])
            fprintf(out,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                    "fill=\"var(--s%d)\"/>\n",
                    LEFT + b * step + 1, floor - height, step - 2, height, color);
    }
    fprintf(out, "<path d=\"M%d %.1fH%d\" stroke=\"var(--soft)\" fill=\"none\"/>\n", LEFT, floor,
            WIDTH - RIGHT);
    for (int tick = 0; tick <= 5; tick++) {
        snprintf(label, sizeof label, "%.1f", tick / 5.0);
        fprintf(out, text, LEFT + tick * step * BINS / 5, floor + 15, "middle", label);
    }
    snprintf(label, sizeof label, "%lld", (long long)most);
    fprintf(out, text, LEFT - 5.0, TOP + 4.0, "end", label);
    fprintf(out, text, LEFT - 5.0, floor, "end", "0");
    fprintf(out, text, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 4.0, "middle", axis);
    fputs("</svg>\n", out);
}

// ---- Gains -----------------------------------------------------------------------------------

typedef struct scale {
    double low, high, left, width;
} scale;

static double place(const scale *s, double value)
{
    return s->left + s->width * (value - s->low) / (s->high - s->low);
}

// Reaches over every bar and over 0, with some room.
static scale choose_scale(const venn_mfh_comparison *c, double left, double width)
{
    scale s = {0, 0, left, width};
    for (size_t i = 1; i < c->n; i++) {
        s.low = fmin(s.low, c->rows[i].gain.mean - c->rows[i].gain.error);
        s.high = fmax(s.high, c->rows[i].gain.mean + c->rows[i].gain.error);
    }
    const double room = fmax(0.05 * (s.high - s.low), 0.05);
    s.low -= room;
    s.high += room;
    return s;
}

// The distance of ticks: 1, 2 or 5 times a power of ten, at most eight of them.
static double tick_step(const scale *s)
{
    static const double steps[] = {1, 2, 5, 10};
    const double least = (s->high - s->low) / 8, power = pow(10, floor(log10(least)));
    for (int i = 0; i < 4; i++)
        if (steps[i] * power >= least)
            return steps[i] * power;
    return 10 * power;
}

static void write_axis(FILE *out, const scale *s, double bottom)
{
    const double step = tick_step(s), first = ceil(s->low / step);
    char label[32];
    for (int i = 0; (first + i) * step <= s->high; i++) {
        const double t = (first + i) * step;
        const bool zero = first + i == 0;
        fprintf(out, "<path d=\"M%.1f 4V%.1f\" stroke=\"var(--%s)\" fill=\"none\"/>\n", place(s, t),
                bottom, zero ? "soft" : "rule");
        snprintf(label, sizeof label, "%s%g", t > 0 ? "+" : "", zero ? 0 : t);
        fprintf(out, text, place(s, t), bottom + 14, "middle", label);
    }
}

void venn_gains_svg(FILE *out, const venn_mfh_comparison *c)
{
    enum { WIDTH = 640, LEFT = 170, RIGHT = 14, ROW = 22 };
    const scale s = choose_scale(c, LEFT, WIDTH - LEFT - RIGHT);
    const double bottom = 8 + ROW * (double)(c->n - 1);
    fprintf(out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"gain of each row\">\n",
            WIDTH, bottom + 20);
    write_axis(out, &s, bottom);
    for (size_t i = 1; i < c->n; i++) {
        const venn_mfh_stat *g = &c->rows[i].gain;
        const double y = 4 + ROW * ((double)i - 0.5);
        fprintf(out,
                "<text x=\"%d\" y=\"%.1f\" font-size=\"12\" text-anchor=\"end\" "
                "fill=\"currentColor\">",
                LEFT - 10, y + 4);
        venn_report_escape_text(out, c->rows[i].name);
        fprintf(out,
                "</text>\n<path d=\"M%.1f %.1fH%.1f\" stroke=\"var(--s2)\" stroke-width=\"2\"/>\n"
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"var(--s2)\"/>\n",
                place(&s, g->mean - g->error), y, place(&s, g->mean + g->error), place(&s, g->mean),
                y);
    }
    fputs("</svg>\n", out);
}
