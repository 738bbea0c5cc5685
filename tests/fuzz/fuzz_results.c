// Readers of results, all of them JSON: benchmarks, run folders, the modality focusing hypothesis, verdicts.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/compare.h"
#include "fuzz.h"
#include "io/report.h"
#include "mfh/result_read.h"
#include "venn/ranking.h"
#include "venn/tune.h"

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

void fuzz_mfh(const uint8_t *data, size_t size)
{
    venn_mfh_file file;
    if (venn_mfh_file_read(&file, fuzz_file("result.json", data, size)) == VENN_OK)
        venn_mfh_file_finish(&file);
}

void fuzz_ranking(const uint8_t *data, size_t size)
{
    venn_ranking ranking;
    fuzz_file("ranking.json", data, size);
    if (venn_ranking_read(&ranking, fuzz_folder()) == VENN_OK)
        venn_ranking_finish(&ranking);
}

void fuzz_verdict(const uint8_t *data, size_t size)
{
    static const venn_device_info device = {.uuid_text = "00", .driver = "any"};
    venn_verdict verdict;
    char text[256];
    fuzz_file("doctor-00.json", data, size);
    setenv("XDG_CACHE_HOME", fuzz_cache(), 1);
    venn_verdict_load(&device, &verdict);
    venn_verdict_text(&verdict, text, sizeof text);
}
