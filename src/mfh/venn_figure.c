// Geometry and drawing of the modality Venn diagram (see venn_figure.h).
#include <math.h>

#include "io/report.h"
#include "mfh/venn_figure.h"

static const double pi = 3.14159265358979323846;

double venn_lens_area(const venn_circles *c)
{
    const double a = c->radius_a, b = c->radius_b, d = c->distance;
    if (d >= a + b)
        return 0;
    if (d <= fabs(a - b))
        return pi * fmin(a, b) * fmin(a, b);
    const double angle_a = acos(fmin(1, fmax(-1, (d * d + a * a - b * b) / (2 * d * a))));
    const double angle_b = acos(fmin(1, fmax(-1, (d * d + b * b - a * a) / (2 * d * b))));
    return a * a * (angle_a - sin(2 * angle_a) / 2) + b * b * (angle_b - sin(2 * angle_b) / 2);
}

// The common area falls as the centres move apart, so halving finds their distance.
venn_circles venn_circles_of(const venn_modality_diagram *d)
{
    venn_circles c = {.radius_a = sqrt((d->only_a + d->shared) / pi),
                      .radius_b = sqrt((d->only_b + d->shared) / pi)};
    double low = fabs(c.radius_a - c.radius_b), high = c.radius_a + c.radius_b;
    for (int i = 0; i < 60; i++) {
        c.distance = (low + high) / 2;
        if (venn_lens_area(&c) > d->shared)
            low = c.distance;
        else
            high = c.distance;
    }
    if (d->shared <= 0)
        c.distance = c.radius_a + c.radius_b;
    return c;
}

void venn_diagram_svg(FILE *out, const venn_modality_diagram *d, const char *name_a,
                      const char *name_b)
{
    enum { WIDTH = 220, HEIGHT = 150, MARGIN = 12, TOP = 22 };
    const venn_circles c = venn_circles_of(d);
    const double left = fmin(-c.radius_a, c.distance - c.radius_b);
    const double right = fmax(c.radius_a, c.distance + c.radius_b);
    const double tallest = 2 * fmax(c.radius_a, c.radius_b);
    const double scale = right > left ? fmin((WIDTH - 2 * MARGIN) / (right - left),
                                             (HEIGHT - TOP - MARGIN) / tallest)
                                      : 0;
    const double x = WIDTH / 2.0 - scale * (left + right) / 2, y = (HEIGHT + TOP - MARGIN) / 2.0;
    fprintf(
        out,
        "<svg class=\"diagram\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"alpha %.2f, beta "
        "%.2f, gamma %.2f\">",
        WIDTH, HEIGHT, venn_diagram_alpha(d), venn_diagram_beta(d), venn_diagram_gamma(d));
    const char *circle = "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\" fill=\"var(--s%d)\" "
                         "fill-opacity=\"0.3\" stroke=\"var(--s%d)\" stroke-width=\"1.5\"/>";
    fprintf(out, circle, x, y, scale * c.radius_a, 1, 1);
    fprintf(out, circle, x + scale * c.distance, y, scale * c.radius_b, 2, 2);
    fprintf(out, "<text x=\"4\" y=\"14\" font-size=\"14\" fill=\"var(--ink)\">");
    venn_report_escape_text(out, name_a);
    fprintf(out,
            "</text><text x=\"%d\" y=\"14\" font-size=\"14\" text-anchor=\"end\" "
            "fill=\"var(--ink)\">",
            WIDTH - 4);
    venn_report_escape_text(out, name_b);
    fputs("</text></svg>\n", out);
}
