// Energy and clocks, from a tree of files like /sys and a management library of our own.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/meter.h"

static char root[] = "/tmp/venn-meter-XXXXXX";

static void make_root(void)
{
    cr_assert(mkdtemp(root));
}

static void remove_root(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", root);
    cr_assert(system(command) == 0);
}

TestSuite(meter, .init = make_root, .fini = remove_root);

// Writes a file of one number under the root, and the folders that it is in.
static void set(const char *path, double value)
{
    char full[256];
    snprintf(full, sizeof full, "%s/%s", root, path);
    for (char *slash = strchr(full + sizeof root, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    cr_assert(file, "%s", full);
    fprintf(file, "%.0f\n", value);
    fclose(file);
}

static venn_meter *open_meter(venn_device_kind kind, uint32_t vendor, const char *pci)
{
    venn_meter *meter;
    venn_device_info device = {.kind = kind, .vendor_id = vendor};
    snprintf(device.pci, sizeof device.pci, "%s", pci);
    cr_assert(venn_meter_open(
                  &meter, &device,
                  &(venn_meter_places){root, VENN_BINARY_DIR "/tests/libfake_nvml.so"}) == VENN_OK);
    return meter;
}

Test(meter, processor)
{
    set("class/powercap/intel-rapl:0/energy_uj", 900e6);
    set("class/powercap/intel-rapl:0/max_energy_range_uj", 1000e6);
    set("class/powercap/intel-rapl:1/energy_uj", 5e6);
    set("class/powercap/intel-rapl:1/max_energy_range_uj", 1000e6);
    set("class/powercap/intel-rapl:0:0/energy_uj", 1e6); // a part of package 0
    set("devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", 1200000);
    set("devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", 3100000);
    set("devices/system/cpu/cpuidle/current_driver", 0); // no core
    venn_meter *meter = open_meter(VENN_DEVICE_SOFTWARE, 0, "");
    cr_assert_str_eq(venn_meter_energy_source(meter), "RAPL, all of the processor");
    cr_assert_str_eq(venn_meter_clock_source(meter), "cpufreq, the fastest core");
    venn_meter_start(meter);
    venn_meter_tick(meter);
    set("class/powercap/intel-rapl:0/energy_uj", 50e6); // past its range: 150 J
    set("class/powercap/intel-rapl:1/energy_uj", 7e6);
    set("class/powercap/intel-rapl:0:0/energy_uj", 90e6);
    venn_meter_tick(meter);
    const venn_metered all = venn_meter_stop(meter);
    cr_assert_float_eq(all.joules, 152, 1e-6, "%g", all.joules);
    cr_assert_float_eq(all.clock_mhz, 3100, 1e-6);
    venn_meter_start(meter); // a second window begins at nothing
    cr_assert_float_eq(venn_meter_stop(meter).joules, 0, 1e-6);
    venn_meter_close(&meter);
    cr_assert(!meter);
}

Test(meter, nothing_to_read)
{
    venn_meter *meter = open_meter(VENN_DEVICE_SOFTWARE, 0, "");
    cr_assert_str_empty(venn_meter_energy_source(meter));
    cr_assert_str_empty(venn_meter_clock_source(meter));
    venn_meter_start(meter);
    venn_meter_tick(meter);
    const venn_metered none = venn_meter_stop(meter);
    cr_assert(isnan(none.joules) && isnan(none.clock_mhz));
    venn_meter_close(&meter);
}

Test(meter, card_with_power)
{
    set("bus/pci/devices/0000:03:00.0/hwmon/hwmon4/power1_average", 25e6);
    set("bus/pci/devices/0000:03:00.0/hwmon/hwmon4/freq1_input", 2400e6);
    venn_meter *meter = open_meter(VENN_DEVICE_DISCRETE, 0x1002, "0000:03:00.0");
    cr_assert_str_eq(venn_meter_energy_source(meter), "hwmon, power");
    venn_meter_start(meter);
    for (int i = 0; i < 4; i++) {
        usleep(20000);
        venn_meter_tick(meter);
    }
    const venn_metered m = venn_meter_stop(meter);
    cr_assert(m.joules >= 25 * 0.08, "25 W for 80 ms and more: %g", m.joules);
    cr_assert_float_eq(m.clock_mhz, 2400, 1e-6);
    venn_meter_close(&meter);
}

Test(meter, card_with_a_counter)
{
    set("bus/pci/devices/0000:00:02.0/hwmon/hwmon0/energy1_input", 4e6);
    set("bus/pci/devices/0000:00:02.0/drm/card0/gt_act_freq_mhz", 1150);
    venn_meter *meter = open_meter(VENN_DEVICE_INTEGRATED, 0x8086, "0000:00:02.0");
    cr_assert_str_eq(venn_meter_energy_source(meter), "hwmon, energy");
    venn_meter_start(meter);
    set("bus/pci/devices/0000:00:02.0/hwmon/hwmon0/energy1_input", 4.5e6);
    venn_meter_tick(meter);
    const venn_metered m = venn_meter_stop(meter);
    cr_assert_float_eq(m.joules, 0.5, 1e-9);
    cr_assert_float_eq(m.clock_mhz, 1150, 1e-6);
    venn_meter_close(&meter);
}

Test(meter, management_library)
{
    venn_meter *meter = open_meter(VENN_DEVICE_DISCRETE, 0x10de, "0000:0b:00.0");
    cr_assert_str_eq(venn_meter_energy_source(meter), "NVML");
    venn_meter_start(meter);
    venn_meter_tick(meter);
    const venn_metered m = venn_meter_stop(meter);
    cr_assert_float_eq(m.joules, 1.5, 1e-9);
    cr_assert_float_eq(m.clock_mhz, 1410, 1e-9);
    venn_meter_close(&meter);
    meter = open_meter(VENN_DEVICE_DISCRETE, 0x10de, "0000:0c:00.0"); // which it does not know
    cr_assert_str_empty(venn_meter_energy_source(meter));
    venn_meter_close(&meter);
}
