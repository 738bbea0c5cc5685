// The rows of the result table and the sentence over it: one source for the page and the terminal.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/report.h"

// ---- Rows ------------------------------------------------------------------------------------

void venn_report_model(FILE *out, const venn_report_stage *stage)
{
    fputs(stage->name, out);
    if (stage->modality)
        fprintf(out, " (%s)", stage->modality);
}

static const venn_report_pair *pair_of(const venn_report *report, const venn_report_stage *stage)
{
    for (size_t i = 0; i < report->n_pairs; i++)
        if (&report->stages[report->pairs[i].stage] == stage)
            return &report->pairs[i];
    return NULL;
}

// The baseline that all pairs have in common, or NULL.
static const venn_report_stage *common_baseline(const venn_report *report)
{
    for (size_t i = 1; i < report->n_pairs; i++)
        if (report->pairs[i].baseline != report->pairs[0].baseline)
            return NULL;
    return report->n_pairs ? &report->stages[report->pairs[0].baseline] : NULL;
}

static void accuracy_cell(FILE *out, const venn_report *report, const venn_report_stage *stage)
{
    venn_report_percent(out, stage->mean, report->digits);
    if (stage->n_runs > 1 && !isnan(stage->std)) {
        fputs(" \u00b1 ", out);
        venn_report_percent(out, stage->std, report->digits);
    }
    fputs(" %", out);
}

static void difference_text(FILE *out, const venn_report *report, const venn_report_pair *pair)
{
    venn_report_delta(out, pair->mean, report->digits);
    if (!isnan(pair->half)) {
        fputs(" \u00b1 ", out);
        venn_report_percent(out, pair->half, report->digits);
    }
    fputs(" points", out);
}

static void difference_cell(FILE *out, const venn_report *report, const venn_report_stage *stage)
{
    const venn_report_pair *pair = pair_of(report, stage);
    if (!pair)
        return;
    difference_text(out, report, pair);
    if (!common_baseline(report))
        fprintf(out, " vs %s", report->stages[pair->baseline].name);
}

static void epoch_cell(FILE *out, const venn_report_stage *stage)
{
    double low = NAN, high = NAN;
    for (size_t i = 0; i < stage->n_runs; i++) {
        low = fmin(low, stage->runs[i].best_epoch);
        high = fmax(high, stage->runs[i].best_epoch);
    }
    venn_report_count(out, low);
    if (high > low) {
        fputs("\u2013", out);
        venn_report_count(out, high);
    }
}

static void time_cell(FILE *out, const venn_report_stage *stage)
{
    double sum = 0;
    for (size_t i = 0; i < stage->n_runs; i++)
        sum += stage->runs[i].seconds;
    venn_report_duration(out, stage->n_runs ? sum / (double)stage->n_runs : NAN);
}

// What the test results are: a method may have a score of its own.
static const char *score_of(const venn_report *report)
{
    const json_t *method = json_object_get(report->summary, "method");
    const char *score = json_string_value(json_object_get(method, "score"));
    return score ? score : "accuracy";
}

static void write_heading(FILE *out, const venn_report *report, int column)
{
    static const char *const names[VENN_REPORT_COLUMNS] = {
        "model", "", "difference", "best epoch", "parameters", "time per seed", "step", "memory"};
    const venn_report_stage *baseline = common_baseline(report);
    if (column == 1)
        fprintf(out, "test %s", score_of(report));
    else if (column == 2 && baseline)
        fprintf(out, "vs %s", baseline->name);
    else
        fputs(names[column], out);
}

static void write_cell(FILE *out, const venn_report *report, const venn_report_stage *stage,
                       int column)
{
    if (!stage)
        write_heading(out, report, column);
    else if (column == 0)
        venn_report_model(out, stage);
    else if (column == 1)
        accuracy_cell(out, report, stage);
    else if (column == 2)
        difference_cell(out, report, stage);
    else if (column == 3)
        epoch_cell(out, stage);
    else if (column == 4)
        venn_report_count(out, stage->parameters);
    else if (column == 5)
        time_cell(out, stage);
    else if (column == 6)
        venn_report_microseconds(out, stage->step_us);
    else
        venn_report_bytes(out, stage->memory);
}

int venn_report_columns(const venn_report *report)
{
    return report->compares ? VENN_REPORT_COLUMNS : VENN_REPORT_COLUMNS - 2;
}

venn_status venn_report_row_make(venn_report_row *row, const venn_report *report,
                                 const venn_report_stage *stage)
{
    *row = (venn_report_row){0};
    for (int column = 0; column < VENN_REPORT_COLUMNS; column++) {
        size_t size;
        FILE *out = open_memstream(&row->cell[column], &size);
        if (out && column < venn_report_columns(report))
            write_cell(out, report, stage, column);
        if (!out || fclose(out) != 0) {
            venn_report_row_free(row);
            return venn_fail(VENN_NO_MEMORY, "report: out of host memory");
        }
    }
    return VENN_OK;
}

void venn_report_row_free(venn_report_row *row)
{
    for (int column = 0; column < VENN_REPORT_COLUMNS; column++)
        free(row->cell[column]);
    *row = (venn_report_row){0};
}

// ---- Measures --------------------------------------------------------------------------------

void venn_report_measure_value(FILE *out, const json_t *measure)
{
    const json_t *mean = json_object_get(measure, "mean"), *std = json_object_get(measure, "std");
    if (!json_is_number(mean))
        fputs(VENN_REPORT_DASH, out);
    else if (json_is_number(std) && json_number_value(std) > 0)
        fprintf(out, "%.4g \u00b1 %.2g", json_number_value(mean), json_number_value(std));
    else
        fprintf(out, "%.4g", json_number_value(mean));
}

const json_t *venn_report_measures(const venn_report *report, size_t stage)
{
    return json_object_get(json_array_get(json_object_get(report->summary, "stages"), stage),
                           "measures");
}

// ---- Words -----------------------------------------------------------------------------------

void venn_report_note(FILE *out, const venn_report *report)
{
    fprintf(out, "Test %s is that of the epoch with the best validation %s", score_of(report),
            score_of(report));
    if (report->n_seeds > 1)
        fprintf(out, "; mean \u00b1 standard deviation over %zu seeds", report->n_seeds);
    fputs(".", out);
    bool interval = false;
    for (size_t i = 0; i < report->n_pairs; i++)
        interval |= !isnan(report->pairs[i].half);
    if (interval)
        fputs(" A difference is the mean of the differences seed by seed, \u00b1 the half width of"
              " its 95 % confidence interval (Student\u2019s t).",
              out);
}

static void pair_verdict(FILE *out, const venn_report *report, const venn_report_pair *pair)
{
    const venn_report_stage *stage = &report->stages[pair->stage];
    const venn_report_stage *baseline = &report->stages[pair->baseline];
    size_t seeds = 0;
    for (size_t i = 0; i < report->n_seeds; i++)
        seeds += !isnan(pair->per_seed[i]);
    if (report->n_pairs == 1)
        fprintf(out, "Distillation changed test %s by ", score_of(report));
    else
        fprintf(out, "\u201c%s\u201d changed test %s by ", stage->name, score_of(report));
    difference_text(out, report, pair);
    if (isnan(pair->half))
        fprintf(out, " (%zu seed%s, no interval): this may be chance.", seeds,
                seeds == 1 ? "" : "s");
    else
        fprintf(out, " (%zu seeds, paired, 95 %% interval): %s.", seeds,
                fabs(pair->mean) <= pair->half ? "the interval includes 0, no effect is shown"
                : pair->mean > 0               ? "an improvement"
                                               : "a loss");
    fputc(' ', out);
    venn_report_percent(out, stage->mean, report->digits);
    fprintf(out, " %% (%s) against ", stage->name);
    venn_report_percent(out, baseline->mean, report->digits);
    fprintf(out, " %% (%s).", baseline->name);
}

void venn_report_verdict(FILE *out, const venn_report *report)
{
    for (size_t i = 0; i < report->n_pairs; i++) {
        if (i)
            fputc(' ', out);
        if (isnan(report->pairs[i].mean))
            fprintf(out, "The effect of \u201c%s\u201d is unknown: a test %s is missing.",
                    report->stages[report->pairs[i].stage].name, score_of(report));
        else
            pair_verdict(out, report, &report->pairs[i]);
    }
    if (!report->n_pairs)
        fputs("This run compares no distilled student with a student trained alone.", out);
}
