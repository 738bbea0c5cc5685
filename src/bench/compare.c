// The public side of comparing result files.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "bench/compare.h"

static venn_status write_as(FILE *out, const venn_comparison *c, venn_compare_format format)
{
    switch (format) {
    case VENN_COMPARE_MARKDOWN:
        venn_comparison_markdown(out, c);
        return VENN_OK;
    case VENN_COMPARE_CSV:
        venn_comparison_csv(out, c);
        return VENN_OK;
    case VENN_COMPARE_PAGE:
        return venn_comparison_page(out, c);
    }
    return venn_fail(VENN_BAD_ARG, "there is no comparison format %d", (int)format);
}

venn_status venn_bench_compare(const char *const *paths, size_t n, venn_compare_format format,
                               char **text)
{
    venn_comparison c;
    size_t size;
    *text = NULL;
    VENN_TRY(venn_comparison_read(&c, paths, n, false));
    FILE *out = open_memstream(text, &size);
    venn_status status = out ? write_as(out, &c, format) : VENN_OK;
    if (!out || fclose(out) != 0)
        status = venn_fail(VENN_NO_MEMORY, "out of host memory");
    venn_comparison_free(&c);
    if (status < 0) {
        free(*text);
        *text = NULL;
    }
    return status;
}

// ---- Gate ------------------------------------------------------------------------------------

typedef struct gate {
    double slowdown;
    venn_bench_say_fn say;
    void *user;
    size_t worse;
} gate;

__attribute__((format(printf, 2, 3))) static void complain(gate *g, const char *format, ...)
{
    char line[512];
    va_list args;
    g->worse++;
    if (!g->say)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    g->say(g->user, line);
}

static void judge(gate *g, const char *device, const venn_compared_row *before,
                  const venn_compared_row *now)
{
    if (!venn_compared_ok(before))
        return; // it was no better then
    if (!now)
        complain(g, "%s: %s (%s) is not there any more", device, before->name, before->part);
    else if (!venn_compared_ok(now))
        complain(g, "%s: %s (%s) is %s: %s", device, before->name, before->part, now->status,
                 *now->reason ? now->reason : "beyond its tolerance");
    else if (now->low > before->high * g->slowdown)
        complain(g, "%s: %s (%s) takes %.1f us, it took %.1f: %.2f times as long", device,
                 before->name, before->part, now->median, before->median,
                 now->median / before->median);
}

// The system of the other file, the second, with the same name.
static bool find_again(const venn_comparison *c, size_t system, const char *path, size_t *again)
{
    for (size_t s = 0; s < c->n_systems; s++)
        if (c->systems[s].path == path &&
            strcmp(c->systems[s].name, c->systems[system].name) == 0) {
            *again = s;
            return true;
        }
    return false;
}

venn_status venn_bench_gate(const char *baseline, const char *result, double slowdown,
                            venn_bench_say_fn say, void *user, size_t *worse)
{
    const char *paths[] = {baseline, result};
    gate g = {slowdown, say, user, 0};
    venn_comparison c;
    VENN_TRY(venn_comparison_read(&c, paths, 2, true));
    for (size_t s = 0; s < c.n_systems; s++) {
        size_t again;
        if (c.systems[s].path != baseline)
            continue;
        if (!find_again(&c, s, result, &again)) {
            complain(&g, "%s was not measured", c.systems[s].name);
            continue;
        }
        for (size_t i = 0; i < c.n_works; i++)
            if (c.works[i].row[s])
                judge(&g, c.systems[s].name, c.works[i].row[s], c.works[i].row[again]);
    }
    venn_comparison_free(&c);
    *worse = g.worse;
    return VENN_OK;
}
