// What a meter reads from. Each reader returns NaN where it has nothing.
#ifndef VENN_BENCH_METER_SOURCE_H
#define VENN_BENCH_METER_SOURCE_H

#include "bench/meter.h"

typedef struct venn_meter_source {
    const char *energy_name, *clock_name;
    double (*joules)(void *state); // a counter that only grows, of any beginning; NULL: none
    double (*watts)(void *state);  // power of now; NULL: none
    double (*mhz)(void *state);    // NULL: none
    void (*close)(void *state);
    void *state;
} venn_meter_source;

// Each sets of `source` what it finds and leaves the rest; false without memory.
// meter_sysfs.c: counters of processors; sensors of the graphics card at a PCI address.
bool venn_meter_find_processor(venn_meter_source *source, const char *sysfs);
bool venn_meter_find_card(venn_meter_source *source, const char *sysfs, const char *pci);
// meter_nvml.c
bool venn_meter_find_nvml(venn_meter_source *source, const char *library, const char *pci);

#endif
