// The device profile in words (venn/tune.h).
#include <stdio.h>

#include "kernel/kernel.h"
#include "venn/tune.h"

typedef struct teller {
    venn_trait_fn fn;
    void *user;
    const venn_profile *profile;
    const venn_device_info *info;
    const venn_device *device;
} teller;

static void describe(const teller *t, const char *name, bool used, const char *value,
                     const char *why)
{
    venn_trait trait = {.name = name, .used = used};
    snprintf(trait.value, sizeof trait.value, "%s", value);
    snprintf(trait.why, sizeof trait.why, "%s", why);
    t->fn(t->user, &trait);
}

static void tell_family(const teller *t)
{
    static const struct {
        const char *name, *why;
    } families[] = {
        [VENN_FAMILY_SHUFFLE] = {"shuffle", "software with subgroup shuffles: registers are fast "
                                            "there, shared memory and barriers are slow"},
        [VENN_FAMILY_TILE] = {"tile", "workgroups share tiles in shared memory, as GPUs like it"},
        [VENN_FAMILY_DIRECT] = {"direct", "no shuffles of eight lanes, and barriers cost more than "
                                          "they save, or shared memory is too small for tiles"}};
    describe(t, "matmul and convolution", true, families[t->profile->family].name,
             families[t->profile->family].why);
}

static void tell_loads(const teller *t)
{
    const bool texel = t->profile->texel_loads;
    describe(t, "loads", true, texel ? "texel buffers" : "storage buffers",
             texel ? "this driver reads texel buffers several times faster than storage buffers"
                   : "texel buffers gain nothing on this driver");
}

static void tell_subgroups(const teller *t)
{
    char value[48];
    const venn_profile *p = t->profile;
    snprintf(value, sizeof value, "of %u", p->subgroup_size);
    describe(t, "subgroups", p->subgroup_shuffle, value,
             p->subgroup_shuffle ? "shuffles within subgroups replace shared memory where that pays"
                                 : "no shuffle operations: reductions go through shared memory");
}

static void tell_limits(const teller *t)
{
    char value[48];
    const venn_profile *p = t->profile;
    snprintf(value, sizeof value, "%u iterations", p->loop_limit);
    describe(t, "loop limit", p->loop_limit != 0, p->loop_limit ? value : "",
             p->loop_limit
                 ? "this driver ends an invocation's loops silently there: long sums are split"
                 : "this driver is not known to have one");
    snprintf(value, sizeof value, "%llu MiB", (unsigned long long)(p->max_storage_range >> 20));
    describe(t, "largest operand", true, value, "what one binding of a kernel may see");
}

static void tell_submissions(const teller *t)
{
    char value[48];
    const double us = venn_device_limits(t->device)->submission_us;
    snprintf(value, sizeof value, "of %g ms", us * 1e-3);
    describe(t, "submissions", us > 0, us > 0 ? value : "",
             us > 0
                 ? "longer steps are cut, or a display's watchdog might end them (VENN_SUBMIT_MS)"
                 : "a step is one submission: nothing here watches how long it takes");
}

static void tell_tuning(const teller *t)
{
    char value[48], why[160];
    const venn_tuning *tuning = t->profile->tuning;
    const size_t measured = tuning->wisdom.n, shipped = tuning->shipped.n;
    snprintf(value, sizeof value, "%zu classes", measured ? measured : shipped);
    snprintf(why, sizeof why, "%.110s%s", tuning->wisdom_note,
             measured || !shipped ? "" : "; rows that venn has for the driver");
    describe(t, "tuned", measured + shipped > 0, measured + shipped ? value : "", why);
}

static void tell_matrix(const teller *t)
{
    static const char *const apis[] = {"", "KHR", "NV", "emulated"};
    const venn_matrix_units *m = &t->profile->matrix;
    char value[48];
    snprintf(value, sizeof value, "%s %ux%ux%u", apis[m->api], m->m, m->n, m->k);
    describe(t, "cooperative matrix", m->api != VENN_MATRIX_NONE, m->api ? value : "",
             t->profile->matrix_note);
}

static void tell_features(const teller *t)
{
    const venn_device_info *d = t->info;
    describe(t, "timestamps", d->timestamps, "",
             d->timestamps ? "phases and nodes are timed by the device's own clock"
                           : "the queue has none: only whole runs are timed, by the host");
    tell_submissions(t);
    tell_matrix(t);
    describe(t, "restricted", t->profile->restricted, "",
             t->profile->restricted ? "VENN_FAKE_LIMITS makes this device play a lesser one"
                                    : "VENN_FAKE_LIMITS is not set");
    tell_tuning(t);
}

venn_status venn_device_traits(venn_device *device, venn_trait_fn fn, void *user)
{
    venn_kernels *kernels;
    VENN_TRY(venn_kernels_of(device, &kernels));
    const teller t = {fn, user, venn_kernels_profile(kernels), venn_device_get_info(device),
                      device};
    tell_family(&t);
    tell_loads(&t);
    tell_subgroups(&t);
    tell_limits(&t);
    tell_features(&t);
    return VENN_OK;
}
