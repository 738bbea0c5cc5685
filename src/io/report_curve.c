// The figures: one gnuplot script for all of them. Training and validation share the range of their
// axis, so that the gap between them can be seen. A band spans the seeds from lowest to highest.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report.h"

enum { WIDTH = 460, FONT = 13 };

const char *venn_report_dash(const venn_report_stage *stage)
{
    static const char *const patterns[] = {"2,3", "8,4", ""};
    return patterns[stage->color < 2 ? stage->color : 2];
}

// ---- Script ----------------------------------------------------------------------------------

void venn_report_terminal(FILE *script, int height)
{
    fprintf(
        script,
        "reset\nset encoding utf8\nset minussign\nset terminal svg size %d,%d dynamic font ',%d'\n"
        "set key off\nset border 1 lc rgb '" VENN_REPORT_RULE "'\n"
        "set xtics nomirror scale 0.4 textcolor rgb '" VENN_REPORT_INK "'\n"
        "set ytics nomirror scale 0 textcolor rgb '" VENN_REPORT_INK "'\n"
        "set grid ytics lt 1 lc rgb '" VENN_REPORT_RULE "'\n"
        "set style fill transparent solid 0.2 noborder\n"
        "set lmargin 7.5\nset rmargin 1\nset tmargin 0.6\nset bmargin 2.8\n",
        WIDTH, height, FONT);
}

static double scale_of(venn_report_metric metric)
{
    bool accuracy = metric == VENN_REPORT_TRAIN_ACCURACY || metric == VENN_REPORT_VALID_ACCURACY;
    return accuracy ? 100 : 1;
}

static void widen(const venn_report *report, venn_report_metric metric, double *low, double *high)
{
    for (size_t i = 0; i < report->n_stages; i++)
        for (size_t epoch = 0; epoch < report->epochs; epoch++) {
            const venn_report_point *point = &report->stages[i].curve[metric][epoch];
            if (point->n) {
                *low = fmin(*low, scale_of(metric) * point->low);
                *high = fmax(*high, scale_of(metric) * point->high);
            }
        }
}

// The metric that is to be compared with this one.
static venn_report_metric partner(venn_report_metric metric)
{
    static const venn_report_metric of[VENN_REPORT_METRICS] = {
        [VENN_REPORT_TRAIN_LOSS] = VENN_REPORT_VALID_LOSS,
        [VENN_REPORT_VALID_LOSS] = VENN_REPORT_TRAIN_LOSS,
        [VENN_REPORT_TRAIN_ACCURACY] = VENN_REPORT_VALID_ACCURACY,
        [VENN_REPORT_VALID_ACCURACY] = VENN_REPORT_TRAIN_ACCURACY,
        [VENN_REPORT_KD] = VENN_REPORT_KD,
    };
    return of[metric];
}

static void write_ranges(FILE *script, const venn_report *report, venn_report_metric metric)
{
    double low = NAN, high = NAN;
    widen(report, metric, &low, &high);
    widen(report, partner(metric), &low, &high);
    bool accuracy = scale_of(metric) == 100;
    double margin = fmax(0.04 * (high - low), accuracy ? 0.5 : 1e-9 + 0.02 * fabs(high));
    low = accuracy ? fmax(low - margin, -1) : fmin(low, 0);
    high = accuracy ? fmin(high + margin, 100.5) : high + margin;
    fprintf(script, "set yrange [%.9g:%.9g]\n", low, high);
    double right = (double)report->epochs;
    fprintf(script, "set xrange [%g:%g]\n", right > 1 ? 1 : 0.5, right > 1 ? right : 1.5);
    if (report->epochs <= 12)
        fputs("set xtics 1\n", script);
    fprintf(script, "set xlabel 'epoch' offset 0,0.4 textcolor rgb '" VENN_REPORT_INK "'\n");
    fprintf(script, "set ylabel '%s' textcolor rgb '" VENN_REPORT_INK "'\n",
            accuracy                   ? "accuracy, %"
            : metric == VENN_REPORT_KD ? "distillation loss"
                                       : "loss");
}

static bool has_values(const venn_report *report, size_t stage, venn_report_metric metric)
{
    for (size_t epoch = 0; epoch < report->epochs; epoch++)
        if (report->stages[stage].curve[metric][epoch].n)
            return true;
    return false;
}

// Epoch, mean, lowest, highest, and the mean once more where no line reaches it. An empty line where
// epochs are missing breaks line and band.
static void write_data(FILE *script, const venn_report *report, size_t stage,
                       venn_report_metric metric)
{
    const venn_report_point *curve = report->stages[stage].curve[metric];
    double scale = scale_of(metric);
    fprintf(script, "$c%zu << END\n", stage);
    for (size_t epoch = 0; epoch < report->epochs; epoch++) {
        const venn_report_point *point = &curve[epoch];
        bool before = epoch > 0 && curve[epoch - 1].n;
        bool after = epoch + 1 < report->epochs && curve[epoch + 1].n;
        if (point->n)
            fprintf(script, "%zu %.9g %.9g %.9g %.9g\n", epoch + 1, scale * point->mean,
                    scale * point->low, scale * point->high,
                    before || after ? NAN : scale * point->mean);
        else
            fputc('\n', script);
    }
    fputs("END\n", script);
}

// Bands first, so that no line is covered; then lines, then points that stand alone.
static void write_curves(FILE *script, const venn_report *report, venn_report_metric metric)
{
    static const char *const layers[] = {"1:3:4 with filledcurves", "1:2 with lines lw 2",
                                         "1:5 with points pt 7 ps 0.4"};
    venn_report_terminal(script, VENN_REPORT_HEIGHT);
    write_ranges(script, report, metric);
    for (size_t i = 0; i < report->n_stages; i++)
        if (has_values(report, i, metric))
            write_data(script, report, i, metric);
    const char *before = "plot ";
    for (int layer = 0; layer < 3; layer++)
        for (size_t i = 0; i < report->n_stages; i++) {
            const venn_report_stage *stage = &report->stages[i];
            if (!has_values(report, i, metric))
                continue;
            fprintf(script, "%s$c%zu using %s lc rgb '#0100%02x'", before, i, layers[layer],
                    (unsigned)stage->color % VENN_REPORT_PALETTE);
            if (layer == 1 && *venn_report_dash(stage))
                fprintf(script, " dt (%s)", venn_report_dash(stage));
            before = ", ";
        }
    fputc('\n', script);
}

// The differences of a pair, one row per seed; below them the mean with its interval.
static void write_pair(FILE *script, const venn_report *report, const venn_report_pair *pair)
{
    unsigned color = (unsigned)report->stages[pair->stage].color % VENN_REPORT_PALETTE;
    size_t n = report->n_seeds;
    venn_report_terminal(script, 90 + 26 * (int)(n < 200 ? n : 200));
    fprintf(script, "set yrange [-0.7:%g]\nunset grid\nset ytics (\"mean\" 0", (double)n + 0.4);
    for (size_t i = 0; i < n && n < 200; i++)
        fprintf(script, ", \"seed %lld\" %zu", (long long)report->seeds[i], n - i);
    fputs(")\nset xlabel 'difference in test accuracy, points' offset 0,0.4 textcolor rgb "
          "'" VENN_REPORT_INK "'\nset offsets graph 0.06, graph 0.06, 0, 0\nset xrange [*<0:0<*]\n"
          "set xzeroaxis lt 1 lc rgb '" VENN_REPORT_RULE "'\n"
          "set yzeroaxis lt 1 lw 1.5 lc rgb '" VENN_REPORT_INK "'\n$seeds << END\n",
          script);
    for (size_t i = 0; i < n; i++)
        if (isfinite(pair->per_seed[i]))
            fprintf(script, "%.9g %zu\n", 100 * pair->per_seed[i], n - i);
    double half = isfinite(pair->half) ? pair->half : 0;
    fprintf(script, "END\n$mean << END\n%.9g 0 %.9g\nEND\n", 100 * pair->mean, 100 * half);
    fprintf(script,
            "plot $seeds using 1:2 with points pt 7 ps 0.6 lc rgb '#0100%02x', "
            "$mean using 1:2:3 with xerrorbars pt 7 ps 0.9 lw 2.5 lc rgb '#0100%02x'\n",
            color, color);
}

// One difference alone is no picture.
static bool pair_has_values(const venn_report *report, const venn_report_pair *pair)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_seeds; i++)
        n += isfinite(pair->per_seed[i]);
    return n > 1 && isfinite(pair->mean);
}

// ---- All figures -----------------------------------------------------------------------------

// Marks in wanted[] what the script draws, in its order.
static size_t write_script(FILE *script, const void *user, bool *wanted)
{
    const venn_report *report = user;
    size_t count = 0;
    for (int metric = 0; metric < VENN_REPORT_METRICS; metric++) {
        for (size_t i = 0; i < report->n_stages; i++)
            wanted[metric] |= has_values(report, i, (venn_report_metric)metric);
        if (wanted[metric])
            write_curves(script, report, (venn_report_metric)metric);
        count += wanted[metric];
    }
    for (size_t i = 0; i < report->n_pairs; i++) {
        wanted[VENN_REPORT_METRICS + i] = pair_has_values(report, &report->pairs[i]);
        if (wanted[VENN_REPORT_METRICS + i])
            write_pair(script, report, &report->pairs[i]);
        count += wanted[VENN_REPORT_METRICS + i];
    }
    return count;
}

static venn_status split_output(venn_report_plots *plots, const bool *wanted, size_t n)
{
    const char *at = plots->output;
    for (size_t i = 0; i < n; i++) {
        if (!wanted[i])
            continue;
        plots->svg[i] = strstr(at, "<svg");
        at = plots->svg[i] ? strstr(plots->svg[i], "</svg>") : NULL;
        if (!at) {
            memset(plots->svg, 0, n * sizeof *plots->svg);
            return venn_fail(VENN_BAD_FILE, "gnuplot drew fewer figures than it was told to");
        }
    }
    return VENN_OK;
}

static venn_status draw(venn_report_plots *plots, size_t n, venn_report_script_fn *write,
                        const void *user, bool *wanted)
{
    FILE *script = tmpfile();
    if (!script)
        return venn_fail(VENN_BAD_FILE, "no temporary file for gnuplot");
    venn_status status = VENN_OK;
    if (write(script, user, wanted)) {
        fputs("unset output\n", script);
        status = venn_report_gnuplot(script, &plots->output);
    }
    fclose(script);
    if (status == VENN_OK && plots->output)
        status = split_output(plots, wanted, n);
    return status;
}

venn_status venn_report_plots_draw(venn_report_plots *plots, size_t n, venn_report_script_fn *write,
                                   const void *user)
{
    *plots = (venn_report_plots){.svg = venn_alloc(n, sizeof *plots->svg)};
    bool *wanted = venn_alloc(n, sizeof *wanted);
    venn_status status = plots->svg && wanted ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK && draw(plots, n, write, user, wanted) < 0) {
        plots->problem = venn_strdup(venn_error_message());
        status = plots->problem ? VENN_OK : VENN_NO_MEMORY;
    }
    free(wanted);
    if (status < 0)
        venn_report_plots_free(plots);
    return status;
}

venn_status venn_report_plots_make(venn_report_plots *plots, const venn_report *report)
{
    return venn_report_plots_draw(plots, VENN_REPORT_METRICS + report->n_pairs, write_script,
                                  report);
}

void venn_report_plots_free(venn_report_plots *plots)
{
    free(plots->output);
    free(plots->svg);
    free(plots->problem);
    *plots = (venn_report_plots){0};
}
