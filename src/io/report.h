// The run report from inside: what is read from a run folder (report_run.c, report_metrics.c), the
// numbers as text (report_number.c, report_row.c, report_verdict.c: page and terminal say the same),
// the curves (report_curve.c, report_gnuplot.c) and the page around them (report_page.c,
// report_fact.c). Nothing here computes a result: means and intervals are those of summary.json.
// A double that is NaN was null or absent in the file and shows as an en dash.
#ifndef VENN_IO_REPORT_H
#define VENN_IO_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "base/status.h"

// ---- What a run folder says ------------------------------------------------------------------

// One training of one stage.
typedef struct venn_report_run {
    int64_t seed;
    double best_epoch, test_accuracy, seconds;
} venn_report_run;

// Over the seeds of one stage, in one epoch; n counts the finite values.
typedef struct venn_report_point {
    size_t n;
    double mean, low, high;
} venn_report_point;

typedef enum venn_report_metric {
    VENN_REPORT_TRAIN_LOSS, // cross-entropy where it is told apart from the whole loss
    VENN_REPORT_VALID_LOSS,
    VENN_REPORT_TRAIN_ACCURACY,
    VENN_REPORT_VALID_ACCURACY,
    VENN_REPORT_KD,
    VENN_REPORT_METRICS
} venn_report_metric;

typedef struct venn_report_stage {
    const char *name;
    const char *modality, *network; // may be NULL
    int color;                      // palette entry: 0 teacher, 1 student, 2.. the others
    double parameters, mean, std;
    const json_t *method;   // {"name", "parameters"}; may be NULL
    double step_us, memory; // of a training step on the device; bytes
    size_t n_runs;
    venn_report_run *runs;
    venn_report_point *curve[VENN_REPORT_METRICS]; // [epochs]; index 0 is epoch 1
} venn_report_stage;

// stage minus baseline, per seed.
typedef struct venn_report_pair {
    size_t stage, baseline; // indices of stages
    double mean, half;
    double *per_seed; // [n_seeds]
} venn_report_pair;

typedef struct venn_report {
    json_t *summary, *environment; // the texts above point into these
    char *config;
    size_t config_size;
    char *metrics_path; // for messages
    size_t n_seeds, n_stages, n_pairs, epochs;
    int64_t *seeds;
    venn_report_stage *stages;
    venn_report_pair *pairs;
    int digits;    // decimals of every percentage
    bool compares; // several methods: each stage says which, and what it costs
} venn_report;

// Reads and checks the folder. On failure nothing is left to free.
venn_status venn_report_read(venn_report *report, const char *folder);
void venn_report_free(venn_report *report);
// Fills the curves from a metrics.jsonl in memory.
venn_status venn_report_metrics(venn_report *report, const char *text, size_t size);

// A member of a JSON object: NaN or NULL if it is absent or null, VENN_BAD_FILE naming `where` and the
// key if it has another type.
venn_status venn_report_number(const json_t *object, const char *where, const char *key,
                               double *out);
venn_status venn_report_string(const json_t *object, const char *where, const char *key,
                               const char **out);

// ---- Numbers as text -------------------------------------------------------------------------

#define VENN_REPORT_DASH "\u2013"

// Escaped for HTML text and attributes. Bytes that are not UTF-8, and characters that XML forbids,
// become U+FFFD.
void venn_report_escape(FILE *out, const char *text, size_t size);
void venn_report_escape_text(FILE *out, const char *text);
// Code points in well-formed UTF-8.
size_t venn_report_width(const char *text);

// A fraction as a percentage without its sign "%"; delta is in points with + or a minus sign.
void venn_report_percent(FILE *out, double fraction, int digits);
void venn_report_delta(FILE *out, double fraction, int digits);
// 1,663,370; 12.3 MiB; 812 us or 12.3 ms; 43 s or 2 min 05 s.
void venn_report_count(FILE *out, double value);
void venn_report_bytes(FILE *out, double bytes);
void venn_report_microseconds(FILE *out, double us);
void venn_report_duration(FILE *out, double seconds);

enum { VENN_REPORT_COLUMNS = 8 };

// One line of the table, as text: model, accuracy, difference, best epoch, parameters, time; and in a
// comparison of methods a step's time on the device and the memory of the training.
typedef struct venn_report_row {
    char *cell[VENN_REPORT_COLUMNS];
} venn_report_row;

// stage NULL: the headings. Every cell is malloc'd and not NULL on success.
venn_status venn_report_row_make(venn_report_row *row, const venn_report *report,
                                 const venn_report_stage *stage);
// How many columns the table has.
int venn_report_columns(const venn_report *report);
// What a method measured besides, of one stage: an array of {"name", "mean", "std"}, or NULL; and one of
// them as text.
const json_t *venn_report_measures(const venn_report *report, size_t stage);
void venn_report_measure_value(FILE *out, const json_t *measure);
void venn_report_row_free(venn_report_row *row);
// "teacher (audio)".
void venn_report_model(FILE *out, const venn_report_stage *stage);
// What stands on the left and right of +-, for the note under the table.
void venn_report_note(FILE *out, const venn_report *report);
// What the run shows, in words, without claiming what the interval does not carry.
void venn_report_verdict(FILE *out, const venn_report *report);

// ---- Curves ----------------------------------------------------------------------------------

// Codes for colours in a gnuplot script: "#0100NN" is palette entry NN, these are ink and rule.
#define VENN_REPORT_INK "#020000"
#define VENN_REPORT_RULE "#020001"
enum { VENN_REPORT_PALETTE = 8 };

// All figures of a page, drawn by one run of gnuplot: the metrics, then the pairs.
typedef struct venn_report_plots {
    char *output;     // gnuplot's, holding every SVG document
    const char **svg; // [VENN_REPORT_METRICS + n_pairs], into output; NULL where there is no data
    char *problem;    // why nothing could be drawn, and the fix; NULL if it could
} venn_report_plots;

// Fails only for want of memory: a missing gnuplot is plots->problem.
venn_status venn_report_plots_make(venn_report_plots *plots, const venn_report *report);
// The same for n figures of any page. `write` appends them to the script in order, each beginning with
// venn_report_terminal, marks in wanted[n] (false at first) which it drew, and returns how many.
typedef size_t venn_report_script_fn(FILE *script, const void *user, bool *wanted);
venn_status venn_report_plots_draw(venn_report_plots *plots, size_t n, venn_report_script_fn *write,
                                   const void *user);
// Begins a figure, with the terminal, margins and colours that all figures share.
void venn_report_terminal(FILE *script, int height);
enum { VENN_REPORT_HEIGHT = 290 }; // of most figures
void venn_report_plots_free(venn_report_plots *plots);

// Runs gnuplot on the script (read from its start) and hands back what it printed, with a zero byte
// behind it. VENN_UNSUPPORTED if there is no gnuplot, VENN_BAD_FILE with its message if it failed.
venn_status venn_report_gnuplot(FILE *script, char **output);
// Writes one SVG document of gnuplot so that it can stand in a page: without prologue, namespaces, ids
// and fonts, and with the page's colours. label (plain text) is what a screen reader says.
void venn_report_svg(FILE *out, const char *svg, const char *label);

// The pattern of a stage's line in pixels, "8,4" for on and off; "" is solid.
const char *venn_report_dash(const venn_report_stage *stage);

// ---- Page ------------------------------------------------------------------------------------

venn_status venn_report_page(FILE *out, const venn_report *report);
// A page from its first byte into its open <header>, behind the heading; and the end of the page.
venn_status venn_report_begin(FILE *out, const char *kind, const char *title);
void venn_report_end(FILE *out);
// If there are no plots, says why and how to get them, and returns true. command: what writes the page
// again; NULL where it is not known.
bool venn_report_undrawn(FILE *out, const venn_report_plots *plots, const char *command);
// Calls write with a memory stream in the C locale: gnuplot and style sheets want decimal points. *text is
// malloc'd. `what` is named in the message of a failure.
typedef venn_status venn_report_write_fn(FILE *out, const void *user);
venn_status venn_report_render(venn_report_write_fn *write, const void *user, const char *what,
                               char **text, size_t *size);
// One <figure>: the plot of this index, or a line saying that there is no data for it.
void venn_report_figure(FILE *out, const venn_report_plots *plots, size_t index, const char *title,
                        const char *caption);
// The sections below the curves: method, training step, device and data, how to run it again.
venn_status venn_report_facts(FILE *out, const venn_report *report, const venn_report_plots *plots);

#endif
