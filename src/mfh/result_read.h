// Reading result files back, for the report.
#ifndef VENN_MFH_RESULT_READ_H
#define VENN_MFH_RESULT_READ_H

#include "venn/mfh.h"
#include "venn/ranking.h"

typedef enum venn_mfh_kind {
    VENN_MFH_SWEEP,
    VENN_MFH_RANKING,
    VENN_MFH_DIAGRAM,
    VENN_MFH_COMPARISON
} venn_mfh_kind;

typedef struct venn_mfh_file {
    venn_mfh_kind kind;
    char *command; // NULL: the file does not say
    union {
        venn_mfh_result sweep;
        venn_ranking ranking;
        venn_mfh_estimate estimate; // without the channels' numbers
        venn_mfh_comparison comparison;
    };
} venn_mfh_file;

// VENN_BAD_FILE names the file and the member that is missing or of another type.
venn_status venn_mfh_file_read(venn_mfh_file *out, const char *path);
void venn_mfh_file_finish(venn_mfh_file *file);

#endif
