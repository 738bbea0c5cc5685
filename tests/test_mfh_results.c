// Result files of the hypothesis: that what is written is read again, what a reader refuses, and the page.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data_files.h"
#include "distill/ranking_file.h"
#include "mfh/result_read.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())

enum { CHANNELS = 5 };

// ---- Made-up results -------------------------------------------------------------------------

static venn_mfh_stat stat(double mean)
{
    return (venn_mfh_stat){mean, mean / 8, mean / 16};
}

static venn_mfh_result made_sweep(venn_mfh_sweep sweep)
{
    venn_mfh_result r = {.params = {.sweep = sweep, .seeds = 3}, .n = 2, .seconds = 1.5};
    for (size_t i = 0; i < r.n; i++) {
        venn_mfh_point *p = &r.point[i];
        p->diagram = (venn_modality_diagram){10, 2.0 * (double)i, 5};
        for (int m = 0; m < VENN_MFH_MODELS; m++) {
            const bool there = m < 3 || sweep == VENN_MFH_TABLE2;
            p->accuracy[m] = stat(there ? 60 + m : NAN);
            p->paper[m] = there && i ? 61.25 + m : NAN;
        }
        p->gain = stat(-1.5 + (double)i);
        p->hits = stat(sweep == VENN_MFH_TABLE2 ? 87.5 : NAN);
    }
    return r;
}

static venn_mfh_row rows[] = {{.name = (char *)"no teacher"}, {.name = (char *)"a <teacher>"}};

static venn_mfh_comparison made_comparison(void)
{
    rows[0].teacher = stat(NAN), rows[1].teacher = stat(90.5);
    rows[0].student = stat(70), rows[1].student = stat(70.25);
    rows[0].gain = stat(0), rows[1].gain = stat(0.25);
    return (venn_mfh_comparison){.name = (char *)"made",
                                 .about = (char *)"teachers",
                                 .data = (char *)"thin air",
                                 .student = (char *)"sight",
                                 .seeds = 4,
                                 .n = 2,
                                 .rows = rows,
                                 .seconds = 2};
}

static double scores[CHANNELS] = {0, 0.01, 0.02, 0.25, 1};

static venn_mfh_estimate_side made_side(const char *modality, double accuracy)
{
    return (venn_mfh_estimate_side){.modality = (char *)modality,
                                    .network = (char *)"small",
                                    .place = (char *)"1",
                                    .accuracy = accuracy,
                                    .n = CHANNELS,
                                    .importance = scores,
                                    .information = scores,
                                    .gaussian = scores,
                                    .ksg = scores,
                                    .shared = {0.25, 0.5, 0.75, 1}};
}

static venn_mfh_estimate made_estimate(void)
{
    venn_mfh_estimate e = {.name = (char *)"made",
                           .data = (char *)"thin air",
                           .rows = 300,
                           .seconds = 3,
                           .a = made_side("sound", 0.75),
                           .b = made_side("sight", NAN)};
    for (int k = 0; k < VENN_MFH_ESTIMATES; k++)
        e.diagram[k] = (venn_modality_diagram){0.5, 0.25 * k, 0.25};
    return e;
}

static venn_ranked made_ranked(const char *modality)
{
    const venn_salience salience = {.place = (char *)"1",
                                    .n = CHANNELS,
                                    .score = scores,
                                    .distance = scores,
                                    .effect = scores,
                                    .loss = scores,
                                    .permutations = 2,
                                    .rows = 9};
    return (venn_ranked){(char *)modality, (char *)"small", 0.5, salience};
}

static const char *write_text(const char *name, char *text)
{
    scratch_text(name, text);
    free(text);
    return scratch_path(name);
}

static const char *write_sweep(const char *name, venn_mfh_sweep sweep)
{
    const venn_mfh_result r = made_sweep(sweep);
    char *text, command[64];
    snprintf(command, sizeof command, "venn mfh gaussian --sweep %s", venn_mfh_sweep_name(sweep));
    OK(venn_mfh_sweep_text(&r, command, &text));
    return write_text(name, text);
}

static const char *write_comparison(const char *name)
{
    const venn_mfh_comparison c = made_comparison();
    char *text;
    OK(venn_mfh_comparison_text(&c, "venn mfh teachers <made>", &text));
    return write_text(name, text);
}

static const char *write_estimate(const char *name)
{
    const venn_mfh_estimate e = made_estimate();
    char *text;
    OK(venn_mfh_estimate_text(&e, NULL, &text));
    return write_text(name, text);
}

// ---- Round trips -----------------------------------------------------------------------------

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void expect_stat(const venn_mfh_stat *a, const venn_mfh_stat *b, const char *what)
{
    cr_expect(same(a->mean, b->mean) && same(a->std, b->std) && same(a->error, b->error), "%s",
              what);
}

Test(mfh_results, sweep)
{
    static const venn_mfh_sweep sweeps[] = {VENN_MFH_GAMMA, VENN_MFH_TABLE2, VENN_MFH_AVD};
    for (int k = 0; k < 3; k++) {
        venn_mfh_file file;
        OK(venn_mfh_file_read(&file, write_sweep("sweep.json", sweeps[k])));
        const venn_mfh_result r = made_sweep(sweeps[k]), *got = &file.sweep;
        cr_assert(file.kind == VENN_MFH_SWEEP && got->n == r.n);
        cr_expect(got->params.sweep == sweeps[k] && got->params.seeds == 3 && got->seconds == 1.5);
        cr_expect(strstr(file.command, venn_mfh_sweep_name(sweeps[k])));
        for (size_t i = 0; i < r.n; i++) {
            const venn_mfh_point *a = &r.point[i], *b = &got->point[i];
            cr_expect(memcmp(&a->diagram, &b->diagram, sizeof a->diagram) == 0);
            for (int m = 0; m < VENN_MFH_MODELS; m++) {
                cr_expect(same(a->accuracy[m].mean, b->accuracy[m].mean), "model %d", m);
                cr_expect(same(a->paper[m], b->paper[m]), "model %d", m);
            }
            expect_stat(&a->gain, &b->gain, "gain");
            cr_expect(same(a->hits.mean, b->hits.mean));
        }
        venn_mfh_file_finish(&file);
    }
}

Test(mfh_results, comparison)
{
    const venn_mfh_comparison c = made_comparison();
    venn_mfh_file file;
    OK(venn_mfh_file_read(&file, write_comparison("comparison.json")));
    cr_assert(file.kind == VENN_MFH_COMPARISON && file.comparison.n == 2);
    cr_expect_str_eq(file.command, "venn mfh teachers <made>");
    cr_expect_str_eq(file.comparison.student, "sight");
    cr_expect(file.comparison.seeds == 4 && file.comparison.seconds == 2);
    for (size_t i = 0; i < c.n; i++) {
        cr_expect_str_eq(file.comparison.rows[i].name, c.rows[i].name);
        expect_stat(&file.comparison.rows[i].teacher, &c.rows[i].teacher, "teacher");
        expect_stat(&file.comparison.rows[i].student, &c.rows[i].student, "student");
        expect_stat(&file.comparison.rows[i].gain, &c.rows[i].gain, "gain");
    }
    venn_mfh_file_finish(&file);
}

Test(mfh_results, diagram)
{
    const venn_mfh_estimate e = made_estimate();
    venn_mfh_file file;
    OK(venn_mfh_file_read(&file, write_estimate("diagram.json")));
    cr_assert(file.kind == VENN_MFH_DIAGRAM && !file.command);
    cr_expect_str_eq(file.estimate.a.modality, "sound");
    cr_expect_str_eq(file.estimate.b.place, "1");
    cr_expect(file.estimate.rows == 300 && file.estimate.a.n == CHANNELS);
    cr_expect(same(file.estimate.b.accuracy, NAN) && file.estimate.a.accuracy == 0.75);
    cr_expect(memcmp(file.estimate.a.shared, e.a.shared, sizeof e.a.shared) == 0);
    cr_expect(memcmp(file.estimate.diagram, e.diagram, sizeof e.diagram) == 0);
    venn_mfh_file_finish(&file);
}

// ---- The page --------------------------------------------------------------------------------

// One page that loads nothing, with a section for each result and the command that makes it.
Test(mfh_results, page)
{
    const venn_ranking ranking = {.name = (char *)"ranked",
                                  .data = (char *)"thin air",
                                  .joint = true,
                                  .teacher = made_ranked("sound"),
                                  .student = made_ranked("sight")};
    OK(venn_folder_make(scratch_path("ranking")));
    OK(venn_ranking_write(&ranking, scratch_path("ranking")));
    char *const files[] = {venn_strdup(write_sweep("gamma.json", VENN_MFH_GAMMA)),
                           venn_strdup(write_sweep("table2.json", VENN_MFH_TABLE2)),
                           venn_strdup(write_comparison("comparison.json")),
                           venn_strdup(write_estimate("diagram.json")),
                           venn_strdup(scratch_path("ranking/ranking.json"))};
    enum { N = sizeof files / sizeof *files };
    void *page;
    size_t size;
    OK(venn_mfh_report_write(scratch_path("page.html"), (const char *const *)files, N, "a <device>",
                             "venn mfh report <made>"));
    OK(venn_file_read(scratch_path("page.html"), 0, &page, &size));
    const char *const parts[] = {"a &lt;device&gt;",
                                 "<code>venn mfh gaussian --sweep gamma</code>",
                                 "<code>venn mfh gaussian --sweep table2</code>",
                                 "ranked distilled",
                                 "<code>venn mfh teachers &lt;made&gt;</code>",
                                 "a &lt;teacher&gt;</th><td>90.50",
                                 "From 300 pairs",
                                 "<code>venn mfh report &lt;made&gt;</code>",
                                 "60 % below 0.05"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(page, parts[i]), "the page lacks %s", parts[i]);
    cr_expect(!strstr(page, "http:") && !strstr(page, "https:") && !strstr(page, "src="));
    cr_expect(!strstr(page, "nan"), "%.80s", strstr(page, "nan"));
    free(page);
    check_fails(
        venn_mfh_report_write("/nowhere/page.html", (const char *const *)files, N, NULL, NULL),
        VENN_BAD_FILE, "/nowhere/page.html");
    for (int i = 0; i < N; i++)
        free(files[i]);
}

// ---- Refusals --------------------------------------------------------------------------------

static void refuses(const char *text, const char *part)
{
    venn_mfh_file file;
    scratch_text("bad.json", text);
    check_fails(venn_mfh_file_read(&file, scratch_path("bad.json")), VENN_BAD_FILE, part);
    cr_expect(strstr(venn_error_message(), "bad.json"), "%s", venn_error_message());
}

static venn_status try_read(const char *name, const uint8_t *data, size_t size)
{
    venn_mfh_file file;
    scratch_write(name, data, size);
    VENN_TRY(venn_mfh_file_read(&file, scratch_path(name)));
    venn_mfh_file_finish(&file);
    return VENN_OK;
}

Test(mfh_results, refuses)
{
    venn_mfh_file file;
    check_fails(venn_mfh_file_read(&file, scratch_path("none.json")), VENN_BAD_FILE, "none.json");
    scratch_text("moved.json", "{\"kind\": \"ranking\"}");
    check_fails(venn_mfh_file_read(&file, scratch_path("moved.json")), VENN_BAD_FILE,
                "/ranking.json: cannot open");
    refuses("{\"kind\": \"sweep\"", "bad.json:1");
    refuses("[]", "\"kind\" is missing");
    refuses("{\"kind\": \"poem\"}", "\"kind\" is missing or of another type");
    refuses("{\"kind\": \"sweep\", \"sweep\": \"delta\", \"seconds\": 1, \"points\": [{}]}",
            "\"sweep\"");
    refuses("{\"kind\": \"sweep\", \"sweep\": \"gamma\", \"seconds\": 1, \"points\": [{}]}",
            "\"accuracy\" is missing");
    refuses("{\"kind\": \"comparison\", \"rows\": [{}]}", "\"name\" is missing");
    refuses("{\"kind\": \"diagram\", \"estimates\": [{}], \"seconds\": 1}", "\"estimates\"");
}

// A text cut short or changed is refused or read, but never crashes.
Test(mfh_results, damaged_files)
{
    void *text;
    size_t size;
    OK(venn_file_read(write_comparison("whole.json"), 0, &text, &size));
    while (size && ((char *)text)[size - 1] != '}')
        size--;
    check_truncations(try_read, text, size);
    check_corruptions(try_read, text, size);
    free(text);
}
