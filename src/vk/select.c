// Which of the machine's devices was meant: by index, UUID, a part of the name, or the first that is usable.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/vk_internal.h"

static bool contains_ignoring_case(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return false;
}

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == 0;
}

static bool uuid_matches(const venn_device_info *info, const char *select)
{
    char plain[33], *p = plain;
    for (; *select && p < plain + 32; select++)
        if (*select != '-')
            *p++ = (char)tolower((unsigned char)*select);
    *p = 0;
    char have[33], *h = have;
    for (const char *u = info->uuid_text; *u; u++)
        if (*u != '-')
            *h++ = *u;
    *h = 0;
    return *select == 0 && strcmp(plain, have) == 0;
}

static void list_names(const venn_device_info *infos, size_t count, char *text, size_t size)
{
    text[0] = 0;
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%zu: %s", i ? ", " : "", i, infos[i].name);
    }
}

venn_status venn_select_device(const venn_device_info *infos, size_t count, const char *select,
                               size_t *out)
{
    if (count == 0)
        return venn_fail(VENN_NO_DEVICE, "no Vulkan device: install the GPU's driver, or "
                                         "mesa-vulkan-drivers for software Vulkan");
    char names[600];
    list_names(infos, count, names, sizeof names);
    size_t found = count;
    if (!select || !*select) {
        for (size_t i = 0; i < count && found == count; i++)
            if (infos[i].usable)
                found = i;
        if (found == count)
            return venn_fail(VENN_NO_DEVICE, "no usable Vulkan device: %s: %s", infos[0].name,
                             infos[0].why_not);
    } else if (is_number(select)) {
        found = strtoul(select, NULL, 10);
        if (found >= count)
            return venn_fail(VENN_NO_DEVICE, "device index %s is out of range: there %s %zu (%s)",
                             select, count == 1 ? "is" : "are", count, names);
    } else {
        for (size_t i = 0; i < count && found == count; i++)
            if (uuid_matches(&infos[i], select))
                found = i;
        for (size_t i = 0; i < count && found == count; i++)
            if (contains_ignoring_case(infos[i].name, select))
                found = i;
        if (found == count)
            return venn_fail(VENN_NO_DEVICE, "no device matches \"%s\": there %s %s", select,
                             count == 1 ? "is" : "are", names);
    }
    if (!infos[found].usable)
        return venn_fail(VENN_NO_DEVICE, "%s cannot be used: %s", infos[found].name,
                         infos[found].why_not);
    *out = found;
    return VENN_OK;
}
