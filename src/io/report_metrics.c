// metrics.jsonl: one object per stage, seed and epoch. A resumed run may write an epoch again; the last
// line counts. Values that are null, absent or not finite leave gaps in the curves.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "io/report.h"

// A curve has a place for each epoch: a number without lines for most of those before it is a slip.
enum { MAX_EPOCHS = 100000, MAX_MISSING = 1000 };

typedef struct record {
    size_t stage, line;
    int64_t seed, epoch;
    double value[VENN_REPORT_METRICS];
} record;

typedef struct record_list {
    size_t n, room;
    record *items;
} record_list;

static venn_status read_key(const venn_report *report, const json_t *object, const char *where,
                            record *r)
{
    const char *name;
    VENN_TRY(venn_report_string(object, where, "stage", &name));
    if (!name)
        return venn_fail(VENN_BAD_FILE, "%s: \"stage\" is missing", where);
    for (r->stage = 0; r->stage < report->n_stages; r->stage++)
        if (!strcmp(report->stages[r->stage].name, name))
            break;
    if (r->stage == report->n_stages)
        return venn_fail(VENN_BAD_FILE, "%s: summary.json has no stage \"%s\"", where, name);
    const json_t *seed = json_object_get(object, "seed"), *epoch = json_object_get(object, "epoch");
    if (!json_is_integer(seed) || !json_is_integer(epoch))
        return venn_fail(VENN_BAD_FILE, "%s: \"seed\" and \"epoch\" must be integers", where);
    r->seed = json_integer_value(seed);
    r->epoch = json_integer_value(epoch);
    if (r->epoch < 1 || r->epoch > MAX_EPOCHS)
        return venn_fail(VENN_BAD_FILE, "%s: \"epoch\" must be 1 to %d", where, MAX_EPOCHS);
    return VENN_OK;
}

static venn_status read_record(const venn_report *report, const json_t *object, const char *where,
                               record *r)
{
    static const char *const keys[VENN_REPORT_METRICS] = {
        [VENN_REPORT_TRAIN_LOSS] = "ce",
        [VENN_REPORT_VALID_LOSS] = "valid_loss",
        [VENN_REPORT_TRAIN_ACCURACY] = "train_accuracy",
        [VENN_REPORT_VALID_ACCURACY] = "valid_accuracy",
        [VENN_REPORT_KD] = "kd",
    };
    if (!json_is_object(object))
        return venn_fail(VENN_BAD_FILE, "%s: must be a JSON object", where);
    VENN_TRY(read_key(report, object, where, r));
    for (int i = 0; i < VENN_REPORT_METRICS; i++)
        VENN_TRY(venn_report_number(object, where, keys[i], &r->value[i]));
    if (!json_object_get(object, "ce"))
        VENN_TRY(venn_report_number(object, where, "loss", &r->value[VENN_REPORT_TRAIN_LOSS]));
    return VENN_OK;
}

static venn_status read_line(const venn_report *report, const char *text, size_t size, size_t line,
                             record_list *list)
{
    json_error_t error;
    json_t *object;
    venn_status status = venn_json_load(&object, text, size, JSON_REJECT_DUPLICATES, &error);
    if (status == VENN_BAD_FILE)
        venn_fail(status, "%s:%zu: %s", report->metrics_path, line, error.text);
    VENN_TRY(status);
    // What a method trained before its last stage has no curve: another loss, other epochs.
    if (json_object_get(object, "phase")) {
        json_decref(object);
        return VENN_OK;
    }
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        record *items = venn_resize(list->items, room, sizeof *items);
        if (items) {
            list->items = items;
            list->room = room;
        } else {
            status = VENN_NO_MEMORY;
        }
    }
    if (status == VENN_OK) {
        char where[512];
        snprintf(where, sizeof where, "%s:%zu", report->metrics_path, line);
        record *r = &list->items[list->n++];
        r->line = line;
        status = read_record(report, object, where, r);
    }
    json_decref(object);
    return status;
}

static int compare_keys(const record *a, const record *b)
{
    if (a->stage != b->stage)
        return a->stage < b->stage ? -1 : 1;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    return a->seed < b->seed ? -1 : a->seed > b->seed;
}

static int compare_records(const void *a, const void *b)
{
    int order = compare_keys(a, b);
    if (order)
        return order;
    size_t line_a = ((const record *)a)->line, line_b = ((const record *)b)->line;
    return line_a < line_b ? -1 : line_a > line_b;
}

static void add_value(venn_report_point *point, double value)
{
    if (!isfinite(value))
        return;
    point->low = point->n ? fmin(point->low, value) : value;
    point->high = point->n ? fmax(point->high, value) : value;
    point->mean += (value - point->mean) / (double)++point->n;
}

static venn_status fill_curves(venn_report *report, const record_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if ((size_t)list->items[i].epoch > report->epochs)
            report->epochs = (size_t)list->items[i].epoch;
    if (report->epochs > list->n + MAX_MISSING)
        return venn_fail(VENN_BAD_FILE, "%s: epoch %zu, but there are %zu lines of epochs",
                         report->metrics_path, report->epochs, list->n);
    for (size_t i = 0; i < report->n_stages; i++)
        for (int metric = 0; metric < VENN_REPORT_METRICS; metric++) {
            report->stages[i].curve[metric] = venn_alloc(report->epochs, sizeof(venn_report_point));
            if (!report->stages[i].curve[metric])
                return VENN_NO_MEMORY;
        }
    for (size_t i = 0; i < list->n; i++) {
        const record *r = &list->items[i];
        if (i + 1 < list->n && compare_keys(r, r + 1) == 0)
            continue;
        for (int metric = 0; metric < VENN_REPORT_METRICS; metric++)
            add_value(&report->stages[r->stage].curve[metric][r->epoch - 1], r->value[metric]);
    }
    return VENN_OK;
}

venn_status venn_report_metrics(venn_report *report, const char *text, size_t size)
{
    record_list list = {0};
    venn_status status = VENN_OK;
    size_t line = 0;
    for (size_t at = 0; status == VENN_OK && at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        line++;
        // A blank line holds nothing; anything else must be an object.
        if (length)
            status = read_line(report, text + at, length, line, &list);
        at += length + 1;
    }
    if (status == VENN_OK && list.n)
        qsort(list.items, list.n, sizeof *list.items, compare_records);
    if (status == VENN_OK)
        status = fill_curves(report, &list);
    free(list.items);
    return status;
}
