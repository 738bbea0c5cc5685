// Recording and checking a list: only commands between two barriers can miss one, so each is compared
// with those before it back to the last barrier.
#include <stdio.h>
#include <stdlib.h>

#include "vk/trace.h"

static bool grow(void *list, uint32_t n, uint32_t *room, size_t size)
{
    void **array = list;
    const uint32_t wanted = *room ? *room * 2 : 64;
    if (n < *room)
        return true;
    void *grown = venn_resize(*array, wanted, size);
    if (!grown)
        return false;
    *array = grown;
    *room = wanted;
    return true;
}

void venn_trace_name(venn_trace *t, const char *label)
{
    if (!t)
        return;
    if (!grow(&t->labels, t->n_labels, &t->max_labels, sizeof *t->labels))
        t->incomplete = true;
    else
        snprintf(t->labels[t->n_labels++].text, sizeof t->labels->text, "%s", label);
}

void venn_trace_command(venn_trace *t)
{
    if (t)
        t->n_commands++;
}

static void add_event(venn_trace *t, venn_trace_event event)
{
    if (!grow(&t->events, t->n_events, &t->max_events, sizeof *t->events)) {
        t->incomplete = true;
        return;
    }
    event.command = t->n_commands;
    event.label = t->n_labels;
    t->events[t->n_events++] = event;
}

void venn_trace_access(venn_trace *t, const venn_memory *memory, bool reads, bool writes)
{
    if (t && memory->block && memory->size)
        add_event(t, (venn_trace_event){.block = memory->block,
                                        .offset = memory->offset,
                                        .size = memory->size,
                                        .reads = reads,
                                        .writes = writes});
}

void venn_trace_barrier(venn_trace *t)
{
    if (t)
        add_event(t, (venn_trace_event){.block = NULL});
}

void venn_trace_destroy(venn_trace **handle)
{
    venn_trace *t = *handle;
    if (!t)
        return;
    free(t->events);
    free(t->labels);
    free(t);
    *handle = NULL;
}

// ---- Check -----------------------------------------------------------------------------------

static bool overlap(const venn_trace_event *a, const venn_trace_event *b)
{
    return a->block == b->block && a->offset < b->offset + b->size &&
           b->offset < a->offset + a->size;
}

static const char *label_of(const venn_trace *t, const venn_trace_event *event)
{
    return event->label ? t->labels[event->label - 1].text : "an unnamed command";
}

static venn_status report(const venn_trace *t, const venn_trace_event *first,
                          const venn_trace_event *second)
{
    const char *kind = !first->writes  ? "writes what the first reads"
                       : second->reads ? "reads what the first writes"
                                       : "writes what the first writes";
    return venn_fail(VENN_INTERNAL, "no barrier between %s and %s, which %s: %llu and %llu bytes",
                     label_of(t, first), label_of(t, second), kind, (unsigned long long)first->size,
                     (unsigned long long)second->size);
}

venn_status venn_trace_check(const venn_trace *t)
{
    uint32_t start = 0; // behind the last barrier
    if (t->incomplete)
        return VENN_NO_MEMORY;
    if (t->n_events && t->events[0].block)
        return venn_fail(VENN_INTERNAL, "no barrier before %s, the first of its list",
                         label_of(t, &t->events[0]));
    for (uint32_t i = 0; i < t->n_events; i++) {
        const venn_trace_event *event = &t->events[i];
        if (!event->block)
            start = i + 1;
        for (uint32_t k = start; k < i; k++) {
            const venn_trace_event *before = &t->events[k];
            if (before->command != event->command && (before->writes || event->writes) &&
                overlap(before, event))
                return report(t, before, event);
        }
    }
    return VENN_OK;
}
