// A folder as an index: the files in it, told by their names.
#ifndef VENN_DATA_FOLDER_H
#define VENN_DATA_FOLDER_H

#include "data/csv.h"

// A row per file whose name does not begin with a dot, ordered by name, with the columns "file" (the name), "stem" (without
// its ending), and "-1", "-2", "-3": the last, last but one and last but two of the stem's parts between underscores
// (empty where there are fewer). VENN_BAD_FILE for an empty folder.
venn_status venn_folder_read(venn_csv *out, const char *path);

bool venn_is_folder(const char *path);

#endif
