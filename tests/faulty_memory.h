// Memory that runs out: allocations of the library are counted, and one of them fails. The linker sends them
// here (--wrap); nothing happens unless asked. Of other libraries, jansson's count, too: what it builds is ours.
#ifndef FAULTY_MEMORY_H
#define FAULTY_MEMORY_H

#include <stdint.h>

// The `at`-th allocation from now on (from 1; 0: none), in whatever thread, fails.
void faulty_memory_begin(uint64_t at);
// The same, and each `step`-th after it.
void faulty_memory_begin_often(uint64_t at, uint64_t step);
// Ends it. How many allocations there were.
uint64_t faulty_memory_end(void);

#endif
