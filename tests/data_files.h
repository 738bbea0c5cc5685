// Fixtures of the data tests: a scratch folder per test process, and the two checks that every
// parser of a file format must pass.
#ifndef VENN_TESTS_DATA_FILES_H
#define VENN_TESTS_DATA_FILES_H

#include "venn/data.h"

// The path of `name` in a scratch folder that is removed at exit. Static storage, four at a time.
const char *scratch_path(const char *name);
void scratch_write(const char *name, const void *data, size_t size);
void scratch_text(const char *name, const char *text);

// Writes the embedded file `name` to `file` with changes: n pairs of what is there, wherever it stands, and what is to be.
void scratch_changed(const char *name, const char *file, const char *const changes[][2], int n);

// Parses bytes in memory, and frees what it got. Every parser under test is wrapped as one of
// these.
typedef venn_status try_parse_fn(const char *name, const uint8_t *data, size_t size);

// Every proper prefix must be refused with VENN_BAD_FILE and a message that names the file.
void check_truncations(try_parse_fn *parse, const void *data, size_t size);
// Changed bytes may be refused or not, but never crash (run it under the sanitizers).
void check_corruptions(try_parse_fn *parse, const void *data, size_t size);

// Both, and the error message contains `part`.
void check_fails(venn_status got, venn_status expected, const char *part);

bool shape_is(const venn_array *array, venn_shape shape);

// The folder of a real data set (in VENN_DATA, default ../shared/data beside the source tree).
// Without it the calling test ends here, and is counted as skipped.
const char *real_data_folder(const char *set);

#endif
