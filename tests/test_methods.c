// Every method's example: it is there, it runs, it is interrupted and goes on bit for bit, and what it reports
// has a name among its equations.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data_files.h"
#include "device_fixture.h"
#include "op_files.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/distill.h"

// What stops a run: after `at` steps of the method's stages.
typedef struct watch {
    uint64_t at, steps;
    const venn_method *method;
} watch;

static void on_step(void *user, const venn_distill_stage *stage, const venn_step_event *event)
{
    watch *w = user;
    (void)event;
    w->steps += strcmp(stage->stage, "distilled") == 0;
}

static bool stop(void *user)
{
    const watch *w = user;
    return w->at && w->steps == w->at;
}

static bool has_equation(const venn_method *method, const char *name)
{
    for (const venn_method_equation *e = method->equations; e && e->name; e++)
        if (strcmp(e->name, name) == 0)
            return true;
    return false;
}

static void on_epoch(void *user, const venn_distill_stage *stage, const venn_metrics *m)
{
    const watch *w = user;
    for (int i = 0; strcmp(stage->stage, "distilled") == 0 && i < m->n_terms; i++)
        cr_expect(has_equation(w->method, m->terms[i].name), "%s reports %s, which is no equation",
                  w->method->name, m->terms[i].name);
}

// Computed data are made to measure and take no limit.
static bool is_computed(const venn_method *method)
{
    char asset[128];
    const void *text;
    size_t size;
    snprintf(asset, sizeof asset, "methods/%s.yaml", method->name);
    return venn_embedded_find(asset, &text, &size) && strstr(text, "data: synthetic:");
}

static venn_status run(const venn_method *method, const char *folder, bool resume, watch *w)
{
    venn_distill_config *config;
    venn_device *device = open_test_device();
    venn_distill_observer observer = {
        .user = w, .on_step = on_step, .on_epoch = on_epoch, .stop = stop};
    cr_assert_eq(venn_distill_config_load(&config, method->name), VENN_OK, "%s",
                 venn_error_message());
    cr_assert_eq(venn_distill_config_set(config, 1, 2, is_computed(method) ? 0 : 200), VENN_OK);
    venn_status status =
        venn_distill_run(device, config, scratch_path(folder), resume, NULL, &observer);
    venn_distill_config_destroy(&config);
    close_test_device(&device);
    return status;
}

static bool same_weights(const char *a, const char *b)
{
    static const char file[] = "seed-0/distilled/best.safetensors";
    char path[256];
    void *x, *y;
    size_t nx, ny;
    snprintf(path, sizeof path, "%s/%s", a, file);
    cr_assert_eq(venn_file_read(scratch_path(path), 0, &x, &nx), VENN_OK, "%s",
                 venn_error_message());
    snprintf(path, sizeof path, "%s/%s", b, file);
    cr_assert_eq(venn_file_read(scratch_path(path), 0, &y, &ny), VENN_OK, "%s",
                 venn_error_message());
    bool same = nx == ny && memcmp(x, y, nx) == 0;
    free(x);
    free(y);
    return same;
}

static void check_example(const venn_method *method)
{
    watch whole = {.method = method}, cut = {.method = method};
    cr_assert_eq(run(method, "whole", false, &whole), VENN_OK, "%s: %s", method->name,
                 venn_error_message());
    cr_assert_gt(whole.steps, 2, "%s: %d steps", method->name, (int)whole.steps);
    // In the first epoch of the first stage, then in the last epoch of the last.
    cut.at = 2;
    cr_assert_eq(run(method, "cut", false, &cut), VENN_CANCELLED, "%s", venn_error_message());
    cut.at = whole.steps - 1;
    cr_assert_eq(run(method, "cut", true, &cut), VENN_CANCELLED, "%s", venn_error_message());
    cut.at = 0;
    cr_assert_eq(run(method, "cut", true, &cut), VENN_OK, "%s", venn_error_message());
    cr_expect_eq(cut.steps, whole.steps, "%s: %d steps, not %d", method->name, (int)cut.steps,
                 (int)whole.steps);
    cr_expect(same_weights("whole", "cut"), "%s: a resumed training differs", method->name);
    SUCCEEDS("rm -r whole cut");
}

// One test of a handful of methods each, so that they run side by side.
enum { PARTS = 4 };

static void check_part(size_t part)
{
    for (size_t i = 0; venn_method_at(i); i++)
        if (i % PARTS == part && strcmp(venn_method_at(i)->name, "none") != 0)
            check_example(venn_method_at(i));
}

Test(methods, examples_resume_bit_for_bit_1)
{
    check_part(0);
}

Test(methods, examples_resume_bit_for_bit_2)
{
    check_part(1);
}

Test(methods, examples_resume_bit_for_bit_3)
{
    check_part(2);
}

Test(methods, examples_resume_bit_for_bit_4)
{
    check_part(3);
}

// ---- What a method says of itself ------------------------------------------------------------

static void check_texts(const venn_method *m)
{
    char path[256];
    cr_expect(m->summary && *m->summary, "%s has no summary", m->name);
    cr_expect(m->status && *m->status, "%s has no status", m->name);
    cr_expect(m->reference != NULL, "%s has no reference", m->name);
    cr_expect(m->objective.loss || m->objective.build || m->setup, "%s does nothing", m->name);
    for (const venn_method_param *p = m->params; p->key; p++) {
        cr_expect(p->doc && *p->doc, "%s.%s has no text", m->name, p->key);
        cr_expect(p->source && *p->source, "%s.%s: where is its default from?", m->name, p->key);
        cr_expect(p->type == VENN_METHOD_ENUM || p->type == VENN_METHOD_TEXT ||
                      (p->value >= p->low && p->value <= p->high),
                  "%s.%s: the default is out of range", m->name, p->key);
    }
    if (strcmp(m->name, "none") == 0)
        return;
    snprintf(path, sizeof path, "%s/docs/methods/%s.md", VENN_SOURCE_DIR, m->name);
    cr_expect(venn_file_exists(path), "%s is missing", path);
}

Test(methods, are_described)
{
    for (size_t i = 0; venn_method_at(i); i++) {
        check_texts(venn_method_at(i));
        for (size_t k = 0; k < i; k++)
            cr_expect_str_neq(venn_method_at(i)->name, venn_method_at(k)->name);
        cr_expect_eq(venn_method_find(venn_method_at(i)->name), venn_method_at(i));
    }
}

Test(methods, are_listed_and_shown)
{
    SUCCEEDS("$venn methods");
    cr_expect(strstr(printed_out, "kd") && strstr(printed_out, "needs: teacher\n"), "%s",
              printed_out);
    SUCCEEDS("$venn methods show tf-kd");
    cr_expect(strstr(printed_out, "temperature        20 (0.001 to 1000)") &&
                  strstr(printed_out, "(1 - alpha) ce + alpha kd"),
              "%s", printed_out);
    enum { USAGE = 2 };
    fails(shell("$venn methods show nothing"), USAGE, "no method \"nothing\"", NULL);
    cr_expect_eq(shell("$venn methods list"), USAGE);
    cr_expect(strstr(printed_err, "\"list\""), "%s", printed_err);
}

// ---- Logits that came with the data ----------------------------------------------------------

// A teacher without parameters is not trained: its network hands a modality on.
Test(methods, a_teacher_may_be_data)
{
    tiny_write();
    tiny_changed("job.yaml", tiny_config, "networks:\n",
                 "networks:\n  - name: as-it-is\n    layers:\n      - {layer: flatten}\n",
                 "sound, network: small", "logits, network: as-it-is", NULL);
    static const char modality[] =
        "modalities:\n  - {name: logits, kind: npy, shape: [3], train: {file: logits.npy}, "
        "test: {file: logits.npy}}\n";
    free(numbers("logits.npy", VENN_SHAPE(48, 3), 0.3, 4));
    tiny_changed("data.yaml", tiny_data, "modalities:\n", modality, NULL);
    SUCCEEDS("$venn distill job.yaml -o run");
    cr_expect(strstr(printed_out, "teacher (logits)"), "%s", printed_out);
    cr_expect(strstr(printed_err, "[4/4] distilled, seed 1"), "%s", printed_err);
}
