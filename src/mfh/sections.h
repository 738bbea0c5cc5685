// The sections of the report page, one function per kind of result.
#ifndef VENN_MFH_SECTIONS_H
#define VENN_MFH_SECTIONS_H

#include "io/report.h"
#include "mfh/result_read.h"

enum { VENN_SWEEP_FIGURES = 2 }; // of each sweep: gain, accuracies

// Appends the figures of a sweep to a gnuplot script.
void venn_sweep_figures(FILE *script, const venn_mfh_result *r);
// `first` is the index of its first figure; `command` writes the page again (NULL: not told).
void venn_sweep_section(FILE *out, const venn_mfh_file *file, const venn_report_plots *plots,
                        size_t first, const char *command);
void venn_ranking_section(FILE *out, const venn_mfh_file *file);
void venn_diagram_section(FILE *out, const venn_mfh_file *file);
void venn_comparison_section(FILE *out, const venn_mfh_file *file);

// What ends a section: the command that made the result, time and seeds (0: not told), and a remark.
void venn_section_end(FILE *out, const venn_mfh_file *file, uint32_t seeds, double seconds,
                      const char *remark);

#endif
