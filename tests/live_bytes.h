// What this process holds: for tests that look whether it grows.
#ifndef LIVE_BYTES_H
#define LIVE_BYTES_H

#include <stdint.h>

// Bytes that malloc has given out and not got back, by everything in the process.
int64_t live_bytes(void);
// Bytes of memory that the process has in RAM.
int64_t resident_bytes(void);
// Files, pipes and sockets that are open.
int open_files(void);
int live_threads(void);

#endif
