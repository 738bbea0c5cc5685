// Linux tells both as files of one number each.
#include <dirent.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "bench/meter_source.h"

enum { MOST_FILES = 16, PATH_SIZE = 512 };

// A counter that starts again at zero once it has reached its range.
typedef struct counter {
    char path[PATH_SIZE];
    double range, last, past; // past: what earlier rounds came to
} counter;

typedef struct sensors {
    counter energy[MOST_FILES]; // microjoules
    size_t n_energy;
    char power[PATH_SIZE];             // microwatts; "": none
    char clock[MOST_FILES][PATH_SIZE]; // in units of 1/clock_scale MHz
    size_t n_clock;
    double clock_scale;
} sensors;

__attribute__((format(printf, 1, 2))) static double read_number(const char *format, ...)
{
    char path[PATH_SIZE];
    double value = NAN;
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(path, sizeof path, format, args);
    va_end(args);
    FILE *file = length < (int)sizeof path ? fopen(path, "re") : NULL;
    if (file && fscanf(file, "%lf", &value) != 1)
        value = NAN;
    if (file)
        fclose(file);
    return value;
}

static bool join(char path[PATH_SIZE], const char *folder, const char *name)
{
    return snprintf(path, PATH_SIZE, "%s/%s", folder, name) < PATH_SIZE;
}

// Calls fn for every entry of a folder whose name begins so; none if the folder cannot be read.
static void each_entry(const char *folder, const char *prefix,
                       void (*fn)(sensors *s, const char *path), sensors *s)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[PATH_SIZE];
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
            join(path, folder, entry->d_name))
            fn(s, path);
    }
    if (dir)
        closedir(dir);
}

// ---- Reading ---------------------------------------------------------------------------------

static double read_energy(void *state)
{
    sensors *s = state;
    double sum = 0;
    for (size_t i = 0; i < s->n_energy; i++) {
        counter *c = &s->energy[i];
        const double now = read_number("%s", c->path);
        if (now < c->last)
            c->past += c->range;
        c->last = now;
        sum += c->past + now;
    }
    return sum * 1e-6;
}

static double read_power(void *state)
{
    return read_number("%s", ((sensors *)state)->power) * 1e-6;
}

// The fastest of a processor's cores: the others may idle.
static double read_clock(void *state)
{
    const sensors *s = state;
    double most = NAN;
    for (size_t i = 0; i < s->n_clock; i++)
        most = fmax(most, read_number("%s", s->clock[i]));
    return most / s->clock_scale;
}

// ---- Finding ---------------------------------------------------------------------------------

static void add_energy(sensors *s, double range, const char *folder, const char *name)
{
    counter *c = &s->energy[s->n_energy];
    if (s->n_energy == MOST_FILES || !join(c->path, folder, name))
        return;
    c->range = range;
    c->last = read_number("%s", c->path);
    s->n_energy += isfinite(c->last);
}

static void add_clock(sensors *s, double scale, const char *folder, const char *name)
{
    if (s->n_clock == MOST_FILES || !join(s->clock[s->n_clock], folder, name) ||
        !isfinite(read_number("%s", s->clock[s->n_clock])))
        return;
    s->clock_scale = scale;
    s->n_clock++;
}

// A package's domain: "intel-rapl:0", of AMD's processors too. Its parts ("intel-rapl:0:1") are in it.
static void add_package(sensors *s, const char *domain)
{
    if (strchr(strrchr(domain, '/'), ':') == strrchr(domain, ':'))
        add_energy(s, read_number("%s/max_energy_range_uj", domain), domain, "energy_uj");
}

static void add_core(sensors *s, const char *core)
{
    add_clock(s, 1e3, core, "cpufreq/scaling_cur_freq");
}

// hwmon of the drivers amdgpu, i915 and xe. A counter is better than power, which is a mean of the recent past.
static void add_sensors(sensors *s, const char *hwmon)
{
    static const char *const power[] = {"power1_average", "power1_input"};
    add_energy(s, 0, hwmon, "energy1_input");
    for (size_t i = 0; i < 2 && !*s->power; i++)
        if (!join(s->power, hwmon, power[i]) || !isfinite(read_number("%s", s->power)))
            *s->power = 0;
    add_clock(s, 1e6, hwmon, "freq1_input");
}

static void add_card(sensors *s, const char *card)
{
    add_clock(s, 1, card, "gt_act_freq_mhz");
}

static void offer(venn_meter_source *source, sensors *s)
{
    source->joules = s->n_energy ? read_energy : NULL;
    source->watts = *s->power ? read_power : NULL;
    source->mhz = s->n_clock ? read_clock : NULL;
    source->close = free;
    source->state = s;
}

bool venn_meter_find_processor(venn_meter_source *source, const char *sysfs)
{
    char folder[PATH_SIZE];
    sensors *s = venn_alloc(1, sizeof *s);
    if (!s)
        return false;
    snprintf(folder, sizeof folder, "%s/class/powercap", sysfs);
    each_entry(folder, "intel-rapl:", add_package, s);
    snprintf(folder, sizeof folder, "%s/devices/system/cpu", sysfs);
    each_entry(folder, "cpu", add_core, s);
    *source = (venn_meter_source){.energy_name = "RAPL, all of the processor",
                                  .clock_name = "cpufreq, the fastest core"};
    offer(source, s);
    return true;
}

bool venn_meter_find_card(venn_meter_source *source, const char *sysfs, const char *pci)
{
    char folder[PATH_SIZE];
    sensors *s = venn_alloc(1, sizeof *s);
    if (!s)
        return false;
    snprintf(folder, sizeof folder, "%s/bus/pci/devices/%s/hwmon", sysfs, pci);
    each_entry(folder, "hwmon", add_sensors, s);
    snprintf(folder, sizeof folder, "%s/bus/pci/devices/%s/drm", sysfs, pci);
    each_entry(folder, "card", add_card, s);
    *source = (venn_meter_source){.energy_name = s->n_energy ? "hwmon, energy" : "hwmon, power",
                                  .clock_name = "the driver's sensor"};
    offer(source, s);
    return true;
}
