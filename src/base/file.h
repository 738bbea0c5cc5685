// Files: whole reads with a size cap, and writes that never leave a torn file behind.
#ifndef VENN_BASE_FILE_H
#define VENN_BASE_FILE_H

#include "base/status.h"

// Reads all of `path` into malloc'd memory, with a zero byte behind the last for text's sake. A file
// over `limit` bytes is VENN_BAD_FILE (0: no limit but memory). A pipe is read to its end where there is a limit,
// and refused where there is none, as are devices and folders. Messages name the path.
venn_status venn_file_read(const char *path, size_t limit, void **data, size_t *size);

// Replaces `path` by `data` so that a crash or a full disk leaves the old content: written to
// "<path>.tmp", flushed and synced, renamed, folder synced. On failure the temporary is removed.
// A pipe or device at `path` is written to as it is.
venn_status venn_file_write(const char *path, const void *data, size_t size);
// The same for files that several processes or threads may write at a time, as those of the cache: each has a
// temporary of its own, and the last one to be done stays. A process that is killed may leave its temporary.
venn_status venn_file_write_shared(const char *path, const void *data, size_t size);

bool venn_file_exists(const char *path);
// mkdir -p.
venn_status venn_folder_make(const char *path);
// "a/b" from "a" and "b"; just b where b is absolute. malloc'd.
char *venn_path_join(const char *folder, const char *name);
// The folder part of a path ("." if it has none). malloc'd.
char *venn_path_folder(const char *path);
// "venn/NAME" in XDG_CACHE_HOME, or else in ~/.cache; malloc'd. VENN_BAD_FILE without either.
venn_status venn_cache_path(const char *name, char **path);

#endif
