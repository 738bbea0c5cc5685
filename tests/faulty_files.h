// Files that fail: calls of the library to open, write, fsync, link, rename, unlink and close are counted and,
// at one of them, something happens. The linker sends them here (--wrap); nothing happens unless asked.
#ifndef FAULTY_FILES_H
#define FAULTY_FILES_H

#include <stddef.h>
#include <stdint.h>

typedef enum fault_kind {
    FAULT_NONE,
    FAULT_KILL, // the process ends before the call
    FAULT_TORN, // the process ends in the midst of a write, or before another call
    FAULT_POWER, // the process ends, and of each file that was not synced only a part has reached the disk
    FAULT_FULL, // from here on there is no space
    FAULT_IO,   // the call fails with EIO, the next ones do not
    FAULT_KINDS
} fault_kind;

enum { FAULT_EXIT = 99 }; // the exit code of a process that was ended

// The `at`-th call from now on (from 1) fails so. Writes are cut into pieces of at most `piece` bytes, as a
// kernel may: short writes, and many places to fail in.
void faulty_files_begin(fault_kind kind, uint64_t at, size_t piece);
// Ends it. How many calls there were.
uint64_t faulty_files_end(void);

#endif
