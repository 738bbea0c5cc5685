// Result files side by side (venn_bench_compare): reading them (compare_read.c), scores
// (compare_score.c), and what is written of them (compare_text.c, compare_plot.c, compare_page.c).
// A double that is NaN was null or absent in the file.
#ifndef VENN_BENCH_COMPARE_H
#define VENN_BENCH_COMPARE_H

#include <jansson.h>
#include <stdio.h>

#include "venn/bench.h"

// One row of one system.
typedef struct venn_compared_row {
    const char *kind, *name, *part, *workload, *status, *reason;
    double median, low, high; // microseconds
    double flops, bytes, gflops, gbs, share;
    double error, limit;
    double joules, clock; // of a run; MHz
    const char *unit;
    const json_t *json; // phases, losses
} venn_compared_row;

// One device of one file.
typedef struct venn_compared_system {
    char label[96]; // the device's name, with a letter where two are alike
    const char *path, *name, *driver, *status, *reason;
    const json_t *device, *host, *document;
    venn_bench_peaks peaks;
    size_t n_rows;
    venn_compared_row *rows;
} venn_compared_system;

// Work that at least one system has a row of; row[s] NULL: system s has none.
typedef struct venn_compared_work {
    const venn_compared_row **row;
    const venn_compared_row *any;
} venn_compared_work;

typedef struct venn_comparison {
    size_t n_files;
    json_t **files; // all texts above point into these
    size_t n_systems;
    venn_compared_system *systems;
    size_t n_works;
    venn_compared_work *works; // in the order of the first file
} venn_comparison;

// VENN_BAD_FILE names the file and what is wrong with it, or the two files that cannot be ranked beside
// one another and why: other shaders (unless allowed), precision or work. On failure nothing is left to
// free.
venn_status venn_comparison_read(venn_comparison *c, const char *const *paths, size_t n,
                                 bool any_shaders);
void venn_comparison_free(venn_comparison *c);

// ---- Scores ----------------------------------------------------------------------------------

// Measured and right: the only rows that are ranked.
bool venn_compared_ok(const venn_compared_row *row);
// The fastest system of a work, or -1. Systems whose intervals overlap the fastest one's are as fast.
int venn_compared_best(const venn_comparison *c, const venn_compared_work *work);
bool venn_compared_ties_best(const venn_comparison *c, const venn_compared_work *work, size_t s);
// Harmonic mean over all systems of the share of each one's own peak; 0 if any of them cannot run it
// (Pennycook, Sewall, Lee: A Metric for Performance Portability, 2016). NaN where no share is known.
double venn_compared_portability(const venn_comparison *c, const venn_compared_work *work);
// The same over all works that every system has shares of: their mean.
double venn_comparison_portability(const venn_comparison *c);
// Geometric mean over the works that both can do of how many times faster a is than b; NaN if none.
double venn_comparison_speed(const venn_comparison *c, size_t a, size_t b);

// ---- What is written -------------------------------------------------------------------------

void venn_comparison_markdown(FILE *out, const venn_comparison *c);
void venn_comparison_csv(FILE *out, const venn_comparison *c);
venn_status venn_comparison_page(FILE *out, const venn_comparison *c);

#endif
