// The page of results: what each kind of result shows is in its section (sections.h).
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "mfh/sections.h"

typedef struct page {
    const venn_mfh_file *files;
    size_t n;
    const char *device, *command;
} page;

static size_t count_figures(const page *p)
{
    size_t figures = 0;
    for (size_t i = 0; i < p->n; i++)
        figures += p->files[i].kind == VENN_MFH_SWEEP ? VENN_SWEEP_FIGURES : 0;
    return figures;
}

static size_t write_script(FILE *script, const void *user, bool *wanted)
{
    const page *p = user;
    const size_t figures = count_figures(p);
    for (size_t i = 0; i < p->n; i++)
        if (p->files[i].kind == VENN_MFH_SWEEP)
            venn_sweep_figures(script, &p->files[i].sweep);
    for (size_t i = 0; i < figures; i++)
        wanted[i] = true;
    return figures;
}

void venn_section_end(FILE *out, const venn_mfh_file *file, uint32_t seeds, double seconds,
                      const char *remark)
{
    fputs("<p class=\"note\">", out);
    if (file->command) {
        fputs("Made by <code>", out);
        venn_report_escape_text(out, file->command);
        fputs("</code>", out);
        if (isfinite(seconds)) {
            fputs(" in ", out);
            venn_report_duration(out, seconds);
        }
        if (seeds)
            fprintf(out, ", %u seed%s", seeds, seeds == 1 ? "" : "s");
        fputs(". ", out);
    }
    fprintf(out, "%s</p>\n</section>\n", remark);
}

static void write_section(FILE *out, const page *p, size_t i, const venn_report_plots *plots,
                          size_t *figure)
{
    const venn_mfh_file *file = &p->files[i];
    switch (file->kind) {
    case VENN_MFH_SWEEP:
        venn_sweep_section(out, file, plots, *figure, p->command);
        *figure += VENN_SWEEP_FIGURES;
        break;
    case VENN_MFH_RANKING:
        venn_ranking_section(out, file);
        break;
    case VENN_MFH_DIAGRAM:
        venn_diagram_section(out, file);
        break;
    case VENN_MFH_COMPARISON:
        venn_comparison_section(out, file);
        break;
    }
}

static void write_reproduce(FILE *out, const page *p)
{
    if (!p->command)
        return;
    fputs("<section>\n<h2>Write this page again</h2>\n<pre class=\"command\"><code>", out);
    venn_report_escape_text(out, p->command);
    fputs("</code></pre>\n</section>\n", out);
}

static venn_status write_page(FILE *out, const void *user)
{
    const page *p = user;
    venn_report_plots plots;
    size_t figure = 0;
    VENN_TRY(venn_report_plots_draw(&plots, count_figures(p), write_script, p));
    venn_status status =
        venn_report_begin(out, "venn mfh report", "The Modality Focusing Hypothesis");
    if (status == VENN_OK) {
        fputs("<p class=\"line\">on ", out);
        venn_report_escape_text(out, p->device);
        fputs("</p>\n</header>\n<p class=\"verdict\">A teacher of another modality helps a student "
              "as far as what it uses is shared by both modalities, however good it is "
              "itself.</p>\n",
              out);
        for (size_t i = 0; i < p->n; i++)
            write_section(out, p, i, &plots, &figure);
        write_reproduce(out, p);
        venn_report_end(out);
    }
    venn_report_plots_free(&plots);
    return status;
}

static venn_status read_and_write(const char *path, const char *const *paths, page *p,
                                  venn_mfh_file *files)
{
    char *text = NULL;
    size_t size;
    for (size_t i = 0; i < p->n; i++)
        VENN_TRY(venn_mfh_file_read(&files[i], paths[i]));
    VENN_TRY(venn_report_render(write_page, p, path, &text, &size));
    const venn_status status = venn_file_write(path, text, size);
    free(text);
    return status;
}

venn_status venn_mfh_report_write(const char *path, const char *const *files, size_t n,
                                  const char *device, const char *command)
{
    venn_mfh_file *read = venn_alloc(n + 1, sizeof *read);
    if (!read)
        return VENN_NO_MEMORY;
    page p = {read, n, device ? device : "an unnamed device", command};
    const venn_status status = read_and_write(path, files, &p, read);
    for (size_t i = 0; i < n; i++)
        venn_mfh_file_finish(&read[i]);
    free(read);
    return status;
}
