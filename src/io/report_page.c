// The page from its head to the curves. It is well-formed XML as well as HTML, so that a checker can
// read it; its policy lets a browser load nothing from anywhere.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "io/report.h"
#include "venn/data.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; "
    "style-src &#39;unsafe-inline&#39;\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
    "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
    "<meta name=\"generator\" content=\"venn " VENN_VERSION "\"/>\n<title>";

// gnuplot draws a point by naming this circle, the only one of its shapes that the figures use.
static const char shapes[] =
    "<svg width=\"0\" height=\"0\" class=\"shapes\" aria-hidden=\"true\"><defs><circle "
    "id=\"gpPt6\" r=\"1\" fill=\"currentColor\" stroke=\"none\"/></defs></svg>\n";

// ---- Head ------------------------------------------------------------------------------------

static const char *text_of(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : otherwise;
}

static void write_facts_line(FILE *out, const venn_report *report)
{
    const json_t *summary = report->summary, *environment = report->environment;
    const json_t *method = json_object_get(summary, "method");
    fputs("<p class=\"line\">", out);
    if (text_of(method, "name", NULL)) {
        fputs("method ", out);
        venn_report_escape_text(out, text_of(method, "name", ""));
        fputs(" \u00b7 ", out);
    }
    fprintf(out, "%zu seed%s", report->n_seeds, report->n_seeds == 1 ? "" : "s");
    const json_t *epochs = json_object_get(summary, "epochs");
    if (json_is_integer(epochs))
        fprintf(out, " \u00b7 %lld epoch%s", (long long)json_integer_value(epochs),
                json_integer_value(epochs) == 1 ? "" : "s");
    const json_t *batch = json_object_get(summary, "batch");
    if (json_is_integer(batch))
        fprintf(out, " \u00b7 batch size %lld", (long long)json_integer_value(batch));
    const json_t *seconds = json_object_get(summary, "seconds");
    if (json_is_number(seconds)) {
        fputs(" \u00b7 ", out);
        venn_report_duration(out, json_number_value(seconds));
    }
    fputs(" on ", out);
    venn_report_escape_text(
        out, text_of(json_object_get(environment, "device"), "name", "an unknown device"));
    if (text_of(environment, "started", NULL)) {
        fputs(" \u00b7 started ", out);
        venn_report_escape_text(out, text_of(environment, "started", ""));
    }
    fputs("</p>\n", out);
}

static venn_status write_verdict(FILE *out, const venn_report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory)
        venn_report_verdict(memory, report);
    if (!memory || fclose(memory) != 0) {
        free(text);
        return venn_fail(VENN_NO_MEMORY, "report: out of host memory");
    }
    fputs("<p class=\"verdict\">", out);
    // A number stays on one line with its sign and unit.
    for (char *at = text, *end = text + size; at < end;) {
        char *space = at + strcspn(at, " ");
        venn_report_escape(out, at, (size_t)(space - at));
        bool bound = !strncmp(space, " %", 2) || !strncmp(space, " \u00b1", 3) ||
                     (space - at >= 2 && !strncmp(space - 2, "\u00b1", 2));
        if (space < end)
            fputs(bound ? "\u00a0" : " ", out);
        at = space + 1;
    }
    fputs("</p>\n", out);
    free(text);
    return VENN_OK;
}

venn_status venn_report_begin(FILE *out, const char *kind, const char *title)
{
    const void *style;
    size_t style_size;
    if (!venn_embedded_find("report.css", &style, &style_size))
        return venn_fail(VENN_BAD_FILE, "report.css is missing from the library; build it anew");
    fputs(head, out);
    venn_report_escape_text(out, title);
    fputs(" \u2013 venn</title>\n<style>\n", out);
    fwrite(style, 1, style_size, out);
    fputs("</style>\n</head>\n<body>\n", out);
    fputs(shapes, out);
    fputs("<main>\n<header>\n<p class=\"kind\">", out);
    venn_report_escape_text(out, kind);
    fputs("</p>\n<h1>", out);
    venn_report_escape_text(out, title);
    fputs("</h1>\n", out);
    return VENN_OK;
}

void venn_report_end(FILE *out)
{
    fputs("</main>\n</body>\n</html>\n", out);
}

static venn_status write_head(FILE *out, const venn_report *report)
{
    VENN_TRY(
        venn_report_begin(out, "venn run report", text_of(report->summary, "name", "unnamed run")));
    write_facts_line(out, report);
    fputs("</header>\n", out);
    return write_verdict(out, report);
}

// ---- Tables ----------------------------------------------------------------------------------

// A short piece of the stage's line: its key in tables and legend.
static void write_swatch(FILE *out, const venn_report_stage *stage)
{
    fprintf(out,
            "<svg class=\"key\" width=\"26\" height=\"10\" viewBox=\"0 0 26 10\" "
            "aria-hidden=\"true\"><line x1=\"1\" y1=\"5\" x2=\"25\" y2=\"5\" stroke-width=\"3\" "
            "stroke=\"var(--s%d)\" stroke-dasharray=\"%s\"/></svg>",
            stage->color % VENN_REPORT_PALETTE,
            *venn_report_dash(stage) ? venn_report_dash(stage) : "none");
}

static venn_status write_row(FILE *out, const venn_report *report, const venn_report_row *heading,
                             const venn_report_stage *stage)
{
    venn_report_row row;
    VENN_TRY(venn_report_row_make(&row, report, stage));
    fputs("<tr><th scope=\"row\">", out);
    write_swatch(out, stage);
    venn_report_escape_text(out, row.cell[0]);
    if (stage->network) {
        fputs(" <span class=\"soft\">", out);
        venn_report_escape_text(out, stage->network);
        fputs("</span>", out);
    }
    fputs("</th>", out);
    for (int column = 1; column < venn_report_columns(report); column++) {
        fputs("<td data-label=\"", out);
        venn_report_escape_text(out, heading->cell[column]);
        fputs(column <= 2 ? "\" class=\"main\">" : "\">", out);
        venn_report_escape_text(out, row.cell[column]);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
    venn_report_row_free(&row);
    return VENN_OK;
}

static venn_status write_table(FILE *out, const venn_report *report)
{
    venn_report_row heading;
    VENN_TRY(venn_report_row_make(&heading, report, NULL));
    fputs("<table class=\"result\">\n<thead><tr>", out);
    for (int column = 0; column < venn_report_columns(report); column++) {
        fputs("<th scope=\"col\">", out);
        venn_report_escape_text(out, heading.cell[column]);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    venn_status status = VENN_OK;
    for (size_t i = 0; status == VENN_OK && i < report->n_stages; i++)
        status = write_row(out, report, &heading, &report->stages[i]);
    fputs("</tbody>\n</table>\n<p class=\"note\">", out);
    venn_report_note(out, report);
    fputs("</p>\n", out);
    venn_report_row_free(&heading);
    return status;
}

static void write_seed(FILE *out, const venn_report *report, size_t seed)
{
    fprintf(out, "<tr><th scope=\"row\">%lld</th>", (long long)report->seeds[seed]);
    for (size_t i = 0; i < report->n_stages; i++) {
        double accuracy = NAN;
        const venn_report_stage *stage = &report->stages[i];
        for (size_t run = 0; run < stage->n_runs; run++)
            if (stage->runs[run].seed == report->seeds[seed])
                accuracy = stage->runs[run].test_accuracy;
        fputs("<td>", out);
        venn_report_percent(out, accuracy, 2);
        fputs("</td>", out);
    }
    for (size_t i = 0; i < report->n_pairs; i++) {
        fputs("<td>", out);
        venn_report_delta(out, report->pairs[i].per_seed[seed], 2);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

static void write_seeds(FILE *out, const venn_report *report)
{
    fputs("<div>\n<h3>Test accuracy seed by seed, %</h3>\n<div class=\"scroll\">"
          "<table class=\"seeds\">\n<thead><tr><th scope=\"col\">seed</th>",
          out);
    for (size_t i = 0; i < report->n_stages; i++) {
        fputs("<th scope=\"col\">", out);
        venn_report_escape_text(out, report->stages[i].name);
        fputs("</th>", out);
    }
    for (size_t i = 0; i < report->n_pairs; i++) {
        fputs("<th scope=\"col\">", out);
        venn_report_escape_text(out, report->stages[report->pairs[i].stage].name);
        fputs(" \u2212 ", out);
        venn_report_escape_text(out, report->stages[report->pairs[i].baseline].name);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < report->n_seeds; i++)
        write_seed(out, report, i);
    fputs("</tbody>\n</table></div>\n</div>\n", out);
}

// ---- Figures ---------------------------------------------------------------------------------

void venn_report_figure(FILE *out, const venn_report_plots *plots, size_t index, const char *title,
                        const char *caption)
{
    fputs("<figure>\n<figcaption><strong>", out);
    venn_report_escape_text(out, title);
    fputs("</strong>", out);
    if (caption) {
        fputs(" ", out);
        venn_report_escape_text(out, caption);
    }
    fputs("</figcaption>\n", out);
    if (plots->svg[index])
        venn_report_svg(out, plots->svg[index], title);
    else
        fputs("<p class=\"missing\">No values were recorded.</p>\n", out);
    fputs("</figure>\n", out);
}

static void write_differences(FILE *out, const venn_report *report, const venn_report_plots *plots)
{
    fputs("<div class=\"two\">\n", out);
    write_seeds(out, report);
    for (size_t i = 0; i < report->n_pairs; i++) {
        const venn_report_pair *pair = &report->pairs[i];
        if (!plots->svg[VENN_REPORT_METRICS + i])
            continue;
        char title[256];
        snprintf(title, sizeof title, "%.80s \u2212 %.80s", report->stages[pair->stage].name,
                 report->stages[pair->baseline].name);
        venn_report_figure(out, plots, VENN_REPORT_METRICS + i, title,
                           "seed by seed, and the mean with its interval");
    }
    fputs("</div>\n", out);
}

static void write_legend(FILE *out, const venn_report *report)
{
    fputs("<ul class=\"legend\">\n", out);
    for (size_t i = 0; i < report->n_stages; i++) {
        fputs("<li>", out);
        write_swatch(out, &report->stages[i]);
        venn_report_escape_text(out, report->stages[i].name);
        if (report->stages[i].modality) {
            fputs(" (", out);
            venn_report_escape_text(out, report->stages[i].modality);
            fputs(")", out);
        }
        fputs("</li>\n", out);
    }
    if (report->n_seeds > 1)
        fputs("<li class=\"soft\">line: mean over seeds; band: lowest to highest seed</li>\n", out);
    fputs("</ul>\n", out);
}

bool venn_report_undrawn(FILE *out, const venn_report_plots *plots, const char *command)
{
    if (!plots->problem)
        return false;
    fputs("<p class=\"missing\">The curves are not drawn: ", out);
    venn_report_escape_text(out, plots->problem);
    fputs(". To get them, install gnuplot (Debian and Ubuntu: <code>apt install "
          "gnuplot-nox</code>) and write this page again",
          out);
    if (command) {
        fputs(": <code>", out);
        venn_report_escape_text(out, command);
        fputs("</code>.</p>\n", out);
    } else {
        fputs(" with the command that wrote it.</p>\n", out);
    }
    return true;
}

// "venn distill --resume FOLDER", which finds everything done but the page. malloc'd; NULL if another program
// wrote the run.
static venn_status command_again(const venn_report *report, char **again)
{
    const char *command = text_of(report->environment, "command", "");
    *again = NULL;
    if (strncmp(command, "venn ", 5) != 0)
        return VENN_OK;
    char *folder = venn_path_folder(report->metrics_path);
    if (folder)
        *again =
            venn_format("%.*s --resume %s", 5 + (int)strcspn(command + 5, " "), command, folder);
    free(folder);
    return *again ? VENN_OK : VENN_NO_MEMORY;
}

static venn_status write_undrawn(FILE *out, const venn_report *report,
                                 const venn_report_plots *plots, bool *undrawn)
{
    char *command;
    VENN_TRY(command_again(report, &command));
    *undrawn = venn_report_undrawn(out, plots, command);
    free(command);
    return VENN_OK;
}

static venn_status write_curves(FILE *out, const venn_report *report,
                                const venn_report_plots *plots)
{
    static const struct {
        venn_report_metric metric;
        const char *title, *caption;
    } figures[] = {
        {VENN_REPORT_VALID_ACCURACY, "Accuracy, validation", "the split that chooses the epoch"},
        {VENN_REPORT_TRAIN_ACCURACY, "Accuracy, training", NULL},
        {VENN_REPORT_VALID_LOSS, "Loss, validation", NULL},
        {VENN_REPORT_TRAIN_LOSS, "Loss, training", "cross-entropy part"},
    };
    fputs("<section>\n<h2>Curves</h2>\n", out);
    bool undrawn;
    VENN_TRY(write_undrawn(out, report, plots, &undrawn));
    if (undrawn) {
        fputs("<p class=\"note\">The values are in <code>metrics.jsonl</code>.</p>\n</section>\n",
              out);
        return VENN_OK;
    }
    if (report->epochs == 0) {
        fputs("<p class=\"missing\">No epochs were recorded in <code>metrics.jsonl</code>.</p>\n"
              "</section>\n",
              out);
        return VENN_OK;
    }
    write_legend(out, report);
    fputs("<div class=\"two\">\n", out);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        venn_report_figure(out, plots, figures[i].metric, figures[i].title, figures[i].caption);
    fputs("</div>\n</section>\n", out);
    return VENN_OK;
}

venn_status venn_report_page(FILE *out, const venn_report *report)
{
    venn_report_plots plots;
    VENN_TRY(venn_report_plots_make(&plots, report));
    venn_status status = write_head(out, report);
    if (status == VENN_OK) {
        fputs("<section>\n<h2>Result</h2>\n", out);
        status = write_table(out, report);
        write_differences(out, report, &plots);
        fputs("</section>\n", out);
        if (status == VENN_OK)
            status = write_curves(out, report, &plots);
        if (status == VENN_OK)
            status = venn_report_facts(out, report, &plots);
        venn_report_end(out);
    }
    venn_report_plots_free(&plots);
    return status;
}
