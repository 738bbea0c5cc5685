// NVIDIA's driver brings its management library along (NVML API Reference Manual); it is looked for when a
// device of theirs is measured, and venn needs none of it to be built.
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "bench/meter_source.h"

enum { NVML_SUCCESS = 0, NVML_CLOCK_SM = 1 };

typedef struct nvml {
    void *library, *device;
    int (*init)(void);
    int (*shutdown)(void);
    int (*device_at)(const char *pci, void **device);
    int (*energy)(void *device, unsigned long long *millijoules);
    int (*power)(void *device, unsigned *milliwatts);
    int (*clock)(void *device, int which, unsigned *mhz);
    bool ready;
} nvml;

static double read_energy(void *state)
{
    const nvml *n = state;
    unsigned long long millijoules;
    return n->energy(n->device, &millijoules) == NVML_SUCCESS ? (double)millijoules * 1e-3 : NAN;
}

static double read_power(void *state)
{
    const nvml *n = state;
    unsigned milliwatts;
    return n->power(n->device, &milliwatts) == NVML_SUCCESS ? milliwatts * 1e-3 : NAN;
}

static double read_clock(void *state)
{
    const nvml *n = state;
    unsigned mhz;
    return n->clock(n->device, NVML_CLOCK_SM, &mhz) == NVML_SUCCESS ? mhz : NAN;
}

static void close_nvml(void *state)
{
    nvml *n = state;
    if (n->ready)
        n->shutdown();
    if (n->library)
        dlclose(n->library);
    free(n);
}

static bool load(nvml *n, const char *library)
{
    n->library = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!n->library)
        return false;
    const struct {
        const char *name;
        void *at;
    } functions[] = {
        {"nvmlInit_v2", &n->init},
        {"nvmlShutdown", &n->shutdown},
        {"nvmlDeviceGetHandleByPciBusId_v2", &n->device_at},
        {"nvmlDeviceGetTotalEnergyConsumption", &n->energy},
        {"nvmlDeviceGetPowerUsage", &n->power},
        {"nvmlDeviceGetClockInfo", &n->clock},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        // POSIX's way: a pointer to a function is written through one to an object.
        void **at = functions[i].at;
        *at = dlsym(n->library, functions[i].name);
        if (!*at)
            return false;
    }
    return true;
}

bool venn_meter_find_nvml(venn_meter_source *source, const char *library, const char *pci)
{
    nvml *n = venn_alloc(1, sizeof *n);
    if (!n)
        return false;
    *source = (venn_meter_source){.close = close_nvml, .state = n};
    if (!load(n, library))
        return true;
    n->ready = n->init() == NVML_SUCCESS;
    if (!n->ready || n->device_at(pci, &n->device) != NVML_SUCCESS)
        return true;
    source->energy_name = source->clock_name = "NVML";
    // Cards before Volta tell power alone.
    source->joules = isfinite(read_energy(n)) ? read_energy : NULL;
    source->watts = isfinite(read_power(n)) ? read_power : NULL;
    source->mhz = isfinite(read_clock(n)) ? read_clock : NULL;
    return true;
}
