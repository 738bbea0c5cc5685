// Steps on a timeline: trace events that hold together, of a run that comes out as without them.
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data_files.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/io.h"

enum { HOST, DEVICE };

static json_t *read_events(const char *file)
{
    json_error_t error;
    json_t *root = json_load_file(scratch_path(file), 0, &error);
    cr_assert(root, "%s:%d: %s", file, error.line, error.text);
    json_t *events = json_incref(json_object_get(root, "traceEvents"));
    cr_assert(json_is_array(events));
    json_decref(root);
    return events;
}

static double number(const json_t *event, const char *key)
{
    return json_number_value(json_object_get(event, key));
}

static const char *text(const json_t *event, const char *key)
{
    const char *value = json_string_value(json_object_get(event, key));
    return value ? value : "";
}

static bool is_slice(const json_t *event, int track)
{
    return strcmp(text(event, "ph"), "X") == 0 && number(event, "tid") == track;
}

// A slice of the device lies in the time in which the host waited for some step.
static bool in_a_step(const json_t *events, const json_t *slice)
{
    const double slack = 1; // microseconds: clocks are read one after the other
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *step = json_array_get(events, i);
        if (is_slice(step, HOST) && strcmp(text(step, "cat"), "step") == 0 &&
            number(slice, "ts") >= number(step, "ts") - slack &&
            number(slice, "ts") + number(slice, "dur") <=
                number(step, "ts") + number(step, "dur") + slack)
            return true;
    }
    return false;
}

static size_t count(const json_t *events, int track, const char *category)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        n += is_slice(event, track) && strcmp(text(event, "cat"), category) == 0;
    }
    return n;
}

Test(timeline, steps_of_a_training)
{
    tiny_write();
    SUCCEEDS("$venn train job.yaml -o plain");
    SUCCEEDS("$venn train job.yaml -o traced --trace trace.json --trace-steps 3");
    SUCCEEDS("cmp plain/seed-0/student/best.safetensors traced/seed-0/student/best.safetensors");
    json_t *events = read_events("trace.json");
    cr_assert(count(events, HOST, "step") == 3);
    cr_assert(count(events, HOST, "batch") == 3);
    cr_assert(count(events, DEVICE, "transfers") == 6, "an upload and a download each");
    static const char *const phases[] = {"student forward", "loss", "backward", "optimizer"};
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
        cr_assert(count(events, DEVICE, phases[i]) >= 3, "%s", phases[i]);
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        cr_assert(!is_slice(event, DEVICE) || in_a_step(events, event), "%s at %f",
                  text(event, "name"), number(event, "ts"));
    }
    json_decref(events);
}

Test(timeline, refuses_a_file_that_cannot_be_written)
{
    tiny_write();
    cr_assert_eq(shell("$venn train job.yaml -o run --trace nowhere/trace.json"), 3);
    cr_assert(strstr(printed_err, "nowhere/trace.json"), "%s", printed_err);
    SUCCEEDS("test -f run/summary.json"); // the run itself is whole
}

Test(timeline, texts_are_escaped)
{
    venn_timeline *timeline;
    cr_assert(venn_timeline_create(&timeline) == VENN_OK);
    venn_timeline_slice(timeline, "host", "", "a \"b\" \\", 1500, 2.5, NULL);
    cr_assert(venn_timeline_count(timeline) == 1);
    cr_assert(venn_timeline_write(timeline, scratch_path("trace.json")) == VENN_OK);
    venn_timeline_destroy(&timeline);
    json_t *events = read_events("trace.json");
    const json_t *event = json_array_get(events, json_array_size(events) - 1);
    cr_assert_str_eq(text(event, "name"), "a \"b\" \\");
    cr_assert_str_eq(text(event, "cat"), "other");
    cr_assert(number(event, "ts") == 1.5 && number(event, "dur") == 2.5);
    json_decref(events);
}
