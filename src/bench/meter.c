#include "bench/meter.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "base/thread.h"
#include "bench/meter_source.h"
#include "bench/sample_stat.h"

enum { MOST_TICKS = 4096, VENDOR_NVIDIA = 0x10de };

struct venn_meter {
    venn_meter_source source;
    double joules;    // the counter at the start, or what was integrated so far
    uint64_t last_ns; // the last tick
    size_t n_clock;
    double clock[MOST_TICKS];
};

static bool find_source(venn_meter_source *source, const venn_device_info *device,
                        const venn_meter_places *places)
{
    const char *sysfs = places && places->sysfs ? places->sysfs : "/sys";
    const char *nvml = places && places->nvml ? places->nvml : "libnvidia-ml.so.1";
    if (device->kind == VENN_DEVICE_SOFTWARE)
        return venn_meter_find_processor(source, sysfs);
    if (!*device->pci)
        return true;
    return device->vendor_id == VENDOR_NVIDIA ? venn_meter_find_nvml(source, nvml, device->pci)
                                              : venn_meter_find_card(source, sysfs, device->pci);
}

venn_status venn_meter_open(venn_meter **meter, const venn_device_info *device,
                            const venn_meter_places *places)
{
    venn_meter *m = *meter = venn_alloc(1, sizeof *m);
    if (!m)
        return VENN_NO_MEMORY;
    if (find_source(&m->source, device, places))
        return VENN_OK;
    venn_meter_close(meter);
    return VENN_NO_MEMORY;
}

void venn_meter_close(venn_meter **meter)
{
    if (*meter && (*meter)->source.close)
        (*meter)->source.close((*meter)->source.state);
    free(*meter);
    *meter = NULL;
}

const char *venn_meter_energy_source(const venn_meter *m)
{
    return m->source.joules || m->source.watts ? m->source.energy_name : "";
}

const char *venn_meter_clock_source(const venn_meter *m)
{
    return m->source.mhz ? m->source.clock_name : "";
}

void venn_meter_start(venn_meter *m)
{
    if (!m)
        return;
    m->n_clock = 0;
    m->last_ns = venn_clock_ns();
    m->joules = m->source.joules ? m->source.joules(m->source.state) : m->source.watts ? 0 : NAN;
}

void venn_meter_tick(venn_meter *m)
{
    if (!m)
        return;
    const uint64_t now = venn_clock_ns();
    if (!m->source.joules && m->source.watts)
        m->joules += m->source.watts(m->source.state) * (double)(now - m->last_ns) * 1e-9;
    m->last_ns = now;
    const double mhz = m->source.mhz ? m->source.mhz(m->source.state) : NAN;
    if (mhz > 0 && m->n_clock < MOST_TICKS)
        m->clock[m->n_clock++] = mhz;
}

venn_metered venn_meter_stop(venn_meter *m)
{
    venn_metered metered = {NAN, NAN};
    if (!m)
        return metered;
    metered.joules = m->joules;
    if (m->source.joules)
        metered.joules = m->source.joules(m->source.state) - m->joules;
    venn_sample_stat stat;
    if (m->n_clock && venn_sample_stat_make(m->clock, m->n_clock, &stat) == VENN_OK)
        metered.clock_mhz = stat.median;
    return metered;
}
