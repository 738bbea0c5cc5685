// VENN_FAKE_LIMITS: a device that plays a lesser one, so that what ops do on those is tested anywhere.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "kernel/kernel.h"

#define KEYS                                                                                       \
    "storage_range=BYTES texel_elements=N shared_memory=BYTES workgroup=N groups=N loop_limit=N "  \
    "parallelism=N subgroup=N no_shuffle no_texel no_f16 no_coop gpu "                             \
    "family=shuffle|tile|direct|coop"

typedef struct fake {
    venn_device *device;
    venn_profile *profile;
    const char *item; // "shared_memory=16K"
    const char *family;
} fake;

static venn_status refuse(const fake *f, const char *why)
{
    return venn_fail(VENN_BAD_ARG, "VENN_FAKE_LIMITS: \"%s\": %s", f->item, why);
}

static venn_status read_number(const fake *f, const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    if (*number == 0 || errno)
        return refuse(f, "the value must be a whole number above 0; K, M and G are 2^10 and so on");
    const char *units = "KMG", *unit = *end ? strchr(units, *end) : NULL;
    const unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if (end[unit != NULL] != 0 || *number > UINT64_MAX >> shift)
        return refuse(f, "the value must be a whole number above 0; K, M and G are 2^10 and so on");
    *number <<= shift;
    return VENN_OK;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static venn_status set_number(const fake *f, const char *key, uint64_t n)
{
    venn_profile *p = f->profile;
    if (strcmp(key, "storage_range") == 0)
        p->max_storage_range = lesser(p->max_storage_range, n);
    else if (strcmp(key, "texel_elements") == 0)
        p->max_texel_elements = lesser(p->max_texel_elements, n);
    else if (strcmp(key, "shared_memory") == 0)
        p->shared_memory = (uint32_t)lesser(p->shared_memory, n);
    else if (strcmp(key, "workgroup") == 0)
        p->max_workgroup_size = (uint32_t)lesser(p->max_workgroup_size, n);
    else if (strcmp(key, "loop_limit") == 0)
        p->loop_limit = (uint32_t)lesser(p->loop_limit ? p->loop_limit : UINT32_MAX, n);
    else if (strcmp(key, "parallelism") == 0)
        p->parallelism = (uint32_t)lesser(n, UINT32_MAX);
    else if (strcmp(key, "groups") == 0)
        for (int i = 0; i < 3; i++)
            p->max_groups[i] = (uint32_t)lesser(p->max_groups[i], n);
    else if (strcmp(key, "subgroup") == 0) {
        VENN_TRY(venn_device_fix_subgroup(f->device, (uint32_t)lesser(n, UINT32_MAX)));
        p->subgroup_size = (uint32_t)n;
    } else
        return refuse(f, "no such limit; there are " KEYS);
    return VENN_OK;
}

static venn_status set_flag(const fake *f, const char *key)
{
    venn_profile *p = f->profile;
    if (strcmp(key, "no_shuffle") == 0)
        p->subgroup_shuffle = false;
    else if (strcmp(key, "no_texel") == 0)
        p->texel_loads = false;
    else if (strcmp(key, "no_f16") == 0)
        p->half_storage = false;
    else if (strcmp(key, "no_coop") == 0)
        venn_matrix_unused(p, "VENN_FAKE_LIMITS=no_coop");
    else if (strcmp(key, "gpu") == 0) {
        p->software = false;
        p->parallelism = 512;
    } else
        return refuse(f, "no such limit; there are " KEYS);
    return VENN_OK;
}

static venn_status set_item(fake *f)
{
    char key[32];
    const char *value = strchr(f->item, '=');
    const size_t length = value ? (size_t)(value - f->item) : strlen(f->item);
    snprintf(key, sizeof key, "%.*s", (int)lesser(length, sizeof key), f->item);
    if (!value)
        return set_flag(f, key);
    if (strcmp(key, "family") == 0) {
        f->family = value + 1;
        return VENN_OK;
    }
    uint64_t number;
    VENN_TRY(read_number(f, value + 1, &number));
    return set_number(f, key, number);
}

// Cooperative matrices by plain code, beside the family that the device has anyway.
static venn_status emulate_matrix(venn_profile *p)
{
    p->matrix = (venn_matrix_units){.api = VENN_MATRIX_EMULATED, .m = 16, .n = 16, .k = 16};
    snprintf(p->matrix_note, sizeof p->matrix_note, "emulated, as VENN_FAKE_LIMITS asks for it");
    return venn_profile_can(p, VENN_FAMILY_COOP)
               ? VENN_OK
               : venn_fail(VENN_BAD_ARG, "VENN_FAKE_LIMITS: %s, so limited, cannot run family=coop",
                           p->device);
}

// After all else, as families depend on it.
static venn_status set_family(const fake *f)
{
    static const char *const names[] = {"shuffle", "tile", "direct"};
    venn_profile *p = f->profile;
    p->family = venn_profile_family(p);
    if (!f->family)
        return VENN_OK;
    if (strcmp(f->family, "coop") == 0)
        return emulate_matrix(p);
    venn_matrix_unused(p, "VENN_FAKE_LIMITS=family");
    for (int i = 0; i < 3; i++)
        if (strcmp(f->family, names[i]) == 0) {
            p->family = (venn_family)i;
            return venn_profile_can(p, p->family)
                       ? VENN_OK
                       : venn_fail(VENN_BAD_ARG,
                                   "VENN_FAKE_LIMITS: %s, so limited, cannot run family=%s",
                                   p->device, f->family);
        }
    return venn_fail(VENN_BAD_ARG,
                     "VENN_FAKE_LIMITS: family=%s: there are shuffle, tile, direct, coop",
                     f->family);
}

venn_status venn_profile_restrict(venn_profile *profile, venn_device *device, const char *limits)
{
    char text[512], *rest = text;
    if (!limits || !*limits)
        return VENN_OK;
    if (snprintf(text, sizeof text, "%s", limits) >= (int)sizeof text)
        return venn_fail(VENN_BAD_ARG, "VENN_FAKE_LIMITS is longer than %zu characters",
                         sizeof text - 1);
    fake f = {.device = device, .profile = profile};
    while ((f.item = strsep(&rest, ",")))
        VENN_TRY(set_item(&f));
    if (profile->elementwise_group > profile->max_workgroup_size)
        profile->elementwise_group = profile->max_workgroup_size;
    profile->restricted = true;
    return set_family(&f);
}
