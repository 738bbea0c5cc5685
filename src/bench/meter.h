// The energy that a device takes and the clock that it runs at, where the system tells them: the processor's own
// counters for software devices, the drivers' sensors for graphics cards (AMD, Intel), NVIDIA's management
// library.
#ifndef VENN_BENCH_METER_H
#define VENN_BENCH_METER_H

#include "venn/device.h"

typedef struct venn_meter venn_meter;

// Where to look. NULL: "/sys", and "libnvidia-ml.so.1" as the system finds it.
typedef struct venn_meter_places {
    const char *sysfs, *nvml;
} venn_meter_places;

typedef struct venn_metered {
    double joules;    // from start to stop; NaN: not known
    double clock_mhz; // median of what was read at the ticks; NaN: not known
} venn_metered;

// A device of which nothing can be read has a meter that reads NaN. VENN_NO_MEMORY is the only failure.
venn_status venn_meter_open(venn_meter **meter, const venn_device_info *device,
                            const venn_meter_places *places);
void venn_meter_close(venn_meter **meter);
// Where energy comes from, as "RAPL"; "" if nowhere.
const char *venn_meter_energy_source(const venn_meter *meter);
// Where the clock comes from; "" if nowhere.
const char *venn_meter_clock_source(const venn_meter *meter);

// A window: start, a tick after every run (some tens of microseconds), stop. A source that tells power alone is
// integrated over the ticks, so it says little of a window with few of them. All may be given NULL.
void venn_meter_start(venn_meter *meter);
void venn_meter_tick(venn_meter *meter);
venn_metered venn_meter_stop(venn_meter *meter);

#endif
