// Readers of results, all of them JSON: benchmarks, run folders.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/compare.h"
#include "fuzz.h"
#include "io/report.h"

// Two files to compare: the halves, where the input holds a zero byte, else the same twice.
void fuzz_bench(const uint8_t *data, size_t size)
{
    const uint8_t *cut = size ? memchr(data, 0, size) : NULL;
    const size_t first = cut ? (size_t)(cut - data) : size;
    const char *const paths[] = {fuzz_file("a.json", data, first),
                                 cut ? fuzz_file("b.json", cut + 1, size - first - 1)
                                     : fuzz_file("b.json", data, size)};
    venn_comparison comparison;
    if (venn_comparison_read(&comparison, paths, 2, size % 2) < 0)
        return;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (out) {
        venn_comparison_markdown(out, &comparison);
        venn_comparison_csv(out, &comparison);
        fclose(out);
    }
    free(text);
    venn_comparison_free(&comparison);
}

// A run folder with this summary, and without curves.
void fuzz_summary(const uint8_t *data, size_t size)
{
    venn_report report = {0};
    fuzz_file("summary.json", data, size);
    fuzz_file("metrics.jsonl", "", 0);
    fuzz_file("environment.json", "{}", 2);
    fuzz_file("config.yaml", "", 0);
    venn_report_read(&report, fuzz_folder());
    venn_report_free(&report);
}

void fuzz_metrics(const uint8_t *data, size_t size)
{
    static venn_report_stage stages[2];
    stages[0] = (venn_report_stage){.name = "teacher"};
    stages[1] = (venn_report_stage){.name = "student"};
    char path[] = "metrics.jsonl";
    venn_report report = {.metrics_path = path, .n_stages = 2, .stages = stages};
    venn_report_metrics(&report, (const char *)data, size);
    for (int i = 0; i < 2; i++)
        for (int metric = 0; metric < VENN_REPORT_METRICS; metric++)
            free(stages[i].curve[metric]);
}
