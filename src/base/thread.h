// Threads and clocks: the little that venn needs of pthreads.
#ifndef VENN_BASE_THREAD_H
#define VENN_BASE_THREAD_H

#include <pthread.h>
#include <stdint.h>

// Monotonic nanoseconds, for durations only.
uint64_t venn_clock_ns(void);
// CPU nanoseconds of the whole process.
uint64_t venn_cpu_ns(void);
uint64_t venn_thread_cpu_ns(void); // of the calling thread alone

#endif
