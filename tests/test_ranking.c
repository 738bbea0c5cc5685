// Ranking the features of a config's networks, and distilling from some of them: the file, the commands,
// what they refuse; that shared columns are found where it is known which they are.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data_files.h"
#include "device_fixture.h"
#include "data/gaussian_draw.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/ranking.h"

#define OK(call) cr_assert((call) == VENN_OK, "%s", venn_error_message())

enum { INPUT = 3 };

// ---- Known columns ---------------------------------------------------------------------------

enum { ROWS = 200, WIDTH = 50, DECISIVE = 40, SHARED = 20 };

static const char known_data[] =
    "name: known\n"
    "classes: [no, yes]\n"
    "labels: {kind: npy, train: {file: y.npy}, test: {file: y.npy}}\n"
    "modalities:\n"
    "  - {name: a, kind: npy, shape: [50], train: {file: a.npy}, test: "
    "{file: a.npy}}\n"
    "  - {name: b, kind: npy, shape: [50], train: {file: b.npy}, test: "
    "{file: b.npy}}\n";
static const char known_config[] =
    "name: known\n"
    "data: known.yaml\n"
    "networks: [{name: linear, layers: [{layer: linear, out: 2}]}]\n"
    "training: {epochs: 40, batch: 25, optimizer: {kind: sgd, lr: 0.01, momentum: 0.9}}\n"
    "teacher: {inputs: [{modality: a, network: linear}]}\n"
    "student: {inputs: [{modality: b, network: linear}]}\n"
    "ranking: {permutations: 20}\n";

static void write_known(void)
{
    const venn_gaussian_design design = {.decisive = DECISIVE,
                                         .unit_weights = true,
                                         .a = {WIDTH, 0, DECISIVE},
                                         .b = {WIDTH, 0, SHARED}};
    float *a = malloc(ROWS * WIDTH * sizeof *a), *b = malloc(ROWS * WIDTH * sizeof *b);
    int32_t y[ROWS];
    OK(venn_gaussian_draw(&design, 1, 0, VENN_GAUSSIAN_TRAIN, ROWS, a, b, y));
    const venn_array xa = {.dtype = VENN_F32, .shape = VENN_SHAPE(ROWS, WIDTH), .data = a};
    const venn_array xb = {.dtype = VENN_F32, .shape = VENN_SHAPE(ROWS, WIDTH), .data = b};
    const venn_array labels = {.dtype = VENN_I32, .shape = VENN_SHAPE(ROWS), .data = y};
    OK(venn_npy_write(&xa, scratch_path("a.npy")));
    OK(venn_npy_write(&xb, scratch_path("b.npy")));
    OK(venn_npy_write(&labels, scratch_path("y.npy")));
    free(a);
    free(b);
    scratch_text("known.yaml", known_data);
    scratch_text("known-job.yaml", known_config);
}

// Algorithm 1 on the inputs finds the columns that both see; the file says what the call gave.
Test(ranking, finds_the_shared_columns)
{
    write_known();
    venn_device *device = open_test_device();
    venn_distill_config *config;
    venn_ranking r, read;
    bool removed[WIDTH];
    OK(venn_distill_config_load(&config, scratch_path("known-job.yaml")));
    OK(venn_distill_rank(device, config, scratch_path("known"), false, NULL, &r));
    cr_assert(r.joint && r.teacher.salience.n == WIDTH && r.student.salience.n == WIDTH);
    cr_expect_str_eq(r.teacher.salience.place, "input");
    const venn_ranked *both[] = {&r.teacher, &r.student};
    for (int k = 0; k < 2; k++) {
        venn_features_choose(VENN_FEATURES_GENERAL, 0.6, WIDTH, both[k]->salience.score, 0,
                             removed);
        int found = 0;
        for (int c = 0; c < SHARED; c++)
            found += !removed[c];
        cr_expect(found >= 16, "%d of %d found", found, SHARED);
    }
    OK(venn_ranking_read(&read, scratch_path("known")));
    cr_expect_str_eq(read.teacher.modality, "a");
    cr_expect_str_eq(read.student.network, "linear");
    cr_expect(read.joint && read.seed == r.seed && read.teacher.accuracy == r.teacher.accuracy);
    cr_expect(
        memcmp(read.teacher.salience.score, r.teacher.salience.score, WIDTH * sizeof(double)) == 0);
    cr_expect(read.student.salience.base_loss == r.student.salience.base_loss);
    cr_expect(venn_distill_rank(device, config, scratch_path("known"), false, NULL, NULL) ==
              VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "already holds a ranking"), "%s", venn_error_message());
    OK(venn_distill_rank(device, config, scratch_path("known"), true, NULL, NULL));
    venn_ranking_finish(&read);
    venn_ranking_finish(&r);
    venn_distill_config_destroy(&config);
    close_test_device(&device);
}

// ---- The commands ----------------------------------------------------------------------------

static void write_featured(const char *file, const char *features)
{
    char teacher[512];
    snprintf(teacher, sizeof teacher, "  cache: true\n  features: %s\nranking: {permutations: 3}\n",
             features);
    tiny_changed(file, tiny_config, "  cache: true\n", teacher, NULL);
}

Test(ranking, commands)
{
    tiny_write();
    SUCCEEDS("$venn mfh rank job.yaml -o ranking -q --permutations 4");
    cr_expect(strstr(printed_out, "salience of the 8 channels of 1 over 35 pairs, 4 permutations"),
              "%s", printed_out);
    SUCCEEDS("$venn mfh rank job.yaml -o alone -q --json");
    cr_expect(strstr(printed_out, "\"joint\": true"), "%s", printed_out);
    static const char *const features[] = {"{mode: general, ratio: 0.5, ranking: ranking}",
                                           "{mode: specific, semantics: zero, ranking: ranking}",
                                           "{mode: random, semantics: drop, ranking: ranking}",
                                           "{mode: general, ratio: 0.5}"};
    static const char *const told[] = {
        "general: 4 of 8 channels of <code>1</code> taken out (mean)",
        "specific: 6 of 8 channels of <code>1</code> taken out (zero)",
        "random: 6 of 8 channels of <code>1</code> taken out (drop)",
        "general: 4 of 8 channels of <code>1</code> taken out (mean)"};
    for (int i = 0; i < 4; i++) {
        write_featured("featured.yaml", features[i]);
        SUCCEEDS("$venn distill featured.yaml -o run%d -q --seeds 1", i);
        SUCCEEDS("grep -F '%s' run%d/report.html", told[i], i);
    }
    // Only a teacher that loses channels for good is trained in the run.
    SUCCEEDS("ls run2/teacher/best.safetensors run3/ranking/ranking.json");
    SUCCEEDS("! ls run0/teacher run3/teacher");
    cr_expect(venn_file_exists(scratch_path("run0/seed-0/distilled/best.safetensors")));
}

// Fewer channels, another teacher; the same choice, the same student.
Test(ranking, what_is_taken_out_matters)
{
    tiny_write();
    SUCCEEDS("$venn mfh rank job.yaml -o ranking -q");
    static const char *const features[] = {"{mode: general, ratio: 0.5, ranking: ranking}",
                                           "{mode: specific, ratio: 0.5, ranking: ranking}",
                                           "{mode: general, ratio: 0.5, ranking: ranking}"};
    for (int i = 0; i < 3; i++) {
        write_featured("featured.yaml", features[i]);
        SUCCEEDS("$venn distill featured.yaml -o run%d -q --seeds 1", i);
    }
    SUCCEEDS("cmp run0/seed-0/distilled/best.safetensors run2/seed-0/distilled/best.safetensors");
    SUCCEEDS("! cmp -s run0/seed-0/distilled/best.safetensors "
             "run1/seed-0/distilled/best.safetensors");
    SUCCEEDS("cmp run0/seed-0/student/best.safetensors run1/seed-0/student/best.safetensors");
}

Test(ranking, an_interrupted_run_goes_on)
{
    tiny_write();
    write_featured("featured.yaml", "{mode: general, ratio: 0.5}");
    SUCCEEDS("$venn distill featured.yaml -o whole -q --seeds 1");
    int code =
        shell_interrupted("[1/1] ranking", "$venn distill featured.yaml -o halves -v --seeds 1");
    cr_assert(code == 7 || code == 0, "%d: %s", code, printed_err);
    if (code == 7)
        SUCCEEDS("$venn distill --resume halves -q");
    SUCCEEDS(
        "cmp whole/seed-0/distilled/best.safetensors halves/seed-0/distilled/best.safetensors");
    SUCCEEDS("cmp whole/ranking/teacher.safetensors halves/ranking/teacher.safetensors");
}

// ---- Separate networks -----------------------------------------------------------------------

Test(ranking, of_networks_trained_alone)
{
    tiny_write();
    tiny_changed("separate.yaml", tiny_config, "teacher:\n",
                 "ranking: {separate: yes, distance: l1, layer: input, student_layer: \"0\", rows: "
                 "9, permutations: 2}\nteacher:\n",
                 NULL);
    SUCCEEDS("$venn mfh rank separate.yaml -o ranking -q --json");
    venn_ranking r;
    OK(venn_ranking_read(&r, scratch_path("ranking")));
    cr_expect(!r.joint && r.distance == VENN_SALIENCE_L1);
    cr_expect_str_eq(r.teacher.salience.place, "input");
    cr_expect(r.teacher.salience.n == 4 && r.student.salience.n == 8);
    cr_expect(r.teacher.salience.rows == 32 && r.teacher.salience.permutations == 2);
    venn_ranking_finish(&r);
    SUCCEEDS("ls ranking/teacher/done.json ranking/student/done.json");
}

// ---- Refusals --------------------------------------------------------------------------------

static void refuses(const char *old, const char *new, const char *command, const char *part,
                    const char *line)
{
    tiny_changed("bad.yaml", tiny_config, old, new, NULL);
    fails(shell("$venn %s bad.yaml -o bad -q", command), INPUT, part, line, NULL);
}

Test(ranking, refuses)
{
    tiny_write();
    refuses("  cache: true\n", "  features: {mode: general, ratio: 1.5}\n", "distill",
            "ratio is 1.5", "bad.yaml:16");
    refuses("  cache: true\n", "  features: {mode: most}\n", "distill", "mode", "bad.yaml:16");
    refuses("  cache: true\n", "  features: {mode: general, ranking: nowhere}\n", "distill",
            "nowhere/ranking.json", "bad.yaml:16");
    refuses("method:\n", "ranking: {layer: ninth}\nmethod:\n", "mfh rank", "ninth", "bad.yaml:19");
    refuses("method:\n", "ranking: {agreement: -1}\nmethod:\n", "mfh rank", "agreement is -1",
            "bad.yaml:19");
    refuses("student:\n", "student:\n  features: {mode: general}\n", "mfh rank",
            "only the teacher has features", "bad.yaml:18");
    cr_expect(shell("$venn mfh rank") == 2 && strstr(printed_err, "venn mfh rank: which config"));
    scratch_text("ranking.json", "{\"name\": \"x\", \"data\": \"y\", \"distance\": \"mse\"}\n");
    venn_ranking r;
    cr_expect(venn_ranking_read(&r, scratch_path("")) == VENN_BAD_FILE);
    cr_expect(strstr(venn_error_message(), "\"joint\" is missing"), "%s", venn_error_message());
}
