// The smallest user of venn: reports the linked version and the devices, in C and in C++ alike.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "venn/venn.h"

int main(void)
{
    if (strcmp(venn_version(), VENN_VERSION) != 0) {
        fprintf(stderr, "header is %s, library is %s\n", VENN_VERSION, venn_version());
        return 1;
    }
    char parts[32];
    snprintf(parts, sizeof parts, "%d.%d.%d", VENN_VERSION_MAJOR, VENN_VERSION_MINOR,
             VENN_VERSION_PATCH);
    if (strcmp(parts, VENN_VERSION) != 0) {
        fprintf(stderr, "VENN_VERSION is %s, its parts are %s\n", VENN_VERSION, parts);
        return 1;
    }
    venn_device_info *list = NULL;
    size_t count = 0;
    if (venn_device_list(&list, &count) < 0) {
        fprintf(stderr, "%s\n", venn_error_message());
        return 1;
    }
    printf("venn %s, %zu device(s)\n", venn_version(), count);
    for (size_t i = 0; i < count; i++)
        printf("%d: %s (%s)\n", list[i].index, list[i].name, venn_device_kind_name(list[i].kind));
    free(list);
    return count == 0;
}
