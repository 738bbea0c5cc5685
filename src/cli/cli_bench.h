// The modes of `venn bench` that stand beside the suite.
#ifndef VENN_CLI_BENCH_H
#define VENN_CLI_BENCH_H

#include "cli.h"

// What --work, --step and --peaks are about.
typedef struct cli_bench {
    const char *device;
    const char *work, *part; // as in venn_bench_work_create
    uint32_t samples;
    bool paced, json;
} cli_bench;

// Times one work; paced: once for every line of standard input, a line of JSON each.
int cli_bench_work(const cli_bench *o);
// Measures and prints the device's peaks.
int cli_bench_peaks(const cli_bench *o);

#endif
