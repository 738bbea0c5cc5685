// Classes that stand in files: their names, and tables from the numbers of a file to them.
#ifndef VENN_DATA_CLASS_NAMES_H
#define VENN_DATA_CLASS_NAMES_H

#include "data/source.h"

// A JSON object of names and numbers, each of 0 to n - 1 once: *classes [n], malloc'd, name by number.
venn_status venn_class_names_read(const char *path, char ***classes, int32_t *n);
void venn_class_names_free(char **classes, int32_t n);

// A number v from 1 on becomes the v-th of the map's file, then the one of `then`; 0 stays what it is. At the end they
// count from 0, and what is 0 becomes -1: of no class. VENN_BAD_FILE for a number beyond a table.
venn_status venn_class_map_apply(venn_array *items, const venn_sources *sources,
                                 const struct venn_class_map *map);

#endif
