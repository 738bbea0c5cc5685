#include "base/json.h"
#include "bench/bench_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/hash.h"
#include "bench/sample_stat.h"

json_t *venn_bench_device_json(const venn_device_info *i)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:i, s:i, s:I, s:I, s:I, s:b}", "name",
                     i->name, "driver", i->driver, "uuid", i->uuid_text, "kind",
                     venn_device_kind_name(i->kind), "vendor_id", (int)i->vendor_id, "device_id",
                     (int)i->device_id, "precision", "f32", "subgroup_size", (int)i->subgroup_size,
                     "shared_memory", (int)i->shared_memory, "api_version",
                     (json_int_t)i->api_version, "driver_version", (json_int_t)i->driver_version,
                     "memory", (json_int_t)i->device_memory, "unified_memory", i->unified_memory);
}

static void cpu_name(char *name, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "re");
    snprintf(name, size, "unknown");
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strncmp(line, "model name", 10) == 0 ? strchr(line, ':') : NULL;
        if (!value)
            continue;
        snprintf(name, size, "%s", value + 2);
        name[strcspn(name, "\n")] = 0;
        break;
    }
    if (file)
        fclose(file);
}

json_t *venn_bench_host_json(void)
{
    struct utsname system;
    char cpu[128];
    cpu_name(cpu, sizeof cpu);
    if (uname(&system) != 0)
        return json_pack("{s:s}", "cpu", cpu);
    return json_pack("{s:s, s:i, s:s, s:s, s:s}", "cpu", cpu, "cores",
                     (int)sysconf(_SC_NPROCESSORS_ONLN), "system", system.sysname, "release",
                     system.release, "machine", system.machine);
}

json_t *venn_bench_peaks_json(const venn_bench_peaks *p)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "copy_gbs", venn_json_real(p->copy_gbs), "fma_gflops",
                     venn_json_real(p->fma_gflops), "dispatch_us", venn_json_real(p->dispatch_us),
                     "submit_us", venn_json_real(p->submit_us));
}

json_t *venn_bench_times_json(const double *us, size_t n)
{
    venn_sample_stat s;
    json_t *samples = json_array();
    if (!samples || venn_sample_stat_make(us, n, &s) < 0) {
        json_decref(samples);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        json_array_append_new(samples, venn_json_real(us[i]));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "samples_us", samples, "median_us",
                     venn_json_real(s.median), "mad_us", venn_json_real(s.mad), "p5_us",
                     venn_json_real(s.p5), "p95_us", venn_json_real(s.p95), "low_us",
                     venn_json_real(s.low), "high_us", venn_json_real(s.high));
}

double venn_bench_share(const venn_bench_peaks *peaks, double flops, double bytes, double us)
{
    if (!(us > 0) || (flops <= 0 && bytes <= 0))
        return NAN;
    return fmax(flops * 1e-3 / us / peaks->fma_gflops, bytes * 1e-3 / us / peaks->copy_gbs);
}

json_t *venn_bench_workload(const char *text)
{
    char digits[33];
    venn_hash_text(venn_hash_bytes(text, strlen(text)), digits);
    return json_string(digits);
}

const char *venn_bench_outcome(venn_status status)
{
    switch (status) {
    case VENN_OK:
        return "ok";
    case VENN_NO_MEMORY:
    case VENN_NO_DEVICE_MEMORY:
        return "out of memory";
    case VENN_DEVICE_LOST:
        return "device lost";
    case VENN_CANCELLED:
        return "timeout";
    case VENN_UNSUPPORTED:
        return "unsupported";
    default:
        return "failed";
    }
}
