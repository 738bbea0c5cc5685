// The table of the files compiled in; its rows are made by cmake/VennAssets.cmake.
#ifndef VENN_DATA_EMBEDDED_H
#define VENN_DATA_EMBEDDED_H

#include "venn/data.h"

typedef struct venn_embedded_row {
    const char *name; // relative to assets/; NULL ends the table
    const unsigned char *begin, *end;
} venn_embedded_row;

extern const venn_embedded_row venn_embedded_table[];

#endif
