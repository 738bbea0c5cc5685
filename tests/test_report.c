// The run report: the page is well-formed and loads nothing, says what the files say and no more, and
// every broken file is named.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "data_files.h"
#include "io/report.h"
#include "run_fixture.h"
#include "venn/io.h"

static const run_fixture plain = {.seeds = 5, .epochs = 6, .effect = 0.013};

static const char *make_run(const run_fixture *fixture)
{
    static char folder[512];
    snprintf(folder, sizeof folder, "%s", scratch_path("run"));
    run_fixture_write(folder, fixture);
    return folder;
}

static char *read_text(const char *name)
{
    void *text;
    size_t size;
    cr_assert_eq(venn_file_read(scratch_path(name), 0, &text, &size), VENN_OK, "%s",
                 venn_error_message());
    return text;
}

// ---- A checker of well-formed markup ---------------------------------------------------------

enum { MAX_DEPTH = 64 };

static void check_references(const char *page)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (const char *at = strchr(page, '&'); at; at = strchr(at + 1, '&')) {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found |= !strncmp(at, known[i], strlen(known[i]));
        cr_assert(found, "a bare & at: %.40s", at);
    }
}

// The end of the tag that begins at `at`, past quoted attribute values.
static const char *tag_end(const char *at)
{
    char quote = 0;
    for (; *at && (quote || *at != '>'); at++) {
        cr_assert(quote || at[1] != '<', "a tag within a tag at: %.40s", at);
        if (quote ? *at == quote : *at == '"' || *at == '\'')
            quote = quote ? 0 : *at;
    }
    cr_assert(*at, "a tag without an end");
    return at;
}

static void check_balance(const char *page)
{
    char open[MAX_DEPTH][32];
    int depth = 0;
    for (const char *at = strchr(page, '<'); at; at = strchr(at, '<')) {
        const char *end = tag_end(at);
        char name[32] = "";
        bool closing = at[1] == '/';
        if (at[1] != '!')
            cr_assert_eq(sscanf(at + 1 + closing, "%31[a-z0-9]", name), 1, "no tag at: %.40s", at);
        if (closing) {
            cr_assert(depth && !strcmp(open[depth - 1], name), "</%s> closes <%s>", name,
                      depth ? open[depth - 1] : "nothing");
            depth--;
        } else if (end[-1] != '/' && at[1] != '!') {
            cr_assert_lt(depth, MAX_DEPTH);
            strcpy(open[depth++], name);
        }
        at = end;
    }
    cr_assert_eq(depth, 0, "<%s> is left open", open[depth ? depth - 1 : 0]);
}

static char *write_page(const char *folder)
{
    cr_assert_eq(venn_report_write(folder), VENN_OK, "%s", venn_error_message());
    char *page = read_text("run/report.html");
    check_references(page);
    check_balance(page);
    static const char *const foreign[] = {"http:",   "https:",  "//",    "src=", "url(",
                                          "@import", "<script", "<link", "nan",  "(null)"};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        cr_assert_not(strstr(page, foreign[i]), "the page holds %s: %.60s", foreign[i],
                      strstr(page, foreign[i]));
    return page;
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        n++;
    return n;
}

static void check_holds(const char *text, const char *part)
{
    cr_assert(strstr(text, part), "\"%s\" is not there", part);
}

// ---- The page --------------------------------------------------------------------------------

Test(report, page_shows_everything)
{
    char *page = write_page(make_run(&plain));
    static const char *const parts[] = {
        "Distillation changed test accuracy by +1.4\u00a0\u00b1\u00a00.4 points (5 seeds, paired",
        "an improvement",
        "96.1 %",
        "53.0 \u00b1 0.5 %",
        "1,663,370",
        "llvmpipe, Mesa 22.3.6",
        "unchanged: hash <code>5d41402abc4b2a76b9719d911017c592</code>",
        "9e107d9d372bb682",
        "venn distill digits-kd.yaml --seeds 5",
        "# &amp; weight_kd &lt; 1",
        "2.8 ms",
        "3.3 MiB",
        "3,600 training, 400 validation, 1,000 test",
        "temperature",
        "prefers-color-scheme: dark",
        "stroke=\"var(--s2)\"",
        "fill = 'var(--s1)'",
        "fill=\"var(--soft)\""};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        check_holds(page, parts[i]);
    // Four curves, the distillation loss, the differences.
    cr_assert_eq(count_of(page, "<svg role=\"img\""), 6);
    cr_assert_eq(count_of(page, "rgb("), 0, "a colour that no palette knows");
    free(page);
}

Test(report, markup_in_names_stays_text)
{
    run_fixture hostile = plain;
    hostile.name = "<script>alert('x')</script> & \"more\"";
    hostile.distilled = "\"><img onerror=x>";
    char *page = write_page(make_run(&hostile));
    check_holds(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;");
    check_holds(page, "&quot;&gt;&lt;img onerror=x&gt;");
    cr_assert_not(strstr(page, "<img"));
    free(page);
}

Test(report, one_seed_claims_no_interval)
{
    run_fixture one = {.seeds = 1, .epochs = 1, .effect = 0.013};
    char *page = write_page(make_run(&one));
    check_holds(page, "+1.7 points (1 seed, no interval): this may be chance.");
    cr_assert_not(strstr(page, "confidence interval"));
    cr_assert_eq(count_of(page, "<svg role=\"img\""), 5);
    free(page);
}

Test(report, an_interval_around_zero_shows_nothing)
{
    run_fixture small = {.seeds = 5, .epochs = 2, .effect = 0.001};
    char *page = write_page(make_run(&small));
    check_holds(page, "the interval includes 0, no effect is shown");
    free(page);
    small.effect = -0.02;
    page = write_page(make_run(&small));
    check_holds(page, "paired, 95\u00a0% interval): a loss.");
    free(page);
}

Test(report, gaps_and_missing_curves)
{
    run_fixture fixture = plain;
    fixture.gaps = true;
    char *page = write_page(make_run(&fixture));
    cr_assert_eq(count_of(page, "<svg role=\"img\""), 6);
    free(page);

    fixture.epochs = 0;
    page = write_page(make_run(&fixture));
    check_holds(page, "No epochs were recorded");
    cr_assert_eq(count_of(page, "<svg role=\"img\""), 1);
    free(page);
}

Test(report, next_to_nothing_known)
{
    const char *folder = make_run(&plain);
    scratch_text("run/metrics.jsonl", "");
    scratch_text("run/environment.json", "{}");
    scratch_text("run/config.yaml", "name: \xff\x01\n");
    scratch_text("run/summary.json",
                 "{\"seeds\": [0], \"stages\": [{\"stage\": \"student\", \"runs\": []}]}");
    char *page = write_page(folder);
    check_holds(page, "compares no distilled student");
    check_holds(page, "name: \ufffd\ufffd\n");
    free(page);
}

// ---- gnuplot ---------------------------------------------------------------------------------

Test(report, without_gnuplot_the_page_is_written)
{
    const char *folder = make_run(&plain);
    setenv("PATH", "/nonexistent", 1);
    char *page = write_page(folder);
    check_holds(page, "apt install gnuplot-nox");
    check_holds(page, "write this page again: <code>venn distill --resume ");
    check_holds(page, "53.0 \u00b1 0.5 %");
    cr_assert_eq(count_of(page, "<svg role=\"img\""), 0);
    free(page);
}

Test(report, a_failing_gnuplot_is_quoted)
{
    const char *folder = make_run(&plain);
    scratch_text("bin/gnuplot", "#!/bin/sh\necho 'no <terminal> here' >&2\nexit 3\n");
    cr_assert_eq(chmod(scratch_path("bin/gnuplot"), 0755), 0);
    setenv("PATH", scratch_path("bin"), 1);
    char *page = write_page(folder);
    check_holds(page, "gnuplot failed: no &lt;terminal&gt; here");
    free(page);
    // One that succeeds and draws nothing is no better.
    scratch_text("bin/gnuplot", "#!/bin/sh\nexit 0\n");
    cr_assert_eq(chmod(scratch_path("bin/gnuplot"), 0755), 0);
    page = write_page(folder);
    check_holds(page, "drew fewer figures");
    free(page);
}

// ---- Broken files ----------------------------------------------------------------------------

static void check_refused(const char *folder, const char *part)
{
    check_fails(venn_report_write(folder), VENN_BAD_FILE, part);
    char *text;
    check_fails(venn_summary_table(folder, &text), VENN_BAD_FILE, part);
    cr_assert_null(text);
}

Test(report, missing_files_are_named)
{
    static const char *const names[] = {"config.yaml", "environment.json", "metrics.jsonl",
                                        "summary.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *folder = make_run(&plain);
        char path[64];
        snprintf(path, sizeof path, "run/%s", names[i]);
        cr_assert_eq(remove(scratch_path(path)), 0);
        check_refused(folder, names[i]);
    }
    check_fails(venn_report_write(NULL), VENN_BAD_ARG, "run folder");
}

Test(report, broken_files_are_named_with_line_or_member)
{
    static const struct {
        const char *file, *content, *message;
    } rows[] = {
        {"run/environment.json", "{\n\"venn\": x}", "environment.json:2: "},
        {"run/environment.json", "[]", "environment.json:1: must hold one JSON object"},
        {"run/summary.json", "{\"seeds\": [0],\n \"seeds\": [1]}", "summary.json:2"},
        {"run/summary.json", "{\"seeds\": 5, \"stages\": []}", "summary.json: \"seeds\""},
        {"run/summary.json", "{\"seeds\": [0.5], \"stages\": []}", "a seed must be an integer"},
        {"run/summary.json", "{\"seeds\": [0], \"stages\": [7]}", "stages[0]: must be an object"},
        {"run/summary.json", "{\"seeds\": [0], \"stages\": [{\"stage\": \"a\\u001b\"}]}",
         "stages[0]: \"stage\" holds a control character"},
        {"run/summary.json",
         "{\"seeds\": [0], \"stages\": [{\"stage\": \"a\", \"mean\": \"x\", \"runs\": []}]}",
         "stages[0]: \"mean\" must be a number or null"},
        {"run/summary.json",
         "{\"seeds\": [0, 1], \"stages\": [{\"stage\": \"a\", \"runs\": []}], \"paired\": "
         "[{\"stage\": \"a\", \"baseline\": \"a\", \"per_seed\": [1]}]}",
         "paired[0]: \"per_seed\" has 1 values for 2 seeds"},
        {"run/summary.json",
         "{\"seeds\": [], \"stages\": [], \"paired\": [{\"stage\": \"a\", \"baseline\": \"b\"}]}",
         "paired[0]: \"stage\" must name one of the stages"},
        {"run/metrics.jsonl", "{\"stage\": \"student\", \"seed\": 0, \"epoch\": 1}\n{\"stage",
         "metrics.jsonl:2"},
        {"run/metrics.jsonl", "\n{\"stage\": \"other\", \"seed\": 0, \"epoch\": 1}\n",
         "metrics.jsonl:2: summary.json has no stage \"other\""},
        {"run/metrics.jsonl", "{\"stage\": \"student\", \"seed\": 0, \"epoch\": 2000000000}\n",
         "metrics.jsonl:1: \"epoch\""},
        {"run/metrics.jsonl", "{\"stage\": \"student\", \"seed\": 0, \"epoch\": 1, \"ce\": []}\n",
         "metrics.jsonl:1: \"ce\" must be a number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *folder = make_run(&plain);
        scratch_text(rows[i].file, rows[i].content);
        check_refused(folder, rows[i].message);
    }
}

Test(report, cut_files_are_refused)
{
    static const char *const names[] = {"run/environment.json", "run/summary.json"};
    const char *folder = make_run(&plain);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *whole = read_text(names[i]);
        for (size_t keep = 0; keep < strlen(whole); keep += 61) {
            scratch_write(names[i], whole, keep);
            char *text;
            cr_assert_eq(venn_summary_table(folder, &text), VENN_BAD_FILE, "%s cut to %zu bytes",
                         names[i], keep);
        }
        scratch_text(names[i], whole);
        free(whole);
    }
}

// ---- Curves and table ------------------------------------------------------------------------

Test(report, curves_join_seeds_and_the_last_line_counts)
{
    const char *folder = make_run(&plain);
    scratch_text("run/metrics.jsonl",
                 "{\"stage\":\"student\",\"seed\":0,\"epoch\":2,\"ce\":9,\"loss\":5}\n"
                 "{\"stage\":\"student\",\"seed\":1,\"epoch\":2,\"ce\":4,\"kd\":null}\n"
                 "{\"stage\":\"student\",\"seed\":0,\"epoch\":2,\"ce\":1,\"loss\":6}\n"
                 "{\"stage\":\"teacher\",\"seed\":0,\"epoch\":1,\"loss\":7}");
    venn_report report;
    cr_assert_eq(venn_report_read(&report, folder), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(report.epochs, 2);
    const venn_report_point *student = report.stages[1].curve[VENN_REPORT_TRAIN_LOSS];
    cr_assert_eq(student[0].n, 0);
    cr_assert_eq(student[1].n, 2);
    cr_assert_eq(student[1].mean, 2.5);
    cr_assert_eq(student[1].low, 1);
    cr_assert_eq(student[1].high, 4);
    cr_assert_eq(report.stages[1].curve[VENN_REPORT_KD][1].n, 0);
    cr_assert_eq(report.stages[0].curve[VENN_REPORT_TRAIN_LOSS][0].mean, 7);
    venn_report_free(&report);
}

Test(report, table_is_aligned)
{
    char *text;
    cr_assert_eq(venn_summary_table(make_run(&plain), &text), VENN_OK, "%s", venn_error_message());
    static const char *const expected =
        "model               test accuracy   vs student          best epoch   parameters   time "
        "per "
        "seed\n"
        "teacher (audio)     96.1 %                              7             1,663,370   14 s\n"
        "student (image)     53.0 \u00b1 0.5 %                        7\u201310             25,450 "
        "  "
        "11 s\n"
        "distilled (image)   54.3 \u00b1 0.9 %    +1.4 \u00b1 0.4 points   7\u201310             "
        "25,450   14 s\n"
        "\nDistillation changed test accuracy by +1.4 \u00b1 0.4 points (5 seeds, paired, 95 % "
        "interval): an improvement. 54.3 % (distilled) against 53.0 % (student).\n";
    cr_assert_str_eq(text, expected);
    free(text);
}

Test(report, number_texts)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    venn_report_delta(out, -0.00004, 1), fputc('|', out);
    venn_report_delta(out, -0.0151, 1), fputc('|', out);
    venn_report_delta(out, NAN, 1), fputc('|', out);
    venn_report_count(out, 1234567), fputc('|', out);
    venn_report_count(out, 999), fputc('|', out);
    venn_report_bytes(out, 1023), fputc('|', out);
    venn_report_bytes(out, 1 << 20), fputc('|', out);
    venn_report_microseconds(out, 1500), fputc('|', out);
    venn_report_duration(out, 59.7), fputc('|', out);
    venn_report_duration(out, 7199), fputc('|', out);
    venn_report_duration(out, 9.96), fputc('|', out);
    venn_report_escape(out, "\xc3\xa4\xc3\xed\xa0\x80\x7f\t", 8);
    fclose(out);
    cr_assert_str_eq(text, "0.0|\u22121.5|\u2013|1,234,567|999|1023 bytes|1.0 MiB|1.5 ms|"
                           "1 min 00 s|2 h 00 min|10 s|\u00e4\ufffd\ufffd\ufffd\ufffd\ufffd\t");
    free(text);
}
