// The figures of the comparison's page, in gnuplot's language. Systems are letters, A first, and have the
// palette's entries in order; works are the numbers of their rows in the table. No text of a result file
// reaches the script.
#ifndef VENN_BENCH_COMPARE_PLOT_H
#define VENN_BENCH_COMPARE_PLOT_H

#include "bench/compare.h"
#include "io/report.h"

// The first figure of each kind; the figures of a step are VENN_STEP_FIGURES in a row, the rooflines one
// for each system.
enum { VENN_STEP_BARS, VENN_STEP_PHASES, VENN_STEP_CURVES, VENN_STEP_FIGURES };

// Names of phases in the order in which they are stacked, ended by NULL; entry i has colour i.
extern const char *const venn_compare_phases[];

// Works that are steps: indices into c->works, at most `room`.
size_t venn_compare_steps(const venn_comparison *c, size_t *steps, size_t room);
size_t venn_compare_figures(const venn_comparison *c); // how many there are
size_t venn_compare_step_figure(size_t step);          // of step number `step`, the first one
size_t venn_compare_roofline_figure(const venn_comparison *c, size_t system);
size_t venn_compare_script(FILE *script, const void *comparison, bool *wanted);

#endif
