// Fuzz targets: each hands an input to one reader and frees what it gives. An input may be refused or not;
// crashes, leaks and memory beyond what targets.def allows are what is looked for. fuzz_main.c makes a
// libFuzzer program of each, tests/test_fuzz_regressions.c replays what such programs once found.
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#define TARGET(name, most, factor) void fuzz_##name(const uint8_t *data, size_t size);
#include "targets.def"
#undef TARGET

// Input files for readers that take paths, in memory: the path of a file with this content. It holds until
// the next call for the same name; 16 names at most.
const char *fuzz_file(const char *name, const void *data, size_t size);
// The folder that holds them; nothing else is in it. Made by the first call.
const char *fuzz_folder(void);
// The folder around it: as XDG_CACHE_HOME it makes these files venn's cache.
const char *fuzz_cache(void);

#endif
