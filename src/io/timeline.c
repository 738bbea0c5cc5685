// Trace events in the JSON form of Chrome's tracing, which Perfetto reads too.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/status.h"
#include "venn/io.h"

struct venn_timeline {
    json_t *events;
    size_t n;
};

// Tracks are threads of one process there, which have numbers and get names by events of their own.
static const char *const tracks[] = {"host", "device"};

static int track_number(const char *track)
{
    return strcmp(track, tracks[1]) == 0 ? 1 : 0;
}

static venn_status name_tracks(venn_timeline *t)
{
    for (int i = 0; i < 2; i++) {
        json_t *event = json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "name", "thread_name", "ph", "M",
                                  "pid", 1, "tid", i, "args", "name", tracks[i]);
        if (!event || json_array_append_new(t->events, event) != 0)
            return venn_fail(VENN_NO_MEMORY, "timeline: out of host memory");
    }
    return VENN_OK;
}

venn_status venn_timeline_create(venn_timeline **out)
{
    venn_timeline *t = *out = VENN_NEW(venn_timeline);
    if (!t)
        return VENN_NO_MEMORY;
    t->events = json_array();
    venn_status status =
        t->events ? name_tracks(t) : venn_fail(VENN_NO_MEMORY, "timeline: out of host memory");
    if (status < 0)
        venn_timeline_destroy(out);
    return status;
}

void venn_timeline_destroy(venn_timeline **timeline)
{
    if (*timeline)
        json_decref((*timeline)->events);
    free(*timeline);
    *timeline = NULL;
}

void venn_timeline_slice(venn_timeline *t, const char *track, const char *category,
                         const char *name, uint64_t start_ns, double us, const char *detail)
{
    json_t *event = json_pack("{s:s, s:s, s:s, s:i, s:i, s:f, s:f}", "name", name, "cat",
                              *category ? category : "other", "ph", "X", "pid", 1, "tid",
                              track_number(track), "ts", (double)start_ns * 1e-3, "dur", us);
    if (event && detail)
        venn_json_set(&event, "args", json_pack("{s:s}", "detail", detail));
    if (event && json_array_append_new(t->events, event) == 0)
        t->n++;
}

size_t venn_timeline_count(const venn_timeline *t)
{
    return t->n;
}

venn_status venn_timeline_write(const venn_timeline *t, const char *path)
{
    json_t *root = json_pack("{s:s, s:O}", "displayTimeUnit", "ms", "traceEvents", t->events);
    char *text = venn_json_text(root, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(root);
    if (!text)
        return venn_fail(VENN_NO_MEMORY, "timeline: out of host memory");
    venn_status status = venn_file_write(path, text, strlen(text));
    free(text);
    return status;
}
